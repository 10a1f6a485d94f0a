#include "base/huge_pages.h"

#include <sys/mman.h>
#include <unistd.h>

#include <memory>

namespace pgseal {

void reserve_in_huge_pages(Bytes& buffer, std::size_t size) {
  if (buffer.capacity() >= size) return;
  buffer.reserve(size);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* begin = buffer.data();
  std::size_t space = buffer.capacity();
  if (std::align(page, page, begin, space) == nullptr) return;
  // Advice: where there are none, the buffer is as good as any other.
  [[maybe_unused]] const int ignored = ::madvise(begin, space, MADV_HUGEPAGE);
}

}  // namespace pgseal
