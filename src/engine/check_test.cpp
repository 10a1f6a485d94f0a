#include "engine/check.h"

#include <gtest/gtest.h>

namespace pgseal::engine {
namespace {

struct Shop {
  bool open = false;
};

constexpr CheckOf<Shop> kChecks[] = {
    {"door",
     [](Shop& shop) {
       if (!shop.open) throw Error(Exit::key, "cannot open the door").with_hint("find the key");
       return Finding{State::ok, "it is open"};
     }},
    {"shelf",
     [](Shop&) {
       return Finding{State::warning, "it is empty", "fill it"};
     }},
};

Checks checks_of(Shop shop) {
  Checks checks;
  checks.run("shop", Exit::storage, kChecks, shop);
  return checks;
}

TEST(Checks, GoOnAfterAnErrorWhichIsAFailureOfItsClass) {
  const Checks checks = checks_of({.open = false});
  ASSERT_EQ(checks.all().size(), 2u);
  EXPECT_EQ(checks.all()[0].subject, "shop");
  EXPECT_EQ(checks.all()[0].name, "door");
  EXPECT_EQ(checks.all()[0].finding.state, State::failure);
  EXPECT_EQ(checks.all()[0].finding.reason, "cannot open the door");
  EXPECT_EQ(checks.all()[0].finding.remedy, "find the key");
  EXPECT_EQ(checks.exit_code(), Exit::key);
}

TEST(Checks, GoOnAfterWhatNobodyForesaw) {
  Checks checks;
  EXPECT_FALSE(checks.collect("shop", "door", Exit::storage, []() -> Finding {
    return {State::ok, std::vector<std::string>{}.at(0)};
  }));
  EXPECT_EQ(checks.all().at(0).finding.state, State::failure);
  EXPECT_EQ(checks.exit_code(), Exit::internal);
}

TEST(Checks, EndWithAFailureWithoutWhichTheOthersMakeNoSense) {
  for (const bool open : {false, true}) {
    Shop shop{.open = open};
    Checks checks;
    EXPECT_EQ(checks.run_behind_first("shop", Exit::storage, kChecks, shop), open);
    EXPECT_EQ(checks.all().size(), open ? 2u : 1u);
    EXPECT_EQ(checks.all()[0].finding.reason,
              open ? "it is open" : "cannot open the door; what needs it was not looked at");
  }
}

TEST(Checks, ExitByTheWorst) {
  Checks checks;
  EXPECT_EQ(checks.exit_code(), Exit::ok);
  checks.add("shop", "light", {State::note, "it is dim"}, Exit::storage);
  EXPECT_EQ(checks.exit_code(), Exit::ok);
  checks.add("shop", "shelf", {State::warning, "it is empty"}, Exit::storage);
  EXPECT_EQ(checks.exit_code(), Exit::warnings);
  checks.add("shop", "roof", {State::failure, "it leaks"}, Exit::storage);
  checks.add("house", "roof", {State::failure, "it leaks too"}, Exit::database);
  EXPECT_EQ(checks.exit_code(), Exit::storage);
}

TEST(Checks, PassOnThatTheyWereInterrupted) {
  Checks checks;
  EXPECT_THROW(
      checks.collect("shop", "door", Exit::storage, []() -> Finding { throw Cancelled(); }),
      Cancelled);
}

TEST(Checks, NameTheFirstFewOfManyObjects) {
  EXPECT_EQ(first_few({"a", "b"}), "a, b");
  EXPECT_EQ(first_few({"a", "b", "c", "d", "e", "f", "g"}), "a, b, c, d, e and 2 more");
  EXPECT_EQ(first_few({"a", "b", "c", "d", "e", "f", "g"}, 4711), "a, b, c, d, e and 4706 more");
}

}  // namespace
}  // namespace pgseal::engine
