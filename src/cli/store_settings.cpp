#include "cli/store_settings.h"

#include <initializer_list>

#include "base/format.h"
#include "base/text.h"
#include "cli/aws_environment.h"
#include "cli/endpoint_settings.h"
#include "cli/settings.h"
#include "store/access_point.h"
#include "store/directory_store.h"
#include "store/s3_store.h"
#include "store/s3_upload.h"

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
  const auto region = aws_region(configuration);
  if (!region) return "";
  configuration.assume(setting::s3_region, region->name, region->origin);
  return region->name;
}

store::Addressing resolve_addressing(Configuration& configuration) {
  const std::string how = configuration.one_of(setting::addressing, {"auto", "path", "virtual"});
  if (how == "path") return store::Addressing::path;
  return how == "virtual" ? store::Addressing::virtual_hosted : store::Addressing::automatic;
}

/// Fills in what the URL or the bucket's own settings leave open.
void complete_address(StoreSettings& settings, Configuration& configuration) {
  store::StoreUrl& url = settings.url;
  if (url.endpoint.empty()) url.endpoint = s3_endpoint(configuration);
  if (const auto point = store::parse_access_point(url.bucket)) {
    url.region = point->region;
    configuration.imply(setting::s3_region, point->region, "the access point");
  } else if (!url.region.empty()) {
    configuration.imply(setting::s3_region, url.region, "the store's URL");
  } else {
    url.region = resolve_region(configuration);
  }
  if (url.region.empty() && !url.endpoint.empty()) url.region = kDefaultRegion;
  settings.endpoint_kind = resolve_endpoint_kind(configuration);
  settings.addressing = resolve_addressing(configuration);
  if (url.region.empty()) {
    configuration.problems().add(
        "the bucket's region is missing: S3_REGION or REGION, or --s3-region");
  } else {
    configuration.problems().collect([&] { (void)store::s3_address(s3_options(settings)); });
  }
  require_protected(url.endpoint, configuration);
  (void)resolve_http(configuration);
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

void refuse_without_s3(std::initializer_list<const Setting*> settings,
                       Configuration& configuration) {
  for (const Setting* setting : settings) {
    if (const auto value = configuration.find(*setting)) {
      configuration.problems().add(
          format("a directory has no {} ({})", setting->key, value->origin));
    }
  }
}

store::S3RequestOptions resolve_requests(Configuration& configuration) {
  store::S3RequestOptions options;
  options.expected_bucket_owner = configuration.text_or_empty(setting::expected_bucket_owner);
  const std::string& owner = options.expected_bucket_owner;
  if (!owner.empty() &&
      (owner.size() != 12 || owner.find_first_not_of("0123456789") != std::string::npos)) {
    configuration.problems().add("expected_bucket_owner must be an account's 12 digits");
  }
  options.requester_pays =
      configuration.find(setting::request_payer) &&
      configuration.one_of(setting::request_payer, {"requester"}) == "requester";
  return options;
}

store::S3Dialect resolve_dialect(Configuration& configuration) {
  return {
      .sha256_checksums =
          configuration.one_of(setting::request_checksum_calculation,
                               {"when_supported", "when_required"}) == "when_supported",
      .conditional_writes =
          configuration.one_of(setting::conditional_writes, {"on", "off"}) == "on",
      .part_size = configuration.size(setting::part_size, store::kMinPartSize, store::kLargestPart)
                       .value_or(0)};
}

bool is_on(const Setting& setting, Configuration& configuration) {
  return configuration.find(setting) && configuration.one_of(setting, {"off", "on"}) == "on";
}

void resolve_encryption(store::S3ObjectOptions& options, Configuration& configuration) {
  Problems& problems = configuration.problems();
  const std::string sse = configuration.text_or_empty(setting::sse);
  if (lower_case(sse) == "sse-c" || lower_case(sse) == "customer") {
    problems.add(
        "sse: keys of the customer (SSE-C) are refused: whoever restores would need one more "
        "secret, and what is stored is encrypted already");
  } else if (!sse.empty()) {
    options.encryption = configuration.one_of(setting::sse, {"AES256", "aws:kms"});
  }
  options.kms_key = configuration.text_or_empty(setting::sse_kms_key_id);
  options.bucket_key = is_on(setting::sse_bucket_key, configuration);
  if ((!options.kms_key.empty() || options.bucket_key) && options.encryption != "aws:kms") {
    problems.add("sse_kms_key_id and sse_bucket_key are for sse aws:kms");
  }
}

void resolve_lock(store::S3ObjectOptions& options, Configuration& configuration, TimePoint now) {
  Problems& problems = configuration.problems();
  options.legal_hold = is_on(setting::legal_hold, configuration);
  const auto until = configuration.text(setting::lock_until);
  const bool has_mode = configuration.find(setting::lock_mode).has_value();
  if (has_mode != until.has_value()) {
    problems.add("lock_mode and lock_until belong together: one is missing");
  }
  if (has_mode) {
    options.lock_mode =
        configuration.one_of(setting::lock_mode, {"compliance", "governance"}) == "compliance"
            ? "COMPLIANCE"
            : "GOVERNANCE";
  }
  if (!until) return;
  options.lock_until = store::parse_lock_until(*until, now);
  if (!options.lock_until) {
    problems.add(
        format("lock_until must be 12h, 35d, 8w or a time to come like "
               "2026-12-31T00:00:00Z, not \"{}\"",
               *until));
  }
}

store::S3ObjectOptions resolve_objects(Configuration& configuration, TimePoint now) {
  constexpr std::size_t kMostTags = 10;
  store::S3ObjectOptions options;
  options.storage_class = configuration.text_or_empty(setting::storage_class);
  resolve_encryption(options, configuration);
  resolve_lock(options, configuration, now);
  if (const auto tags = configuration.find(setting::tags)) {
    for (const std::string& tag : tags->items) {
      const std::size_t equals = tag.find('=');
      if (equals == std::string::npos || equals == 0) {
        configuration.problems().add(format("a tag is KEY=VALUE, not \"{}\"", tag));
        continue;
      }
      options.tags.emplace_back(tag.substr(0, equals), tag.substr(equals + 1));
    }
    if (options.tags.size() > kMostTags) {
      configuration.problems().add(format("S3 takes {} tags an object at most", kMostTags));
    }
  }
  return options;
}

}  // namespace

store::S3Options s3_options(const StoreSettings& settings) {
  return {.bucket = settings.url.bucket,
          .prefix = settings.url.prefix,
          .region = settings.url.region,
          .endpoint = settings.url.endpoint,
          .endpoint_kind = settings.endpoint_kind,
          .addressing = settings.addressing,
          .dialect = settings.dialect,
          .objects = settings.objects,
          .requests = settings.requests};
}

std::optional<StoreSettings> resolve_store(Configuration& configuration) {
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
  if (!url) return std::nullopt;
  StoreSettings settings{.url = *std::move(url)};
  if (settings.url.kind == store::StoreUrl::Kind::s3) {
    complete_address(settings, configuration);
    settings.requests = resolve_requests(configuration);
    (void)resolve_roles(configuration);
  } else {
    refuse_without_s3({&setting::addressing, &setting::expected_bucket_owner,
                       &setting::request_payer, &setting::stall_timeout, &setting::store_role},
                      configuration);
  }
  return settings;
}

std::optional<StoreSettings> resolve_store_to_write(Configuration& configuration, TimePoint now) {
  auto settings = resolve_store(configuration);
  if (!settings) return std::nullopt;
  if (settings->url.kind == store::StoreUrl::Kind::s3) {
    settings->dialect = resolve_dialect(configuration);
    settings->objects = resolve_objects(configuration, now);
  } else {
    refuse_without_s3(
        {&setting::conditional_writes, &setting::part_size, &setting::storage_class, &setting::sse,
         &setting::sse_kms_key_id, &setting::sse_bucket_key, &setting::lock_mode,
         &setting::lock_until, &setting::legal_hold, &setting::tags},
        configuration);
  }
  return settings;
}

std::unique_ptr<store::ObjectStore> open_store(const StoreSettings& settings, AwsAccess& access,
                                               const Clock& clock) {
  if (settings.url.kind == store::StoreUrl::Kind::directory) {
    return std::make_unique<store::DirectoryStore>(settings.url.directory);
  }
  return std::make_unique<store::S3Store>(s3_options(settings), access.for_store(), access.http(),
                                          clock);
}

}  // namespace pgseal::cli
