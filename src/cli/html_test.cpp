#include "cli/html.h"

#include <gtest/gtest.h>

namespace pgseal::cli {
namespace {

TEST(Html, NestsElements) {
  HtmlWriter html;
  html.element("p", {{"class", "a"}}, [&] {
    html.text("one ");
    html.element("b", "two");
  });
  EXPECT_EQ(html.take(), "<!DOCTYPE html>\n<p class=\"a\">one <b>two</b></p>\n");
}

TEST(Html, TakesNobodysTextForMarkup) {
  HtmlWriter html;
  html.element("p", {{"title", "\"><script>'"}}, "<script>alert('1') & \"2\"</script>");
  EXPECT_EQ(html.take(),
            "<!DOCTYPE html>\n<p title=\"&quot;&gt;&lt;script&gt;&#39;\">"
            "&lt;script&gt;alert(&#39;1&#39;) &amp; &quot;2&quot;&lt;/script&gt;</p>");
}

TEST(Html, IsUtf8WhateverTheNames) {
  HtmlWriter html;
  html.element("p",
               "B\xC3\xBC"
               "cher \xFF\xE2\x80\xAE\x1B");
  EXPECT_EQ(html.take(),
            "<!DOCTYPE html>\n<p>B\xC3\xBC"
            "cher ???"
            "</p>");
}

}  // namespace
}  // namespace pgseal::cli
