#pragma once
// Chromium without a window, for pages that pgseal writes.

#include <string>
#include <string_view>

#include "support/temp_dir.h"

namespace pgseal::test {

/// How a page is looked at.
struct Look {
  int width = 1280, height = 900;  ///< pixels of the window
  bool dark = false;               ///< what the reader prefers
};

/// Opens pages, each in a browser of its own that knows nothing of others. One thread at a time.
class Browser final {
 public:
  /// Why there is none; "" where there is.
  [[nodiscard]] static std::string why_not();

  /// The document as the browser understood it, as HTML.
  [[nodiscard]] std::string dom(const std::string& html) const;
  /// What the page looks like, as PNG.
  [[nodiscard]] std::string screenshot(const std::string& html) const;
  /// The value of a JavaScript expression on the page. For that the copy that is opened has a
  /// script, and lacks the policy that would forbid it.
  [[nodiscard]] std::string evaluate(std::string html, const std::string& expression,
                                     const Look& look = {}) const;

 private:
  TempDir directory_;
};

}  // namespace pgseal::test
