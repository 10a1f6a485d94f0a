#include "cli/endpoint_settings.h"

#include "base/file.h"
#include "base/format.h"
#include "cli/aws_environment.h"
#include "cli/settings.h"
#include "net/host.h"

namespace pgseal::cli {

void require_protected(const std::string& endpoint, Configuration& configuration) {
  if (!net::is_plain(endpoint) || net::is_plain_loopback(endpoint)) return;
  if (configuration.one_of(setting::allow_http, {"off", "on"}) == "on") return;
  configuration.problems().add(
      Error(Exit::usage,
            format("\"{}\" is plain HTTP: whoever is between could read and change what is asked "
                   "and answered",
                   endpoint))
          .with_hint("use https, with --ca-bundle for an authority of your own; or allow it with "
                     "--allow-http on"));
}

namespace {

std::string resolve_ca_bundle(Configuration& configuration) {
  constexpr std::size_t kMostCertificates = 64 * kMiB;
  std::string file = configuration.text_or_empty(setting::ca_bundle);
  if (file.empty()) {
    file = aws_profile(configuration).ca_bundle;
    if (!file.empty()) configuration.assume(setting::ca_bundle, file, kProfileOrigin);
  }
  if (file.empty()) return "";
  configuration.problems().collect([&] { (void)read_file(file, kMostCertificates); });
  return file;
}

}  // namespace

net::HttpClient::Options resolve_http(Configuration& configuration) {
  constexpr unsigned kMostSeconds = 3600;
  return {.ca_bundle = resolve_ca_bundle(configuration),
          .stall_timeout =
              std::chrono::seconds(configuration.number(setting::stall_timeout, 1, kMostSeconds))};
}

}  // namespace pgseal::cli
