// The TOC reader on anything: it refuses with an Error, or what it read survives being written.

#include <cstdlib>

#include "base/error.h"
#include "fuzz/input.h"
#include "postgres/archive_toc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pgseal::ByteView input = pgseal::fuzz::view(data, size);
  try {
    pgseal::ByteSource source(input);
    const auto toc = pgseal::postgres::read_custom_toc(source, pgseal::kMiB);
    const auto written = pgseal::postgres::write_directory_toc(toc);
    const auto again = pgseal::postgres::read_directory_toc(written);
    if (pgseal::postgres::write_directory_toc(again) != written) std::abort();
    for (const auto& entry : toc.entries) {
      if (entry.copy_statement) {
        try {
          std::ignore = pgseal::postgres::parse_copy_statement(*entry.copy_statement);
        } catch (const pgseal::Error&) {
        }
      }
    }
  } catch (const pgseal::Error&) {
  }
  try {
    std::ignore = pgseal::postgres::read_directory_toc(input);
  } catch (const pgseal::Error&) {
  }
  return 0;
}
