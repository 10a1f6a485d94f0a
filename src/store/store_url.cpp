#include "store/store_url.h"

#include <algorithm>

#include "aws/partition.h"
#include "base/error.h"
#include "base/format.h"
#include "net/host.h"
#include "store/access_point.h"

namespace pgseal::store {

namespace {

constexpr const char* kForms =
    "a store is file:///directory or s3://bucket/prefix?region=...&endpoint=...";

Error bad_url(std::string_view url, const std::string& why) {
  return Error(Exit::usage, format("cannot use \"{}\" as a store: {}", url, why)).with_hint(kForms);
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// Splits at the first `separator`; what follows it is left in `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

StoreUrl parse_directory(std::string_view url, std::string_view rest) {
  if (!rest.starts_with('/')) throw bad_url(url, "the directory must begin with a slash");
  if (rest.find('?') != std::string_view::npos) throw bad_url(url, "a directory has no options");
  while (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty()) throw bad_url(url, "no directory is named");
  return {.kind = StoreUrl::Kind::directory, .directory = std::string(rest)};
}

void set_option(StoreUrl& store, std::string_view url, std::string_view option) {
  const std::string name(take_until(option, '='));
  if (name != "region" && name != "endpoint") {
    throw bad_url(url, format("unknown option \"{}\"", name));
  }
  std::string& value = name == "region" ? store.region : store.endpoint;
  if (!value.empty()) throw bad_url(url, format("option \"{}\" is there twice", name));
  if (option.empty()) throw bad_url(url, format("option \"{}\" has no value", name));
  value = option;
}

StoreUrl parse_s3(std::string_view url, std::string_view rest) {
  StoreUrl store{.kind = StoreUrl::Kind::s3};
  std::string_view place = take_until(rest, '?');
  store.bucket = take_until(place, '/');
  if (store.bucket.starts_with("arn:") && store.bucket.ends_with(":accesspoint")) {
    store.bucket += format("/{}", take_until(place, '/'));
  }
  while (place.ends_with('/')) place.remove_suffix(1);
  store.prefix = place;
  while (!rest.empty()) set_option(store, url, take_until(rest, '&'));
  require_valid_bucket(store.bucket);
  if (!store.region.empty()) require_valid_region(store.region);
  if (!store.endpoint.empty()) net::require_endpoint(store.endpoint, "S3");
  return store;
}

}  // namespace

StoreUrl parse_store_url(std::string_view text) {
  constexpr std::string_view kFile = "file://";
  constexpr std::string_view kS3 = "s3://";
  if (has_control_characters(text)) throw bad_url(text, "it has a control character");
  if (text.starts_with(kFile)) return parse_directory(text, text.substr(kFile.size()));
  if (text.starts_with(kS3)) return parse_s3(text, text.substr(kS3.size()));
  throw bad_url(text, "it begins neither with file:// nor with s3://");
}

void require_valid_bucket(const std::string& bucket) {
  if (parse_access_point(bucket)) return;
  constexpr std::string_view kLettersAndDigits =
      "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const auto is_allowed = [&](char c) {
    return kLettersAndDigits.find(c) != std::string_view::npos || c == '.' || c == '-' || c == '_';
  };
  if (bucket.size() >= 3 && bucket.size() <= 255 &&
      std::all_of(bucket.begin(), bucket.end(), is_allowed) &&
      kLettersAndDigits.find(bucket.front()) != std::string_view::npos &&
      kLettersAndDigits.find(bucket.back()) != std::string_view::npos &&
      bucket.find("..") == std::string::npos) {
    return;
  }
  throw Error(Exit::usage, format("\"{}\" cannot be the name of a bucket", bucket))
      .with_hint("a name has 3 to 63 lower-case letters, digits, dots and hyphens");
}

void require_valid_region(const std::string& region) {
  if (aws::is_region(region)) return;
  throw Error(Exit::usage, format("\"{}\" cannot be a region", region))
      .with_hint("a region is a name such as eu-west-1");
}

}  // namespace pgseal::store
