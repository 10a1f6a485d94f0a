#include "backupset/archive_manifest.h"

#include <algorithm>

#include "backupset/strict_json.h"
#include "base/error.h"
#include "base/format.h"
#include "crypto/age_header.h"
#include "crypto/hash.h"

namespace pgseal::backupset {

namespace {

constexpr const char* kFormat = "pgseal-archive";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kSha256Digits = 64;

Json objects_to_json(const std::vector<StoredObject>& objects) {
  Json json = Json::array();
  for (const StoredObject& object : objects) {
    json.push_back({{"header_sha256", object.header_sha256},
                    {"key", object.key},
                    {"sha256", object.sha256},
                    {"size", object.size}});
  }
  return json;
}

Json texts_to_json(const std::vector<std::string>& texts) {
  Json json = Json::array();
  for (const std::string& text : texts) json.push_back(text_to_json(text));
  return json;
}

std::vector<std::string> texts_from(const JsonReader& json) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < json.size(); ++i) texts.push_back(json.element(i).text());
  return texts;
}

std::string sha256_from(const JsonReader& json) {
  if (!is_lower_hex(json.string(), kSha256Digits)) {
    throw json.fail("is no SHA-256 of 64 lower-case hexadecimal digits");
  }
  return json.string();
}

StoredObject object_from(const JsonReader& json) {
  json.require_only({"header_sha256", "key", "sha256", "size"});
  const JsonReader key = json.member("key");
  const auto place = ObjectPlace::parse(key.string());
  if (!place || place->name == kManifestName || place->name == kSignatureName) {
    throw key.fail("is no key of a backup's object");
  }
  return {.key = key.string(),
          .size = json.member("size").number(kMaxObjectSize),
          .sha256 = sha256_from(json.member("sha256")),
          .header_sha256 = sha256_from(json.member("header_sha256"))};
}

std::vector<StoredObject> objects_from(const JsonReader& json) {
  std::vector<StoredObject> objects;
  objects.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const JsonReader element = json.element(i);
    StoredObject object = object_from(element);
    if (!objects.empty() && object.key <= objects.back().key) {
      throw element.member("key").fail("is not behind the one before in the order of keys");
    }
    objects.push_back(std::move(object));
  }
  return objects;
}

std::string id_from(const JsonReader& json) {
  if (!BackupId::parse(json.string())) throw json.fail("is no backup's id");
  return json.string();
}

std::string database_from(const JsonReader& json) {
  std::string name = json.text();
  if (name.empty()) throw json.fail("is empty");
  return name;
}

std::optional<std::string> signer_from(const JsonReader& json) {
  if (json.is_null()) return std::nullopt;
  const std::string& id = json.string();
  const bool fits = id.size() == 16 && id.find_first_not_of("0123456789ABCDEF") == id.npos;
  if (!fits) throw json.fail("is no key id of 16 upper-case hexadecimal digits");
  return id;
}

ArchiveManifest manifest_from(const JsonReader& json) {
  require_format(json, kFormat, kVersion);
  json.require_only({"archive_version", "backup_id", "content_size", "database", "finished",
                     "format", "objects", "pg_dump_options", "pg_dump_version", "pgseal_version",
                     "recipients", "server_version", "signer", "started", "version", "warnings"});
  ArchiveManifest m;
  m.database = database_from(json.member("database"));
  m.backup_id = id_from(json.member("backup_id"));
  m.started = json.member("started").time();
  m.finished = json.member("finished").time();
  m.server_version = json.member("server_version").text();
  m.pg_dump_version = json.member("pg_dump_version").text();
  m.pgseal_version = json.member("pgseal_version").text();
  m.archive_version = json.member("archive_version").text();
  m.recipients = texts_from(json.member("recipients"));
  m.signer = signer_from(json.member("signer"));
  m.content_size = json.member("content_size").number();
  m.warnings = json.member("warnings").number();
  m.pg_dump_options = texts_from(json.member("pg_dump_options"));
  m.objects = objects_from(json.member("objects"));
  return m;
}

}  // namespace

StoredObject StoredObject::of(std::string key, ByteView content, const crypto::Digest& sha256) {
  const auto header = crypto::AgeHeader::parse(content);
  if (!header) throw Error(Exit::verification, format("\"{}\" is no age file", key));
  return {.key = std::move(key),
          .size = content.size(),
          .sha256 = to_hex(sha256),
          .header_sha256 = to_hex(crypto::sha256(content.first(header->size)))};
}

std::uint64_t ArchiveManifest::stored_size() const {
  std::uint64_t size = 0;
  for (const StoredObject& object : objects) size += object.size;
  return size;
}

const StoredObject* ArchiveManifest::find(std::string_view key) const {
  const auto found = std::lower_bound(
      objects.begin(), objects.end(), key,
      [](const StoredObject& object, std::string_view wanted) { return object.key < wanted; });
  return found != objects.end() && found->key == key ? &*found : nullptr;
}

std::string ArchiveManifest::to_json() const {
  const Json json = {{"format", kFormat},
                     {"version", kVersion},
                     {"database", text_to_json(database)},
                     {"backup_id", backup_id},
                     {"started", format_utc(started)},
                     {"finished", format_utc(finished)},
                     {"server_version", text_to_json(server_version)},
                     {"pg_dump_version", text_to_json(pg_dump_version)},
                     {"pgseal_version", text_to_json(pgseal_version)},
                     {"archive_version", text_to_json(archive_version)},
                     {"recipients", texts_to_json(recipients)},
                     {"signer", signer ? Json(*signer) : Json()},
                     {"content_size", content_size},
                     {"warnings", warnings},
                     {"pg_dump_options", texts_to_json(pg_dump_options)},
                     {"objects", objects_to_json(objects)}};
  return json.dump() + "\n";
}

ArchiveManifest ArchiveManifest::parse(std::string_view text) {
  const Json json = parse_strict_json(text, "manifest");
  ArchiveManifest manifest = manifest_from(JsonReader(json, "manifest"));
  if (manifest.to_json() != text) {
    throw Error(Exit::verification, "cannot read the manifest: it is not in canonical form");
  }
  return manifest;
}

void ArchiveManifest::require_place(const BackupPlace& place) const {
  if (database == place.database && backup_id == place.id.text()) return;
  throw Error(Exit::verification, format("the manifest of \"{}\" is another backup's: \"{}/{}\"",
                                         place.name(), encode_database(database), backup_id));
}

}  // namespace pgseal::backupset
