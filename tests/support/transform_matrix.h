#pragma once
// The matrix that every Transform is tested by: input steps against output sizes, truncation
// everywhere.

#include <string>
#include <vector>

#include "base/error.h"
#include "base/stream.h"

namespace pgseal::test {

/// Drives `transform` over `in`, giving at most `in_step` bytes and room for `out_step` at a time.
inline Bytes drive(Transform& transform, ByteView in, std::size_t in_step, std::size_t out_step) {
  Bytes all;
  Bytes out(out_step);
  const auto keep = [&](std::size_t n) {
    all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n));
  };
  while (!in.empty()) {
    ByteView step = in.first(std::min(in_step, in.size()));
    in = in.subspan(step.size());
    for (;;) {
      const auto [consumed, produced] = transform.update(step, out);
      keep(produced);
      step = step.subspan(consumed);
      if (produced < out.size()) {
        if (!step.empty()) throw Error(Exit::internal, "input left although output had room");
        break;
      }
    }
  }
  while (const std::size_t n = transform.finish(out)) keep(n);
  return all;
}

inline const std::vector<std::size_t>& steps() {
  static const std::vector<std::size_t> kSteps{1, 2, 15, 16, 17, 31, 32, 33, 1000, 100'000};
  return kSteps;
}

/// A text of `size` bytes that is the same each time.
inline std::string sample_text(std::size_t size) {
  std::string text(size, ' ');
  unsigned state = 12345;
  for (char& c : text) {
    state = state * 1103515245 + 12345;
    c = static_cast<char>('a' + (state >> 16) % 26);
  }
  return text;
}

}  // namespace pgseal::test
