#pragma once
// What every fuzz target starts from.

#include <cstdint>
#include <tuple>

#include "base/bytes.h"

namespace pgseal::fuzz {

inline ByteView view(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

}  // namespace pgseal::fuzz
