#include "crypto/hashed_source.h"

#include <gtest/gtest.h>

namespace pgseal::crypto {
namespace {

TEST(HashedSource, KnowsWhatWasReadFromIt) {
  ByteSource source(as_bytes("abcdef"));
  HashedSource hashed(source);
  Bytes buffer(3);
  EXPECT_EQ(hashed.read(buffer), 3u);
  EXPECT_EQ(as_text(buffer), "abc");
  EXPECT_EQ(hashed.size(), 3u);
  EXPECT_EQ(hashed.sha256(), sha256(as_bytes("abc")));
}

}  // namespace
}  // namespace pgseal::crypto
