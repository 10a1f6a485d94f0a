#include "base/clock.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace pgseal {
namespace {

using namespace std::chrono_literals;

TEST(Clock, ReadsTimesOfOtherZones) {
  const auto time = parse_utc("2026-11-24T04:15:00Z");
  for (const char* text : {"2026-11-24T04:15:00Z", "2026-11-24T05:15:00+01:00",
                           "2026-11-23T22:45:00.5-05:30", "2026-11-24T04:15:00+00:00"}) {
    EXPECT_EQ(parse_rfc3339(text), time) << text;
  }
  for (const char* text : {"", "+01:00", "2026-11-24T04:15:00", "2026-11-24T04:15:00+0100",
                           "2026-11-24T04:15:00 01:00", "2026-11-24T04:15:00+0x:00"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

TEST(Clock, WritesAndReadsUtc) {
  const TimePoint time{std::chrono::seconds(1795493700)};
  EXPECT_EQ(format_utc(time), "2026-11-24T04:15:00Z");
  EXPECT_EQ(format_utc(time, false), "20261124T041500Z");
  EXPECT_EQ(format_utc(time + 999ms), "2026-11-24T04:15:00Z");
  EXPECT_EQ(parse_utc("2026-11-24T04:15:00Z"), time);
  EXPECT_EQ(parse_utc("2026-11-24T04:15:00.123Z"), time);
  for (const char* text :
       {"", "2026-11-24", "2026-11-24T04:15:00", "2026-11-24T04:15:00+01:00",
        "2026-11-24T04:15:00ZZ", "0026-11-24T04:15:00Z", "9026-11-24T04:15:00Z"}) {
    EXPECT_EQ(parse_utc(text), std::nullopt) << text;
  }
}

TEST(Clock, ShowsDurations) {
  EXPECT_EQ(format_duration(4200ms), "4.2 s");
  EXPECT_EQ(format_duration(4s), "4 s");
  EXPECT_EQ(format_duration(42s), "42 s");
  EXPECT_EQ(format_duration(200s), "3 min 20 s");
  EXPECT_EQ(format_duration(2h + 5min), "2 h 05 min");
}

TEST(Clock, SleepEndsWithAStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(system_clock().sleep(1h, stop.get_token()), Cancelled);
  system_clock().sleep(1ms, {});  // and with its time
}

}  // namespace
}  // namespace pgseal
