#include "backupset/classic_manifest.h"

#include "base/error.h"
#include "base/format.h"
#include "base/json.h"
#include "crypto/hash.h"

namespace pgseal::backupset {

namespace {

constexpr const char* kFormat = "pgseal-classic";
constexpr int kVersion = 1;
constexpr const char* kHmac = "hmac_sha256";
constexpr std::string_view kKeyInfo = "pgseal classic manifest v1";

std::string compute_hmac(std::string_view text, const Secret& secret_text) {
  crypto::Digest key = crypto::hkdf_sha256(as_bytes(secret_text.reveal()), {}, as_bytes(kKeyInfo));
  std::string mac = to_hex(crypto::hmac_sha256(key, as_bytes(text)));
  explicit_bzero(key.data(), key.size());
  return mac;
}

Json to_json(const ClassicObject& object) {
  return {{"name", object.name}, {"size", object.size}, {"sha256", object.sha256}};
}

ClassicObject object_from(const Json& json) {
  return {.name = json.at("name").get<std::string>(),
          .size = json.at("size").get<std::uint64_t>(),
          .sha256 = json.at("sha256").get<std::string>()};
}

TimePoint time_from(const Json& json) {
  const auto time = parse_utc(json.get<std::string>());
  if (!time) throw Error(Exit::verification, "cannot read the manifest: a time is malformed");
  return *time;
}

ClassicManifest manifest_from(const Json& json) {
  if (json.at("format").get<std::string>() != kFormat) {
    throw Error(Exit::verification, "cannot read the manifest: not of a classic backup");
  }
  if (const auto version = json.at("version").get<int>(); version != kVersion) {
    throw Error(Exit::verification,
                format("cannot read the manifest: version {} is unknown", version))
        .with_hint("a newer pgseal wrote it");
  }
  ClassicManifest m;
  m.database = json.at("database").get<std::string>();
  m.started = time_from(json.at("started"));
  m.finished = time_from(json.at("finished"));
  m.key = object_from(json.at("key"));
  m.data = object_from(json.at("data"));
  m.dump_size = json.at("dump_size").get<std::uint64_t>();
  m.public_key_sha256 = json.at("public_key_sha256").get<std::string>();
  m.pgseal_version = json.at("pgseal_version").get<std::string>();
  m.pg_dump_version = json.at("pg_dump_version").get<std::string>();
  m.server_version = json.at("server_version").get<std::string>();
  m.pg_dump_warnings = json.at("pg_dump_warnings").get<std::uint64_t>();
  return m;
}

}  // namespace

std::string ClassicManifest::seal(const Secret& secret_text) const {
  Json json = {{"format", kFormat},
               {"version", kVersion},
               {"database", database},
               {"started", format_utc(started)},
               {"finished", format_utc(finished)},
               {"key", to_json(key)},
               {"data", to_json(data)},
               {"dump_size", dump_size},
               {"public_key_sha256", public_key_sha256},
               {"pgseal_version", pgseal_version},
               {"pg_dump_version", pg_dump_version},
               {"server_version", server_version},
               {"pg_dump_warnings", pg_dump_warnings}};
  json[kHmac] = compute_hmac(json.dump(), secret_text);
  return json.dump() + "\n";
}

SealedManifest SealedManifest::parse(std::string_view text) {
  try {
    // What is nested deeper is no manifest, and must not be walked recursively.
    Json json = Json::parse(text, [](int depth, Json::parse_event_t, Json&) {
      if (depth > 8) throw Error(Exit::verification, "cannot read the manifest: too deep");
      return true;
    });
    const auto hmac = json.at(kHmac).get<std::string>();
    json.erase(kHmac);
    return SealedManifest(manifest_from(json), json.dump(), hmac);
  } catch (const Json::exception& error) {
    throw Error(Exit::verification, format("cannot read the manifest: {}", error.what()));
  }
}

void SealedManifest::authenticate(const Secret& secret_text) const {
  if (crypto::equal_constant_time(as_bytes(compute_hmac(authenticated_, secret_text)),
                                  as_bytes(hmac_))) {
    return;
  }
  throw Error(Exit::verification, "the manifest is not authentic: its HMAC is wrong")
      .with_hint("the manifest or the key object was changed, or the private key is another one");
}

}  // namespace pgseal::backupset
