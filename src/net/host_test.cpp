#include "net/host.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace pgseal::net {
namespace {

TEST(Host, IsWhatStandsBetweenSchemeAndPortOrPath) {
  EXPECT_EQ(host_of("https://S3.Example.org"), "s3.example.org");
  EXPECT_EQ(host_of("http://127.0.0.1:9000/bucket"), "127.0.0.1");
  EXPECT_EQ(host_of("http://[fd00:EC2::23]:80/v1?a=b"), "[fd00:ec2::23]");
  EXPECT_EQ(host_of("http://host?a=://other/"), "host");
}

TEST(Host, IsNoneWhereAnotherCouldBeMeant) {
  for (const char* url : {"", "host", "http://", "http://localhost@example.org/",
                          "http://localhost\\@example.org/", "http:///path"}) {
    EXPECT_EQ(host_of(url), "") << url;
  }
}

TEST(Host, ThisMachineIsKnownBySeveralNames) {
  for (const char* host : {"localhost", "bucket.localhost", "127.0.0.1", "127.8.9.10", "[::1]"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host : {"", "localhost.example.org", "notlocalhost", "127.0.0.1.example.org",
                           "128.0.0.1", "10.0.0.1", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

TEST(Host, AnAddressIsNoName) {
  EXPECT_TRUE(is_address("10.0.0.1"));
  EXPECT_TRUE(is_address("[::1]"));
  EXPECT_FALSE(is_address("10.example.org"));
}

TEST(Host, PlainHttpIsToldByItsScheme) {
  EXPECT_TRUE(is_plain("http://host"));
  EXPECT_TRUE(is_plain("HTTP://host"));
  EXPECT_FALSE(is_plain("https://host"));
}

TEST(RequireEndpoint, TakesSchemeHostPortAndPath) {
  for (const char* url : {"https://a", "http://127.0.0.1:9000", "HTTPS://[::1]:1/path"}) {
    EXPECT_NO_THROW(require_endpoint(url, "S3")) << url;
  }
  for (const char* url : {"", "x", "a:9000", "192.0.2.2:18765", "ftp://a", "https://", "https:///p",
                          "https://a?q", "https://a#f", "https://a b", "https://u:hunter2@a"}) {
    try {
      require_endpoint(url, "S3");
      ADD_FAILURE() << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::usage);
      EXPECT_EQ(error.message().find("hunter2"), std::string::npos) << error.message();
    }
  }
}

TEST(IsPlainLoopback, IsNeitherOfOtherMachinesNorOfTls) {
  EXPECT_TRUE(is_plain_loopback("http://127.0.0.1:9000/x"));
  EXPECT_FALSE(is_plain_loopback("https://127.0.0.1:9000/x"));
  EXPECT_FALSE(is_plain_loopback("http://192.0.2.2:9000/x"));
}

TEST(RequireEndpoint, RefusesWhatIsNone) {
  for (const char* text : {"", "http://", "ftp://host", "http:///path", "host:9000",
                           "http://user@host", "http://host?x", "http://ho st", "http"}) {
    EXPECT_THROW(require_endpoint(text, "S3"), Error) << text;
  }
  for (const char* text :
       {"http://host", "https://host:9000/", "http://[::1]:9000", "https://host/storage/v1/s3"}) {
    EXPECT_NO_THROW(require_endpoint(text, "S3")) << text;
  }
}

}  // namespace
}  // namespace pgseal::net
