#include "backupset/classic_manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "backupset/classic_name.h"
#include "base/error.h"
#include "base/json.h"
#include "crypto/openssl_enc.h"
#include "support/command.h"

namespace pgseal::backupset {
namespace {

ClassicManifest sample() {
  ClassicManifest m;
  m.database = "shop \"ü\"";
  m.started = *parse_utc("2026-11-24T04:15:00Z");
  m.finished = *parse_utc("2026-11-24T04:16:00Z");
  m.key = {.name = "k", .size = 256, .sha256 = "aa"};
  m.data = {.name = "d", .size = 1ull << 42, .sha256 = "bb"};
  m.dump_size = 12345;
  m.public_key_sha256 = "cc";
  m.pgseal_version = "0.1.0";
  m.pg_dump_version = "15.18";
  m.server_version = "15.18 (Debian)";
  m.pg_dump_warnings = 1;
  return m;
}

const Secret kSecret(std::string("first line\nsecond line\n"));

TEST(ClassicManifest, IsReadBackAndAuthentic) {
  const SealedManifest sealed = SealedManifest::parse(sample().seal(kSecret));
  sealed.authenticate(kSecret);
  EXPECT_EQ(sealed.claims().database, sample().database);
  EXPECT_EQ(sealed.claims().started, sample().started);
  EXPECT_EQ(sealed.claims().data, sample().data);
  EXPECT_EQ(sealed.claims().key, sample().key);
  EXPECT_EQ(sealed.claims().pg_dump_warnings, 1u);
}

TEST(ClassicManifest, AnotherSecretIsRefused) {
  const SealedManifest sealed = SealedManifest::parse(sample().seal(kSecret));
  EXPECT_THROW(sealed.authenticate(Secret(std::string("first line\nanother line\n"))), Error);
}

TEST(ClassicManifest, EveryChangedByteIsRefused) {
  const std::string text = sample().seal(kSecret);
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    for (const char c : {'0', 'x', '"'}) {
      std::string changed = text;
      if (changed[i] == c) continue;
      changed[i] = c;
      EXPECT_THROW(SealedManifest::parse(changed).authenticate(kSecret), Error)
          << i << ": " << changed;
    }
  }
}

TEST(ClassicManifest, EveryMissingMemberIsRefused) {
  const Json whole = Json::parse(sample().seal(kSecret));
  for (const auto& [name, value] : whole.items()) {
    Json less = whole;
    less.erase(name);
    EXPECT_THROW((void)SealedManifest::parse(less.dump()), Error) << name;
  }
}

TEST(ClassicManifest, AnUnknownVersionIsRefusedByNumber) {
  Json json = Json::parse(sample().seal(kSecret));
  json["version"] = 2;
  try {
    (void)SealedManifest::parse(json.dump());
    FAIL() << "read";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), testing::HasSubstr("version 2 is unknown"));
  }
}

TEST(ClassicManifest, StockProgramsComputeTheSameHmac) {
  // The commands of doc/formats/classic.md, with Python's json for the canonical form.
  const std::string text = sample().seal(kSecret);
  test::CommandOptions options;
  options.input = text;
  options.environment["SECRET"] = std::string(kSecret.reveal());
  const auto result = test::sh(R"(
    canonical=$(/usr/bin/python3 -c '
import json, sys
m = json.load(sys.stdin)
del m["hmac_sha256"]
print(json.dumps(m, sort_keys=True, separators=(",", ":"), ensure_ascii=False))')
    secret=$(printf '%s' "$SECRET" | od -An -tx1 -v | tr -d ' \n')
    key=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "hexkey:$secret" \
            -kdfopt "info:pgseal classic manifest v1" HKDF | tr -d ':\n')
    printf '%s' "$canonical" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -r | cut -d' ' -f1)",
                               options);
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(result.out, Json::parse(text).at("hmac_sha256").get<std::string>() + "\n");
}

TEST(ClassicName, IsThatOfTheImage) {
  const ClassicName name("shop", *parse_utc("2026-11-24T04:15:00Z"));
  EXPECT_EQ(name.key_object(), "shop_2026-11-24T04:15:00Z.key.txt.enc");
  EXPECT_EQ(name.data_object(), "shop_2026-11-24T04:15:00Z.sql.bz.enc");
  EXPECT_EQ(name.manifest_object(), "shop_2026-11-24T04:15:00Z.manifest.json");
}

TEST(ClassicName, IsReadBackWhateverTheDatabaseIsCalled) {
  for (const char* database : {"shop", "my_shop", "_", "a b", "x_2026-11-24T04:15:00Z", "ü/ö"}) {
    const ClassicName name(database, *parse_utc("2026-11-24T04:15:00Z"));
    const auto parsed = ClassicName::parse(name.text());
    ASSERT_TRUE(parsed) << database;
    EXPECT_EQ(parsed->database(), database);
    EXPECT_EQ(parsed->started(), name.started());
  }
  for (const char* text : {"", "shop", "shop_", "_2026-11-24T04:15:00Z", "shop_2026-11-24T04:15:00",
                           "shop_2026-11-24T04:15:00.5Z", "shop_2026-13-24T04:15:00Z"}) {
    EXPECT_FALSE(ClassicName::parse(text)) << text;
  }
}

}  // namespace
}  // namespace pgseal::backupset
