#pragma once
// What other servers of S3 may not understand of AWS's.

#include <cstdint>

#include "aws/sigv4.h"
#include "base/bytes.h"
#include "crypto/hash.h"

namespace pgseal::store {

/// How objects are sent so that nothing is damaged on its way, nothing is overwritten, and all
/// sizes fit. As AWS has it, unless a server refuses that.
struct S3Dialect {
  /// SHA-256 checksums, which S3 checks and keeps with the object. Without them Content-MD5, which
  /// every server checks, and none keeps.
  bool sha256_checksums = true;
  /// An object is stored only where none has its key (If-None-Match).
  bool conditional_writes = true;
  /// Bytes of each part of an upload but the last, for servers that want them equal or take less
  /// than 10,000 of them; 0 is `next_part_size()`'s rule.
  std::uint64_t part_size = 0;

  /// Headers of a request whose body has this digest.
  [[nodiscard]] aws::NamedValues checksum_headers(ByteView body,
                                                  const crypto::Digest& sha256) const;
  /// Headers of a request that publishes an object.
  [[nodiscard]] aws::NamedValues creation_headers() const;
};

}  // namespace pgseal::store
