#include "crypto/openssl_error.h"

#include <openssl/err.h>

namespace pgseal::crypto {

std::string take_openssl_error() {
  std::string reason;
  while (const unsigned long code = ERR_get_error()) {
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    reason = text;
  }
  return reason;
}

void check(bool ok, const char* what) {
  if (ok) return;
  throw Error(Exit::internal, std::string("cannot ") + what + ": " + take_openssl_error());
}

}  // namespace pgseal::crypto
