#include "engine/doctor_s3.h"

#include "base/format.h"
#include "base/text.h"
#include "engine/certificate_check.h"
#include "net/host.h"
#include "store/s3_address.h"

namespace pgseal::engine {

namespace {

constexpr const char* kSubject = "store";
/// Providers fetch new credentials so long before the old ones expire.
constexpr std::chrono::minutes kRenewed{5};

Finding check_endpoint(S3Subject& subject) {
  const store::S3Address address = store::s3_address(subject.options);
  const std::string url = address.scheme + address.host;
  if (!net::is_plain(url)) return {State::ok, format("\"{}\" is asked over TLS", url)};
  if (net::is_plain_loopback(url)) {
    return {State::note, format("\"{}\" is plain HTTP, on this machine", url)};
  }
  return {State::warning,
          format("\"{}\" is plain HTTP: whoever is between can read and change what is asked", url),
          "give the endpoint as https://, and --ca-bundle for an authority of your own"};
}

Finding check_ca_bundle(S3Subject& subject) {
  if (subject.ca_bundle.empty()) return {State::ok, "the system's authorities are trusted"};
  return check_certificates(subject.ca_bundle, "put the authority's new certificate into the file",
                            subject.clock.now());
}

Finding check_credentials(S3Subject& subject) {
  const aws::Credentials credentials = subject.credentials.get(subject.stop);
  const bool is_temporary = !subject.chain.get(subject.stop).session_token.empty();
  const std::string source = subject.chain.asked().back().name;
  if (is_temporary && source == "environment") {
    return {State::warning,
            "temporary credentials from the environment, which nobody renews: a backup that takes "
            "longer than they live fails",
            "attach a role to the machine or container, or use a profile"};
  }
  if (!credentials.expiration) return {State::ok, format("source: {}", source)};
  const std::string until =
      format("source: {}, until {}", source, format_utc(*credentials.expiration));
  if (*credentials.expiration - subject.clock.now() > kRenewed) return {State::ok, until};
  return {State::warning, until + "; it has no newer ones", "pgseal whoami"};
}

constexpr CheckOf<S3Subject> kAccess[] = {{"endpoint", check_endpoint},
                                          {"ca-bundle", check_ca_bundle},
                                          {"credentials", check_credentials}};

}  // namespace

std::span<const CheckOf<S3Subject>> s3_access_checks() { return kAccess; }

std::string aws_command(const store::S3Options& options, const std::string& verb,
                        const std::string& rest) {
  std::string command = format("aws s3api {} --bucket {}", verb, shell_quoted(options.bucket));
  if (!rest.empty()) command += " " + rest;
  if (!options.endpoint.empty()) command += " --endpoint-url " + shell_quoted(options.endpoint);
  return command;
}

bool check_s3(S3Subject& subject, bool probe, Checks& checks) {
  checks.run(kSubject, Exit::storage, s3_access_checks(), subject);
  if (!checks.run_behind_first(kSubject, Exit::storage, s3_bucket_checks(), subject)) return false;
  if (probe) checks.run_behind_first(kSubject, Exit::storage, s3_probe_checks(), subject);
  checks.run(kSubject, Exit::storage, s3_rights_checks(), subject);
  return true;
}

}  // namespace pgseal::engine
