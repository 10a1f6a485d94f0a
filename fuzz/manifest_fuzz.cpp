// Manifests of both formats on anything: refused with an Error, or the one form of what they say.

#include <cstdlib>

#include "backupset/archive_manifest.h"
#include "backupset/classic_manifest.h"
#include "base/error.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = pgseal::as_text(pgseal::fuzz::view(data, size));
  try {
    if (pgseal::backupset::ArchiveManifest::parse(text).to_json() != text) std::abort();
  } catch (const pgseal::Error&) {
  }
  try {
    std::ignore = pgseal::backupset::SealedManifest::parse(text);
  } catch (const pgseal::Error&) {
  }
  return 0;
}
