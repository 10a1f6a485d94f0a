#include "support/certificates.h"

#include "support/command.h"

namespace pgseal::test {

Certificates::Certificates(const std::string& host) {
  const std::string days = "2";
  const auto new_key = [&](const std::string& name) {
    run_ok({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            directory_ / name});
  };
  new_key("ca.key");
  run_ok({"openssl", "req", "-x509", "-new", "-key", directory_ / "ca.key", "-days", days, "-subj",
          "/CN=pgseal test authority", "-out", ca_pem()});
  new_key("server.key");
  run_ok({"openssl", "req", "-new", "-key", key_pem(), "-subj", "/CN=" + host, "-out",
          directory_ / "server.csr"});
  write_text(directory_ / "names",
             "subjectAltName=DNS:" + host + ",IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
  run_ok({"openssl", "x509", "-req", "-in", directory_ / "server.csr", "-CA", ca_pem(), "-CAkey",
          directory_ / "ca.key", "-CAcreateserial", "-days", days, "-extfile", directory_ / "names",
          "-out", cert_pem()});
}

}  // namespace pgseal::test
