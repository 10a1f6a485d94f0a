#include "store/s3_object_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(S3ObjectOptions, AreTheHeadersThatS3Documents) {
  EXPECT_THAT(S3ObjectOptions().headers(), IsEmpty());
  const S3ObjectOptions all{.storage_class = "STANDARD_IA",
                            .encryption = "aws:kms",
                            .kms_key = "alias/backups",
                            .bucket_key = true,
                            .lock_mode = "COMPLIANCE",
                            .lock_until = parse_utc("2026-12-31T00:00:00Z"),
                            .legal_hold = true,
                            .tags = {{"team", "a&b"}, {"kind", "nightly backup"}}};
  EXPECT_THAT(all.headers(),
              ElementsAre(Pair("x-amz-storage-class", "STANDARD_IA"),
                          Pair("x-amz-server-side-encryption", "aws:kms"),
                          Pair("x-amz-server-side-encryption-aws-kms-key-id", "alias/backups"),
                          Pair("x-amz-server-side-encryption-bucket-key-enabled", "true"),
                          Pair("x-amz-object-lock-mode", "COMPLIANCE"),
                          Pair("x-amz-object-lock-retain-until-date", "2026-12-31T00:00:00Z"),
                          Pair("x-amz-object-lock-legal-hold", "ON"),
                          Pair("x-amz-tagging", "team=a%26b&kind=nightly%20backup")));
  EXPECT_THAT((S3RequestOptions{"123456789012", true}.headers()),
              ElementsAre(Pair("x-amz-expected-bucket-owner", "123456789012"),
                          Pair("x-amz-request-payer", "requester")));
}

TEST(LockUntil, IsATimeToComeOrADistanceToIt) {
  const TimePoint now = parse_utc("2026-11-24T04:15:00Z").value();
  const auto text = [&](const char* until) {
    const auto time = parse_lock_until(until, now);
    return time ? format_utc(*time) : "none";
  };
  EXPECT_EQ(text("35d"), "2026-12-29T04:15:00Z");
  EXPECT_EQ(text("12h"), "2026-11-24T16:15:00Z");
  EXPECT_EQ(text("8w"), "2027-01-19T04:15:00Z");
  EXPECT_EQ(text("2026-12-01T00:00:00Z"), "2026-12-01T00:00:00Z");
  for (const char* wrong : {"", "d", "35", "0d", "-3d", "3.5d", "35D", "35 d", "999999999d",
                            "2026-11-01T00:00:00Z", "soon"}) {
    EXPECT_EQ(text(wrong), "none") << wrong;
  }
}

}  // namespace
}  // namespace pgseal::store
