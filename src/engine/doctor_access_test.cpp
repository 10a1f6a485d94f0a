#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/doctor_parts.h"

namespace pgseal::engine {
namespace {

using testing::HasSubstr;

postgres::Transport over_the_network(const std::string& tls, const std::string& sslmode) {
  return {
      .host = "db.example", .is_local = false, .tls = tls, .sslmode = sslmode, .sslrootcert = ""};
}

TEST(JudgeTransport, WarnsWhereNothingIsEncrypted) {
  const Finding finding = judge_transport(over_the_network("", "prefer"));
  EXPECT_EQ(finding.state, State::warning);
  EXPECT_THAT(finding.remedy, HasSubstr("sslmode=verify-full"));
}

TEST(JudgeTransport, NotesAServerThatIsNotVerified) {
  for (const char* mode : {"allow", "prefer", "require"}) {
    EXPECT_EQ(judge_transport(over_the_network("TLSv1.3", mode)).state, State::note) << mode;
  }
}

TEST(JudgeTransport, IsContentWithAVerifiedServerAndWithThisMachine) {
  for (const char* mode : {"verify-ca", "verify-full"}) {
    EXPECT_EQ(judge_transport(over_the_network("TLSv1.3", mode)).state, State::ok) << mode;
  }
  postgres::Transport local = over_the_network("", "disable");
  local.is_local = true;
  EXPECT_EQ(judge_transport(local).state, State::ok);
}

}  // namespace
}  // namespace pgseal::engine
