#include "engine/archive_verify.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <random>
#include <set>
#include <unordered_map>

#include "backupset/tar.h"
#include "base/format.h"
#include "base/parallel.h"
#include "compress/zstd.h"
#include "engine/archive_toc_file.h"
#include "engine/chunk_check.h"
#include "engine/toc_check.h"
#include "postgres/pg_restore.h"

namespace pgseal::engine {

using backupset::ArchiveReader;
using backupset::LargeObject;
using backupset::StoredObject;
using backupset::TarReader;

namespace {

/// A bundle while it is looked into.
struct BundleCheck {
  const std::string& key;
  std::size_t worker = 0;
  const std::stop_token& stop;
  BundleChunks wanted{};  // that have not been met yet
  Findings findings{};
  std::uint64_t rows = 0;
  std::set<const LargeObject*> damaged{};  // null for tables' chunks
};

/// One verification.
class ArchiveVerify final {
 public:
  ArchiveVerify(const ArchiveVerifyOptions& options, store::ObjectStore& store,
                const backupset::BackupPlace& place, ArchiveProgress& progress,
                const std::stop_token& stop)
      : options_(options), store_(store), place_(place), progress_(progress), stop_(stop) {}

  Verification run() {
    if (read_manifest()) {
      choose_objects();
      if (options_.identities.empty() ? options_.deep : !check_content()) prove_objects();
      result_.read = progress_.totals.transferred;
      result_.rows = rows_;
    }
    result_.findings = findings_.take();
    for (Defect& finding : result_.findings) {
      if (finding.holds.empty()) finding.holds = owners_in(finding.object);
    }
    return std::move(result_);
  }

 private:
  /// False where nothing can be looked at without it.
  bool read_manifest() {
    const std::string manifest_key = place_.key(backupset::kManifestName);
    const bool can_be_read = findings_.collect(manifest_key, [&] {
      try {
        reader_.emplace(
            store_, place_, options_.signer,
            [&](const std::string& key, const Error& error) { findings_.add(key, error); }, stop_);
      } catch (const Error& error) {
        if (error.code() != Exit::not_found || store_.list(place_.name() + "/", stop_).empty()) {
          throw;
        }
        throw Error(Exit::verification,
                    format("\"{}\" is no backup: it has no manifest, so it runs still, or did not "
                           "finish",
                           store_.url(place_.name())));
      }
    });
    if (!can_be_read) return false;
    result_.authenticity = reader_->authenticity();
    if (reader_->manifest().signer && result_.authenticity == backupset::Authenticity::unsigned_) {
      const std::string key = place_.key(backupset::kSignatureName);
      findings_.add(key, Error(Exit::verification,
                               format("\"{}\" is missing: the manifest says by whom it is signed",
                                      store_.url(key))));
    }
    result_.objects = reader_->manifest().objects.size();
    result_.steps.emplace_back("presence");
    return true;
  }

  [[nodiscard]] bool is_bundle(const StoredObject& object) const {
    const auto is = [&](std::string_view name) { return object.key == place_.key(name); };
    return !is(backupset::kCatalogName) && !is(backupset::kTocName) && !is(backupset::kGlobalsName);
  }

  /// What is there is read: all, or with a sample what is no bundle, and some bundles.
  void choose_objects() {
    for (const StoredObject& object : reader_->manifest().objects) {
      if (findings_.names(object.key)) continue;
      (is_bundle(object) ? bundles_ : others_).push_back(&object);
    }
    if (options_.sample && !bundles_.empty()) {
      const auto all = static_cast<double>(bundles_.size());
      std::vector<const StoredObject*> chosen;
      std::sample(bundles_.begin(), bundles_.end(), std::back_inserter(chosen),
                  static_cast<std::ptrdiff_t>(std::ceil(all * options_.sample->share)),
                  std::mt19937_64(options_.sample->seed));
      result_.notes.push_back(format("of {} bundles {} were looked into, chosen with --seed {}",
                                     bundles_.size(), chosen.size(), options_.sample->seed));
      bundles_ = std::move(chosen);
    }
    for (const auto* objects : {&bundles_, &others_}) {
      for (const StoredObject* object : *objects) progress_.planned += object->size;
    }
  }

  /// Runs `part` on an object, as a worker's piece of work.
  template <typename Part>
  void look_at(const StoredObject& object, std::size_t worker, const Part& part) {
    progress_.begin(worker, object.key.substr(object.key.find('/') + 1));
    findings_.collect(object.key, part);
    progress_.totals.transferred += object.size;
    progress_.done += object.size;
    progress_.begin(worker, "");
  }

  void prove_objects() {
    result_.steps.emplace_back("sha256");
    std::vector<const StoredObject*> objects = others_;
    objects.insert(objects.end(), bundles_.begin(), bundles_.end());
    for_each_parallel(
        objects, options_.jobs, stop_,
        [&](const StoredObject* object, std::size_t worker, const std::stop_token& stop) {
          if (findings_.names(object->key)) return;
          look_at(*object, worker, [&] { reader_->prove_object(object->key, stop); });
        });
  }

  /// False where the catalog cannot be opened.
  bool check_content() {
    if (!open_catalog()) return false;
    result_.steps.insert(result_.steps.end(), {"sha256", "content"});
    for (const StoredObject* object : others_) {
      if (object->key == place_.key(backupset::kTocName)) {
        look_at(*object, 0, [&] { check_table_of_contents(object->key); });
      } else if (object->key == place_.key(backupset::kGlobalsName)) {
        look_at(*object, 0, [&] { check_globals(); });
      } else {
        progress_.done += object->size;  // the catalog
      }
    }
    for_each_parallel(
        bundles_, options_.jobs, stop_,
        [&](const StoredObject* object, std::size_t worker, const std::stop_token& stop) {
          look_at(*object, worker, [&] { check_bundle(object->key, worker, stop); });
        });
    check_large_objects();
    return true;
  }

  bool open_catalog() {
    const std::string key = place_.key(backupset::kCatalogName);
    if (findings_.names(key)) return false;
    const bool opened = findings_.collect(key, [&] {
      reader_->open(options_.identities, stop_);
      chunks_ = chunks_by_place(reader_->catalog());
    });
    if (!opened) return false;
    progress_.totals.transferred += reader_->manifest().find(key)->size;
    for (const auto& [object, chunks] : chunks_) {
      for (const auto& [offset, chunk] : chunks) files_.emplace(chunk.place->file, chunk);
      if (reader_->manifest().find(object) != nullptr) continue;
      findings_.add(object,
                    Error(Exit::verification,
                          format("the catalog has chunks in \"{}\", which the manifest does "
                                 "not name",
                                 store_.url(object))));
    }
    return true;
  }

  void check_table_of_contents(const std::string& key) {
    const auto files = read_toc_files(*reader_, stop_);
    const postgres::ArchiveToc toc = postgres::read_directory_toc(files.at("toc.dat"));
    check_toc(toc, files, reader_->catalog(),
              [&](const Error& error) { findings_.add(key, error); });
    postgres::Program pg_restore;
    try {
      pg_restore = postgres::choose_pg_restore(
          postgres::find_programs("pg_restore", options_.program_path, stop_),
          postgres::parse_version(toc.pg_dump_version.value_or("")), 0);
    } catch (const Error& error) {
      if (error.code() != Exit::database) throw;
      result_.notes.push_back(
          format("pg_restore did not look at the table of contents: {}", error.message()));
      return;
    }
    const auto listed = postgres::list_entries(pg_restore, postgres::TocArchive(toc), {}, stop_);
    for (const postgres::TocEntry& entry : toc.entries) {
      if (!entry.has_data || listed.contains(entry.dump_id)) continue;
      findings_.add(key, Error(Exit::verification,
                               format("pg_restore {} does not list entry {} of the table of "
                                      "contents",
                                      pg_restore.version_text, entry.dump_id)));
    }
  }

  void check_globals() {
    const Bytes compressed = reader_->decrypt_object(backupset::kGlobalsName, stop_);
    ByteSource source(compressed);
    compress::ZstdDecoder decoder;
    TransformSource sql(source, decoder);
    read_to_end(sql, stop_);
  }

  /// What is found in it counts only where the object is the manifest's: else that is what is
  /// wrong, and it is thrown.
  void check_bundle(const std::string& key, std::size_t worker, const std::stop_token& stop) {
    BundleCheck bundle{.key = key, .worker = worker, .stop = stop};
    if (const auto known = chunks_.find(key); known != chunks_.end()) bundle.wanted = known->second;
    reader_->read_bundle(
        key, [&](Source& payload) { check_files(payload, bundle); }, stop);
    findings_.add(std::move(bundle.findings));
    rows_ += bundle.rows;
    const std::lock_guard lock(mutex_);
    readable_.insert(key);
    damaged_.merge(bundle.damaged);
  }

  /// Every file of the tar file is the catalog's, and the other way about; between files there is
  /// nothing, TarReader sees to that.
  void check_files(Source& payload, BundleCheck& bundle) {
    TarReader file(payload);
    TarReader::Entry entry;
    while (file.next(entry)) {
      if (bundle.stop.stop_requested()) throw Cancelled();
      const auto chunk = bundle.wanted.extract(entry.offset);
      if (chunk) {
        check_file(chunk.mapped(), entry, file, bundle);
      } else if (bundle.key.starts_with(place_.name() + "/")) {
        check_copy(entry, file, bundle);
      }  // else it may be the earlier backup's own
    }
    for (const auto& [offset, chunk] : bundle.wanted) {
      bundle.findings.add(
          bundle.key,
          Error(Exit::verification,
                format("\"{}\" has no file at byte {}, where the catalog says \"{}\"",
                       store_.url(bundle.key), offset, chunk.place->file)),
          {chunk.owner()});
    }
  }

  void check_file(const OwnedChunk& chunk, const TarReader::Entry& entry, Source& file,
                  BundleCheck& bundle) {
    const bool good = bundle.findings.collect(bundle.key,
                                              [&] {
                                                require_file(*chunk.place, entry);
                                                compare(chunk, file, bundle);
                                              },
                                              {chunk.owner()});
    if (!good) {
      bundle.damaged.insert(chunk.object);
    } else if (chunk.rows != nullptr) {
      bundle.rows += chunk.rows->rows.rows();
    }
  }

  /// A connection that was lost and found again leaves a file twice, with equal content.
  void check_copy(const TarReader::Entry& entry, Source& file, BundleCheck& bundle) {
    const auto original = files_.find(entry.name);
    if (original == files_.end()) {
      bundle.findings.add(bundle.key,
                          Error(Exit::verification,
                                format("\"{}\" has a file \"{}\" that the catalog does not know",
                                       store_.url(bundle.key), entry.name)));
      return;
    }
    bundle.findings.collect(bundle.key, [&] { compare(original->second, file, bundle); },
                            {original->second.owner()});
  }

  void compare(const OwnedChunk& chunk, Source& file, const BundleCheck& bundle) {
    check_chunk(chunk, file, [&](ByteView piece) { progress_.add(bundle.worker, piece.size()); });
  }

  /// Those of several chunks, which lie anywhere; only where all of them were read and found good.
  void check_large_objects() {
    std::vector<const LargeObject*> objects;
    for (const auto& group : reader_->catalog().large_objects) {
      for (const LargeObject& object : group.objects) {
        const bool whole =
            std::all_of(object.chunks.begin(), object.chunks.end(),
                        [&](const auto& chunk) { return readable_.contains(chunk.object); });
        if (object.chunks.size() > 1 && whole && !damaged_.contains(&object)) {
          objects.push_back(&object);
        }
      }
    }
    for_each_parallel(objects, options_.jobs, stop_,
                      [&](const LargeObject* object, std::size_t, const std::stop_token& stop) {
                        const std::string& key = object->chunks.front().object;
                        findings_.collect(key, [&] { check_large_object(*object, *reader_, stop); },
                                          {format("large object {}", object->oid)});
                      });
  }

  [[nodiscard]] std::vector<std::string> owners_in(const std::string& key) const {
    std::vector<std::string> owners;
    const auto found = chunks_.find(key);
    if (found == chunks_.end()) return owners;
    std::set<std::string> seen;
    for (const auto& [offset, chunk] : found->second) {
      if (seen.insert(chunk.owner()).second) owners.push_back(chunk.owner());
    }
    return owners;
  }

  const ArchiveVerifyOptions& options_;
  store::ObjectStore& store_;
  const backupset::BackupPlace& place_;
  ArchiveProgress& progress_;
  std::stop_token stop_;
  Findings findings_;
  Verification result_;
  std::optional<ArchiveReader> reader_;
  std::vector<const StoredObject*> bundles_, others_;  // that are read
  CatalogChunks chunks_;
  std::unordered_map<std::string, OwnedChunk> files_;  // chunks by their files' names
  std::atomic<std::uint64_t> rows_{0};
  std::mutex mutex_;
  std::set<std::string> readable_;        // bundles' keys; guarded by mutex_
  std::set<const LargeObject*> damaged_;  // null for tables' chunks; guarded by mutex_
};

}  // namespace

Verification verify_archive(const ArchiveVerifyOptions& options, store::ObjectStore& store,
                            const backupset::BackupPlace& place, ArchiveProgress& progress,
                            const std::stop_token& stop) {
  return ArchiveVerify(options, store, place, progress, stop).run();
}

}  // namespace pgseal::engine
