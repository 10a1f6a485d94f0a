#pragma once
// A drill's report as one page of HTML, for people.

#include <string>
#include <string_view>

#include "backupset/drill_report.h"

namespace pgseal::cli {

/// The page. It is one file: no script, nothing loaded from anywhere, which its own policy forbids;
/// for light and dark screens, telephones and paper. It has a row for each table, however many.
[[nodiscard]] std::string drill_page(const backupset::DrillReport& report);

/// What it looks like, as CSS.
extern const std::string_view kDrillPageStyle;

}  // namespace pgseal::cli
