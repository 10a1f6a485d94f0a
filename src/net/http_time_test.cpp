#include "net/http_time.h"

#include <gtest/gtest.h>

namespace pgseal::net {
namespace {

using namespace std::chrono_literals;

std::chrono::seconds after(const std::string& retry_after_header, const std::string& date = "") {
  return retry_after(
      {.headers = {{"retry-after", retry_after_header}, {"date", date}}, .body = {}});
}

TEST(HttpTime, ReadsADate) {
  const auto time = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  ASSERT_TRUE(time);
  EXPECT_EQ(format_utc(*time), "1994-11-06T08:49:37Z");
}

TEST(HttpTime, ReadsNothingElse) {
  for (const char* text : {"", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                           "Sun, 06 Nov 1994 08:49:37 GMT+1", "Sun, 06 Nov 1894 08:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(HttpTime, KnowsHowLongToWait) {
  EXPECT_EQ(after("120"), 120s);
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:50:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"), 30s);
  EXPECT_EQ(after("4000000000"), 24h);
}

TEST(HttpTime, WaitsForNothingThatItCannotRead) {
  for (const char* text :
       {"", "-5", "1.5", "soon", "99999999999999999999", "Sun, 06 Nov 1994 08:50:07 GMT"}) {
    EXPECT_EQ(after(text), 0s) << text;
  }
  EXPECT_EQ(after("Sun, 06 Nov 1994 08:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"), 0s);
}

}  // namespace
}  // namespace pgseal::net
