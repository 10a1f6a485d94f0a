#include "cli/endpoint_settings.h"

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/settings.h"
#include "net/host.h"

namespace pgseal::cli {

namespace {

bool is_true(const char* variable, Configuration& configuration) {
  const std::string value = lower_case(configuration.environment().text(variable));
  if (value != "" && value != "true" && value != "false") {
    configuration.problems().add(
        format("{} is \"{}\", and must be true or false", variable, value));
  }
  return value == "true";
}

}  // namespace

aws::EndpointKind resolve_endpoint_kind(Configuration& configuration) {
  return {.fips = is_true("AWS_USE_FIPS_ENDPOINT", configuration),
          .dual_stack = is_true("AWS_USE_DUALSTACK_ENDPOINT", configuration)};
}

void require_protected(const std::string& endpoint, Configuration& configuration) {
  if (!net::is_plain(endpoint) || net::is_loopback(net::host_of(endpoint))) return;
  if (configuration.one_of(setting::allow_http, {"off", "on"}) == "on") return;
  configuration.problems().add(
      Error(Exit::usage,
            format("\"{}\" is plain HTTP: whoever is between could read and change what is asked "
                   "and answered",
                   endpoint))
          .with_hint("use https, with --ca-bundle for an authority of your own; or allow it with "
                     "--allow-http on"));
}

void require_ca_bundle(Configuration& configuration) {
  constexpr std::size_t kMostCertificates = 64 * kMiB;
  const std::string file = configuration.text_or_empty(setting::ca_bundle);
  if (file.empty()) return;
  configuration.problems().collect([&] { (void)read_file(file, kMostCertificates); });
}

}  // namespace pgseal::cli
