#pragma once
// An S3 object, read in pieces.

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "base/stream.h"
#include "store/s3_client.h"

namespace pgseal::store {

/// Reads by ranges of 8 MiB, each tried again by itself; holds one or two such pieces in memory. An
/// object that was replaced while it is read is an Error.
class S3Source final : public Source {
 public:
  /// Reads the first piece; null where there is no object `key`. `client` must outlive the source.
  [[nodiscard]] static std::unique_ptr<S3Source> open(S3Client& client, std::string key,
                                                      std::stop_token stop);

  std::size_t read(ByteSpan out) override;

 private:
  S3Source(S3Client& client, std::string key, std::stop_token stop)
      : client_(client), key_(std::move(key)), stop_(std::move(stop)) {}
  [[nodiscard]] S3Client::Call next_call() const;
  void take(const S3Client::Call& call, S3Client::Answer answer);

  S3Client& client_;
  std::string key_;
  std::stop_token stop_;
  std::string etag_;          // of the first answer
  std::uint64_t size_ = 0;    // of the object
  std::uint64_t offset_ = 0;  // of the first byte after `piece_`
  Bytes piece_;
  ByteView rest_;  // of piece_, not yet read
};

}  // namespace pgseal::store
