// The age reader on anything: what comes out of the header parser is written back as it was, and
// the payload reader either refuses or gives the same by stream and by range.

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/stream.h"
#include "crypto/age.h"
#include "fuzz/input.h"

namespace {

using pgseal::Bytes;
using pgseal::ByteView;

/// The seeds are encrypted to this identity, which protects nothing.
const std::vector<pgseal::crypto::AgeIdentity>& identities() {
  static const auto kIdentities = pgseal::crypto::AgeIdentity::parse_file(
      "AGE-SECRET-KEY-1D9ZV3HJUYC66PMRT6LTMKCKSJNWD05AHXT8FDM04FJRCRMACXNYS47KRNF\n",
      [] { return std::nullopt; });
  return kIdentities;
}

std::optional<Bytes> by_stream(ByteView input) {
  try {
    pgseal::ByteSource source(input);
    pgseal::crypto::AgeDecryptor decryptor(identities());
    pgseal::TransformSource plain(source, decryptor);
    return pgseal::read_all(plain, input.size(), "the input");
  } catch (const pgseal::Error&) {
    return std::nullopt;
  }
}

std::optional<Bytes> by_range(ByteView input) {
  try {
    const auto head = input.first(std::min<std::size_t>(input.size(), 4096));
    const auto reader = pgseal::crypto::AgeRangeReader::open(head, input.size(), identities());
    if (!reader) return std::nullopt;
    const auto range = reader->encrypted_range(0, reader->plaintext_size());
    return reader->decrypt(0, reader->plaintext_size(), input.subspan(range.offset, range.size));
  } catch (const pgseal::Error&) {
    return std::nullopt;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input = pgseal::fuzz::view(data, size);
  try {
    const auto header = pgseal::crypto::AgeHeader::parse(input);
    if (header && header->size > size) std::abort();
  } catch (const pgseal::Error&) {
  }
  const auto streamed = by_stream(input);
  // A header beyond the first 4 KiB is the owner's to try again with more.
  if (const auto ranged = by_range(input); ranged && streamed && *ranged != *streamed) std::abort();
  return 0;
}
