#pragma once
// ASCII armor: an age file as lines of text. Source: C2SP age, "ASCII armor"; RFC 7468, figure 3
// (the strict form), so that there is one way to write each file.

#include <string>

#include "base/stream.h"

namespace pgseal::crypto {

/// Whether a file that begins with `head` is armored, not binary; white space may come first.
[[nodiscard]] bool is_age_armor(ByteView head);

/// Writes armor.
class AgeArmorWriter final : public Transform {
 public:
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  void put_line();
  std::size_t take_ready(ByteSpan out);

  Bytes group_;  // the input of a line that is not full yet
  std::string ready_ = "-----BEGIN AGE ENCRYPTED FILE-----\n";
  std::size_t ready_at_ = 0;
  bool finished_ = false;
};

/// Reads armor; lines end with LF or CRLF, and up to 1 KiB of white space may stand before and
/// behind. Throws Error of `Exit::verification` for anything else that is not canonical.
class AgeArmorReader final : public Transform {
 public:
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  enum class State { before, body, last_line_read, after };
  void take_line();
  void take_body_line();
  void count_white_space(std::size_t size);
  std::size_t take_ready(ByteSpan out);

  State state_ = State::before;
  std::string line_;  // so far, without its end
  std::size_t white_space_ = 0;
  Bytes ready_;
  std::size_t ready_at_ = 0;
};

}  // namespace pgseal::crypto
