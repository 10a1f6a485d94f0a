// The store against a real S3 server, and with as few permissions as a backup needs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "aws/sts.h"
#include "base/format.h"
#include "net/http_client.h"
#include "store/s3_store.h"
#include "support/requirement.h"
#include "support/s3_gateway.h"
#include "support/static_credentials.h"
#include "support/store_conformance.h"
#include "support/temp_dir.h"

namespace pgseal::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One server for all tests, gone with the last.
class GatewayEnvironment final : public testing::Environment {
 public:
  void SetUp() override {
    if (why_no_s3_gateway().empty()) gateway = std::make_unique<S3Gateway>();
  }
  void TearDown() override { gateway.reset(); }
  static inline std::unique_ptr<S3Gateway> gateway;
};

[[maybe_unused]] const auto* const kEnvironment =
    testing::AddGlobalTestEnvironment(new GatewayEnvironment);

std::string new_bucket(const std::string& beginning = "bucket-") {
  static int count = 0;
  std::string name = beginning + std::to_string(++count);
  GatewayEnvironment::gateway->admin().create_bucket(name);
  return name;
}

class GatewayStore {
 public:
  GatewayStore(std::string bucket, const S3Keys& keys, store::S3Options options = {})
      : bucket_(std::move(bucket)),
        credentials_(keys.id, keys.secret),
        store_(completed(std::move(options)), credentials_, http_, system_clock()) {}

  store::S3Store& store() { return store_; }
  [[nodiscard]] const std::string& bucket() const { return bucket_; }
  [[nodiscard]] std::vector<std::string> leftovers() const {
    return GatewayEnvironment::gateway->admin().list_multipart_uploads(bucket_);
  }

 private:
  [[nodiscard]] store::S3Options completed(store::S3Options options) const {
    options.bucket = bucket_;
    if (options.prefix.empty()) options.prefix = "backups";
    options.region = S3Gateway::region();
    options.endpoint = GatewayEnvironment::gateway->endpoint();
    return options;
  }

  std::string bucket_;
  StaticCredentials credentials_;
  net::HttpClient http_;
  store::S3Store store_;
};

/// For the tests of all stores.
struct RootStore : GatewayStore {
  static std::string why_not() { return why_no_s3_gateway(); }
  RootStore() : GatewayStore(new_bucket(), S3Gateway::root_keys()) {}
};

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(S3Gateway, StoreConformance, RootStore);

namespace {

/// Ceph's STS.
TEST(S3Role, MayWhatItsPolicyAllowsAndWhoTakesItOnMayNot) {
  PGSEAL_SKIP_BECAUSE(why_no_s3_gateway());
  const S3Admin admin = GatewayEnvironment::gateway->admin();
  const std::string bucket = new_bucket();
  const auto policy = [](const std::string& action, const std::string& resource) {
    return format(R"({{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{}",)"
                  R"( "Resource": "{}"}}]}})",
                  action, resource);
  };
  const S3User user = admin.create_user("nobody", {policy("sts:AssumeRole", "*")});
  const std::string role = admin.create_role(
      "writer", user.arn, policy("s3:PutObject", "arn:aws:s3:::" + bucket + "/*"));

  net::HttpClient http;
  StaticCredentials own(user.keys.id, user.keys.secret);
  aws::Sts sts({.region = S3Gateway::region(), .endpoint = GatewayEnvironment::gateway->endpoint()},
               http, system_clock());
  const auto as_role = aws::make_role_provider({.arn = role}, own, sts, system_clock());
  const auto store_of = [&](aws::CredentialProvider& credentials) {
    return store::S3Store({.bucket = bucket,
                           .region = S3Gateway::region(),
                           .endpoint = GatewayEnvironment::gateway->endpoint()},
                          credentials, http, system_clock());
  };
  EXPECT_THAT(storage_error([&] { store_of(own).put("object", as_bytes("x"), {}); }),
              HasSubstr("AccessDenied"));
  store_of(*as_role).put("object", as_bytes("x"), {});
  EXPECT_THAT(storage_error([&] { (void)store_of(*as_role).open("object", {}); }),
              HasSubstr("AccessDenied"));
  EXPECT_THAT(admin.list_keys(bucket), ElementsAre("object"));
}

class S3Writer : public testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(why_no_s3_gateway());
    const std::string bucket = new_bucket();
    const S3Keys keys = admin().create_writer_user(bucket);
    writer_ = std::make_unique<GatewayStore>(bucket, keys);
  }
  static S3Admin admin() { return GatewayEnvironment::gateway->admin(); }
  store::S3Store& store() { return writer_->store(); }
  [[nodiscard]] const std::string& bucket() const { return writer_->bucket(); }

 private:
  std::unique_ptr<GatewayStore> writer_;
};

TEST_F(S3Writer, UploadsWithTwoPermissions) {
  const Bytes content = noise(20 * kMiB);
  write_object(store(), "large", content);
  store().put("small", as_bytes("small"), {});
  EXPECT_THAT(admin().list_keys(bucket()), ElementsAre("backups/large", "backups/small"));
  const TempDir directory;
  admin().get_object(bucket(), "backups/large", directory / "large");
  EXPECT_TRUE(read_text(directory / "large") == as_text(content));
}

TEST_F(S3Writer, AbortsWithTwoPermissions) {
  {
    const auto sink = store().create("key", {});
    sink->write(noise(9 * kMiB));
    EXPECT_THAT(admin().list_multipart_uploads(bucket()), ElementsAre("backups/key"));
  }
  EXPECT_THAT(admin().list_multipart_uploads(bucket()), IsEmpty());
  EXPECT_THAT(admin().list_keys(bucket()), IsEmpty());
}

TEST_F(S3Writer, OverwritesNothing) {
  store().put("key", as_bytes("first"), {});
  EXPECT_THAT(storage_error([&] { store().put("key", as_bytes("second"), {}); }),
              HasSubstr("PreconditionFailed"));
  EXPECT_THAT(storage_error([&] { write_object(store(), "key", as_bytes("third")); }),
              HasSubstr("PreconditionFailed"));
  const TempDir directory;
  admin().get_object(bucket(), "backups/key", directory / "key");
  EXPECT_EQ(read_text(directory / "key"), "first");
}

TEST_F(S3Writer, MayNeitherReadNorListNorRemove) {
  store().put("key", as_bytes("content"), {});
  EXPECT_THAT(storage_error([&] { (void)store().open("key", {}); }), HasSubstr("AccessDenied"));
  EXPECT_THAT(storage_error([&] { (void)store().list("", {}); }), HasSubstr("AccessDenied"));
  EXPECT_THAT(storage_error([&] { store().remove("key", {}); }), HasSubstr("AccessDenied"));
  EXPECT_THAT(admin().list_keys(bucket()), ElementsAre("backups/key"));
}

TEST_F(S3Writer, LocksAndTagsWhatItStores) {
  admin().create_locking_bucket("locking");
  const TimePoint until = system_clock().now() + std::chrono::days(1);
  GatewayStore locking(
      "locking",
      admin().create_writer_user("locking", {"s3:PutObject", "s3:PutObjectRetention",
                                             "s3:PutObjectLegalHold", "s3:PutObjectTagging"}),
      {.bucket = {},
       .objects = {.lock_mode = "COMPLIANCE",
                   .lock_until = until,
                   .legal_hold = true,
                   .tags = {{"kind", "nightly backup"}}}});
  locking.store().put("small", as_bytes("small"), {});
  write_object(locking.store(), "large", noise(9 * kMiB));
  for (const char* key : {"backups/small", "backups/large"}) {
    EXPECT_THAT(admin().describe_object("locking", key),
                ElementsAre("COMPLIANCE", format_utc(until), "ON", "kind=nightly backup"));
    EXPECT_THROW(admin().delete_version("locking", key), std::runtime_error);
  }
  EXPECT_THAT(admin().list_keys("locking"), ElementsAre("backups/large", "backups/small"));
}

TEST_F(S3Writer, ChoosesStorageClassAndKeyOfKms) {
  const std::string bucket = new_bucket();
  GatewayStore chosen(
      bucket, S3Gateway::root_keys(),
      {.bucket = {},
       .objects = {
           .storage_class = "STANDARD_IA", .encryption = "aws:kms", .kms_key = "testkey-1"}});
  chosen.store().put("small", as_bytes("small"), {});
  write_object(chosen.store(), "large", noise(9 * kMiB));
  for (const char* key : {"backups/small", "backups/large"}) {
    EXPECT_THAT(admin().describe_storage(bucket, key),
                ElementsAre("STANDARD_IA", "aws:kms", "testkey-1"));
  }
  EXPECT_EQ(read_object(chosen.store(), "small"), "small");
}

TEST_F(S3Writer, ReachesABucketWithDotsAndAnOddPrefix) {
  const std::string bucket = new_bucket("a.dotted.bucket-");
  const std::string prefix = "größe & more/日本 +%20";
  GatewayStore odd(bucket, S3Gateway::root_keys(), {.bucket = {}, .prefix = prefix});
  odd.store().put("small", as_bytes("small"), {});
  write_object(odd.store(), "large", noise(9 * kMiB));
  EXPECT_THAT(admin().list_keys(bucket), ElementsAre(prefix + "/large", prefix + "/small"));
  EXPECT_EQ(read_object(odd.store(), "small"), "small");
  EXPECT_EQ(keys_of(odd.store().list("", {})), (Keys{"large", "small"}));
  odd.store().remove_all({"large", "small"}, {});
  EXPECT_THAT(admin().list_keys(bucket), IsEmpty());
}

TEST_F(S3Writer, DoesWithoutChecksumsAndConditions) {
  const std::string bucket = new_bucket();
  GatewayStore old(
      bucket, S3Gateway::root_keys(),
      {.bucket = {}, .dialect = {.sha256_checksums = false, .conditional_writes = false}});
  old.store().put("small", as_bytes("small"), {});
  write_object(old.store(), "large", noise(9 * kMiB));
  EXPECT_TRUE(read_object(old.store(), "large") == as_text(noise(9 * kMiB)));
  old.store().put("small", as_bytes("other"), {});
  EXPECT_EQ(read_object(old.store(), "small"), "other");
  old.store().remove_all({"large", "small"}, {});
  EXPECT_THAT(admin().list_keys(bucket), IsEmpty());
}

TEST_F(S3Writer, IsToldWhatIsWrong) {
  GatewayStore missing("missing-bucket", S3Gateway::root_keys());
  EXPECT_THAT(storage_error([&] { (void)missing.store().create("key", {}); }),
              HasSubstr("NoSuchBucket"));
  GatewayStore impostor(bucket(), {S3Gateway::root_keys().id, "wrong"});
  EXPECT_THAT(storage_error([&] { (void)impostor.store().create("key", {}); }),
              HasSubstr("SignatureDoesNotMatch"));
}

}  // namespace
}  // namespace pgseal::test
