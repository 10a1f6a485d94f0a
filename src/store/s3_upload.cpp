#include "store/s3_upload.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "base/size.h"

namespace pgseal::store {

namespace {

constexpr std::uint64_t kSmallestPart = 8 * kMiB;
constexpr std::uint64_t kMemoryInFlight = 64 * kMiB;

// Together, and with the pauses between, about ten seconds.
constexpr int kAbortTries = 3;
constexpr std::chrono::seconds kAbortTimeout{3};

/// An upload whose id was never read cannot be aborted, so a stop waits so long for it.
constexpr std::chrono::seconds kBeginTimeout{15};

/// What S3 calls the checksum of checksums of an object made of parts.
std::string checksum_of(const std::vector<UploadedPart>& parts) {
  crypto::Sha256 hash;
  for (const UploadedPart& part : parts) hash.update(part.sha256);
  return format("{}-{}", crypto::to_base64(hash.finish()), parts.size());
}

std::string begin_upload(S3Client& client, const std::string& key, const std::stop_token& stop) {
  aws::NamedValues headers;
  if (client.dialect().sha256_checksums) headers = {{"x-amz-checksum-algorithm", "SHA256"}};
  const S3Client::Answer answer = client.send({.action = "put",
                                               .permission = "s3:PutObject",
                                               .method = "POST",
                                               .key = key,
                                               .query = {{"uploads", ""}},
                                               .headers = std::move(headers),
                                               .creates_object = true,
                                               .root_element = "InitiateMultipartUploadResult",
                                               .timeout = kBeginTimeout,
                                               .interruptible = false},
                                              stop);
  std::string id = child_text(answer.body(), "UploadId");
  if (id.empty()) {
    throw Error(Exit::storage, format("cannot put \"{}\": S3 gave no upload id", client.url(key)));
  }
  return id;
}

}  // namespace

std::uint64_t next_part_size(std::uint64_t uploaded) {
  constexpr std::uint64_t kStep = 1280 * kMiB;
  const std::uint64_t whole_mib = (uploaded + kStep - 1) / kStep * kMiB;
  return std::clamp<std::uint64_t>(whole_mib, kSmallestPart, kLargestPart);
}

int parts_in_flight(std::uint64_t part_size) {
  return static_cast<int>(std::clamp<std::uint64_t>(kMemoryInFlight / part_size, 1, 4));
}

std::uint64_t largest_object(std::uint64_t fixed_part_size) {
  return fixed_part_size == 0 ? kMaxObjectSize
                              : std::min(kMaxObjectSize, fixed_part_size * kMaxParts);
}

S3Upload::S3Upload(S3Client& client, std::string key, std::stop_token stop,
                   std::uint64_t size_limit)
    : client_(client),
      key_(std::move(key)),
      stop_(std::move(stop)),
      size_limit_(std::min(size_limit, largest_object(client_.dialect().part_size))),
      upload_id_(begin_upload(client_, key_, stop_)),
      part_size_(size_of_next_part()),
      group_(std::in_place, stop_) {}

S3Upload::~S3Upload() {
  group_.reset();  // parts that arrived after the abort would stay
  if (stage_ != Stage::published) abort();
}

void S3Upload::write(ByteView bytes) {
  if (group_->token().stop_requested()) throw_failure();
  while (!bytes.empty()) {
    if (buffer_.size() == part_size_) {
      hand_over_part();
      part_size_ = size_of_next_part();
      take_empty_buffer();
    }
    const auto n = std::min<std::uint64_t>(bytes.size(), part_size_ - buffer_.size());
    if (handed_over_ + buffer_.size() + n > size_limit_) {
      throw Error(Exit::storage, format("cannot put \"{}\": an object cannot be larger than {}",
                                        client_.url(key_), format_size(size_limit_)))
          .with_hint(client_.dialect().part_size == 0
                         ? ""
                         : "S3 takes 10,000 parts: part_size has to be larger");
    }
    buffer_.reserve(part_size_);
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    bytes = bytes.subspan(n);
  }
}

std::uint64_t S3Upload::size_of_next_part() const {
  const std::uint64_t fixed = client_.dialect().part_size;
  return fixed != 0 ? fixed : next_part_size(handed_over_);
}

void S3Upload::hand_over_part() {
  handed_over_ += buffer_.size();
  {
    const std::lock_guard lock(mutex_);
    const int number = static_cast<int>(uploaded_.size()) + 1;
    uploaded_.emplace_back();
    waiting_.push_back({.number = number, .content = std::exchange(buffer_, {})});
    ++in_flight_;
  }
  changed_.notify_all();
  if (workers_ < parts_in_flight(part_size_)) {
    group_->run([this](const std::stop_token& stop) { upload_parts(stop); });
    ++workers_;
  }
}

void S3Upload::take_empty_buffer() {
  std::unique_lock lock(mutex_);
  const auto may_fill = [&] { return in_flight_ <= parts_in_flight(part_size_); };
  if (!changed_.wait(lock, group_->token(), may_fill)) {
    lock.unlock();
    throw_failure();
  }
  if (!empty_.empty()) {
    buffer_ = std::move(empty_.back());
    empty_.pop_back();
  }
  if (buffer_.capacity() < part_size_) {
    buffer_ = {};
    empty_.clear();  // too small as well, or too many
  }
}

void S3Upload::throw_failure() {
  group_->wait();
  throw Cancelled();
}

std::optional<S3Upload::Part> S3Upload::next_part(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, stop, [&] { return !waiting_.empty() || all_handed_over_; })) {
    throw Cancelled();
  }
  if (waiting_.empty()) return std::nullopt;
  std::optional<Part> part(std::move(waiting_.front()));
  waiting_.pop_front();
  return part;
}

void S3Upload::upload_parts(const std::stop_token& stop) {
  while (std::optional<Part> part = next_part(stop)) {
    UploadedPart uploaded = upload(*part, stop);
    part->content.clear();
    const std::lock_guard lock(mutex_);
    uploaded_[static_cast<std::size_t>(part->number - 1)] = std::move(uploaded);
    empty_.push_back(std::move(part->content));
    --in_flight_;
    changed_.notify_all();
  }
}

UploadedPart S3Upload::upload(const Part& part, const std::stop_token& stop) {
  const crypto::Digest digest = crypto::sha256(part.content);
  const S3Client::Call call{
      .action = "put",
      .permission = "s3:PutObject",
      .method = "PUT",
      .key = key_,
      .query = {{"partNumber", std::to_string(part.number)}, {"uploadId", upload_id_}},
      .headers = client_.dialect().checksum_headers(part.content, digest),
      .body = part.content,
      .body_sha256 = digest};
  const S3Client::Answer answer = client_.send(call, stop);
  std::string etag = answer.response.header("etag");
  if (etag.empty()) {
    throw Error(Exit::storage,
                format("{}: S3 gave part {} no ETag", client_.describe(call), part.number));
  }
  return {.number = part.number, .etag = std::move(etag), .sha256 = digest};
}

void S3Upload::finish() {
  // An empty object has one part too.
  if (!buffer_.empty() || handed_over_ == 0) hand_over_part();
  {
    const std::lock_guard lock(mutex_);
    all_handed_over_ = true;
  }
  changed_.notify_all();
  group_->wait();
  if (stop_.stop_requested()) throw Cancelled();
  complete();
  stage_ = Stage::published;
}

void S3Upload::complete() {
  const std::string body = complete_body(uploaded_, client_.dialect().sha256_checksums);
  aws::NamedValues headers = client_.dialect().creation_headers();
  headers.emplace_back("content-type", "application/xml");
  const S3Client::Call call{.action = "put",
                            .permission = "s3:PutObject",
                            .method = "POST",
                            .key = key_,
                            .query = {{"uploadId", upload_id_}},
                            .headers = std::move(headers),
                            .body = as_bytes(body),
                            .root_element = "CompleteMultipartUploadResult",
                            .expected_statuses = {404, 412}};
  stage_ = Stage::completing;
  const S3Client::Answer answer = client_.send(call, stop_);
  if (!answer.ok()) {
    client_.require_stored(call, answer, checksum_of(uploaded_), S3Client::Unseen::anybodys, stop_);
  }
}

void S3Upload::abort() noexcept {
  try {
    const S3Client::Answer answer = client_.send({.action = "abort the upload of",
                                                  .permission = "s3:AbortMultipartUpload",
                                                  .method = "DELETE",
                                                  .key = key_,
                                                  .query = {{"uploadId", upload_id_}},
                                                  .expected_statuses = {404},
                                                  .tries = kAbortTries,
                                                  .timeout = kAbortTimeout},
                                                 {});  // a stop must not keep us from tidying up
    if (!answer.ok() && stage_ == Stage::completing) {
      log::warning(
          "the upload of \"{}\" was being completed when it failed: the object may be there",
          client_.url(key_));
    }
  } catch (const std::exception& error) {
    log::warning(
        "{}; the parts of upload {} stay in the bucket, and are paid for, until it is aborted",
        error.what(), upload_id_);
  }
}

}  // namespace pgseal::store
