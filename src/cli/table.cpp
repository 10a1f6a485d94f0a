#include "cli/table.h"

#include <algorithm>

#include "cli/terminal_text.h"

namespace pgseal::cli {

std::string table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<TerminalText>> cells;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    auto& line = cells.emplace_back();
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      line.push_back(printable(row[i]));
      widths[i] = std::max(widths[i], line[i].columns);
    }
  }
  std::string text;
  for (const auto& row : cells) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i].text + std::string(widths[i] - row[i].columns + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace pgseal::cli
