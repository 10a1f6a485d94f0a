#pragma once
// An archive backup made, read and exported in this process, with keys and a store of its own.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "backupset/archive_listing.h"
#include "engine/archive_backup.h"
#include "engine/archive_export.h"
#include "engine/archive_restore.h"
#include "store/directory_store.h"
#include "support/command.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal::test {

/// Keys and a directory store. One thread at a time.
class ArchiveCase final {
 public:
  ArchiveCase() { std::filesystem::create_directory(directory_ / "store"); }

  /// Small pieces, so that small databases have several of each.
  static constexpr engine::ArchiveShape kSmallPieces{.jobs = 3,
                                                     .chunk_size = 64 * kKiB,
                                                     .bundle_size = 256 * kKiB,
                                                     .segment_size = kMiB,
                                                     .zstd_level = 1};

  [[nodiscard]] engine::ArchiveBackupOptions options(const std::string& conninfo) const {
    return {.database = engine::Database(postgres::ConnParams::parse(conninfo), {}),
            .recipients = {identity_.recipient()},
            .signing_key = signing_key_,
            .shape = kSmallPieces,
            .program_path = std::getenv("PATH"),
            .pgseal_version = "test"};
  }

  engine::ArchiveBackupReport backup(const engine::ArchiveBackupOptions& options) {
    engine::ArchiveProgress progress;
    return engine::backup_archive(options, store(), system_clock(), progress, {});
  }
  engine::ArchiveBackupReport backup(const PostgresServer& server, const std::string& database) {
    return backup(options(server.conninfo(database)));
  }

  /// The error of a backup that has to fail at the database, and to leave nothing in the store.
  template <typename Backup>
  Error failure_of(Backup backup) {
    std::optional<Error> found;
    try {
      std::ignore = backup();
      ADD_FAILURE() << "made a backup";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::database);
      found = error;
    }
    EXPECT_TRUE(store().list("", {}).empty());
    return found.value_or(Error(Exit::ok, ""));
  }

  /// The backup, its signature verified and its catalog opened.
  [[nodiscard]] std::unique_ptr<backupset::ArchiveReader> open(const std::string& name) {
    auto reader = std::make_unique<backupset::ArchiveReader>(
        store(), backupset::BackupPlace::parse(name).value(), signing_key_.public_key(),
        std::stop_token());
    reader->open({identity_}, {});
    return reader;
  }

  /// The directory that it was exported to.
  std::string export_to(const std::string& directory, const std::string& name,
                        engine::ExportForm form = engine::ExportForm::automatic) {
    const auto reader = open(name);
    engine::Progress progress;
    std::ignore = engine::export_archive({.directory = directory, .form = form, .jobs = 2}, *reader,
                                         progress, {});
    return directory;
  }

  /// Restores it, with nothing in the way.
  engine::ArchiveRestoreReport restore(const std::string& name,
                                       const engine::ArchiveRestoreOptions& options) {
    const auto reader = open(name);
    Problems problems("cannot restore");
    engine::ArchiveProgress progress;
    return engine::restore_archive(options, reader.get(), problems, progress, system_clock(), {});
  }
  [[nodiscard]] static engine::ArchiveRestoreOptions restore_options(const PostgresServer& server,
                                                                     const std::string& database) {
    return {.target = engine::Database(postgres::ConnParams::parse(server.conninfo(database)), {}),
            .jobs = 3,
            .program_path = server.bin_dir() + ":" + std::getenv("PATH")};
  }

  [[nodiscard]] store::DirectoryStore& store() { return store_; }
  [[nodiscard]] std::string store_directory() const { return directory_ / "store"; }
  [[nodiscard]] const TempDir& directory() const { return directory_; }
  [[nodiscard]] const crypto::AgeIdentity& identity() const { return identity_; }
  [[nodiscard]] const crypto::MinisignSecretKey& signing_key() const { return signing_key_; }

 private:
  TempDir directory_;
  store::DirectoryStore store_{directory_ / "store"};
  crypto::AgeIdentity identity_ = crypto::AgeIdentity::generate();
  crypto::MinisignSecretKey signing_key_ = crypto::MinisignSecretKey::generate();
};

/// Restores an exported archive by the server's own `pg_restore -j2`.
inline void stock_restore(const PostgresServer& server, const std::string& archive,
                          const std::string& database) {
  server.create_database(database);
  run_ok({server.bin_dir() + "/pg_restore", "--jobs=2", "--exit-on-error",
          "--dbname=" + server.conninfo(database), archive});
}

}  // namespace pgseal::test
