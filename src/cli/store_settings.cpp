#include "cli/store_settings.h"

#include "store/directory_store.h"
#include "store/s3_store.h"

namespace pgseal::cli {

namespace {

constexpr const char* kDefaultPrefix = "backups";
constexpr const char* kDefaultRegion = "us-east-1";  // what servers that have no regions expect

/// The first of them that is there.
std::string first_of(std::initializer_list<std::optional<std::string>> values) {
  for (const auto& value : values) {
    if (value) return *value;
  }
  return "";
}

/// Fills in what the URL or the bucket's own settings leave open.
void complete_s3(store::StoreUrl& url, const StoreFlags& flags, const Environment& environment,
                 Problems& problems) {
  if (url.endpoint.empty()) {
    url.endpoint =
        first_of({environment.get("AWS_ENDPOINT_URL_S3"), environment.get("AWS_ENDPOINT_URL")});
  }
  if (url.region.empty()) {
    url.region = first_of({flags.s3_region, environment.get("S3_REGION"), flags.region,
                           environment.get("REGION"), environment.get("AWS_REGION"),
                           environment.get("AWS_DEFAULT_REGION")});
  }
  if (url.region.empty() && !url.endpoint.empty()) url.region = kDefaultRegion;
  if (url.region.empty()) {
    problems.add("the bucket's region is missing: S3_REGION or REGION, or --s3-region");
  } else {
    problems.collect([&] { store::require_valid_region(url.region); });
  }
  if (!url.endpoint.empty()) problems.collect([&] { store::require_valid_endpoint(url.endpoint); });
}

}  // namespace

std::optional<store::StoreUrl> resolve_store(const StoreFlags& flags,
                                             const Environment& environment, Problems& problems) {
  if (flags.store && (flags.bucket || flags.prefix)) {
    problems.add("--store and --bucket or --prefix contradict each other");
    return std::nullopt;
  }
  const bool flag_bucket = flags.bucket || flags.prefix;
  const auto text = flags.store || flag_bucket ? flags.store : environment.get("PGSEAL_STORE");
  const auto bucket = flags.bucket ? flags.bucket : environment.get("S3_BUCKET");
  if (!flags.store && !flag_bucket && text && bucket) {
    problems.add("PGSEAL_STORE and S3_BUCKET contradict each other");
    return std::nullopt;
  }
  if (!text && !bucket) {
    problems.add("the store is missing: S3_BUCKET or PGSEAL_STORE, or --bucket or --store");
    return std::nullopt;
  }
  std::optional<store::StoreUrl> url;
  problems.collect([&] {
    if (text) {
      url = store::parse_store_url(*text);
    } else {
      store::require_valid_bucket(*bucket);
      url = store::StoreUrl{.kind = store::StoreUrl::Kind::s3, .bucket = *bucket};
      url->prefix = flags.prefix.value_or(environment.get("S3_PREFIX").value_or(kDefaultPrefix));
    }
  });
  if (url && url->kind == store::StoreUrl::Kind::s3) {
    complete_s3(*url, flags, environment, problems);
  }
  return url;
}

AwsAccess::AwsAccess(const Environment& environment, const Clock& clock) {
  aws::ChainOptions options;
  options.access_key_id = environment.text("AWS_ACCESS_KEY_ID");
  options.secret_access_key = Secret(environment.text("AWS_SECRET_ACCESS_KEY"));
  options.session_token = Secret(environment.text("AWS_SESSION_TOKEN"));
  options.container_relative_uri = environment.text("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  options.imds_disabled = environment.text("AWS_EC2_METADATA_DISABLED") == "true";
  if (const auto endpoint = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    options.imds_endpoint = *endpoint;
  }
  credentials = aws::make_credential_chain(std::move(options), http, clock);
}

std::unique_ptr<store::ObjectStore> open_store(const store::StoreUrl& url, AwsAccess& access,
                                               const Clock& clock) {
  if (url.kind == store::StoreUrl::Kind::directory) {
    return std::make_unique<store::DirectoryStore>(url.directory);
  }
  return std::make_unique<store::S3Store>(store::S3Options{.bucket = url.bucket,
                                                           .prefix = url.prefix,
                                                           .region = url.region,
                                                           .endpoint = url.endpoint},
                                          *access.credentials, access.http, clock);
}

}  // namespace pgseal::cli
