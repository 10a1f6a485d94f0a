// The uploader of a backup alone, without what makes the bytes.
// usage: upload_bench archive|classic ENDPOINT PREFIX FILE...
//
// "archive" puts each of the files, which are objects of an archive backup, as an object; "classic"
// uploads one file in parts. The bucket is "bucket", the keys are AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/huge_pages.h"
#include "base/stream.h"
#include "engine/archive_backup.h"
#include "engine/archive_memory.h"
#include "engine/object_uploader.h"
#include "store/s3_store.h"

namespace pgseal {
namespace {

class KeysOfEnvironment final : public aws::CredentialProvider {
 public:
  aws::Credentials get(const std::stop_token&) override { return keys_; }

 private:
  static std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }

  const aws::Credentials keys_{.access_key_id = variable("AWS_ACCESS_KEY_ID"),
                               .secret_access_key = Secret(variable("AWS_SECRET_ACCESS_KEY")),
                               .session_token = {},
                               .expiration = {}};
};

void copy(const std::string& path, Sink& sink) {
  std::ifstream file(path, std::ios::binary);
  Bytes buffer(256 * kKiB);
  do {
    file.read(reinterpret_cast<char*>(buffer.data()), std::ssize(buffer));
    sink.write(ByteView(buffer).first(static_cast<std::size_t>(file.gcount())));
  } while (file);
}

/// Objects of an archive backup, whole ones, on as many threads as a backup has by default.
void upload_archive(store::ObjectStore& store, const std::vector<std::string>& files) {
  engine::Progress progress;
  TaskGroup group;
  // As a backup has, but with one maker.
  engine::ObjectUploader::Bounds bounds = engine::upload_bounds({});
  bounds.objects -= engine::kDefaultJobs - 1;
  engine::ObjectUploader uploader(store, bounds, progress, group);
  group.run([&](const std::stop_token&) {
    for (const std::string& path : files) {
      Bytes buffer = uploader.take_buffer();
      reserve_in_huge_pages(buffer, engine::kDefaultBundleSize + kMiB);
      engine::ObjectSink object(std::move(buffer));
      copy(path, object);
      uploader.put(object.take(std::filesystem::path(path).filename()));
    }
    uploader.close();
  });
  group.wait();
}

/// The file of a classic backup, as a stream of unknown length.
void upload_classic(store::ObjectStore& store, const std::string& path) {
  const auto sink = store.create("data", {});
  copy(path, *sink);
  sink->finish();
}

void run(const std::string& format, const std::string& endpoint, const std::string& prefix,
         const std::vector<std::string>& files) {
  KeysOfEnvironment keys;
  net::HttpClient http;
  store::S3Store store({.bucket = "bucket", .prefix = prefix, .endpoint = endpoint}, keys, http,
                       system_clock());
  if (format == "archive") return upload_archive(store, files);
  return upload_classic(store, files.front());
}

}  // namespace
}  // namespace pgseal

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: upload_bench archive|classic ENDPOINT PREFIX FILE...\n";
    return 2;
  }
  try {
    pgseal::run(argv[1], argv[2], argv[3], {argv + 4, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
