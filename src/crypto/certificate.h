#pragma once
// What one has to know of certificates without a connection.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace pgseal::crypto {

/// An X.509 certificate, as far as people tell them apart.
struct Certificate {
  std::string subject;           ///< its common name, else all of its name
  std::chrono::sys_seconds end;  ///< of its validity; may lie beyond what a TimePoint holds
};

/// All certificates of a PEM text, in its order; other things between them are passed over. Throws
/// Error of `Exit::usage` where there is none, or one that cannot be read.
[[nodiscard]] std::vector<Certificate> read_certificates(std::string_view pem);

}  // namespace pgseal::crypto
