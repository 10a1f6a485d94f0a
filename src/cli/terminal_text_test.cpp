#include "cli/terminal_text.h"

#include <gtest/gtest.h>

#include "cli/table.h"

namespace pgseal::cli {
namespace {

TEST(TerminalText, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(printable("public.orders 3/12").text, "public.orders 3/12");
  EXPECT_EQ(printable("public.orders 3/12").columns, 18u);
  EXPECT_EQ(printable("").columns, 0u);
}

TEST(TerminalText, CountsColumnsAndNotBytes) {
  EXPECT_EQ(printable("B\xC3\xBC"
                      "cher")
                .columns,
            6u);
  EXPECT_EQ(printable("\xE6\x97\xA5\xE6\x9C\xAC").columns, 4u);  // two ideographs
  EXPECT_EQ(printable("e\xCC\x81").columns, 1u);                 // with a combining accent
  EXPECT_EQ(printable("\xF0\x9F\x98\x80").columns, 2u);          // a face
}

TEST(TerminalText, LetsNothingMoveTheCursor) {
  EXPECT_EQ(printable("a\nb\r\t\x1B[2Jc\x7F").text, "a?b???[2Jc?");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m")
                .text,
            "?31m");  // C1's CSI
  EXPECT_EQ(printable("\xE2\x80\xAE"
                      "abc")
                .text,
            "?abc");  // right-to-left override
}

TEST(TerminalText, ReplacesWhatIsNotUtf8ByteByByte) {
  EXPECT_EQ(printable("a\xFF"
                      "b")
                .text,
            "a?b");
  EXPECT_EQ(printable("a\xC3").text, "a?");               // cut
  EXPECT_EQ(printable("\xC0\xAF").text, "??");            // overlong
  EXPECT_EQ(printable("\xED\xA0\x80").text, "?");         // a surrogate
  EXPECT_EQ(printable("\xF4\x90\x80\x80").text, "????");  // beyond Unicode
}

TEST(TerminalText, CutsBetweenCharacters) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdefg", 6), "abc...");
  EXPECT_EQ(fit("\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", 4), "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC");
  EXPECT_EQ(fit("\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC", 4), "\xC3\xBC...");
  EXPECT_EQ(fit("\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5", 5), "\xE6\x97\xA5...");
  EXPECT_EQ(fit("\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5", 4), "...");
  EXPECT_EQ(fit("abc", 2), "ab");
  EXPECT_EQ(fit("abc", 0), "");
}

TEST(TableText, AlignsByWhatIsSeen) {
  EXPECT_EQ(table_text({{"A", "B"}, {"\xC3\xBC\xC3\xBC", "x"}, {"a\nb", "y"}}),
            "A    B\n\xC3\xBC\xC3\xBC   x\na?b  y\n");
}

}  // namespace
}  // namespace pgseal::cli
