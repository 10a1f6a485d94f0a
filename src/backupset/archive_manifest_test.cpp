#include "backupset/archive_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace pgseal::backupset {
namespace {

using ::testing::HasSubstr;

const std::string kPlace = "shop/20261124T041500Z-abcdefgh/";

ArchiveManifest sample() {
  ArchiveManifest m;
  m.database = "shop";
  m.backup_id = "20261124T041500Z-abcdefgh";
  m.started = *parse_utc("2026-11-24T04:15:00Z");
  m.finished = *parse_utc("2026-11-24T04:16:00Z");
  m.server_version = "15.18 (Debian)";
  m.pg_dump_version = "15.18";
  m.pgseal_version = "0.2.0";
  m.archive_version = "1.14";
  m.recipients = {"age1abc"};
  m.signer = "0123456789ABCDEF";
  m.content_size = 1ull << 52;
  m.warnings = 2;
  m.pg_dump_options = {"--table"};
  for (const char* name : {"catalog.json.zst.age", "data/000001.tar.age", "toc.tar.age"}) {
    m.objects.push_back({.key = kPlace + name,
                         .size = 5ull << 40,
                         .sha256 = std::string(64, 'a'),
                         .header_sha256 = std::string(64, '0')});
  }
  return m;
}

std::string refusal_of(std::string_view text) {
  try {
    (void)ArchiveManifest::parse(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification) << error.message();
    return error.message();
  }
  return "";
}

/// What the sample with one value replaced is refused for.
std::string refusal_with(const std::string& pointer, const Json& value) {
  Json json = Json::parse(sample().to_json());
  json[Json::json_pointer(pointer)] = value;
  return refusal_of(json.dump() + "\n");
}

TEST(ArchiveManifest, IsReadBack) {
  ArchiveManifest manifest = sample();
  EXPECT_EQ(ArchiveManifest::parse(manifest.to_json()), manifest);
  EXPECT_EQ(manifest.stored_size(), 3 * (5ull << 40));
  manifest.signer.reset();
  manifest.objects.clear();
  manifest.pg_dump_options.clear();
  manifest.database = "gr\xf6\xdf";  // of a cluster in Latin 1
  EXPECT_EQ(ArchiveManifest::parse(manifest.to_json()), manifest);
  EXPECT_THAT(manifest.to_json(), HasSubstr(R"("database":{"hex":"6772f6df"})"));
}

TEST(ArchiveManifest, FindsItsObjects) {
  const ArchiveManifest manifest = sample();
  for (const StoredObject& object : manifest.objects) {
    EXPECT_EQ(manifest.find(object.key), &object);
  }
  for (const char* key : {"", "shop", "z"}) EXPECT_EQ(manifest.find(key), nullptr);
}

TEST(ArchiveManifest, NamesEveryMemberThatIsMissingOrIllTyped) {
  const Json whole = Json::parse(sample().to_json());
  const auto check = [](Json json, const Json::json_pointer& object, const std::string& name,
                        const std::string& shown) {
    Json less = json;
    less[object].erase(name);
    EXPECT_EQ(refusal_of(less.dump() + "\n"),
              "cannot read the manifest: \"" + shown + "\" is missing");
    for (const Json& wrong : {Json(true), Json(-1), Json(1.5), Json::array({Json()}),
                              Json{{"a", 1}}, Json::parse("18446744073709551615")}) {
      json[object][name] = wrong;
      const std::string message = refusal_of(json.dump() + "\n");
      EXPECT_THAT(message, HasSubstr(wrong.is_number_float() ? "1.5" : "\"" + shown)) << wrong;
    }
  };
  for (const auto& [name, value] : whole.items()) check(whole, Json::json_pointer(), name, name);
  for (const auto& [name, value] : whole["objects"][1].items()) {
    check(whole, Json::json_pointer("/objects/1"), name, "objects[1]." + name);
  }
}

TEST(ArchiveManifest, RefusesUnknownFormatsAndVersionsByName) {
  EXPECT_EQ(refusal_with("/format", "pgseal-classic"),
            R"(cannot read the manifest: "format" is "pgseal-classic", not "pgseal-archive")");
  EXPECT_EQ(refusal_with("/version", 2), R"(cannot read the manifest: "version" 2 is unknown)");
  EXPECT_EQ(refusal_with("/version", 0), R"(cannot read the manifest: "version" 0 is unknown)");
  EXPECT_EQ(refusal_with("/extra", 1),
            R"(cannot read the manifest: it has the unknown member "extra")");
  EXPECT_EQ(refusal_with("/objects/0/extra", 1),
            R"(cannot read the manifest: "objects[0]" has the unknown member "extra")");
}

TEST(ArchiveManifest, RefusesValuesThatCannotBe) {
  const std::string digest(64, 'a');
  for (const std::string& wrong : {std::string(), digest.substr(1), digest + "a",
                                   std::string(64, 'A'), std::string(64, 'g')}) {
    EXPECT_NE(refusal_with("/objects/0/sha256", wrong), "") << wrong;
    EXPECT_NE(refusal_with("/objects/0/header_sha256", wrong), "") << wrong;
  }
  for (const std::string& key :
       {std::string(), std::string("a"), "/" + kPlace + "a", kPlace, kPlace + "../a",
        kPlace + "a//b", kPlace + "a\n", kPlace + "manifest.json", kPlace + "manifest.json.minisig",
        std::string("shop/latest/a")}) {
    EXPECT_EQ(refusal_with("/objects/0/key", key),
              R"(cannot read the manifest: "objects[0].key" is no key of a backup's object)")
        << key;
  }
  EXPECT_THAT(refusal_with("/objects/1/key", kPlace + "catalog.json.zst.age"),
              HasSubstr("\"objects[1].key\" is not behind the one before"));
  EXPECT_THAT(refusal_with("/objects/1/key", kPlace + "a"), HasSubstr("objects[1].key"));
  EXPECT_THAT(refusal_with("/objects/0/size", (5ull << 40) + 1), HasSubstr("objects[0].size"));
  EXPECT_THAT(refusal_with("/content_size", 1ull << 53), HasSubstr("content_size"));
  for (const char* time : {"", "2026-11-24", "2026-11-24T04:15:00.5Z", "2026-13-24T04:15:00Z"}) {
    EXPECT_EQ(refusal_with("/started", time), R"(cannot read the manifest: "started" is no time)");
  }
  EXPECT_THAT(refusal_with("/backup_id", "20261124T041500Z"), HasSubstr("backup_id"));
  EXPECT_THAT(refusal_with("/database", ""), HasSubstr("database"));
  for (const char* signer : {"", "0123456789abcdef", "0123456789ABCDE", "0123456789ABCDEFF"}) {
    EXPECT_THAT(refusal_with("/signer", signer), HasSubstr("signer"));
  }
}

TEST(ArchiveManifest, HasOneForm) {
  const std::string text = sample().to_json();
  const Json json = Json::parse(text);
  for (const std::string& other :
       {json.dump(), json.dump(1), " " + text, text + "\n", "\xef\xbb\xbf" + text,
        text.substr(0, text.size() - 2) + " }\n"}) {
    EXPECT_EQ(refusal_of(other), "cannot read the manifest: it is not in canonical form") << other;
  }
  std::string escaped = text;
  escaped.replace(text.find("\"shop\""), 6, R"("\u0073hop")");
  EXPECT_NE(refusal_of(escaped), "");
  std::string twice = text;
  twice.insert(1, R"("warnings":7,)");
  EXPECT_THAT(refusal_of(twice), HasSubstr("the member \"warnings\" twice"));
}

TEST(ArchiveManifest, RefusesWhatIsNone) {
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[]"), std::string("null"), std::string("x"),
        std::string(1000, '['), std::string(1'000'000, '{')}) {
    EXPECT_NE(refusal_of(text), "") << text.substr(0, 10);
  }
}

TEST(ArchiveManifest, EveryChangedOrMissingByteIsRefusedOrReadAsItIs) {
  const std::string text = sample().to_json();
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_NE(refusal_of(text.substr(0, i)), "") << i;
    for (const char c : {'0', 'x', '"', '\xff', '\0'}) {
      std::string changed = text;
      changed[i] = c;
      if (refusal_of(changed).empty()) {
        EXPECT_EQ(ArchiveManifest::parse(changed).to_json(), changed);
      }
    }
  }
}

TEST(ArchiveManifest, BelongsToOnePlace) {
  const BackupPlace place = *BackupPlace::parse("shop/20261124T041500Z-abcdefgh");
  sample().require_place(place);
  for (const char* other : {"shop/20261124T041500Z-abcdefgi", "shopp/20261124T041500Z-abcdefgh"}) {
    try {
      sample().require_place(*BackupPlace::parse(other));
      FAIL() << other;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::verification);
      EXPECT_EQ(error.message(), std::string("the manifest of \"") + other +
                                     "\" is another backup's: \"shop/20261124T041500Z-abcdefgh\"");
    }
  }
}

TEST(ArchiveManifest, IsWhatPythonWritesToo) {
  test::CommandOptions options;
  ArchiveManifest manifest = sample();
  manifest.database = "größe \"日本\" \t\x7f/";
  options.input = manifest.to_json();
  const auto result = test::sh(R"(/usr/bin/python3 -c '
import json, sys
m = json.load(sys.stdin)
print(json.dumps(m, sort_keys=True, separators=(",", ":"), ensure_ascii=False))')",
                               options);
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(result.out, manifest.to_json());
}

TEST(StoredObject, HashesTheHeaderOfWhatAgeMade) {
  const test::TempDir directory;
  test::run_ok({"age-keygen", "-o", directory / "key"});
  test::write_text(directory / "plain", "content");
  const auto made = test::sh("cd " + directory.path() +
                             "; age -r $(age-keygen -y key) -o file plain; "
                             "sed '/^---/q' file | sha256sum | cut -c1-64; sha256sum <file | cut "
                             "-c1-64");
  ASSERT_TRUE(made.ok()) << made.describe();
  const std::string content = test::read_text(directory / "file");
  const StoredObject object =
      StoredObject::of("key", as_bytes(content), crypto::sha256(as_bytes(content)));
  EXPECT_EQ(object.header_sha256 + "\n" + object.sha256 + "\n", made.out);
  EXPECT_EQ(object.size, content.size());
  EXPECT_EQ(object.key, "key");
  EXPECT_THROW((void)StoredObject::of("key", as_bytes("age-encryption.org/v1\n"), {}), Error);
}

}  // namespace
}  // namespace pgseal::backupset
