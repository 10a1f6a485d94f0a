#include "engine/archive_export.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <unordered_map>

#include "backupset/tar.h"
#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/parallel.h"
#include "base/scratch_directory.h"
#include "engine/archive_toc_file.h"
#include "engine/chunk_check.h"

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
      : name_(require_free(name)), directory_(name_) {}

  [[nodiscard]] std::string file(const std::string& name) const {
    return directory_.path() + "/" + name;
  }

  void publish() {
    const UniqueFd directory(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::syncfs(directory.get()) != 0) throw failure("write", name_);
    directory_.rename_to(name_);
  }

 private:
  /// The name without a slash at its end.
  static std::string require_free(const std::string& name) {
    std::string free = fs::path(name).lexically_normal().string();
    if (free.size() > 1 && free.back() == '/') free.pop_back();
    std::error_code error;
    if (fs::exists(free, error) && !(fs::is_directory(free, error) && fs::is_empty(free, error))) {
      throw Error(Exit::usage, format("cannot export to \"{}\": it exists and is not an empty "
                                      "directory",
                                      free));
    }
    return free;
  }

  std::string name_;
  ScratchDirectory directory_;
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

/// Where a chunk's content goes.
struct Destination {
  std::string file;
  std::uint64_t offset = 0;  // bytes
};

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
    const auto files = read_toc_files(reader_, stop_);
    for (const auto& [name, content] : files) write(name, content);
    const bool reads_zstd = postgres::read_directory_toc(files.at("toc.dat")).version.minor >= 15;
    plain_ = options_.form == ExportForm::plain ||
             (options_.form == ExportForm::automatic && !reads_zstd);
    write("globals.sql", read_globals(reader_, stop_));
  }

  [[nodiscard]] std::string file_name(const std::string& data_file) const {
    return plain_ ? data_file : data_file + ".zst";
  }

  void place(const Chunk& chunk, const std::string& file, std::uint64_t& offset) {
    destinations_[&chunk] = {file, offset};
    offset += plain_ ? chunk.content_size : chunk.size;
  }

  /// All sizes are known, so every chunk's place in its file is too, in whatever order they come.
  void lay_out() {
    for (const auto& table : reader_.catalog().tables) {
      const std::string file = file_name(table.data_file);
      std::uint64_t offset = 0;
      for (const auto& segment : table.segments) {
        for (const auto& chunk : segment.chunks) place(chunk.place, file, offset);
      }
      ++report_.tables;
      report_.rows += table.rows().rows();
    }
    for (const auto& group : reader_.catalog().large_objects) {
      for (const auto& object : group.objects) {
        const std::string file = file_name(format("blob_{}.dat", object.oid));
        std::uint64_t offset = 0;
        for (const auto& chunk : object.chunks) place(chunk, file, offset);
        ++report_.large_objects;
      }
    }
  }

  void write_objects() {
    const CatalogChunks chunks = chunks_by_place(reader_.catalog());
    chunks_left_ = destinations_.size();
    std::vector<const CatalogChunks::value_type*> objects;
    for (const auto& object : chunks) objects.push_back(&object);
    for_each_parallel(objects, options_.jobs, stop_,
                      [&](const auto* object, std::size_t, const std::stop_token& stop) {
                        write_object(object->first, object->second, stop);
                      });
    if (chunks_left_ > 0) {
      throw Error(Exit::verification, format("{} chunks of the catalog are in none of the objects",
                                             chunks_left_.load()));
    }
    report_.size = size_;
  }

  void write_object(const std::string& key, const BundleChunks& chunks,
                    const std::stop_token& stop) {
    const Bytes tar = reader_.decrypt_bundle(key, stop);
    progress_.transferred += tar.size();
    ByteSource source(tar);
    backupset::TarReader files(source);
    backupset::TarReader::Entry entry;
    while (files.next(entry)) {
      if (stop.stop_requested()) throw Cancelled();
      const auto found = chunks.find(entry.offset);
      if (found == chunks.end()) continue;  // of a connection that was lost
      require_file(*found->second.place, entry);
      write_chunk(found->second, ByteView(tar).subspan(entry.offset, entry.size));
    }
  }

  void write_chunk(const OwnedChunk& chunk, ByteView frame) {
    Bytes content;
    content.reserve(std::min<std::uint64_t>(chunk.place->content_size, 64 * kMiB));
    ByteSource source(frame);
    check_chunk(chunk, source,
                [&](ByteView piece) { content.insert(content.end(), piece.begin(), piece.end()); });
    const Destination& destination = destinations_.at(chunk.place);
    write(destination.file, plain_ ? ByteView(content) : frame, destination.offset);
    progress_.dumped += content.size();
    --chunks_left_;
  }

  /// Those of several chunks, which came in any order.
  void check_large_objects() {
    for (const auto& group : reader_.catalog().large_objects) {
      for (const auto& object : group.objects) {
        if (object.chunks.size() > 1) check_large_object(object, reader_, stop_);
      }
    }
  }

  const ArchiveExportOptions& options_;
  ArchiveReader& reader_;
  Progress& progress_;
  std::stop_token stop_;
  StagedDirectory* directory_ = nullptr;
  bool plain_ = false;
  std::unordered_map<const Chunk*, Destination> destinations_;
  std::atomic<std::uint64_t> chunks_left_{0}, size_{0};
  ArchiveExportReport report_;
};

}  // namespace

ArchiveExportReport export_archive(const ArchiveExportOptions& options, ArchiveReader& reader,
                                   Progress& progress, const std::stop_token& stop) {
  return ArchiveExport(options, reader, progress, stop).run();
}

}  // namespace pgseal::engine
