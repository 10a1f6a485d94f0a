#include "store/s3_dialect.h"

namespace pgseal::store {

aws::NamedValues S3Dialect::checksum_headers(ByteView body, const crypto::Digest& sha256) const {
  if (!sha256_checksums) return {{"content-md5", crypto::to_base64(crypto::md5(body))}};
  return {{"x-amz-sdk-checksum-algorithm", "SHA256"},
          {"x-amz-checksum-sha256", crypto::to_base64(sha256)}};
}

aws::NamedValues S3Dialect::creation_headers() const {
  if (!conditional_writes) return {};
  return {{"if-none-match", "*"}};
}

}  // namespace pgseal::store
