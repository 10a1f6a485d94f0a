#pragma once
// What `verify` prints.

#include <string>
#include <utility>
#include <vector>

#include "backupset/classic_listing.h"
#include "base/error.h"
#include "base/json.h"
#include "engine/verification.h"

namespace pgseal::cli {

/// Results of backups, in the order in which they come.
class VerifyReport final {
 public:
  void add(const backupset::ClassicEntry& entry, engine::Verification result) {
    backups_.push_back({entry.name.text(), "classic", std::move(result)});
  }
  void add(const backupset::BackupPlace& place, engine::Verification result) {
    backups_.push_back({place.name(), "archive", std::move(result)});
  }

  /// A table, and under it the findings and what was not looked at; or a JSON array.
  void print(bool as_json) const;
  /// `verification` where a backup is damaged; else the class of what is wrong, of the first
  /// finding: of a key, or of a backup that is not there.
  [[nodiscard]] Exit exit_code() const;

 private:
  struct Backup {
    std::string name;
    const char* format_name = "";
    engine::Verification result;
  };
  [[nodiscard]] static Json to_json(const Backup& backup);
  [[nodiscard]] static std::vector<std::string> to_cells(const Backup& backup);
  [[nodiscard]] std::string to_text() const;

  std::vector<Backup> backups_;
};

}  // namespace pgseal::cli
