#include "postgres/identifiers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Identifiers, EndWhereTheirQuotesOrWordsEnd) {
  EXPECT_EQ(identifier_size("plain TO"), 5u);
  EXPECT_EQ(identifier_size("schema.table"), 6u);
  EXPECT_EQ(identifier_size(R"("a ""b"", c" TO)"), 12u);
  EXPECT_EQ(identifier_size(R"("never closed)"), 13u);
  EXPECT_EQ(qualified_size(R"(schema."the table" USING)"), 18u);
  EXPECT_EQ(qualified_size(R"("a.b".c, d)"), 7u);
}

TEST(Identifiers, StandForNames) {
  EXPECT_EQ(unquoted("plain"), "plain");
  EXPECT_EQ(unquoted(R"("odd ""name""")"), R"(odd "name")");
  EXPECT_THAT(names_in_list(R"(a, "b, ""c", d)"), ElementsAre("a", "b, \"c", "d"));
  EXPECT_THAT(names_in_list(""), IsEmpty());
  EXPECT_THAT(identifiers_in_list(R"("z", a USING (x))"), ElementsAre("\"z\"", "a"));
}

}  // namespace
}  // namespace pgseal::postgres
