// The profiles of doc/s3-compatible.md are ones that pgseal takes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/documented_commands.h"
#include "support/pgseal_program.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

class DocumentedProfile : public testing::TestWithParam<std::string> {};

TEST_P(DocumentedProfile, IsAllThatABackupNeedsToKnowOfTheStore) {
  const test::TempDir directory;
  const std::string file = directory / "config.toml";
  test::write_text(file, test::documented_commands("doc/s3-compatible.md", GetParam()));
  const auto result =
      test::pgseal({"config", "--config", file, "--profile", GetParam(), "--json", "--dbname",
                    "host=h dbname=d", "--user", "u", "--recipient",
                    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(result.err, "");  // not even "`pgseal backup` would refuse this"
  const Json store = Json::parse(result.out).at("store");
  EXPECT_THAT(store.at("value").get<std::string>(), testing::StartsWith("s3://backups/pgseal?"));
  EXPECT_EQ(store.at("origin"), "file " + file + ", profile " + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Of, DocumentedProfile,
                         testing::Values("minio", "r2", "b2", "wasabi", "hetzner", "scaleway",
                                         "google"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace pgseal
