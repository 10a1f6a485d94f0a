#include "aws/rds_token.h"

#include "aws/sigv4.h"
#include "base/bytes.h"
#include "base/format.h"
#include "base/text.h"
#include "crypto/hash.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::seconds kTokenLife{900};
constexpr int kHttpsPort = 443;

}  // namespace

Secret rds_auth_token(const std::string& host, int port, const std::string& user,
                      const std::string& region, const Credentials& credentials, TimePoint now) {
  const SigningRequest request{
      // As in a URL of https, whose own port is not part of the host.
      .host = port == kHttpsPort ? lower_case(host) : format("{}:{}", lower_case(host), port),
      .query = {{"Action", "connect"}, {"DBUser", user}},
      .headers = {},
      .payload_sha256 = to_hex(crypto::sha256({})),
  };
  const Secret query =
      presign_query(request, {.region = region, .service = "rds-db"}, credentials, now, kTokenLife);
  return Secret(format("{}:{}/?{}", host, port, query.reveal()));
}

}  // namespace pgseal::aws
