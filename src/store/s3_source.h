#pragma once
// An S3 object, read in pieces.

#include <cstdint>
#include <limits>
#include <memory>
#include <stop_token>
#include <string>

#include "base/stream.h"
#include "store/s3_client.h"

namespace pgseal::store {

/// Reads an object, or a part of it, by ranges of 8 MiB, each tried again by itself; holds one or
/// two such pieces in memory. An object that was replaced while it is read is an Error.
class S3Source final : public Source {
 public:
  /// What to read, as far as the object has it: [begin, end), in bytes.
  struct Part {
    std::uint64_t begin = 0;
    std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  };
  /// Reads the first piece of `part`, which is not empty; null where there is no object `key`.
  /// `client` must outlive the source.
  [[nodiscard]] static std::unique_ptr<S3Source> open(S3Client& client, std::string key, Part part,
                                                      std::stop_token stop);

  std::size_t read(ByteSpan out) override;

 private:
  S3Source(S3Client& client, std::string key, Part part, std::stop_token stop)
      : client_(client),
        key_(std::move(key)),
        part_(part),
        stop_(std::move(stop)),
        offset_(part.begin) {}
  [[nodiscard]] std::uint64_t next_size() const;
  [[nodiscard]] S3Client::Call next_call() const;
  void take(const S3Client::Call& call, S3Client::Answer answer);

  S3Client& client_;
  std::string key_;
  Part part_;
  std::stop_token stop_;
  std::string etag_;        // of the first answer
  std::uint64_t size_ = 0;  // of the object, once there was an answer
  std::uint64_t offset_;    // of the first byte after `piece_`
  Bytes piece_;
  ByteView rest_;  // of piece_, not yet read
};

}  // namespace pgseal::store
