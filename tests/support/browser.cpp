#include "support/browser.h"

#include <stdexcept>
#include <vector>

#include "support/command.h"

namespace pgseal::test {

namespace {

constexpr const char* kProgram = "chromium-headless-shell";

/// Runs the browser on the page with one more option, and returns its output.
std::string open(const TempDir& directory, const std::string& html, const Look& look,
                 const std::string& what) {
  write_text(directory / "page.html", html);
  const TempDir profile;
  return run_ok({kProgram, "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--hide-scrollbars", "--user-data-dir=" + profile.path(),
                 "--window-size=" + std::to_string(look.width) + "," + std::to_string(look.height),
                 std::string("--blink-settings=preferredColorScheme=") + (look.dark ? "0" : "1"),
                 what, "file://" + (directory / "page.html")});
}

/// Takes the first `text` away and puts `replacement` there.
void replace(std::string& html, std::string_view text, const std::string& replacement) {
  const std::size_t at = html.find(text);
  if (at == std::string::npos) throw std::runtime_error("no " + std::string(text) + " in the page");
  html.replace(at, text.size(), replacement);
}

}  // namespace

std::string Browser::why_not() {
  return have_program(kProgram) ? "" : std::string(kProgram) + " is not installed";
}

std::string Browser::dom(const std::string& html) const {
  return open(directory_, html, {}, "--dump-dom");
}

std::string Browser::screenshot(const std::string& html) const {
  const std::string png = directory_ / "page.png";
  (void)open(directory_, html, {}, "--screenshot=" + png);
  return read_text(png);
}

std::string Browser::evaluate(std::string html, const std::string& expression,
                              const Look& look) const {
  replace(html, "http-equiv=\"Content-Security-Policy\"", "");
  replace(
      html, "</body>",
      "<script>document.write('<output>' + (" + expression + ") + '</output>')</script></body>");
  const std::string dom = open(directory_, html, look, "--dump-dom");
  const std::string begin = "<output>";
  const std::size_t at = dom.rfind(begin);
  if (at == std::string::npos) throw std::runtime_error("the script did not run: " + dom);
  return dom.substr(at + begin.size(), dom.find("</output>", at) - at - begin.size());
}

}  // namespace pgseal::test
