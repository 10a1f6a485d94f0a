// The whole job of an archive backup as AWS has it: IAM tokens over TLS, a bucket that the writer
// may only put into, an age recipient and a signature; then export where the identity is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "support/age_program.h"
#include "support/iam_postgres.h"
#include "support/pgseal_program.h"
#include "support/requirement.h"
#include "support/s3_gateway.h"
#include "support/sample_database.h"

namespace pgseal {
namespace {

using testing::HasSubstr;

class ArchiveJobOnAws : public testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(test::why_no_iam_postgres());
    PGSEAL_SKIP_BECAUSE(test::why_no_s3_gateway());
  }
};

TEST_F(ArchiveJobOnAws, PutObjectIsEnoughAndEveryConnectionHasItsOwnToken) {
  test::IamPostgres postgres({.host = "localhost"});
  const test::S3Gateway gateway;
  test::load_sample(postgres.server(), "shop");
  postgres.server().psql(
      "shop",
      "GRANT pg_read_all_data TO app; ALTER ROLE app BYPASSRLS; "
      "DO $$ DECLARE o oid; BEGIN FOR o IN SELECT oid FROM pg_largeobject_metadata LOOP "
      "EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO app', o); END LOOP; END $$");
  const test::TempDir dir;
  ASSERT_TRUE(test::pgseal({"keygen", "-o", dir / "key.txt"}).ok());
  ASSERT_TRUE(test::pgseal({"keygen", "--signing", "-o", dir / "signer"}).ok());

  gateway.admin().create_bucket("archive-job");
  const test::S3Keys writer = gateway.admin().create_writer_user("archive-job", {"s3:PutObject"});
  postgres.accept_key({writer.id, writer.secret, ""});
  test::Variables variables{
      {"REGION", postgres.region()},
      {"PGSEAL_HOST", postgres.host()},
      {"PGSEAL_PORT", std::to_string(postgres.port())},
      {"PGSEAL_USER", postgres.user()},
      {"PGSEAL_DATABASE", "shop"},
      {"PGSEAL_STORE", "s3://archive-job/nightly?region=" + test::S3Gateway::region()},
      {"PGSEAL_RECIPIENTS", test::recipient_of(dir / "key.txt")},
      {"PGSEAL_SIGNING_KEY", test::read_text(dir / "signer")},
      {"PGSEAL_JOBS", "1"},
      {"PGSEAL_CHUNK_SIZE", "64k"},
      {"PGSEAL_BUNDLE_SIZE", "256k"},
      {"PGSSLROOTCERT", postgres.ca_pem()},
      {"AWS_ENDPOINT_URL_S3", gateway.endpoint()},
      {"AWS_ACCESS_KEY_ID", writer.id},
      {"AWS_SECRET_ACCESS_KEY", writer.secret}};
  const auto backup = test::pgseal({"backup"}, variables);
  ASSERT_TRUE(backup.ok()) << backup.describe();

  // The coordinator, pg_dump and the worker, one after the other: a fresh token each. (Workers that
  // connect within one second rightly have the same one, as tokens tell whole seconds.)
  const std::vector<std::string> accepted = postgres.accepted();
  EXPECT_EQ(accepted.size(), 3u);
  EXPECT_EQ(std::set<std::string>(accepted.begin(), accepted.end()).size(), accepted.size());

  variables["PGSEAL_JOBS"] = "3";
  const auto parallel = test::pgseal({"backup"}, variables);
  ASSERT_TRUE(parallel.ok()) << parallel.describe();

  // The writer reads nothing back.
  const auto listing = test::pgseal({"list"}, variables);
  EXPECT_EQ(listing.exit_code, 5) << listing.describe();
  EXPECT_THAT(listing.err, HasSubstr("AccessDenied"));

  variables["AWS_ACCESS_KEY_ID"] = test::S3Gateway::root_keys().id;
  variables["AWS_SECRET_ACCESS_KEY"] = test::S3Gateway::root_keys().secret;
  const auto exported = test::pgseal({"export", "latest", dir / "out", "--identity",
                                      dir / "key.txt", "--signer", dir / "signer.pub"},
                                     variables);
  ASSERT_TRUE(exported.ok()) << exported.describe();
  postgres.server().create_database("copy");
  test::run_ok({postgres.server().bin_dir() + "/pg_restore", "--jobs=2", "--exit-on-error",
                "--host", postgres.server().socket_dir(), "--port", std::to_string(postgres.port()),
                "--username=postgres", "--dbname=copy", dir / "out"});
  test::expect_same_database(postgres.server(), "shop", postgres.server(), "copy");
}

}  // namespace
}  // namespace pgseal
