#pragma once
// A stream of unknown length into one S3 object: a multipart upload.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/stream.h"
#include "base/task_group.h"
#include "store/s3_client.h"

namespace pgseal::store {

/// S3's own limits (AWS, "Amazon S3 multipart upload limits").
inline constexpr std::uint64_t kMaxObjectSize = 5 * 1024 * kGiB;
inline constexpr std::uint64_t kMinPartSize = 5 * kMiB;
inline constexpr std::uint64_t kMaxPartSize = 5 * kGiB;
inline constexpr int kMaxParts = 10'000;

/// As large as we make one: it is held in memory.
inline constexpr std::uint64_t kLargestPart = 2 * kGiB;

/// The size in bytes of the part that follows after `uploaded` bytes: 1/1280 of them in whole MiB,
/// at least 8 MiB, at most 2 GiB. So 10,000 parts hold more than 5 TiB.
[[nodiscard]] std::uint64_t next_part_size(std::uint64_t uploaded);
/// How many parts of a size are on their way at once: as many as fit into 64 MiB, 1 to 4.
[[nodiscard]] int parts_in_flight(std::uint64_t part_size);

/// How large an object of parts of this size may be, in bytes; 0 means parts that grow.
[[nodiscard]] std::uint64_t largest_object(std::uint64_t fixed_part_size);

/// Fills one part while earlier ones are on their way, on threads of its own; a writer that is
/// faster than they are waits.
///
/// Memory: (parts in flight + 1) x part size. Where the dialect has no part size of its own, that
/// is 40 MiB up to 10 GiB, less than 130 MiB up to 80 GiB, and 1/640 of what was uploaded above
/// that: 160 MiB at 100 GiB, 1.6 GiB at 1 TiB.
///
/// The first part that fails for good stops the others; `write()` or `finish()` throws its error.
/// The destructor aborts the upload within about ten seconds, also where a stop was requested, and
/// logs a warning where it could not.
class S3Upload final : public Sink {
 public:
  /// Begins the upload; that shows whether the bucket is there and may be written to. `client` must
  /// outlive the sink, which hears `stop` as long as it lives.
  /// Becoming larger than `size_limit` bytes is an Error.
  S3Upload(S3Client& client, std::string key, std::stop_token stop,
           std::uint64_t size_limit = kMaxObjectSize);
  ~S3Upload() override;

  void write(ByteView bytes) override;
  void finish() override;

 private:
  struct Part {
    int number = 0;
    Bytes content;
  };

  [[nodiscard]] std::uint64_t size_of_next_part() const;
  void hand_over_part();
  void take_empty_buffer();
  [[noreturn]] void throw_failure();
  void upload_parts(const std::stop_token& stop);
  [[nodiscard]] std::optional<Part> next_part(const std::stop_token& stop);
  [[nodiscard]] UploadedPart upload(const Part& part, const std::stop_token& stop);
  void complete();
  void abort() noexcept;

  S3Client& client_;
  std::string key_;
  std::stop_token stop_;
  std::uint64_t size_limit_;  // bytes
  std::string upload_id_;
  std::uint64_t handed_over_ = 0;  // bytes
  std::uint64_t part_size_;
  Bytes buffer_;  // the part that is being filled
  int workers_ = 0;
  enum class Stage { uploading, completing, published } stage_ = Stage::uploading;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Part> waiting_;            // guarded by mutex_, as all that follows
  std::vector<Bytes> empty_;            // buffers to use again
  std::vector<UploadedPart> uploaded_;  // by number; empty for those on their way
  int in_flight_ = 0;                   // handed over and not yet uploaded
  bool all_handed_over_ = false;

  std::optional<TaskGroup> group_;  // last: its threads use the others
};

}  // namespace pgseal::store
