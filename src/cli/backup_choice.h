#pragma once
// The backups of a store, whatever their format, and which of them is meant.

#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "backupset/archive_listing.h"
#include "backupset/classic_listing.h"
#include "engine/classic_reader.h"
#include "store/object_store.h"

namespace pgseal::cli {

/// An entry of either listing.
class ListedBackup final {
 public:
  using Entry = std::variant<backupset::ClassicEntry, backupset::ArchiveEntry>;
  explicit ListedBackup(Entry entry) : entry_(std::move(entry)) {}

  [[nodiscard]] std::string name() const;
  [[nodiscard]] const std::string& database() const;
  [[nodiscard]] TimePoint started() const;
  /// Why it is no backup, "" where it is one.
  [[nodiscard]] const std::string& problem() const;
  [[nodiscard]] bool committed() const { return problem().empty(); }
  /// Whether a manifest lies there, in whatever state: else it is none, or not yet.
  [[nodiscard]] bool has_manifest() const;
  [[nodiscard]] const Entry& entry() const { return entry_; }

 private:
  Entry entry_;
};

/// All entries, oldest first; of one database where `database` is not "".
[[nodiscard]] std::vector<ListedBackup> list_backups(store::ObjectStore& store,
                                                     const std::string& database,
                                                     const std::stop_token& stop);

/// A backup that was chosen: an archive by its place, which is enough to read it.
using ChosenBackup = std::variant<backupset::ClassicEntry, backupset::BackupPlace>;

/// The backup of this name; the "latest" of `database`, which may be "" where the store holds those
/// of only one; or of those the newest that is not after a time, "2026-11-24T04:15:00Z", with a
/// space, without seconds, or a day as a whole, always UTC. Throws Error of `Exit::not_found`; of
/// `Exit::usage` where the database has to be said, or the name is none; of `Exit::verification`
/// where a classic one is no backup, as far as `trust` wants that proved.
[[nodiscard]] ChosenBackup choose_backup(store::ObjectStore& store, const std::string& name,
                                         const std::string& database, engine::Trust trust,
                                         const std::stop_token& stop);

/// The same for what only archives can do. Throws Error of `Exit::usage`, "cannot drill "name": it
/// is in the classic format", for another, with `hint`.
[[nodiscard]] backupset::BackupPlace choose_archive(
    store::ObjectStore& store, const std::string& name, const std::string& database,
    const std::string& verb, const std::string& hint, const std::stop_token& stop);

}  // namespace pgseal::cli
