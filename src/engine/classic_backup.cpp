#include "engine/classic_backup.h"

#include "backupset/classic_name.h"
#include "base/error.h"
#include "base/format.h"
#include "base/json.h"
#include "base/log.h"
#include "base/rate_limit.h"
#include "crypto/openssl_enc.h"
#include "engine/hashing.h"
#include "engine/parallel_bzip2.h"
#include "postgres/pg_dump.h"
#include "postgres/programs.h"
#include "postgres/server_identity.h"

namespace pgseal::engine {

namespace {

struct Preflight {
  std::string database;
  std::string server_version;
  postgres::Program pg_dump;
};

/// A manifest is JSON, and so cannot hold any other name. Found out before anything is dumped.
void require_utf8(const std::string& database) {
  try {
    [[maybe_unused]] const std::string text = Json(database).dump();
  } catch (const Json::exception&) {
    throw Error(Exit::database, "cannot back up a database whose name is not UTF-8");
  }
}

Preflight preflight(const ClassicBackupOptions& options, const std::stop_token& stop) {
  postgres::Connection connection = options.database.connect(stop);
  // Refuses a pooler, through which pg_dump's settings may reach another session than its dump.
  std::ignore = postgres::identify_server(connection);
  require_utf8(connection.database());
  const auto installed = postgres::find_programs("pg_dump", options.program_path, stop);
  return {.database = connection.database(),
          .server_version = connection.server_version_text(),
          .pg_dump = postgres::choose_pg_dump(installed, connection.server_version(),
                                              connection.server_version_text())};
}

/// The objects of one backup while they are written; publishes them together or not at all.
class ClassicObjects final {
 public:
  ClassicObjects(store::ObjectStore& store, backupset::ClassicName name, Progress& progress,
                 const std::stop_token& stop)
      : store_(store),
        name_(std::move(name)),
        stop_(stop),
        data_sink_(store.create(name_.data_object(), stop)),
        key_sink_(store.create(name_.key_object(), stop)),
        data_(*data_sink_, progress.transferred),
        key_(*key_sink_, progress.transferred) {}

  [[nodiscard]] HashingSink& data() { return data_; }
  [[nodiscard]] HashingSink& key() { return key_; }

  /// Data first: it is useless without its key, and what can still fail fails there.
  void publish(backupset::ClassicManifest& manifest, const Secret& secret) {
    manifest.data = data_.object(name_.data_object());
    manifest.key = key_.object(name_.key_object());
    try {
      if (stop_.stop_requested()) throw Cancelled();
      data_.finish();
      published_.push_back(name_.data_object());
      key_.finish();
      published_.push_back(name_.key_object());
      put_manifest(manifest.seal(secret));
    } catch (...) {
      withdraw();
      throw;
    }
  }

 private:
  /// The commit is not interrupted: nobody would know whether it was made.
  void put_manifest(const std::string& content) {
    try {
      store_.put(name_.manifest_object(), as_bytes(content), {});
    } catch (const Error& error) {
      // No clear refusal: it may have arrived all the same.
      if (error.retryable()) published_.push_back(name_.manifest_object());
      throw;
    }
  }

  /// The manifest first: without it the others are no backup.
  void withdraw() {
    for (auto key = published_.rbegin(); key != published_.rend(); ++key) {
      try {
        store_.remove(*key, {});
      } catch (const Error& error) {
        log::warning("the backup failed, but {} may be in the store; remove it by hand: {}",
                     store_.url(*key), error.message());
      }
    }
  }

  store::ObjectStore& store_;
  backupset::ClassicName name_;
  std::stop_token stop_;
  std::unique_ptr<Sink> data_sink_, key_sink_;
  HashingSink data_, key_;
  std::vector<std::string> published_;
};

}  // namespace

ClassicBackupReport backup_classic(const ClassicBackupOptions& options, store::ObjectStore& store,
                                   const Clock& clock, Progress& progress,
                                   const std::stop_token& stop) {
  const auto begin = clock.monotonic();
  const Preflight found = preflight(options, stop);
  const backupset::ClassicName name(found.database, clock.now());
  log::info("backing up {} (server {}) with pg_dump {} to {}", options.database.describe(),
            found.server_version, found.pg_dump.version_text, store.url(name.text()));

  TaskGroup group(stop);
  ClassicObjects objects(store, name, progress, group.token());
  const Secret secret = crypto::make_enc_secret();
  objects.key().write(options.public_key.encrypt(secret.reveal()));

  postgres::PgDump dump(found.pg_dump, options.database.fresh_params(stop), group.token());
  crypto::OpensslEncryptor encryptor(crypto::enc_passphrase(secret));
  TransformSink encrypted(encryptor, objects.data());
  RateLimiter limiter(options.rate_limit, clock);
  compress_bzip2(dump, encrypted, options.jobs, limiter, progress, group);
  const std::vector<std::string> warnings = dump.finish();
  for (const std::string& line : warnings) log::warning("{}", line);
  encrypted.finish();

  ClassicBackupReport report;
  report.name = name.text();
  report.compressed_size = progress.compressed;
  report.manifest = {.database = found.database,
                     .started = name.started(),
                     .finished = clock.now(),
                     .key = {},
                     .data = {},
                     .dump_size = progress.dumped,
                     .public_key_sha256 = options.public_key.fingerprint(),
                     .pgseal_version = options.pgseal_version,
                     .pg_dump_version = found.pg_dump.version_text,
                     .server_version = found.server_version,
                     .pg_dump_warnings = warnings.size()};
  objects.publish(report.manifest, secret);
  report.duration = clock.monotonic() - begin;
  return report;
}

}  // namespace pgseal::engine
