#include "aws/rds_token.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/botocore.h"
#include "support/requirement.h"

namespace pgseal::aws {
namespace {

/// botocore's tokens at a fixed time; prints one a line.
constexpr const char* kOracle = R"(
import datetime, json, sys
import botocore.auth, botocore.session
given = json.loads(sys.argv[1])
moment = datetime.datetime.strptime(given['time'], '%Y-%m-%dT%H:%M:%SZ')
class Fixed(datetime.datetime):
    @classmethod
    def utcnow(cls): return moment
    @classmethod
    def now(cls, tz=None): return moment.replace(tzinfo=tz)
datetime.datetime = Fixed
if hasattr(botocore.auth, 'get_current_datetime'):
    botocore.auth.get_current_datetime = lambda *a, **k: moment
client = botocore.session.Session().create_client(
    'rds', region_name=given['region'], aws_access_key_id=given['id'],
    aws_secret_access_key=given['secret'], aws_session_token=given['token'] or None)
for host, port, user in given['asked']:
    print(client.generate_db_auth_token(host, port, user))
)";

struct Asked {
  std::string host;
  int port;
  std::string user;
};

const std::vector<Asked>& asked() {
  static const std::vector<Asked> kAsked = {
      {"mydb.123456789012.eu-west-1.rds.amazonaws.com", 5432, "app"},
      {"mydb.123456789012.eu-west-1.rds.amazonaws.com", 5433, "Backup User"},
      {"MyDb.123456789012.eu-west-1.rds.amazonaws.com", 5432, "app"},
      {"localhost", 443, "app"},
      {"localhost", 5432, "a+b/c=d&e?f#g%h"},
      {"localhost", 5432, "M\xC3\xBCller"},
      {"localhost", 5432, "it's \"quoted\" \\ ~-._*"},
      {"localhost", 5432, "me@example.org"},
  };
  return kAsked;
}

std::vector<std::string> oracle(const Credentials& credentials, const std::string& region,
                                TimePoint now) {
  Json given = {{"time", format_utc(now)},
                {"region", region},
                {"id", credentials.access_key_id},
                {"secret", credentials.secret_access_key.reveal()},
                {"token", credentials.session_token.reveal()},
                {"asked", Json::array()}};
  for (const Asked& a : asked()) given["asked"].push_back({a.host, a.port, a.user});
  return test::ask_botocore(kOracle, given.dump());
}

void expect_botocores_tokens(const Credentials& credentials) {
  PGSEAL_SKIP_BECAUSE(test::missing_botocore());
  const std::string region = "eu-west-1";
  const TimePoint now = parse_utc("2026-11-24T04:15:09Z").value();
  const std::vector<std::string> expected = oracle(credentials, region, now);
  ASSERT_EQ(expected.size(), asked().size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const Asked& a = asked()[i];
    EXPECT_EQ(rds_auth_token(a.host, a.port, a.user, region, credentials, now).reveal(),
              expected[i]);
  }
}

TEST(RdsToken, EqualsBotocoresForLongLivedKeys) {
  expect_botocores_tokens({.access_key_id = "AKIDEXAMPLE",
                           .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                           .session_token = {},
                           .expiration = {}});
}

TEST(RdsToken, EqualsBotocoresForTemporaryKeys) {
  std::string session_token = "IQoJb3JpZ2luX2VjE+/=";
  for (int i = 0; i < 60; ++i) session_token += "Aq+4/Zz0=9Lk-_.~Ww//";  // as long as AWS's are
  expect_botocores_tokens({.access_key_id = "ASIAEXAMPLE",
                           .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                           .session_token = Secret(session_token),
                           .expiration = {}});
}

}  // namespace
}  // namespace pgseal::aws
