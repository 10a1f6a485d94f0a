#pragma once
// A throw-away certificate authority and a server's certificate.

#include <string>

#include "support/temp_dir.h"

namespace pgseal::test {

/// Made by the openssl program: an authority and a certificate for `host` and 127.0.0.1, valid for
/// two days. The key file is readable by its owner only.
class Certificates final {
 public:
  explicit Certificates(const std::string& host = "localhost");

  [[nodiscard]] std::string ca_pem() const { return directory_ / "ca.pem"; }
  [[nodiscard]] std::string cert_pem() const { return directory_ / "server.pem"; }
  [[nodiscard]] std::string key_pem() const { return directory_ / "server.key"; }

 private:
  TempDir directory_;
};

}  // namespace pgseal::test
