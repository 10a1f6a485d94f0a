#pragma once
// What encrypting, decrypting and reading ranges of an age file share.

#include <optional>
#include <vector>

#include "crypto/age_header.h"
#include "crypto/age_keys.h"
#include "crypto/age_stream.h"

namespace pgseal::crypto {

/// All that comes before the chunks of an age file that is read.
struct AgeFileHead {
  Secret payload_key;
  std::size_t size = 0;  ///< bytes of header and nonce

  /// Reads it at the beginning of `bytes`, which may hold more. Nothing where it is not there whole
  /// yet. Errors as AgeDecryptor.
  [[nodiscard]] static std::optional<AgeFileHead> open(ByteView bytes,
                                                       const std::vector<AgeIdentity>& identities);
};

}  // namespace pgseal::crypto
