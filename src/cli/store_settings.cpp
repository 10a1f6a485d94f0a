#include "cli/store_settings.h"

#include "base/format.h"
#include "cli/settings.h"
#include "store/directory_store.h"
#include "store/s3_store.h"

namespace pgseal::cli {

namespace {

constexpr const char* kDefaultRegion = "us-east-1";  // what servers that have no regions expect

std::string resolve_region(Configuration& configuration) {
  for (const Setting* setting : {&setting::s3_region, &setting::region}) {
    const auto value = configuration.find(*setting);
    if (!value) continue;
    configuration.assume(setting::s3_region, value->text(), value->origin);
    return value->text();
  }
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    const auto region = configuration.environment().get(name);
    if (!region) continue;
    configuration.assume(setting::s3_region, *region, format("variable {}", name));
    return *region;
  }
  return "";
}

/// Fills in what the URL or the bucket's own settings leave open.
void complete_s3(store::StoreUrl& url, Configuration& configuration) {
  Problems& problems = configuration.problems();
  for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    if (url.endpoint.empty()) url.endpoint = configuration.environment().text(name);
  }
  if (url.region.empty()) url.region = resolve_region(configuration);
  if (url.region.empty() && !url.endpoint.empty()) url.region = kDefaultRegion;
  if (url.region.empty()) {
    problems.add("the bucket's region is missing: S3_REGION or REGION, or --s3-region");
  } else {
    problems.collect([&] { store::require_valid_region(url.region); });
  }
  if (!url.endpoint.empty()) problems.collect([&] { store::require_valid_endpoint(url.endpoint); });
}

/// Where a store's URL and a bucket are there, which of the two is meant. A prefix speaks for a
/// bucket as a flag only: the image declares it as a variable.
void decide(std::optional<Value>& url, std::optional<Value>& bucket, Configuration& configuration) {
  const auto prefix = configuration.find(setting::prefix);
  const bool prefix_flag = prefix && prefix->strength == Strength::flag;
  const bool bucket_flag = bucket && bucket->strength == Strength::flag;
  const std::optional<Value>& rival = prefix_flag && !bucket_flag ? prefix : bucket;
  if (!url || !rival) return;
  if (url->strength == rival->strength) {
    configuration.problems().add(
        format("{} and {} contradict each other", url->origin, rival->origin));
  }
  if (url->strength < rival->strength) {
    configuration.overrule(setting::store, rival->origin);
    url.reset();
  } else {
    configuration.overrule(setting::bucket, url->origin);
    bucket.reset();
  }
}

}  // namespace

std::optional<store::StoreUrl> resolve_store(Configuration& configuration) {
  auto text = configuration.find(setting::store);
  auto bucket = configuration.find(setting::bucket);
  decide(text, bucket, configuration);
  if (text) configuration.overrule(setting::prefix, text->origin);
  if (!text && !bucket) {
    configuration.problems().add(
        "the store is missing: S3_BUCKET or PGSEAL_STORE, or --bucket or --store");
    return std::nullopt;
  }
  std::optional<store::StoreUrl> url;
  configuration.problems().collect([&] {
    if (text) {
      url = store::parse_store_url(text->text());
    } else {
      store::require_valid_bucket(bucket->text());
      url = store::StoreUrl{.kind = store::StoreUrl::Kind::s3, .bucket = bucket->text()};
      url->prefix = configuration.text_or_empty(setting::prefix);
    }
  });
  if (url && url->kind == store::StoreUrl::Kind::s3) complete_s3(*url, configuration);
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
