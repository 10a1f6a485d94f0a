// Ways to a server of S3: over TLS with an authority of one's own, through a proxy, by IPv6, with
// the bucket in the host's name; and the one that is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "support/certificates.h"
#include "support/fake_s3.h"
#include "support/pgseal_program.h"
#include "support/relay.h"

namespace pgseal {
namespace {

using test::Relay;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Of one `pgseal list`: one for each format.
constexpr std::size_t kListings = 2;

class Endpoints : public testing::Test {
 protected:
  /// Lists the store at `endpoint`, which is empty.
  [[nodiscard]] test::CommandResult list(const std::string& endpoint,
                                         const std::vector<std::string>& flags = {},
                                         test::Variables variables = {}) const {
    variables.insert({{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}});
    std::vector<std::string> arguments{"list", "--store",
                                       "s3://bucket/p?region=eu-west-1&endpoint=" + endpoint};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return test::pgseal(arguments, variables);
  }

  test::FakeS3 s3_;
};

TEST_F(Endpoints, AnAuthorityOfOnesOwnIsTrustedWhereItIsNamed) {
  const test::Certificates certificates;
  const Relay tls(Relay::Kind::tls, s3_.server().port(), &certificates);
  const std::string endpoint = format("https://localhost:{}", tls.port());
  const auto by_flag = list(endpoint, {"--ca-bundle", certificates.ca_pem()});
  EXPECT_TRUE(by_flag.ok()) << by_flag.describe();
  const auto by_variable = list(endpoint, {}, {{"AWS_CA_BUNDLE", certificates.ca_pem()}});
  EXPECT_TRUE(by_variable.ok()) << by_variable.describe();
  EXPECT_EQ(s3_.requests().size(), 2 * kListings);
  const auto unknown = list(endpoint);
  EXPECT_EQ(unknown.exit_code, 5) << unknown.describe();
  EXPECT_THAT(unknown.err, HasSubstr("certificate"));
  const auto missing = list(endpoint, {"--ca-bundle", "/nowhere/ca.pem"});
  EXPECT_EQ(missing.exit_code, 2) << missing.describe();
  EXPECT_THAT(missing.err, HasSubstr("/nowhere/ca.pem"));
  EXPECT_EQ(s3_.requests().size(), 2 * kListings);
}

TEST_F(Endpoints, AProxyOfTheEnvironmentIsAskedToConnect) {
  // Only the proxy knows the way to this host.
  const test::Certificates certificates("s3.pgseal.test");
  const Relay tls(Relay::Kind::tls, s3_.server().port(), &certificates);
  const Relay proxy(Relay::Kind::connect, tls.port());
  const test::Variables variables{{"AWS_CA_BUNDLE", certificates.ca_pem()},
                                  {"HTTPS_PROXY", format("http://127.0.0.1:{}", proxy.port())}};
  const auto listed = list("https://s3.pgseal.test", {}, variables);
  EXPECT_TRUE(listed.ok()) << listed.describe();
  EXPECT_THAT(proxy.asked_for(), ElementsAre("s3.pgseal.test:443"));
  EXPECT_EQ(s3_.requests().size(), kListings);
}

TEST_F(Endpoints, NoProxyIsAskedForTheHostsThatAreExempt) {
  const test::Certificates certificates;
  const Relay tls(Relay::Kind::tls, s3_.server().port(), &certificates);
  const Relay proxy(Relay::Kind::connect, tls.port());
  const auto listed = list(format("https://localhost:{}", tls.port()), {},
                           {{"AWS_CA_BUNDLE", certificates.ca_pem()},
                            {"HTTPS_PROXY", format("http://127.0.0.1:{}", proxy.port())},
                            {"NO_PROXY", "example.org,localhost"}});
  EXPECT_TRUE(listed.ok()) << listed.describe();
  EXPECT_THAT(proxy.asked_for(), IsEmpty());
  EXPECT_EQ(s3_.requests().size(), kListings);
}

TEST_F(Endpoints, AnAddressOfIPv6IsReached) {
  const Relay relay(Relay::Kind::tcp6, s3_.server().port());
  const std::string host = format("[::1]:{}", relay.port());
  const auto listed = list("http://" + host);
  EXPECT_TRUE(listed.ok()) << listed.describe();
  ASSERT_EQ(s3_.requests().size(), kListings);
  EXPECT_EQ(s3_.requests()[0].header("host"), host);
}

TEST_F(Endpoints, TheBucketIsPutIntoTheHostsNameWhereThatIsWished) {
  const std::string host = format("localhost:{}", s3_.server().port());
  const auto listed = list("http://" + host, {"--addressing", "virtual"});
  EXPECT_TRUE(listed.ok()) << listed.describe();
  ASSERT_EQ(s3_.requests().size(), kListings);
  EXPECT_EQ(s3_.requests()[0].header("host"), "bucket." + host);
  EXPECT_EQ(s3_.requests()[0].path, "/");
}

TEST_F(Endpoints, AnAccessPointIsReachedAtItsOwnName) {
  const std::string name = "nightly-123456789012";
  test::FakeS3 s3({.bucket = name});
  const std::string host = format("localhost:{}", s3.server().port());
  const auto listed = test::pgseal(
      {"list", "--store",
       "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/nightly/p?endpoint=http://" + host},
      {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}, {"AWS_REGION", "us-east-1"}});
  EXPECT_TRUE(listed.ok()) << listed.describe();
  ASSERT_EQ(s3.requests().size(), kListings);
  EXPECT_EQ(s3.requests()[0].header("host"), name + "." + host);
  EXPECT_EQ(s3.requests()[0].query.at("prefix"), "p/");
  EXPECT_THAT(s3.requests()[0].header("authorization"), HasSubstr("/eu-west-1/s3/aws4_request"));
}

TEST_F(Endpoints, PlainHttpToAnotherMachineIsRefused) {
  const auto refused = list("http://s3.pgseal.test");
  EXPECT_EQ(refused.exit_code, 2) << refused.describe();
  EXPECT_THAT(refused.err, AllOf(HasSubstr("\"http://s3.pgseal.test\" is plain HTTP"),
                                 HasSubstr("--allow-http on")));
  // Allowed, it is reached by a proxy that knows the way.
  const auto allowed =
      list("http://s3.pgseal.test", {"--allow-http", "on"}, {{"http_proxy", s3_.url()}});
  EXPECT_THAT(s3_.requests(), testing::Not(IsEmpty())) << allowed.describe();
}

}  // namespace
}  // namespace pgseal
