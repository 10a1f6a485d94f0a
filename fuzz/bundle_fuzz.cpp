// The bundle reader on anything: every file it shows lies within the input, where it says.

#include <cstdlib>

#include "backupset/tar.h"
#include "base/error.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pgseal::ByteView input = pgseal::fuzz::view(data, size);
  try {
    pgseal::ByteSource source(input);
    pgseal::backupset::TarReader reader(source);
    pgseal::backupset::TarReader::Entry entry;
    pgseal::Bytes piece(100);
    while (reader.next(entry)) {
      const std::size_t n = reader.read(piece);
      if (n > entry.size || entry.offset + n > size) std::abort();
      const auto expected = input.subspan(entry.offset, n);
      if (!std::equal(expected.begin(), expected.end(), piece.begin())) std::abort();
    }
  } catch (const pgseal::Error&) {
  }
  return 0;
}
