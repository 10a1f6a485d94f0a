// The whole job as users of the image `rds-postgres-backup-s3-secure` have it: its variables and
// nothing else, an IAM token, TLS, S3, and its three documented commands to get the data back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/json.h"
#include "support/documented_commands.h"
#include "support/iam_postgres.h"
#include "support/pgseal_program.h"
#include "support/requirement.h"
#include "support/s3_gateway.h"
#include "support/sample_database.h"

namespace pgseal {
namespace {

using test::Variables;
using testing::HasSubstr;

const std::string kPage = "doc/classic.md";

/// What the page tells those who have no pgseal, in the directory that has the private key and
/// the objects of the backup `name`.
test::CommandResult restore_without_pgseal(const std::string& directory, const std::string& name,
                                           const std::string& passphrase,
                                           const std::string& target) {
  test::CommandOptions options;
  options.directory = directory;
  options.environment = {{"BACKUP", name}, {"TARGET", target}};
  return test::at_a_terminal(test::documented_commands(kPage, "restore-without-pgseal"), passphrase,
                             options);
}

TEST(ClassicJob, StockProgramsRestoreWhatIsThereByThePagesCommands) {
  test::PostgresServer server;
  test::load_sample(server, "shop");
  server.create_database("shop_restored");
  const test::TempDir dir;
  const test::TempDir store;
  test::CommandOptions in_dir;
  in_dir.directory = dir.path();
  const std::string passphrase = "correct horse";

  const auto keys =
      test::at_a_terminal(test::documented_commands(kPage, "make-keys"), passphrase, in_dir);
  ASSERT_TRUE(keys.ok()) << keys.describe();
  ASSERT_THAT(test::read_text(dir / "private_key.pem"), HasSubstr("ENCRYPTED"));

  const auto backup =
      test::pgseal({"backup", "--format", "classic", "--dbname", server.conninfo("shop"), "--store",
                    "file://" + store.path(), "--public-key", dir / "public_key.pem"});
  ASSERT_TRUE(backup.ok()) << backup.describe();

  const auto listing = test::pgseal({"list", "--json", "--store", "file://" + store.path()});
  const auto name = Json::parse(listing.out).at(0).at("backup").get<std::string>();
  test::run_ok({"sh", "-c", "cp " + store.path() + "/* " + dir.path()});
  const auto restored =
      restore_without_pgseal(dir.path(), name, passphrase, server.conninfo("shop_restored"));
  ASSERT_TRUE(restored.ok()) << restored.describe();
  test::expect_same_database(server, "shop", server, "shop_restored");
}

class ClassicJobOnAws : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!test::why_no_iam_postgres().empty() || !test::why_no_s3_gateway().empty()) return;
    postgres_ = new test::IamPostgres({.host = "localhost"});
    gateway_ = new test::S3Gateway();
    test::load_sample(postgres_->server(), "shop");
    // Row security would hide rows from it; pg_dump refuses that.
    postgres_->server().psql("shop", "GRANT pg_read_all_data TO app");
    postgres_->server().psql("shop", "ALTER ROLE app BYPASSRLS");
    postgres_->server().psql(
        "shop",
        "DO $$ DECLARE o oid; BEGIN FOR o IN SELECT oid FROM pg_largeobject_metadata LOOP "
        "EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO app', o); END LOOP; END $$");
  }
  static void TearDownTestSuite() {
    delete gateway_;
    delete postgres_;
  }
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(test::why_no_iam_postgres());
    PGSEAL_SKIP_BECAUSE(test::why_no_s3_gateway());
  }

  /// The image's variables, as its page documents them, and what ECS or a test gives beside them.
  static Variables image_variables(const std::string& bucket, const test::KeyPair& keys) {
    return {{"REGION", postgres_->region()},
            {"POSTGRES_DATABASE", "shop"},
            {"POSTGRES_HOST", postgres_->host()},
            {"POSTGRES_PORT", std::to_string(postgres_->port())},
            {"POSTGRES_USER", postgres_->user()},
            {"S3_BUCKET", bucket},
            {"S3_PREFIX", "nightly"},
            {"S3_REGION", test::S3Gateway::region()},
            {"OPENSSL_PUBLIC_KEY", test::read_text(keys.public_pem)},
            {"RATE_LIMIT", "10M"},
            {"PGSSLROOTCERT", postgres_->ca_pem()},
            {"AWS_ENDPOINT_URL_S3", gateway_->endpoint()}};
  }

  /// A backup into a new bucket. One identity for both: in AWS the same role enters the database
  /// and writes to the bucket.
  static test::CommandResult backup(const std::string& bucket, const test::KeyPair& keys) {
    const test::S3Admin admin = gateway_->admin();
    admin.create_bucket(bucket);
    const test::S3Keys writer = admin.create_writer_user(bucket);
    Variables variables = image_variables(bucket, keys);
    variables["AWS_ACCESS_KEY_ID"] = writer.id;
    variables["AWS_SECRET_ACCESS_KEY"] = writer.secret;
    postgres_->accept_key({writer.id, writer.secret, ""});
    return test::pgseal({"backup"}, variables);
  }

  /// A new database on the same server, which its superuser enters without a token.
  static std::string new_target(const std::string& name) {
    postgres_->server().create_database(name);
    return "host=" + postgres_->server().socket_dir() +
           " port=" + std::to_string(postgres_->port()) + " user=postgres dbname=" + name;
  }

  static inline test::IamPostgres* postgres_ = nullptr;
  static inline test::S3Gateway* gateway_ = nullptr;
};

// tools/check-image runs this one with an image's pgseal.
TEST_F(ClassicJobOnAws, TheImagesVariablesAreEnough) {
  const test::TempDir dir;
  const test::KeyPair keys = test::make_key_pair(dir.path(), "correct horse");
  const auto result = backup("classic-job", keys);
  ASSERT_TRUE(result.ok()) << result.describe();

  const test::S3Admin admin = gateway_->admin();
  const std::vector<std::string> objects = admin.list_keys("classic-job");
  ASSERT_EQ(objects.size(), 3u);
  for (const std::string& object : objects)
    EXPECT_THAT(object, testing::StartsWith("nightly/shop_"));
  EXPECT_THAT(objects, testing::UnorderedElementsAre(testing::EndsWith(".key.txt.enc"),
                                                     testing::EndsWith(".sql.bz.enc"),
                                                     testing::EndsWith(".manifest.json")));
  EXPECT_TRUE(admin.list_multipart_uploads("classic-job").empty());

  // A fresh token for each connection: none was accepted twice.
  const std::vector<std::string> accepted = postgres_->accepted();
  EXPECT_GE(accepted.size(), 2u);
  EXPECT_EQ(std::set<std::string>(accepted.begin(), accepted.end()).size(), accepted.size());

  const std::string name = objects[0].substr(8, objects[0].find('.') - 8);  // behind "nightly/"
  for (const std::string suffix : {".key.txt.enc", ".sql.bz.enc"}) {
    admin.get_object("classic-job", "nightly/" + name + suffix, dir / (name + suffix));
  }
  const auto restored =
      restore_without_pgseal(dir.path(), name, "correct horse", new_target("shop_by_hand"));
  ASSERT_TRUE(restored.ok()) << restored.describe();
  test::expect_same_database(postgres_->server(), "shop", postgres_->server(), "shop_by_hand");
}

TEST_F(ClassicJobOnAws, RestoreTakesTheImagesVariablesToo) {
  const test::TempDir dir;
  const test::KeyPair keys = test::make_key_pair(dir.path(), "correct horse");
  const auto result = backup("classic-restore", keys);
  ASSERT_TRUE(result.ok()) << result.describe();

  // Whoever restores is somebody else, who may read the bucket.
  Variables variables = image_variables("classic-restore", keys);
  variables["AWS_ACCESS_KEY_ID"] = test::S3Gateway::root_keys().id;
  variables["AWS_SECRET_ACCESS_KEY"] = test::S3Gateway::root_keys().secret;
  test::write_text(dir / "phrase", "correct horse\n");
  const auto restored =
      test::pgseal({"restore", "--identity", keys.private_pem, "--passphrase-file", dir / "phrase",
                    "--db-auth", "password", "--to", new_target("shop_restored")},
                   variables);
  ASSERT_TRUE(restored.ok()) << restored.describe();
  test::expect_same_database(postgres_->server(), "shop", postgres_->server(), "shop_restored");
}

TEST_F(ClassicJobOnAws, TheWriterMayNeitherListNorRead) {
  const test::TempDir dir;
  const test::KeyPair keys = test::make_key_pair(dir.path());
  const test::S3Admin admin = gateway_->admin();
  admin.create_bucket("writer-only");
  const test::S3Keys writer = admin.create_writer_user("writer-only");
  Variables variables = image_variables("writer-only", keys);
  variables["AWS_ACCESS_KEY_ID"] = writer.id;
  variables["AWS_SECRET_ACCESS_KEY"] = writer.secret;
  const auto listing = test::pgseal({"list"}, variables);
  EXPECT_EQ(listing.exit_code, 5) << listing.describe();
  EXPECT_THAT(listing.err, HasSubstr("AccessDenied"));
}

TEST_F(ClassicJobOnAws, AnExpiredTokenIsRefusedWithAHintAndPublishesNothing) {
  const test::TempDir dir;
  const test::KeyPair keys = test::make_key_pair(dir.path());
  const auto key = test::IamPostgres::temporary_key();
  Variables variables = image_variables("no-such-bucket", keys);
  variables["AWS_ACCESS_KEY_ID"] = key.id;
  variables["AWS_SECRET_ACCESS_KEY"] = key.secret;
  variables["AWS_SESSION_TOKEN"] = key.session_token;
  postgres_->set_token_life(std::chrono::seconds(-1));
  const auto result = test::pgseal({"backup"}, variables);
  postgres_->set_token_life(std::chrono::seconds(900));
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("PAM authentication failed"));
  EXPECT_THAT(result.err, HasSubstr("hint: the IAM token was refused"));
}

TEST_F(ClassicJobOnAws, AServerOfAnotherNameIsRefused) {
  const test::TempDir dir;
  const test::KeyPair keys = test::make_key_pair(dir.path());
  const auto key = test::IamPostgres::long_lived_key();
  Variables variables = image_variables("no-such-bucket", keys);
  variables["AWS_ACCESS_KEY_ID"] = key.id;
  variables["AWS_SECRET_ACCESS_KEY"] = key.secret;
  variables["POSTGRES_HOST"] = "db.example.eu-west-1.rds.amazonaws.com";
  variables["PGHOSTADDR"] = "127.0.0.1";
  const auto result = test::pgseal({"backup"}, variables);
  EXPECT_EQ(result.exit_code, 4) << result.describe();
  EXPECT_THAT(result.err, HasSubstr("does not match host name"));
}

}  // namespace
}  // namespace pgseal
