#include "crypto/certificate.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/error.h"
#include "support/certificates.h"
#include "support/command.h"

namespace pgseal::crypto {
namespace {

using std::chrono::days;
using std::chrono::sys_seconds;

sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(system_clock().now()); }

TEST(ReadCertificates, KnowsNameAndEndOfEach) {
  const test::Certificates authority;  // for two days
  const test::TempDir directory;
  const std::string late = directory / "late.pem";
  test::run_ok({"openssl", "req", "-x509", "-new", "-key", authority.key_pem(), "-days", "2900000",
                "-subj", "/O=pgseal/OU=late", "-out", late});
  const auto found = read_certificates("a comment\n" + test::read_text(authority.ca_pem()) +
                                       test::read_text(late));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].subject, "pgseal test authority");
  EXPECT_GT(found[0].end, now() + days(1));
  EXPECT_LE(found[0].end, now() + days(2));
  EXPECT_EQ(found[1].subject, "OU=late,O=pgseal");
  EXPECT_GT(found[1].end, now() + days(2899999));
}

TEST(ReadCertificates, RefusesWhatHoldsNoneOrADamagedOne) {
  EXPECT_THROW((void)read_certificates(""), Error);
  EXPECT_THROW((void)read_certificates("hello"), Error);
  const test::Certificates good;
  std::string pem = test::read_text(good.ca_pem());
  EXPECT_THROW((void)read_certificates(pem + pem.substr(0, pem.size() / 2)), Error);
  pem[pem.size() / 2] = '!';
  EXPECT_THROW((void)read_certificates(pem), Error);
}

}  // namespace
}  // namespace pgseal::crypto
