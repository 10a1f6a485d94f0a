#include "engine/archive_export.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "backupset/tar.h"
#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/queue.h"
#include "base/task_group.h"
#include "compress/zstd.h"
#include "engine/chunk_check.h"
#include "postgres/archive_toc.h"

namespace pgseal::engine {

namespace fs = std::filesystem;
using backupset::ArchiveReader;
using backupset::Chunk;

namespace {

Error failure(const std::string& what, const std::string& path) {
  return system_error(Exit::usage, format("cannot {} \"{}\"", what, path), errno);
}

/// A directory that gets its name when it is whole, and else goes.
class StagedDirectory final {
 public:
  explicit StagedDirectory(const std::string& name)
      : name_(fs::path(name).lexically_normal().string()) {
    if (name_.size() > 1 && name_.back() == '/') name_.pop_back();
    std::error_code error;
    if (fs::exists(name_, error) &&
        !(fs::is_directory(name_, error) && fs::is_empty(name_, error))) {
      throw Error(Exit::usage, format("cannot export to \"{}\": it exists and is not an empty "
                                      "directory",
                                      name_));
    }
    path_ = name_ + ".XXXXXX";
    if (::mkdtemp(path_.data()) == nullptr) throw failure("create", name_);
  }
  StagedDirectory(const StagedDirectory&) = delete;
  StagedDirectory& operator=(const StagedDirectory&) = delete;
  ~StagedDirectory() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

  void publish() {
    const UniqueFd directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::syncfs(directory.get()) != 0) throw failure("write", name_);
    if (::rename(path_.c_str(), name_.c_str()) != 0) throw failure("create", name_);
    path_.clear();
  }

 private:
  std::string name_, path_;
};

void write_at(const std::string& path, ByteView content, std::uint64_t offset) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file) throw failure("create", path);
  while (!content.empty()) {
    const ssize_t n =
        ::pwrite(file.get(), content.data(), content.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw failure("write", path);
    content = content.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

/// Where a chunk goes, and what is known of its content.
struct Destination {
  const Chunk* place = nullptr;
  const backupset::RowsChunk* rows = nullptr;            // of a table's chunk
  const backupset::LargeObject* whole_object = nullptr;  // of a large object's only chunk
  std::string file;
  std::uint64_t offset = 0;  // bytes
};

/// By the place of the frame in its object.
using Destinations = std::map<std::uint64_t, Destination>;

/// One export while it is made.
class ArchiveExport final {
 public:
  ArchiveExport(const ArchiveExportOptions& options, ArchiveReader& reader, Progress& progress,
                const std::stop_token& stop)
      : options_(options), reader_(reader), progress_(progress), stop_(stop) {}

  ArchiveExportReport run() {
    StagedDirectory directory(options_.directory);
    directory_ = &directory;
    write_toc();
    lay_out();
    write_objects();
    check_large_objects();
    directory.publish();
    return report_;
  }

 private:
  void write(const std::string& name, ByteView content, std::uint64_t offset = 0) {
    write_at(directory_->file(name), content, offset);
    size_ += content.size();
  }

  void write_toc() {
    const Bytes tar = reader_.decrypt_object(backupset::kTocName, stop_);
    ByteSource source(tar);
    backupset::TarReader files(source);
    backupset::TarReader::Entry entry;
    while (files.next(entry)) {
      const ByteView content = ByteView(tar).subspan(entry.offset, entry.size);
      write(entry.name, content);
      if (entry.name != "toc.dat") continue;
      const auto toc = postgres::read_directory_toc(content);
      const bool reads_zstd = toc.version.minor >= 15;
      plain_ = options_.form == ExportForm::plain ||
               (options_.form == ExportForm::automatic && !reads_zstd);
    }
    const Bytes globals = reader_.decrypt_object(backupset::kGlobalsName, stop_);
    ByteSource frames(globals);
    compress::ZstdDecoder decoder;
    TransformSource sql(frames, decoder);
    write("globals.sql", read_all(sql, 256 * kMiB, "globals.sql"));
  }

  [[nodiscard]] std::string file_name(const std::string& data_file) const {
    return plain_ ? data_file : data_file + ".zst";
  }

  void place(Destination destination, std::uint64_t& offset) {
    destination.offset = offset;
    offset += plain_ ? destination.place->content_size : destination.place->size;
    ++chunks_left_;
    const Chunk& chunk = *destination.place;
    if (!objects_[chunk.object].emplace(chunk.offset, std::move(destination)).second) {
      throw Error(Exit::verification,
                  format("the catalog names \"{}\" in \"{}\" twice", chunk.file, chunk.object));
    }
  }

  /// All sizes are known, so every chunk's place in its file is too, in whatever order they come.
  void lay_out() {
    for (const auto& table : reader_.catalog().tables) {
      std::uint64_t offset = 0;
      for (const auto& segment : table.segments) {
        for (const auto& chunk : segment.chunks) {
          place({.place = &chunk.place, .rows = &chunk, .file = file_name(table.data_file)},
                offset);
        }
      }
      ++report_.tables;
      report_.rows += table.rows().rows();
    }
    for (const auto& group : reader_.catalog().large_objects) {
      for (const auto& object : group.objects) {
        std::uint64_t offset = 0;
        for (const auto& chunk : object.chunks) {
          place({.place = &chunk,
                 .whole_object = object.chunks.size() == 1 ? &object : nullptr,
                 .file = file_name(format("blob_{}.dat", object.oid))},
                offset);
        }
        ++report_.large_objects;
      }
    }
  }

  void write_objects() {
    TaskGroup group(stop_);
    BoundedQueue<const std::string*> keys(objects_.size() + 1);
    for (const auto& [key, destinations] : objects_) keys.push(&key, stop_);
    keys.close();
    for (unsigned i = 0; i < options_.jobs; ++i) {
      group.run([&](const std::stop_token& stop) {
        while (const auto key = keys.pop(stop)) write_object(**key, stop);
      });
    }
    group.wait();
    if (chunks_left_ > 0) {
      throw Error(Exit::verification, format("{} chunks of the catalog are in none of the objects",
                                             chunks_left_.load()));
    }
    report_.size = size_;
  }

  void write_object(const std::string& key, const std::stop_token& stop) {
    const Destinations& destinations = objects_.at(key);
    const Bytes tar = reader_.decrypt_bundle(key, stop);
    progress_.transferred += tar.size();
    ByteSource source(tar);
    backupset::TarReader files(source);
    backupset::TarReader::Entry entry;
    while (files.next(entry)) {
      if (stop.stop_requested()) throw Cancelled();
      const auto found = destinations.find(entry.offset);
      if (found == destinations.end()) continue;  // of a connection that was lost
      write_chunk(entry, found->second, ByteView(tar).subspan(entry.offset, entry.size));
    }
  }

  void write_chunk(const backupset::TarReader::Entry& entry, const Destination& destination,
                   ByteView frame) {
    const Chunk& chunk = *destination.place;
    if (entry.name != chunk.file || entry.size != chunk.size) {
      throw Error(Exit::verification, format("\"{}\" has \"{}\" where the catalog says \"{}\"",
                                             chunk.object, entry.name, chunk.file));
    }
    const Bytes content = decompress_chunk(chunk, frame);
    if (destination.rows != nullptr) require_rows(*destination.rows, content);
    if (destination.whole_object != nullptr) require_content(*destination.whole_object, content);
    write(destination.file, plain_ ? ByteView(content) : frame, destination.offset);
    progress_.dumped += content.size();
    --chunks_left_;
  }

  void require_rows(const backupset::RowsChunk& chunk, ByteView content) {
    if (is_terminator(chunk) && as_text(content) == backupset::kCopyTerminator) return;
    RowsCheck check(chunk);
    check.add(content);
    check.finish();
  }

  void require_content(const backupset::LargeObject& object, ByteView content) {
    backupset::ContentFingerprint fingerprint;
    fingerprint.add(content);
    require_fingerprint(object, fingerprint.finish());
  }

  /// Those of several chunks, which came in any order.
  void check_large_objects() {
    for (const auto& group : reader_.catalog().large_objects) {
      for (const auto& object : group.objects) {
        if (object.chunks.size() < 2) continue;
        backupset::ContentFingerprint fingerprint;
        for (const Chunk& chunk : object.chunks) {
          fingerprint.add(decompress_chunk(chunk, reader_.read_chunk(chunk, stop_)));
        }
        require_fingerprint(object, fingerprint.finish());
      }
    }
  }

  const ArchiveExportOptions& options_;
  ArchiveReader& reader_;
  Progress& progress_;
  std::stop_token stop_;
  StagedDirectory* directory_ = nullptr;
  bool plain_ = false;
  std::map<std::string, Destinations> objects_;  // by key
  std::atomic<std::uint64_t> chunks_left_{0}, size_{0};
  ArchiveExportReport report_;
};

}  // namespace

ArchiveExportReport export_archive(const ArchiveExportOptions& options, ArchiveReader& reader,
                                   Progress& progress, const std::stop_token& stop) {
  return ArchiveExport(options, reader, progress, stop).run();
}

}  // namespace pgseal::engine
