#pragma once
// What a drill found: a backup restored, read back, and compared with what the backup says of
// itself. doc/formats/drill-report.md has the JSON's grammar and an example.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backupset/archive_reader.h"
#include "backupset/drill_summary.h"
#include "backupset/fingerprint.h"
#include "base/clock.h"
#include "base/json_fwd.h"

namespace pgseal::backupset {

/// A part of the drill, in the order in which they ran: "start", "roles", "prove", "pre-data",
/// "data", "post-data", "read back" and others. Names are free.
struct DrillPhase {
  std::string name;
  std::chrono::milliseconds duration{0};
};

enum class TableMatch { equal, differs, missing, extra, left_out };
/// "equal", "differs", "missing", "extra", "left out".
[[nodiscard]] const char* match_name(TableMatch match);

/// A table of the backup, or one that only the database has.
struct DrillTable {
  std::string schema, name;
  std::uint64_t content_size = 0;             ///< bytes of COPY text in the backup
  std::uint64_t stored_size = 0;              ///< bytes of zstd frames in the backup
  std::optional<RowsFingerprint> expected{};  ///< absent: the backup has no such table
  std::optional<RowsFingerprint> found{};     ///< absent: the database has no such table
  std::string left_out{};                     ///< why it need not be equal; "" where it must
  [[nodiscard]] TableMatch match() const;
};

/// Something to tell of an object: "SEQUENCE public.orders_id_seq", "is at 17, not at 4711". The
/// object is "" where it is about none.
struct DrillFinding {
  std::string object, text;
};

/// Adds `more` at the end.
void append(std::vector<DrillFinding>& findings, const std::vector<DrillFinding>& more);

/// Things of one kind that were compared, but for tables' rows.
struct DrillComparison {
  std::uint64_t compared = 0;               ///< how many
  std::vector<DrillFinding> differences{};  ///< each by its object's name; one may have several
};

/// Two contents compared: a backup with what was restored of it, or with any other.
struct Comparison {
  std::vector<DrillTable> tables{};
  DrillComparison sequences{}, large_objects{}, schema{};
  /// What is not there, or was not compared, and why that is no failure: managed servers' objects,
  /// missing extensions and roles.
  std::vector<DrillFinding> left_out{};

  /// Tables, sequences, large objects and entries of the schema that differ.
  [[nodiscard]] std::uint64_t difference_count() const;
  /// Tables among them, and findings of `left_out`.
  [[nodiscard]] std::uint64_t left_out_count() const;
  /// Whether the backup has tables and none of them was compared, so that nothing is known.
  [[nodiscard]] bool is_all_left_out() const;
  /// An object with a key for each of the above.
  [[nodiscard]] Json json() const;
};

struct DrillReport : Comparison {
  std::string backup;             ///< its name, as `list` shows it
  std::string database;           ///< that was backed up
  TimePoint taken;                ///< the backup's moment; to the second, as all times here
  std::uint64_t stored_size = 0;  ///< bytes of all objects of the backup
  std::string server_version, pg_dump_version;  ///< of the backup
  std::vector<std::string> recipients{};        ///< public keys that the backup is encrypted to
  Authenticity authenticity = Authenticity::unsigned_;
  std::string signer{};  ///< id of the key that signed the backup, as verified; else ""

  TimePoint begun, finished;
  std::string pgseal_version;
  std::string target;  ///< database that was restored into, and where; "" for a throw-away server
  std::string target_version;  ///< of the server that was restored into
  bool strict = false;         ///< what was left out fails the drill
  std::vector<DrillPhase> phases{};

  /// Why the drill ended before all was compared; "" where it did not.
  std::string failure{};
  std::vector<DrillFinding> restore_errors{};  ///< those that no reason makes harmless

  /// Nothing went wrong, and something was proved.
  [[nodiscard]] bool passed() const;
  /// What of it the store may show to everybody.
  [[nodiscard]] DrillSummary summary() const;
  /// JSON, canonical (keys sorted, no white space, UTF-8), and a newline. Names that are not UTF-8
  /// (in databases of other encodings) are written as {"hex": "..."}.
  [[nodiscard]] std::string to_json() const;
};

}  // namespace pgseal::backupset
