#include "postgres/server_identity.h"

#include <gtest/gtest.h>

namespace pgseal::postgres {
namespace {

const ServerIdentity kFirst{.server = "7 10.0.0.1:5432",
                            .system = "7",
                            .start = "20261126080000000000",
                            .asked = "20261126100000000000",
                            .server_sql = {}};

ServerIdentity like_first(const std::string& address, const std::string& start) {
  ServerIdentity other = kFirst;
  other.server = "7 " + address;
  other.start = start;
  return other;
}

TEST(ServerIdentity, ARestartIsASuccessorButAnotherRun) {
  const ServerIdentity again = like_first("10.0.0.1:5432", "20261126110000000000");
  EXPECT_FALSE(again.is_same_run(kFirst));
  EXPECT_TRUE(again.is_successor_of(kFirst));
}

TEST(ServerIdentity, AFailoverToAnotherAddressIsASuccessor) {
  EXPECT_TRUE(like_first("10.0.0.2:5432", "20261126110000000000").is_successor_of(kFirst));
  // The same one, by another way.
  EXPECT_TRUE(like_first("[fd00::1]:5432", kFirst.start).is_successor_of(kFirst));
}

TEST(ServerIdentity, AServerBesideIsNone) {
  // A reader, or a server made from the same snapshot, that ran already when we came.
  EXPECT_FALSE(like_first("10.0.0.2:5432", "20261126090000000000").is_successor_of(kFirst));
  ServerIdentity other = like_first("10.0.0.2:5432", "20261126110000000000");
  other.system = "8";
  EXPECT_FALSE(other.is_successor_of(kFirst));
  // Where nobody may ask for the data, only the address tells.
  other.system.clear();
  EXPECT_FALSE(other.is_successor_of(kFirst));
}

}  // namespace
}  // namespace pgseal::postgres
