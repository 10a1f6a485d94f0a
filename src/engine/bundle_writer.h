#pragma once
// Packs chunks into bundles: age-encrypted tar files of about one size.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "backupset/archive_layout.h"
#include "backupset/catalog.h"
#include "compress/zstd.h"
#include "crypto/age.h"
#include "engine/object_uploader.h"

namespace pgseal::engine {

/// What the bundles of one backup have in common. Safe for use from any thread.
struct BundleSeries {
  backupset::BackupPlace place;
  const std::vector<crypto::AgeRecipient>& recipients;
  std::size_t bundle_size = 0;  ///< bytes of plaintext that a bundle should not exceed
  std::int64_t mtime = 0;       ///< of the files in the tar, seconds since 1970
  std::atomic<std::uint64_t> next_number{1};
};

/// Makes one bundle after the other and hands each over when it is full. What is in it is encrypted
/// at once; plaintext is never held. One thread at a time.
class BundleWriter final {
 public:
  /// Both must outlive the writer.
  BundleWriter(BundleSeries& series, ObjectUploader& uploader);
  ~BundleWriter();
  BundleWriter(const BundleWriter&) = delete;
  BundleWriter& operator=(const BundleWriter&) = delete;

  /// Adds a file and says where its content lies. A bundle becomes larger than the series' size
  /// only where a single file is.
  [[nodiscard]] backupset::Chunk add(const std::string& name, ByteView content);
  /// Hands over what is there.
  void flush();

 private:
  struct Bundle;
  void write(ByteView bytes);

  BundleSeries& series_;
  ObjectUploader& uploader_;
  std::unique_ptr<Bundle> bundle_;
};

/// Compresses one chunk after the other into a BundleWriter. Holds a compressed chunk. One thread
/// at a time.
class ChunkWriter final {
 public:
  ChunkWriter(int zstd_level, BundleWriter& bundle, std::atomic<std::uint64_t>& compressed);

  /// More of the current chunk.
  void write(ByteView content);
  [[nodiscard]] std::uint64_t content_size() const { return content_size_; }
  /// Ends the chunk, which may be empty, and stores it under `file_name`.
  [[nodiscard]] backupset::Chunk finish(const std::string& file_name);
  /// Forgets what was written of the current chunk.
  void discard();

 private:
  compress::ZstdEncoder encoder_;
  BundleWriter& bundle_;
  std::atomic<std::uint64_t>& compressed_;
  Bytes frame_;
  ByteSink frame_sink_{frame_};
  TransformSink compressor_{encoder_, frame_sink_};
  std::uint64_t content_size_ = 0;
};

}  // namespace pgseal::engine
