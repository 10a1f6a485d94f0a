#include "store/directory_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "store/directory_sink.h"

namespace fs = std::filesystem;

namespace pgseal::store {

namespace {

// A stop is heard between reads of this size.
constexpr std::size_t kReadSize = kMiB;

class FileSource final : public Source {
 public:
  FileSource(UniqueFd file, std::string url, std::stop_token stop)
      : file_(std::move(file)), url_(std::move(url)), stop_(std::move(stop)) {}

  std::size_t read(ByteSpan out) override {
    for (;;) {
      if (stop_.stop_requested()) throw Cancelled();
      const ssize_t n = ::read(file_.get(), out.data(), out.size());
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno != EINTR) throw file_error("get", url_, errno);
    }
  }

 private:
  UniqueFd file_;
  std::string url_;
  std::stop_token stop_;
};

/// The file's size; nothing where it is no regular one.
std::optional<std::uint64_t> file_size(int fd) {
  struct stat found {};
  if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  return static_cast<std::uint64_t>(found.st_size);
}

void require_directory(const std::string& directory, const std::string& action,
                       const std::string& url) {
  std::error_code error;
  if (fs::is_directory(directory, error)) return;
  throw Error(Exit::storage,
              format("cannot {} \"{}\": {}", action, url,
                     fs::exists(directory, error) ? "not a directory" : "no such directory"))
      .with_hint(format("mount or make it: mkdir -p '{}'", directory));
}

/// Makes the directories of `key` below `root`, which is there.
void make_subdirectories(const std::string& root, const std::string& key, const std::string& url) {
  for (std::size_t at = key.find('/'); at != std::string::npos; at = key.find('/', at + 1)) {
    const std::string directory = root + "/" + key.substr(0, at);
    if (::mkdir(directory.c_str(), 0777) == 0) {
      const fs::path parent = fs::path(directory).parent_path();
      const UniqueFd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      const int error = fd ? sync_directory(fd.get()) : errno;
      if (error != 0) throw file_error("put", url, error);
    } else if (errno != EEXIST) {
      throw file_error("put", url, errno);
    }
  }
}

}  // namespace

DirectoryStore::DirectoryStore(std::string directory) : directory_(std::move(directory)) {}

std::string DirectoryStore::url(const std::string& key) const {
  return "file://" + directory_ + "/" + key;
}

std::string DirectoryStore::path_of(const std::string& key) const {
  require_valid_key(key, url(key));
  std::string path = directory_ + "/" + key;
  if (is_temporary_name(fs::path(path).filename().string())) {
    throw Error(Exit::storage,
                format("cannot use \"{}\": temporary files have such names", url(key)));
  }
  return path;
}

std::unique_ptr<Sink> DirectoryStore::create(const std::string& key, const std::stop_token& stop) {
  if (stop.stop_requested()) throw Cancelled();
  const fs::path path = path_of(key);
  require_directory(directory_, "put", url(key));
  make_subdirectories(directory_, key, url(key));
  return std::make_unique<DirectorySink>(path.parent_path().string(), path.filename().string(),
                                         url(key), stop);
}

void DirectoryStore::put(const std::string& key, ByteView content, const std::stop_token& stop) {
  const auto sink = create(key, stop);
  sink->write(content);
  sink->finish();
}

UniqueFd DirectoryStore::open_file(const std::string& key, const std::stop_token& stop) const {
  if (stop.stop_requested()) throw Cancelled();
  UniqueFd file(::open(path_of(key).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno != ENOENT && errno != ENOTDIR) throw file_error("get", url(key), errno);
  if (file && file_size(file.get())) return file;
  require_directory(directory_, "get", url(key));
  return {};
}

std::unique_ptr<Source> DirectoryStore::open(const std::string& key, const std::stop_token& stop) {
  UniqueFd file = open_file(key, stop);
  if (!file) return nullptr;
  return std::make_unique<FileSource>(std::move(file), url(key), stop);
}

Bytes DirectoryStore::read_range(const std::string& key, std::uint64_t offset, std::uint64_t size,
                                 const std::stop_token& stop) {
  if (stop.stop_requested()) throw Cancelled();
  if (size == 0) return {};
  const UniqueFd file = open_file(key, stop);
  if (!file) throw missing_error(url(key));
  const std::uint64_t whole = file_size(file.get()).value_or(0);
  if (size > whole || offset > whole - size) throw range_error(url(key), offset, size);
  Bytes bytes(static_cast<std::size_t>(size));
  for (std::size_t at = 0; at < bytes.size();) {
    if (stop.stop_requested()) throw Cancelled();
    const ByteSpan rest = ByteSpan(bytes).subspan(at);
    const ssize_t n = ::pread(file.get(), rest.data(), std::min(rest.size(), kReadSize),
                              static_cast<off_t>(offset + at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw file_error("get", url(key), errno);
    if (n == 0) throw range_error(url(key), offset, size);
    at += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::vector<ObjectInfo> DirectoryStore::list(const std::string& prefix,
                                             const std::stop_token& stop) {
  if (stop.stop_requested()) throw Cancelled();
  require_directory(directory_, "list", url(prefix));
  std::vector<ObjectInfo> objects;
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory_, error), end; !error && at != end;
       at.increment(error)) {
    if (stop.stop_requested()) throw Cancelled();
    std::string key = at->path().string().substr(directory_.size() + 1);
    // Made by mkfs where a file system begins; only root may look into it.
    if (key == "lost+found") at.disable_recursion_pending();
    std::error_code gone;  // since it was seen
    if (!key.starts_with(prefix) || is_temporary_name(at->path().filename().string()) ||
        !at->is_regular_file(gone)) {
      continue;
    }
    const std::uint64_t size = at->file_size(gone);
    if (!gone) objects.push_back({.key = std::move(key), .size = size});
  }
  if (error) throw file_error("list", url(prefix), error.value());
  std::sort(objects.begin(), objects.end(),
            [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; });
  return objects;
}

void DirectoryStore::remove(const std::string& key, const std::stop_token& stop) {
  if (stop.stop_requested()) throw Cancelled();
  const std::string path = path_of(key);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
    throw file_error("remove", url(key), errno);
  }
}

}  // namespace pgseal::store
