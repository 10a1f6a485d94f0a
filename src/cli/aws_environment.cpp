#include "cli/aws_environment.h"

#include "base/format.h"
#include "base/text.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

/// A file that a variable names, else the one in the home directory; "~/" is that too.
std::string shared_file(const char* variable, const char* in_home, const Environment& environment) {
  const std::string home = environment.text("HOME");
  std::string path = environment.text(variable);
  if (path.empty()) path = in_home;
  if (!path.starts_with("~/")) return path;
  return home.empty() ? "" : home + path.substr(1);
}

/// The first of `variables` that is set; else, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true,
/// what the profile says.
std::string endpoint(const char* variable, const std::string aws::ProfileSettings::*of_profile,
                     Configuration& configuration) {
  const Environment& environment = configuration.environment();
  if (lower_case(environment.text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")) == "true") return "";
  for (const char* name : {variable, "AWS_ENDPOINT_URL"}) {
    if (const auto url = environment.get(name)) return *url;
  }
  return aws_profile(configuration).*of_profile;
}

/// What a variable says; else `otherwise`.
bool is_true(const char* variable, bool otherwise, Configuration& configuration) {
  const std::string value = lower_case(configuration.environment().text(variable));
  if (value != "" && value != "true" && value != "false") {
    configuration.problems().add(
        format("{} is \"{}\", and must be true or false", variable, value));
  }
  return value.empty() ? otherwise : value == "true";
}

}  // namespace

aws::ChainOptions chain_options(const Environment& environment) {
  aws::ChainOptions options;
  options.access_key_id = environment.text("AWS_ACCESS_KEY_ID");
  options.secret_access_key = Secret(environment.text("AWS_SECRET_ACCESS_KEY"));
  options.session_token = Secret(environment.text("AWS_SESSION_TOKEN"));
  options.web_identity_token_file = environment.text("AWS_WEB_IDENTITY_TOKEN_FILE");
  options.role_arn = environment.text("AWS_ROLE_ARN");
  options.role_session_name = environment.text("AWS_ROLE_SESSION_NAME");
  options.files.config = shared_file("AWS_CONFIG_FILE", "~/.aws/config", environment);
  options.files.credentials =
      shared_file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", environment);
  options.profile = environment.text("AWS_PROFILE");
  if (options.profile.empty()) options.profile = environment.text("AWS_DEFAULT_PROFILE");
  options.container_relative_uri = environment.text("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  options.container_full_uri = environment.text("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  options.container_token = Secret(environment.text("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
  options.container_token_file = environment.text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  options.imds_disabled = lower_case(environment.text("AWS_EC2_METADATA_DISABLED")) == "true";
  if (const auto imds = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    options.imds_endpoint = *imds;
  }
  return options;
}

aws::ProfileSettings aws_profile(Configuration& configuration) {
  aws::ProfileSettings settings;
  configuration.problems().collect([&] {
    const aws::ChainOptions options = chain_options(configuration.environment());
    settings = aws::read_profile_settings(options.files, options.profile);
  });
  return settings;
}

aws::EndpointKind resolve_endpoint_kind(Configuration& configuration) {
  const aws::ProfileSettings profile = aws_profile(configuration);
  return {.fips = is_true("AWS_USE_FIPS_ENDPOINT", profile.fips, configuration),
          .dual_stack = is_true("AWS_USE_DUALSTACK_ENDPOINT", profile.dual_stack, configuration)};
}

std::optional<AwsRegion> aws_region(Configuration& configuration) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto region = configuration.environment().get(name)) {
      return AwsRegion{*region, format("variable {}", name)};
    }
  }
  const std::string region = aws_profile(configuration).region;
  if (region.empty()) return std::nullopt;
  return AwsRegion{region, kProfileOrigin};
}

std::string s3_endpoint(Configuration& configuration) {
  return endpoint("AWS_ENDPOINT_URL_S3", &aws::ProfileSettings::s3_endpoint, configuration);
}

aws::StsOptions sts_options(Configuration& configuration) {
  aws::StsOptions options;
  options.endpoint =
      endpoint("AWS_ENDPOINT_URL_STS", &aws::ProfileSettings::sts_endpoint, configuration);
  options.kind = resolve_endpoint_kind(configuration);
  if (const auto region = aws_region(configuration)) {
    options.region = region->name;
  } else if (const auto own = configuration.text(setting::region)) {
    options.region = *own;
  } else if (const auto bucket = configuration.text(setting::s3_region)) {
    options.region = *bucket;
  }
  return options;
}

}  // namespace pgseal::cli
