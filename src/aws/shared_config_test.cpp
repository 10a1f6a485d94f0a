#include "aws/shared_config.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "support/temp_dir.h"

namespace pgseal::aws {
namespace {

using test::TempDir;
using test::write_text;

class SharedConfigTest : public testing::Test {
 protected:
  ProfileSettings settings(const std::string& config, const std::string& profile = "") {
    write_text(files_.config, config);
    return read_profile_settings(files_, profile);
  }
  std::string error_of(const std::string& config) {
    try {
      (void)settings(config);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
      return error.message();
    }
    ADD_FAILURE() << "it was understood";
    return "";
  }

  TempDir directory_;
  SharedConfigFiles files_{.config = directory_ / "config",
                           .credentials = directory_ / "credentials"};
};

TEST_F(SharedConfigTest, AFileThatIsNotThereHasNothing) {
  EXPECT_EQ(SharedConfig::read(files_).profile("default"), nullptr);
  EXPECT_EQ(read_profile_settings(files_, "").region, "");
  EXPECT_EQ(SharedConfig::read({}).profile("default"), nullptr);
}

TEST_F(SharedConfigTest, HasAProfilesRegionAuthorityAndKindsOfEndpoints) {
  const std::string text =
      "[default]\nregion = eu-west-1\n"
      "[profile gov]\nregion = us-gov-west-1\nca_bundle = /etc/ca.pem\nuse_fips_endpoint = true\n"
      "use_dualstack_endpoint = True\n";
  EXPECT_EQ(settings(text).region, "eu-west-1");
  EXPECT_FALSE(settings(text).fips);
  const ProfileSettings gov = settings(text, "gov");
  EXPECT_EQ(gov.region, "us-gov-west-1");
  EXPECT_EQ(gov.ca_bundle, "/etc/ca.pem");
  EXPECT_TRUE(gov.fips);
  EXPECT_TRUE(gov.dual_stack);
  EXPECT_EQ(settings(text, "nobody").region, "");
}

TEST_F(SharedConfigTest, AServicesEndpointIsBeforeTheProfiles) {
  const std::string text =
      "[profile p]\nservices = minio\nendpoint_url = https://all.example.com\n"
      "[services minio]\ns3 =\n  endpoint_url = https://s3.example.com:9000\n  other = 1\n"
      "ec2 =\n  endpoint_url = https://ec2.example.com\n"
      "[profile quiet]\nservices = minio\nignore_configured_endpoint_urls = true\n";
  EXPECT_EQ(settings(text, "p").s3_endpoint, "https://s3.example.com:9000");
  EXPECT_EQ(settings(text, "p").sts_endpoint, "https://all.example.com");
  EXPECT_EQ(settings(text, "quiet").s3_endpoint, "");
  EXPECT_EQ(
      error_of("[default]\nservices = mino\n"),
      "\"" + files_.config + "\" has no section [services mino], which profile \"default\" names");
}

TEST_F(SharedConfigTest, NamesTheLineThatItCannotUnderstand) {
  const std::string file = "cannot understand \"" + files_.config + "\", line ";
  EXPECT_EQ(error_of("a = b\n"), file + "1: there is no section yet");
  EXPECT_EQ(error_of("[default\n"), file + "1: the section's \"]\" is missing");
  EXPECT_EQ(error_of("[default]\n\n# x\nwhat\n"), file + "4: it is no \"key = value\"");
  EXPECT_EQ(error_of("[default]\n= x\n"), file + "2: it is no \"key = value\"");
  EXPECT_EQ(error_of("[default]\na=1\nA=2\n"), file + "3: \"a\" was there before");
  EXPECT_EQ(error_of("[a]\n[a]\n"), file + "2: the section was there before");
  EXPECT_EQ(error_of("[default]\ns3 =\n  what\n"), file + "3: it is no \"key = value\"");
}

}  // namespace
}  // namespace pgseal::aws
