#pragma once
// Names of the classic format's objects: those of the image `rds-postgres-backup-s3-secure`, and
// the manifest beside them.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pgseal::backupset {

inline constexpr std::string_view kClassicKeySuffix = ".key.txt.enc";
inline constexpr std::string_view kClassicDataSuffix = ".sql.bz.enc";
inline constexpr std::string_view kClassicManifestSuffix = ".manifest.json";

/// "{database}_{YYYY-MM-DDTHH:MM:SSZ}", the backup's name, and the beginning of its objects' keys.
class ClassicName final {
 public:
  ClassicName(std::string database, TimePoint started)
      : database_(std::move(database)), started_(started) {}
  /// Nothing where `text` is no such name. A database's name may hold "_", and "/" too.
  [[nodiscard]] static std::optional<ClassicName> parse(std::string_view text);

  [[nodiscard]] const std::string& database() const { return database_; }
  [[nodiscard]] TimePoint started() const { return started_; }
  [[nodiscard]] std::string text() const { return database_ + "_" + format_utc(started_); }
  [[nodiscard]] std::string key_object() const { return text() + std::string(kClassicKeySuffix); }
  [[nodiscard]] std::string data_object() const { return text() + std::string(kClassicDataSuffix); }
  [[nodiscard]] std::string manifest_object() const {
    return text() + std::string(kClassicManifestSuffix);
  }

 private:
  std::string database_;
  TimePoint started_;
};

}  // namespace pgseal::backupset
