#include "engine/certificate_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/certificates.h"

namespace pgseal::engine {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;

class CertificateCheck : public testing::Test {
 protected:
  Finding check_in(days later) {
    return check_certificates(authority_.ca_pem(), "get new ones", system_clock().now() + later);
  }
  const test::Certificates authority_;  // for two days from now
};

TEST_F(CertificateCheck, IsOkWhereAllAreGoodForLong) {
  const Finding finding = check_in(days(-40));
  EXPECT_EQ(finding.state, State::ok);
  EXPECT_EQ(finding.remedy, "");
  EXPECT_THAT(finding.reason, HasSubstr("has 1 certificates"));
}

TEST_F(CertificateCheck, WarnsOfThoseThatEndSoon) {
  const Finding finding = check_in(days(0));
  EXPECT_EQ(finding.state, State::warning);
  EXPECT_EQ(finding.remedy, "get new ones");
  EXPECT_THAT(finding.objects, ElementsAre(HasSubstr("pgseal test authority (until ")));
}

TEST_F(CertificateCheck, FailsWhereAllHaveEnded) {
  const Finding finding = check_in(days(3));
  EXPECT_EQ(finding.state, State::failure);
  EXPECT_THAT(finding.objects, ElementsAre(HasSubstr("pgseal test authority (ended ")));
}

TEST_F(CertificateCheck, CannotReadWhatIsNoBundle) {
  try {
    (void)check_certificates(authority_.key_pem(), "", system_clock().now());
    FAIL() << "read a key as certificates";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr(authority_.key_pem()));
  }
}

}  // namespace
}  // namespace pgseal::engine
