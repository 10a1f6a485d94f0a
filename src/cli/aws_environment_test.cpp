#include "cli/aws_environment.h"

#include <gtest/gtest.h>

#include <array>

#include "base/format.h"
#include "base/json.h"
#include "cli/environment.h"
#include "support/botocore.h"
#include "support/requirement.h"
#include "support/scripted_http_server.h"
#include "support/temp_dir.h"

namespace pgseal::cli {
namespace {

using test::HttpReply;
using test::HttpRequest;
using test::ScriptedHttpServer;
using test::TempDir;
using test::write_text;

constexpr const char* kRoles = "/latest/meta-data/iam/security-credentials/";

/// The value of a field of a form, as it was sent; "-" where it is not there.
std::string field(const std::string& form, const std::string& name) {
  const std::string all = "&" + form + "&";
  const auto at = all.find("&" + name + "=");
  if (at == std::string::npos) return "-";
  const auto begin = at + name.size() + 2;
  return all.substr(begin, all.find('&', begin) - begin);
}

std::string keys_json(const std::string& id) {
  return Json({{"Code", "Success"},
               {"AccessKeyId", id},
               {"SecretAccessKey", "secret"},
               {"Token", "token"},
               {"Expiration", "2099-01-01T00:00:00Z"}})
      .dump();
}

/// STS, whose keys tell by whom and how it was asked.
HttpReply sts_reply(const HttpRequest& request) {
  const std::string action = field(request.body, "Action");
  const std::string authorization = request.header("authorization");
  const auto begin = authorization.find("Credential=") + 11;
  std::string session = field(request.body, "RoleSessionName");
  if (session == "pgseal" || session.starts_with("botocore-session-")) session = "default";
  std::string id = field(request.body, "RoleArn") + "/session:" + session;
  if (action == "AssumeRole") {
    id += "/by:" + authorization.substr(begin, authorization.find("/20", begin) - begin);
  } else {
    id += "/token:" + field(request.body, "WebIdentityToken");
  }
  id += "/external:" + field(request.body, "ExternalId") +
        "/seconds:" + field(request.body, "DurationSeconds");
  return {
      .status = 200,
      .headers = {{"content-type", "text/xml"}},
      .body = format("<{0}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{0}Result>"
                     "<Credentials><AccessKeyId>{1}</AccessKeyId><SecretAccessKey>s"
                     "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:"
                     "00:00Z</Expiration></Credentials></{0}Result></{0}Response>",
                     action, id)};
}

/// STS, a container's endpoint and EC2's metadata service in one.
HttpReply reply(const HttpRequest& request) {
  if (request.method == "POST") return sts_reply(request);
  if (request.method == "PUT") return {.status = 200, .headers = {}, .body = "imds-token"};
  if (request.path == kRoles) return {.status = 200, .headers = {}, .body = "role"};
  if (request.path == kRoles + std::string("role")) {
    return {.status = 200, .headers = {}, .body = keys_json("OF-INSTANCE")};
  }
  if (request.path == "/container") {
    return {.status = 200,
            .headers = {},
            .body = keys_json("OF-CONTAINER" + request.header("authorization"))};
  }
  return {.status = 404, .headers = {}, .body = ""};
}

/// {dir} and {server} stand for the case's directory and the server in all texts.
struct Case {
  const char* name;
  const char* config;       ///< ~/.aws/config
  const char* credentials;  ///< ~/.aws/credentials
  std::map<std::string, std::string> environment;
  const char* id;  ///< what the access key's id begins with; "refused"
};

const std::map<std::string, std::string> kContainer = {
    {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "{server}/container"}};
const std::map<std::string, std::string> kInstance = {
    {"AWS_EC2_METADATA_DISABLED", "false"}, {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "{server}/"}};
const std::map<std::string, std::string> kWebIdentity = {
    {"AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"}, {"AWS_ROLE_ARN", "arn:aws:iam::1:role/web"}};

#define ROLE(name) "role_arn = arn:aws:iam::123456789012:role/" name "\n"
#define KEYS(id) "aws_access_key_id = " id "\naws_secret_access_key = s/" id "+=\n"

const Case kCases[] = {
    {"environment", "", "", {{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}}, "ENV"},
    {"environment with token",
     "",
     "",
     {{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}},
     "ENV"},
    {"half an environment", "", "[default]\n" KEYS("A"), {{"AWS_ACCESS_KEY_ID", "ENV"}}, "refused"},
    {"environment before a profile",
     "",
     "[p]\n" KEYS("A"),
     {{"AWS_ACCESS_KEY_ID", "ENV"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_PROFILE", "p"}},
     "ENV"},
    {"nothing at all", "", "", {}, "refused"},
    {"default in credentials", "", "[default]\n" KEYS("A"), {}, "A"},
    {"default in config", "[default]\n" KEYS("A"), "", {}, "A"},
    {"default as a profile in config", "[profile default]\n" KEYS("A"), "", {}, "A"},
    {"credentials before config", "[default]\n" KEYS("A"), "[default]\n" KEYS("B"), {}, "B"},
    {"region there, keys here", "[default]\nregion = x\n", "[default]\n" KEYS("B"), {}, "B"},
    {"profile in credentials", "", "[p]\n" KEYS("A"), {{"AWS_PROFILE", "p"}}, "A"},
    {"profile in config", "[profile p]\n" KEYS("A"), "", {{"AWS_PROFILE", "p"}}, "A"},
    {"the other variable for it",
     "[profile p]\n" KEYS("A"),
     "",
     {{"AWS_DEFAULT_PROFILE", "p"}},
     "A"},
    {"profile that is not there", "", "[default]\n" KEYS("A"), {{"AWS_PROFILE", "p"}}, "refused"},
    {"section of config that is no profile",
     "[p]\n" KEYS("A"),
     "",
     {{"AWS_PROFILE", "p"}},
     "refused"},
    {"quoted name", "[profile \"a b\"]\n" KEYS("A"), "", {{"AWS_PROFILE", "a b"}}, "A"},
    {"token in a profile", "", "[default]\n" KEYS("A") "aws_session_token = t==\n", {}, "A"},
    {"id without secret", "", "[default]\naws_access_key_id = A\n", {}, "refused"},
    {"secret without id", "", "[default]\naws_secret_access_key = s\n", {}, "refused"},
    {"keys torn between the files",
     "[default]\naws_secret_access_key = s\n",
     "[default]\naws_access_key_id = A\n",
     {},
     "refused"},
    {"comments, blanks, tabs, capitals, colons",
     "# one\n\n; two\n[default]\n\n  # three\nAWS_Access_Key_Id:\tA "
     "\naws_secret_access_key=s=#;s\n",
     "",
     {},
     "A"},
    {"a block before the keys",
     "[default]\ns3 =\n  addressing_style = path\n  max_queue_size = 10\n" KEYS("A"),
     "",
     {},
     "A"},
    {"no section", "aws_access_key_id = A\n", "", {}, "refused"},
    {"a line that is nothing", "[default]\n" KEYS("A") "what is this\n", "", {}, "refused"},
    {"a key twice", "[default]\n" KEYS("A") KEYS("B"), "", {}, "refused"},
    {"a section twice", "", "[default]\n" KEYS("A") "[default]\n" KEYS("B"), {}, "refused"},
    {"role by another profile",
     "[default]\n" ROLE("r") "source_profile = p\n",
     "[p]\n" KEYS("A"),
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:A/"},
    {"role with all that it may have",
     "[profile x]\n" ROLE("r") "source_profile = p\nexternal_id = ex\nrole_session_name = nightly\n"
                               "duration_seconds = 900\n[profile p]\n" KEYS("A"),
     "",
     {{"AWS_PROFILE", "x"}},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:nightly/by:A/external:ex/seconds:900"},
    {"role in the credentials file",
     "",
     "[default]\n" ROLE("r") "source_profile = p\n[p]\n" KEYS("A"),
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:A/"},
    {"roles in a chain",
     "[default]\n" ROLE("c") "source_profile = b\n[profile b]\n" ROLE(
         "b") "source_profile = a\n[profile a]\n" KEYS("A"),
     "",
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fc/session:default/by:arn"},
    {"keys before the source's own role",
     "[default]\n" ROLE("c") "source_profile = b\n[profile b]\n" KEYS("B")
         ROLE("b") "source_profile = a\n[profile a]\n" KEYS("A"),
     "",
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fc/session:default/by:B/"},
    {"role before the profile's own keys",
     "[default]\n" KEYS("A") ROLE("r") "source_profile = p\n[profile p]\n" KEYS("B"),
     "",
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:B/"},
    {"role by the profile's own keys",
     "[default]\n" KEYS("A") ROLE("r") "source_profile = default\n",
     "",
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:A/"},
    {"a profile by itself, without keys",
     "[default]\n" ROLE("r") "source_profile = default\n",
     "",
     {},
     "refused"},
    {"a circle",
     "[default]\n" ROLE("r") "source_profile = a\n[profile a]\n" ROLE(
         "a") "source_profile = b\n[profile b]\n" ROLE("b") "source_profile = a\n",
     "",
     {},
     "refused"},
    {"source_profile that is not there",
     "[default]\n" ROLE("r") "source_profile = p\n",
     "",
     {},
     "refused"},
    {"source_profile without credentials",
     "[default]\n" ROLE("r") "source_profile = p\n[profile p]\nregion = x\n",
     "",
     {},
     "refused"},
    {"source_profile with half of the keys",
     "[default]\n" ROLE("r") "source_profile = p\n[profile p]\naws_access_key_id = A\n",
     "",
     {},
     "refused"},
    {"role by nobody", "[default]\n" ROLE("r"), "[p]\n" KEYS("A"), {}, "refused"},
    {"role by two",
     "[default]\n" ROLE("r") "source_profile = p\ncredential_source = Environment\n",
     "[p]\n" KEYS("A"),
     {},
     "refused"},
    {"role by the environment, which has nothing",
     "[default]\n" ROLE("r") "credential_source = Environment\n",
     "",
     {},
     "refused"},
    {"role by the container", "[default]\n" ROLE("r") "credential_source = EcsContainer\n", "",
     kContainer, "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:OF-CONTAINER/"},
    {"role by the instance", "[default]\n" ROLE("r") "credential_source = Ec2InstanceMetadata\n",
     "", kInstance, "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:OF-INSTANCE/"},
    {"role by what nobody knows", "[default]\n" ROLE("r") "credential_source = Heaven\n", "",
     kContainer, "refused"},
    {"process", "[default]\ncredential_process = cat {dir}/keys.json\n", "", {}, "OF-PROCESS"},
    {"process with arguments in quotes",
     "[default]\ncredential_process = \"cat\" '{dir}/with blank.json'\n",
     "",
     {},
     "OF-BLANK"},
    {"process that fails",
     "[default]\ncredential_process = false\n",
     "[p]\n" KEYS("A"),
     {},
     "refused"},
    {"process of another version",
     "[default]\ncredential_process = cat {dir}/version2.json\n",
     "",
     {},
     "refused"},
    {"process that prints no secret",
     "[default]\ncredential_process = cat {dir}/half.json\n",
     "",
     {},
     "refused"},
    {"process before the config file's keys",
     "[default]\n" KEYS("A") "credential_process = cat {dir}/keys.json\n",
     "",
     {},
     "OF-PROCESS"},
    {"the credentials file's keys before a process",
     "[default]\ncredential_process = cat {dir}/keys.json\n",
     "[default]\n" KEYS("A"),
     {},
     "A"},
    {"role by a process",
     "[default]\n" ROLE("r") "source_profile = p\n[profile p]\ncredential_process = cat "
                             "{dir}/keys.json\n",
     "",
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:OF-PROCESS/"},
    {"web identity", "", "", kWebIdentity,
     "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fweb/session:default/token:the.token/"},
    {"web identity before a profile's keys", "", "[default]\n" KEYS("A"), kWebIdentity,
     "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fweb/session:default/token:the.token/"},
    {"web identity with a name",
     "",
     "",
     {{"AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"},
      {"AWS_ROLE_ARN", "arn:aws:iam::1:role/web"},
      {"AWS_ROLE_SESSION_NAME", "pod-7"}},
     "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fweb/session:pod-7/token:the.token/"},
    {"web identity without a role",
     "",
     "[default]\n" KEYS("A"),
     {{"AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/token"}},
     "refused"},
    {"web identity whose file is not there",
     "",
     "[default]\n" KEYS("A"),
     {{"AWS_WEB_IDENTITY_TOKEN_FILE", "{dir}/none"}, {"AWS_ROLE_ARN", "arn:aws:iam::1:role/web"}},
     "refused"},
    {"web identity of a profile",
     "[default]\n" ROLE("w") "web_identity_token_file = {dir}/token\nrole_session_name = sess\n",
     "",
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fw/session:sess/token:the.token/"},
    {"web identity of a profile without a role",
     "[default]\nweb_identity_token_file = {dir}/token\n",
     "",
     {},
     "refused"},
    {"role by a web identity",
     "[default]\n" ROLE("r") "source_profile = p\n[profile p]\n" ROLE(
         "w") "web_identity_token_file = {dir}/token\n",
     "",
     {},
     "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr/session:default/by:arn"},
    {"sign-in by a browser",
     "[default]\nsso_start_url = https://x.awsapps.com/start\nsso_region = us-east-1\n"
     "sso_account_id = 123456789012\nsso_role_name = r\n",
     "",
     {},
     "refused"},
    {"container", "", "", kContainer, "OF-CONTAINER"},
    {"container with a token",
     "",
     "",
     {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "{server}/container"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "pass"}},
     "OF-CONTAINERpass"},
    {"a profile's keys before the container", "", "[default]\n" KEYS("A"), kContainer, "A"},
    {"a profile without credentials, then the container",
     "[profile p]\nregion = x\n",
     "",
     {{"AWS_PROFILE", "p"}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "{server}/container"}},
     "OF-CONTAINER"},
    {"instance", "", "", kInstance, "OF-INSTANCE"},
};

#undef ROLE
#undef KEYS

class AwsChain : public testing::Test {
 protected:
  AwsChain() {
    const auto keys = [](const std::string& id) {
      return Json({{"Version", 1},
                   {"AccessKeyId", id},
                   {"SecretAccessKey", "s"},
                   {"SessionToken", "t"},
                   {"Expiration", "2099-01-01T00:00:00+00:00"}})
          .dump();
    };
    write_text(directory_ / "token", "the.token");
    write_text(directory_ / "keys.json", keys("OF-PROCESS"));
    write_text(directory_ / "with blank.json", keys("OF-BLANK"));
    write_text(directory_ / "version2.json", "{\"Version\": 2}");
    write_text(directory_ / "half.json", "{\"Version\": 1, \"AccessKeyId\": \"A\"}");
  }

  [[nodiscard]] std::string filled(std::string text) const {
    for (const auto& [name, value] :
         {std::pair("{dir}", directory_.path()), std::pair("{server}", server_.url())}) {
      for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        text.replace(at, std::string(name).size(), value);
      }
    }
    return text;
  }

  /// The variables of a case, its files written.
  std::map<std::string, std::string> environment_of(const Case& c, std::size_t number) {
    std::map<std::string, std::string> environment = {
        {"AWS_CONFIG_FILE", directory_ / format("config{}", number)},
        {"AWS_SHARED_CREDENTIALS_FILE", directory_ / format("credentials{}", number)},
        {"AWS_DEFAULT_REGION", "eu-west-1"},
        {"AWS_EC2_METADATA_DISABLED", "true"}};
    write_text(environment["AWS_CONFIG_FILE"], filled(c.config));
    write_text(environment["AWS_SHARED_CREDENTIALS_FILE"], filled(c.credentials));
    for (const auto& [name, value] : c.environment) environment[name] = filled(value);
    return environment;
  }

  /// "ID SECRET TOKEN", as botocore_credentials.py prints it.
  std::string find(const std::map<std::string, std::string>& environment) {
    net::HttpClient http;
    aws::Sts sts({.region = "eu-west-1", .endpoint = server_.url()}, http, system_clock());
    const auto chain = aws::make_credential_chain(chain_options(Environment(environment)), http,
                                                  sts, system_clock());
    try {
      const aws::Credentials found = chain->get({});
      return format("{} {} {}", found.access_key_id, found.secret_access_key.reveal(),
                    found.session_token.empty() ? "-" : found.session_token.reveal());
    } catch (const Error&) {
      return "refused";
    }
  }

  TempDir directory_;
  ScriptedHttpServer server_{reply};
};

TEST_F(AwsChain, FindsWhatItShould) {
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    SCOPED_TRACE(kCases[i].name);
    const std::string found = find(environment_of(kCases[i], i));
    EXPECT_TRUE(found.starts_with(kCases[i].id)) << found;
  }
}

TEST_F(AwsChain, FindsWhatBotocoreFinds) {
  PGSEAL_SKIP_BECAUSE(test::missing_botocore());
  Json asked = {{"sts", server_.url()}, {"cases", Json::array()}};
  std::vector<std::string> ours;
  for (std::size_t i = 0; i < std::size(kCases); ++i) {
    const auto environment = environment_of(kCases[i], i);
    asked["cases"].push_back(environment);
    ours.push_back(find(environment));
  }
  const std::vector<std::string> theirs = test::botocore_credentials(asked);
  ASSERT_EQ(theirs.size(), std::size(kCases));
  for (std::size_t i = 0; i < theirs.size(); ++i) EXPECT_EQ(ours[i], theirs[i]) << kCases[i].name;
}

}  // namespace
}  // namespace pgseal::cli
