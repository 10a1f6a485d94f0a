#include "store/s3_source.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::store {

namespace {

constexpr std::uint64_t kPieceSize = 8 * kMiB;

/// The object's size in "bytes 0-9/100", where the range begins at `offset` and has `length` bytes.
std::optional<std::uint64_t> total_size(const std::string& content_range, std::uint64_t offset,
                                        std::uint64_t length) {
  const std::string expected = format("bytes {}-{}/", offset, offset + length - 1);
  if (length == 0 || !content_range.starts_with(expected)) return std::nullopt;
  std::uint64_t size = 0;
  const char* end = content_range.data() + content_range.size();
  const auto [rest, error] = std::from_chars(content_range.data() + expected.size(), end, size);
  const bool whole = error == std::errc() && rest == end;
  return whole ? std::optional(size) : std::nullopt;
}

}  // namespace

std::unique_ptr<S3Source> S3Source::open(S3Client& client, std::string key, Part part,
                                         std::stop_token stop) {
  std::unique_ptr<S3Source> source(new S3Source(client, std::move(key), part, std::move(stop)));
  S3Client::Call call = source->next_call();
  call.expected_statuses = {404, 416};
  S3Client::Answer answer = client.send(call, source->stop_);
  if (answer.error.code == "NoSuchKey") return nullptr;
  // The part begins behind the object's end, as that of an empty one always does.
  if (answer.error.code == "InvalidRange") return source;
  source->take(call, std::move(answer));
  return source;
}

std::uint64_t S3Source::next_size() const { return std::min(kPieceSize, part_.end - offset_); }

S3Client::Call S3Source::next_call() const {
  S3Client::Call call{.action = "get", .permission = "s3:GetObject", .key = key_};
  call.headers = {{"range", format("bytes={}-{}", offset_, offset_ + next_size() - 1)}};
  if (!etag_.empty()) call.headers.emplace_back("if-match", etag_);
  return call;
}

void S3Source::take(const S3Client::Call& call, S3Client::Answer answer) {
  if (!answer.ok()) throw client_.failure(call, answer);
  const auto size =
      total_size(answer.response.header("content-range"), offset_, answer.response.body.size());
  const bool first = offset_ == part_.begin;
  const bool fits =
      size && (first || size == size_) &&
      answer.response.body.size() == std::min(next_size(), *size - std::min(*size, offset_));
  if (!fits) {
    throw Error(Exit::storage, format("{}: the answer is not the range that was asked for",
                                      client_.describe(call)));
  }
  if (first) etag_ = answer.response.header("etag");
  size_ = *size;
  piece_ = std::move(answer.response.body);
  rest_ = piece_;
  offset_ += piece_.size();
}

std::size_t S3Source::read(ByteSpan out) {
  if (rest_.empty() && offset_ < std::min(size_, part_.end)) {
    piece_ = {};  // before the next one takes memory
    const S3Client::Call call = next_call();
    take(call, client_.send(call, stop_));
  }
  const std::size_t n = std::min(out.size(), rest_.size());
  std::copy_n(rest_.begin(), n, out.begin());
  rest_ = rest_.subspan(n);
  return n;
}

}  // namespace pgseal::store
