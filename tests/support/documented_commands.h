#pragma once
// The commands that a page of the documentation tells its readers to run.

#include <algorithm>
#include <stdexcept>
#include <string>

#include "support/temp_dir.h"

namespace pgseal::test {

/// The code block behind the comment `<!-- test:NAME -->` of the page at `path`, from the project's
/// root. Throws std::runtime_error where there is none.
inline std::string documented_commands(const std::string& path, const std::string& name) {
  const std::string page = read_text(PGSEAL_SOURCE_DIR "/" + path);
  const std::string mark = "<!-- test:" + name + " -->";
  const auto at = page.find(mark);
  if (at == std::string::npos) throw std::runtime_error(path + " has no " + mark);
  const auto begin = page.find('\n', page.find("```", at)) + 1;
  return page.substr(begin, page.find("```", begin) - begin);
}

/// The same where the page broke one long line: joined again, with a newline at its end.
inline std::string documented_line(const std::string& path, const std::string& name) {
  std::string text = documented_commands(path, name);
  text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
  return text + "\n";
}

}  // namespace pgseal::test
