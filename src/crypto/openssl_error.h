#pragma once
// libcrypto's error queue as exceptions.

#include <string>

#include "base/error.h"

namespace pgseal::crypto {

/// Takes libcrypto's whole error queue and returns its last reason, "" where there is none.
[[nodiscard]] std::string take_openssl_error();

/// Throws an internal Error "cannot WHAT: REASON" where `ok` is false.
void check(bool ok, const char* what);

}  // namespace pgseal::crypto
