#include "backupset/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace pgseal::backupset {
namespace {

template <typename Action>
std::string refusal_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification) << error.message();
    return error.message();
  }
  return "";
}

std::string refusal_of_text(const std::string& text) {
  return refusal_of([&] { (void)parse_strict_json(text, "thing"); });
}

TEST(StrictJson, ReadsWhatJsonIs) {
  const std::string text =
      R"({"a":[1,-2,18446744073709551615,true,null,"x\u00e9\n"],"b":{"a":{}},"c":[]})";
  EXPECT_EQ(parse_strict_json(text, "thing"), Json::parse(text));
}

TEST(StrictJson, RefusesAMemberThatIsThereTwice) {
  EXPECT_EQ(refusal_of_text(R"({"a":1,"b":[{"c":1,"d":{},"c":2}]})"),
            R"(cannot read the thing: an object has the member "c" twice)");
  EXPECT_EQ(refusal_of_text(R"([{"a":1},{"a":1}])"), "");
}

TEST(StrictJson, RefusesDeepNestingWithoutRecursion) {
  EXPECT_EQ(refusal_of_text("[[[[[[[[1]]]]]]]]"), "");
  EXPECT_EQ(refusal_of_text("[[[[[[[[[1]]]]]]]]]"), "cannot read the thing: it is nested too deep");
  EXPECT_NE(refusal_of_text(std::string(10'000'000, '[')), "");
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
  EXPECT_NE(refusal_of_text(objects), "");
}

TEST(StrictJson, RefusesWhatIsNoJsonAndWhatIsNoInteger) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("{"), std::string("{}{}"), std::string("[1,]"),
        std::string("{\"a\"}"), std::string("\"\xff\""), std::string("\"\n\""), std::string("01"),
        std::string("1.5"), std::string("1e3"), std::string("1e999"),
        std::string("18446744073709551616"), std::string("-9223372036854775809"),
        std::string("NaN"), std::string("{}\0", 3), std::string("// x\n{}")}) {
    EXPECT_NE(refusal_of_text(text), "") << text;
  }
  EXPECT_EQ(refusal_of_text("{\"a\" 1}"), "cannot read the thing: it is no JSON at byte 6");
}

TEST(StrictJson, HidesControlCharactersOfHostileNames) {
  EXPECT_EQ(refusal_of_text(R"({"\u001b[2J":1,"\u001b[2J":2})"),
            R"(cannot read the thing: an object has the member "\u001b[2J" twice)");
}

TEST(JsonReader, NamesTheMemberInQuestion) {
  const Json json = Json::parse(R"({"a":[{"b":-1,"c":"x","d":[]}]})");
  const JsonReader reader(json, "thing");
  const JsonReader array = reader.member("a");
  const JsonReader element = array.element(0);
  const auto check = [](auto action, const char* expected) {
    EXPECT_EQ(refusal_of(action), std::string("cannot read the thing: ") + expected);
  };
  check([&] { (void)reader.member("z"); }, R"("z" is missing)");
  check([&] { (void)reader.size(); }, "it is no array");
  check([&] { (void)array.member("b"); }, R"("a" is no object)");
  check([&] { (void)element.member("e"); }, R"("a[0].e" is missing)");
  check([&] { (void)element.member("b").number(); },
        R"("a[0].b" is no number from 0 to 9007199254740991)");
  check([&] { (void)element.member("c").number(7); }, R"("a[0].c" is no number from 0 to 7)");
  check([&] { (void)element.member("d").string(); }, R"("a[0].d" is no string)");
  check([&] { element.member("d").require_size(2); }, R"("a[0].d" has 0 elements, not 2)");
  check([&] { element.require_only({"b", "c"}); }, R"("a[0]" has the unknown member "d")");
}

TEST(JsonReader, ReadsNumbersUpToTheirBound) {
  const Json json = Json::parse("[0,7,8]");
  const JsonReader reader(json, "thing");
  EXPECT_EQ(reader.element(0).number(7), 0u);
  EXPECT_EQ(reader.element(1).number(7), 7u);
  EXPECT_NE(refusal_of([&] { (void)reader.element(2).number(7); }), "");
}

TEST(JsonText, KeepsBytesOfAnyEncoding) {
  for (const std::string& text : {std::string(), std::string("größe"), std::string("\xff"),
                                  std::string("gr\xf6\xdf"), std::string("a\0b", 3)}) {
    const Json json = parse_strict_json(text_to_json(text).dump(), "thing");
    EXPECT_EQ(JsonReader(json, "thing").text(), text);
  }
  EXPECT_EQ(text_to_json("gr\xf6\xdf").dump(), R"({"hex":"6772f6df"})");
}

TEST(JsonText, HasOneForm) {
  for (const char* text :
       {R"({"hex":"61"})", R"({"hex":""})", R"({"hex":"f"})", R"({"hex":"FF"})", R"({"hex":"zz"})",
        R"({"hex":1})", R"({})", R"({"hex":"ff","a":1})", "1", "null", "[]"}) {
    const Json json = Json::parse(text);
    EXPECT_NE(refusal_of([&] { (void)JsonReader(json, "thing").text(); }), "") << text;
  }
}

TEST(Utf8, IsToldFromOtherBytesAsThisLibraryTellsIt) {
  // Every sequence of up to three bytes from those where the rules change, and some of four.
  const std::string bytes =
      "\x01\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4"
      "\xf5\xff";
  const auto check = [](const std::string& text) {
    bool accepted = true;
    try {
      (void)Json(text).dump();
    } catch (const Json::exception&) {
      accepted = false;
    }
    ASSERT_EQ(is_utf8(text), accepted)
        << Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
  };
  for (const char a : bytes) {
    check({a});
    for (const char b : bytes) {
      check({a, b});
      for (const char c : bytes) {
        check({a, b, c});
        for (const char d : bytes) check({a, b, c, d});
      }
    }
  }
}

}  // namespace
}  // namespace pgseal::backupset
