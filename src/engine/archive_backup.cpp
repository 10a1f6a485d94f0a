#include "engine/archive_backup.h"

#include <algorithm>

#include "backupset/tar.h"
#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "engine/archive_memory.h"
#include "engine/archive_toc_file.h"
#include "engine/archive_worker.h"
#include "postgres/globals.h"

namespace pgseal::engine {

using backupset::StoredObject;

namespace {

Bytes compressed(ByteView content, int level) {
  compress::ZstdEncoder encoder(level);
  return transformed(content, encoder);
}

/// "toc.dat" and the large objects' own tables of contents.
Bytes toc_tar(const postgres::ArchiveToc& toc, const backupset::Catalog& catalog,
              std::int64_t mtime) {
  Bytes tar;
  backupset::append_tar_file(tar, "toc.dat", postgres::write_directory_toc(toc), mtime);
  for (const auto& group : catalog.large_objects) {
    backupset::append_tar_file(tar, group.toc_file, as_bytes(blobs_toc_text(group)), mtime);
  }
  const Bytes end = backupset::tar_end();
  tar.insert(tar.end(), end.begin(), end.end());
  return tar;
}

/// One backup while it is made.
class ArchiveBackup final {
 public:
  ArchiveBackup(const ArchiveBackupOptions& options, store::ObjectStore& store, const Clock& clock,
                ArchiveProgress& progress, const std::stop_token& stop)
      : options_(options),
        store_(store),
        clock_(clock),
        progress_(progress),
        stop_(stop),
        begin_(clock.monotonic()),
        source_({.database = options.database,
                 .pg_dump = options.pg_dump,
                 .program_path = options.program_path},
                clock, stop),
        plan_(make_plan(source_.toc(), source_.facts(), options.shape.segment_size)),
        series_{.place = {source_.database(), backupset::BackupId::make(source_.started())},
                .recipients = options.recipients,
                .bundle_size = options.shape.bundle_size,
                .mtime = std::chrono::floor<std::chrono::seconds>(source_.started())
                             .time_since_epoch()
                             .count()} {
    plan_.catalog.backup = series_.place.name();
    progress_.planned = plan_.size();
  }

  ArchiveBackupReport run() {
    log::info("backing up {} (server {}) with pg_dump {} to {}", options_.database.describe(),
              source_.server_version(), source_.pg_dump_version(),
              store_.url(series_.place.name()));
    for (const std::string& line : source_.warnings()) log::warning("{}", line);
    if (!options_.signing_key) {
      log::warning("the backup is not signed: who can write to the store can put another there");
    }
    const std::string globals = postgres::dump_globals(source_.coordinator());
    try {
      store_objects(globals);
      source_.finish();
    } catch (...) {
      withdraw();
      throw;
    }
    commit();
    return std::move(report_);
  }

 private:
  /// TOC and globals at once, so that a store that takes nothing is found out at once; the catalog,
  /// which names all bundles, and the signature while the last of them are on their way: to a slow
  /// store every request counts for which nothing else is done.
  void store_objects(const std::string& globals) {
    const ArchiveShape& shape = options_.shape;
    TaskGroup group(stop_);
    const std::size_t workers = std::clamp<std::size_t>(plan_.units.size(), 1, shape.jobs);
    // All of them before anything is stored: one may reach another server.
    std::vector<std::unique_ptr<postgres::Connection>> connections;
    while (connections.size() < workers) connections.push_back(source_.join(group.token()));
    ObjectUploader uploader(store_, upload_bounds(shape), progress_.totals, group);
    RateLimiter limiter(options_.rate_limit, clock_);
    WorkList work(plan_.units);
    ArchiveJob job{.source = source_,
                   .plan = plan_,
                   .work = work,
                   .series = series_,
                   .uploader = uploader,
                   .limiter = limiter,
                   .progress = progress_,
                   .chunk_size = shape.chunk_size,
                   .zstd_level = shape.zstd_level};
    const auto put = [&](std::string_view name, ByteView content) {
      crypto::AgeEncryptor encryptor(options_.recipients);
      ObjectSink object(uploader.take_buffer());
      TransformSink sealed(encryptor, object);
      sealed.write(content);
      sealed.finish();
      uploader.put(object.take(series_.place.key(name)));
    };
    std::atomic<std::size_t> makers{workers + 1};
    const auto leave = [&] {
      if (--makers > 0) return;
      put(backupset::kCatalogName, compressed(as_bytes(plan_.catalog.to_json()), shape.zstd_level));
      uploader.close();
      fill_manifest(uploader.objects());
      store_signature(group.token());
    };
    group.run([&](const std::stop_token&) {
      put(backupset::kTocName, toc_tar(source_.toc(), plan_.catalog, series_.mtime));
      put(backupset::kGlobalsName, compressed(as_bytes(globals), shape.zstd_level));
      leave();
    });
    for (std::size_t i = 0; i < workers; ++i) {
      group.run([&, i](const std::stop_token& stop) {
        ArchiveWorker(job, i, std::move(connections[i]), stop).run();
        leave();
      });
    }
    try {
      group.wait();
    } catch (...) {
      add_stored(uploader);
      throw;
    }
    add_stored(uploader);
    report_.locks_refused = job.locks_refused;
    report_.reconnects = job.reconnects;
  }

  void add_stored(const ObjectUploader& uploader) {
    const std::vector<std::string> keys = uploader.stored();
    stored_.insert(stored_.end(), keys.begin(), keys.end());
  }

  void fill_manifest(std::vector<StoredObject> objects) {
    backupset::ArchiveManifest& m = report_.manifest;
    m.database = source_.database();
    m.backup_id = series_.place.id.text();
    m.started = series_.place.id.started();
    m.finished = std::chrono::floor<std::chrono::seconds>(clock_.now());
    m.server_version = source_.server_version();
    m.pg_dump_version = source_.pg_dump_version();
    m.pgseal_version = options_.pgseal_version;
    m.archive_version = source_.toc().version.text();
    for (const auto& recipient : options_.recipients) m.recipients.push_back(recipient.text());
    if (options_.signing_key) m.signer = options_.signing_key->public_key().key_id();
    m.content_size = progress_.totals.dumped;
    m.warnings = source_.warnings().size();
    for (const std::string& argument : options_.pg_dump.arguments) {
      m.pg_dump_options.push_back(argument.substr(0, argument.find('=')));
    }
    m.objects = std::move(objects);
    std::sort(m.objects.begin(), m.objects.end(),
              [](const StoredObject& a, const StoredObject& b) { return a.key < b.key; });
    manifest_ = m.to_json();
  }

  void store_signature(const std::stop_token& stop) {
    if (!options_.signing_key) return;
    const std::string signature = options_.signing_key->sign(
        as_bytes(manifest_), format("pgseal backup {}", series_.place.name()));
    std::string key = series_.place.key(backupset::kSignatureName);
    store_.put_unguessable(key, as_bytes(signature), crypto::sha256(as_bytes(signature)), stop);
    stored_.push_back(std::move(key));
  }

  void fill_report() {
    report_.name = series_.place.name();
    report_.tables = plan_.catalog.tables.size();
    for (const auto& table : plan_.catalog.tables) {
      report_.segments += table.segments.size();
      report_.rows += table.rows().rows();
    }
    for (const auto& group : plan_.catalog.large_objects) {
      report_.large_objects += group.objects.size();
    }
    report_.compressed_size = progress_.totals.compressed;
    report_.duration = clock_.monotonic() - begin_;
  }

  /// The manifest's own PUT is not interrupted, as nobody would know whether it was made.
  void commit() {
    try {
      if (stop_.stop_requested()) throw Cancelled();
      store_.put_unguessable(series_.place.key(backupset::kManifestName), as_bytes(manifest_),
                             crypto::sha256(as_bytes(manifest_)), {});
    } catch (const Error& error) {
      // No clear refusal: the manifest may have arrived, and then all that it names must stay.
      if (error.retryable()) {
        throw Error(error).with_hint(
            "all data is stored; if the manifest arrived all the same, `pgseal list` shows the "
            "backup, and it is whole");
      }
      withdraw();
      throw;
    }
    fill_report();
  }

  /// As far as the role may remove, which the least privileged may not.
  void withdraw() noexcept {
    try {
      for (const std::string& key : stored_) store_.remove(key, {});
    } catch (const Error& error) {
      log::warning("the backup failed, and {} stays behind without a manifest: {}",
                   store_.url(series_.place.name()), error.message());
    } catch (...) {
      log::warning("the backup failed, and {} stays behind without a manifest",
                   store_.url(series_.place.name()));
    }
  }

  const ArchiveBackupOptions& options_;
  store::ObjectStore& store_;
  const Clock& clock_;
  ArchiveProgress& progress_;
  std::stop_token stop_;
  const std::chrono::nanoseconds begin_;
  DumpSource source_;
  ArchivePlan plan_;
  BundleSeries series_;
  std::vector<std::string> stored_;  // keys, for taking them back
  std::string manifest_;
  ArchiveBackupReport report_;
};

}  // namespace

ArchiveBackupReport backup_archive(const ArchiveBackupOptions& options, store::ObjectStore& store,
                                   const Clock& clock, ArchiveProgress& progress,
                                   const std::stop_token& stop) {
  try {
    return ArchiveBackup(options, store, clock, progress, stop).run();
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    throw postgres::with_replica_hint(error);
  }
}

ArchivePlanReport explain_archive(const ArchiveBackupOptions& options, const Clock& clock,
                                  const std::stop_token& stop) {
  DumpSource source({.database = options.database,
                     .pg_dump = options.pg_dump,
                     .program_path = options.program_path},
                    clock, stop);
  const ArchivePlan plan = make_plan(source.toc(), source.facts(), options.shape.segment_size);
  ArchivePlanReport report;
  report.database = source.database();
  report.server_version = source.server_version();
  report.pg_dump_version = source.pg_dump_version();
  for (const WorkUnit& unit : plan.units) {
    if (unit.kind != WorkUnit::Kind::rows || unit.first != 0) continue;
    const TableSource& table = plan.sources[unit.index];
    report.tables.push_back({.name = table.relation.name,
                             .size = table.relation.size,
                             .segments = plan.catalog.tables[unit.index].segments.size()});
  }
  for (const auto& group : plan.catalog.large_objects) report.large_objects += group.objects.size();
  report.most_memory = most_memory(options.shape);
  report.memory_formula = memory_formula(options.shape);
  return report;
}

}  // namespace pgseal::engine
