#include "backupset/classic_name.h"

namespace pgseal::backupset {

std::optional<ClassicName> ClassicName::parse(std::string_view text) {
  const auto underscore = text.rfind('_');
  if (underscore == std::string_view::npos || underscore == 0) return std::nullopt;
  const std::string_view time = text.substr(underscore + 1);
  const auto started = parse_utc(time);
  // Reading is lenient about forms that writing never makes.
  if (!started || format_utc(*started) != time) return std::nullopt;
  return ClassicName(std::string(text.substr(0, underscore)), *started);
}

}  // namespace pgseal::backupset
