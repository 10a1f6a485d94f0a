#pragma once
// Memory for large buffers.

#include <cstddef>

#include "base/bytes.h"

namespace pgseal {

/// Reserves room for `size` bytes, in huge pages where the system offers them: a buffer of many MiB
/// that is filled once or twice otherwise costs more time in page faults and TLB misses than it
/// takes to encrypt what is in it.
void reserve_in_huge_pages(Bytes& buffer, std::size_t size);

}  // namespace pgseal
