#include "crypto/age_armor.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "crypto/base64.h"
#include "crypto/hash.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kBegin = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view kEnd = "-----END AGE ENCRYPTED FILE-----";
constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";
constexpr std::size_t kMaxWhiteSpace = kKiB;
constexpr std::size_t kColumns = 64;
constexpr std::size_t kGroup = 48;  // bytes a line

[[noreturn]] void malformed(std::string_view why) {
  throw Error(Exit::verification, format("malformed age armor: {}", why));
}

bool is_white(std::string_view text) {
  return text.find_first_not_of(kWhiteSpace) == std::string_view::npos;
}

}  // namespace

bool is_age_armor(ByteView head) {
  std::string_view text = as_text(head);
  text.remove_prefix(std::min(text.find_first_not_of(kWhiteSpace), text.size()));
  return text.starts_with(kBegin);
}

Transform::Progress AgeArmorWriter::update(ByteView in, ByteSpan out) {
  Progress done;
  for (;;) {
    done.produced += take_ready(out.subspan(done.produced));
    if (done.produced == out.size() || done.consumed == in.size()) return done;
    const ByteView rest = in.subspan(done.consumed);
    const std::size_t n = std::min(rest.size(), kGroup - group_.size());
    group_.insert(group_.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(n));
    done.consumed += n;
    if (group_.size() == kGroup) put_line();
  }
}

std::size_t AgeArmorWriter::finish(ByteSpan out) {
  if (!finished_ && ready_at_ == ready_.size()) {
    finished_ = true;
    ready_.clear();
    ready_at_ = 0;
    if (!group_.empty()) put_line();
    ready_.append(kEnd).append("\n");
  }
  return take_ready(out);
}

void AgeArmorWriter::put_line() {
  ready_ = to_base64(group_).append("\n");
  ready_at_ = 0;
  group_.clear();
}

std::size_t AgeArmorWriter::take_ready(ByteSpan out) {
  const ByteView rest = as_bytes(ready_).subspan(ready_at_);
  const std::size_t n = std::min(out.size(), rest.size());
  std::copy_n(rest.begin(), n, out.begin());
  ready_at_ += n;
  return n;
}

Transform::Progress AgeArmorReader::update(ByteView in, ByteSpan out) {
  Progress done;
  for (;;) {
    done.produced += take_ready(out.subspan(done.produced));
    if (done.produced == out.size() || done.consumed == in.size()) return done;
    const std::string_view rest = as_text(in.subspan(done.consumed));
    const std::size_t end = rest.find('\n');
    const std::string_view part = rest.substr(0, end);
    done.consumed += part.size();
    line_ += part;
    if (line_.size() > kMaxWhiteSpace) malformed("a line is too long");
    if (end == std::string_view::npos) continue;
    ++done.consumed;
    take_line();
  }
}

std::size_t AgeArmorReader::finish(ByteSpan out) {
  if (state_ != State::after || !line_.empty()) {
    if (!line_.empty()) take_line();
    if (state_ != State::after) malformed("it is truncated");
  }
  return take_ready(out);
}

/// `line_` is whole, but for its end.
void AgeArmorReader::take_line() {
  const std::size_t size = line_.size() + 1;
  if (line_.ends_with('\r')) line_.pop_back();
  if (state_ == State::before && line_ == kBegin) {
    state_ = State::body;
  } else if (state_ == State::before && is_white(line_)) {
    count_white_space(size);
  } else if (state_ == State::before) {
    malformed("it does not begin with \"-----BEGIN AGE ENCRYPTED FILE-----\"");
  } else if (state_ == State::after) {
    if (!is_white(line_)) malformed("something follows its end");
    count_white_space(size);
  } else if (line_ == kEnd) {
    state_ = State::after;
    white_space_ = 0;
  } else {
    take_body_line();
  }
  line_.clear();
}

void AgeArmorReader::take_body_line() {
  if (state_ == State::last_line_read) malformed("a short line is not the last one");
  auto bytes = from_base64(line_);
  if (!bytes || bytes->empty() || line_.size() > kColumns) {
    malformed("a line is not 64 columns of canonical base64");
  }
  if (bytes->size() < kGroup) state_ = State::last_line_read;
  ready_ = std::move(*bytes);
  ready_at_ = 0;
}

void AgeArmorReader::count_white_space(std::size_t size) {
  white_space_ += size;
  if (white_space_ > kMaxWhiteSpace) malformed("too much white space around it");
}

std::size_t AgeArmorReader::take_ready(ByteSpan out) {
  const std::size_t n = std::min(out.size(), ready_.size() - ready_at_);
  std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(ready_at_), n, out.begin());
  ready_at_ += n;
  return n;
}

}  // namespace pgseal::crypto
