#include "engine/bundle_writer.h"

#include "backupset/tar.h"
#include "base/huge_pages.h"

namespace pgseal::engine {

using backupset::kTarBlock;

/// The encrypted beginning of a tar file.
struct BundleWriter::Bundle {
  Bundle(BundleSeries& series, Bytes buffer)
      : key(series.place.key(backupset::bundle_name(series.next_number++))),
        object(in_huge_pages(std::move(buffer), series.bundle_size)),
        encryptor(series.recipients) {}
  std::string key;
  ObjectSink object;
  std::uint64_t size = 0;  // bytes of plaintext
  crypto::AgeEncryptor encryptor;
  TransformSink encrypted{encryptor, object};

 private:
  /// Room for what age makes of a bundle.
  static Bytes in_huge_pages(Bytes buffer, std::size_t bundle_size) {
    reserve_in_huge_pages(buffer, bundle_size + bundle_size / 1024 + 64 * kKiB);
    return buffer;
  }
};

BundleWriter::BundleWriter(BundleSeries& series, ObjectUploader& uploader)
    : series_(series), uploader_(uploader) {}

BundleWriter::~BundleWriter() = default;

void BundleWriter::write(ByteView bytes) {
  bundle_->encrypted.write(bytes);
  bundle_->size += bytes.size();
}

backupset::Chunk BundleWriter::add(const std::string& name, ByteView content) {
  const std::size_t padding = backupset::tar_padding(content.size());
  const std::size_t takes = kTarBlock + content.size() + padding + backupset::tar_end().size();
  if (bundle_ && bundle_->size + takes > series_.bundle_size) flush();
  if (!bundle_) bundle_ = std::make_unique<Bundle>(series_, uploader_.take_buffer());
  write(backupset::tar_header(name, content.size(), series_.mtime));
  const std::uint64_t offset = bundle_->size;
  write(content);
  write(Bytes(padding));
  return {.object = bundle_->key,
          .file = name,
          .offset = offset,
          .size = content.size(),
          .content_size = 0};
}

void BundleWriter::flush() {
  if (!bundle_) return;
  write(backupset::tar_end());
  bundle_->encrypted.finish();
  uploader_.put(bundle_->object.take(std::move(bundle_->key)));
  bundle_.reset();
}

ChunkWriter::ChunkWriter(int zstd_level, BundleWriter& bundle,
                         std::atomic<std::uint64_t>& compressed)
    : encoder_(zstd_level), bundle_(bundle), compressed_(compressed) {}

void ChunkWriter::write(ByteView content) {
  compressor_.write(content);
  content_size_ += content.size();
}

backupset::Chunk ChunkWriter::finish(const std::string& file_name) {
  compressor_.finish();
  backupset::Chunk chunk = bundle_.add(file_name, frame_);
  chunk.content_size = content_size_;
  compressed_ += frame_.size();
  frame_.clear();
  content_size_ = 0;
  return chunk;
}

void ChunkWriter::discard() {
  compressor_.finish();
  frame_.clear();
  content_size_ = 0;
}

}  // namespace pgseal::engine
