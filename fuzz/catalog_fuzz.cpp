// The catalog reader on anything: refused with an Error, or written and read again as the same.

#include <cstdlib>

#include "backupset/catalog.h"
#include "base/error.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto catalog =
        pgseal::backupset::Catalog::parse(pgseal::as_text(pgseal::fuzz::view(data, size)));
    if (pgseal::backupset::Catalog::parse(catalog.to_json()) != catalog) std::abort();
  } catch (const pgseal::Error&) {
  }
  return 0;
}
