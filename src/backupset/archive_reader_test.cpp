#include "backupset/archive_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/task_group.h"
#include "compress/zstd.h"
#include "support/requirement.h"
#include "support/s3_place.h"
#include "support/sample_archive.h"
#include "support/store_conformance.h"

namespace pgseal::backupset {
namespace {

namespace fs = std::filesystem;
using test::SampleArchive;
using ::testing::HasSubstr;

constexpr const char* kBundle = "data/000001.tar.age";

std::vector<crypto::AgeIdentity> identities(const SampleArchive& archive) {
  return crypto::AgeIdentity::parse_file(archive.identity(), [] { return std::nullopt; });
}

crypto::MinisignPublicKey signer(const SampleArchive& archive) {
  return crypto::MinisignPublicKey::parse(archive.signer());
}

std::vector<Chunk> chunks_of(const Catalog& catalog) {
  std::vector<Chunk> chunks;
  for (const Table& table : catalog.tables) {
    for (const Segment& segment : table.segments) {
      for (const RowsChunk& chunk : segment.chunks) chunks.push_back(chunk.place);
    }
  }
  for (const LargeObjects& entry : catalog.large_objects) {
    for (const LargeObject& object : entry.objects) {
      chunks.insert(chunks.end(), object.chunks.begin(), object.chunks.end());
    }
  }
  return chunks;
}

std::string decompressed(ByteView frame) {
  ByteSource source(frame);
  compress::ZstdDecoder decoder;
  TransformSource content(source, decoder);
  return std::string(as_text(read_all(content, kGiB, "the frame")));
}

/// Reads all that there is, as a restore would.
void read_everything(store::ObjectStore& store, const SampleArchive& archive) {
  ArchiveReader reader(store, archive.place(), signer(archive), {});
  reader.open(identities(archive), {});
  for (const Chunk& chunk : chunks_of(reader.catalog())) {
    EXPECT_EQ(decompressed(reader.read_chunk(chunk, {})), archive.contents().at(chunk.file));
  }
  EXPECT_THAT(std::string(as_text(reader.decrypt_object(kTocName, {}))), HasSubstr("the TOC"));
}

class AnArchiveReader : public testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(SampleArchive::why_not());
    archive_.emplace();
  }
  /// The Error that reading everything meets.
  Error refusal() {
    try {
      read_everything(archive_->store(), *archive_);
    } catch (const Error& error) {
      return error;
    }
    return {Exit::ok, ""};
  }
  void commit() {
    archive_->write_manifest();
    archive_->sign();
  }

  std::optional<SampleArchive> archive_;
};

TEST_F(AnArchiveReader, ReadsWhatTheStockProgramsMade) {
  read_everything(archive_->store(), *archive_);
  ArchiveReader reader(archive_->store(), archive_->place(), signer(*archive_), {});
  EXPECT_EQ(reader.authenticity(), Authenticity::verified);
  EXPECT_EQ(reader.trusted_comment(), "pgseal backup");
  EXPECT_EQ(reader.manifest(), archive_->manifest());
  reader.open(identities(*archive_), {});
  EXPECT_EQ(reader.catalog(), archive_->catalog());
}

TEST_F(AnArchiveReader, ReadsItFromS3ByRangesToo) {
  test::S3Place place;
  for (const auto& object : archive_->store().list("", {})) {
    place.s3.add_object("back ups/+/" + object.key,
                        test::read_object(archive_->store(), object.key));
  }
  read_everything(place.store(), *archive_);
  std::vector<std::string> ranges;
  for (const auto& request : place.s3.requests()) {
    if (request.target.find("000001") != std::string::npos) {
      ranges.push_back(request.header("range"));
    }
  }
  EXPECT_EQ(ranges.size(), 1u + 4u) << "the head once, and each chunk";
  EXPECT_EQ(ranges.at(0), "bytes=0-4095");
}

TEST_F(AnArchiveReader, IsReadByManyThreads) {
  ArchiveReader reader(archive_->store(), archive_->place(), signer(*archive_), {});
  reader.open(identities(*archive_), {});
  TaskGroup group;
  for (int i = 0; i < 4; ++i) {
    group.run([&](const std::stop_token& stop) {
      for (const Chunk& chunk : chunks_of(reader.catalog())) {
        EXPECT_EQ(decompressed(reader.read_chunk(chunk, stop)),
                  archive_->contents().at(chunk.file));
      }
    });
  }
  group.wait();
}

TEST_F(AnArchiveReader, SaysWhatItKnowsAboutTheSigner) {
  const auto authenticity = [](SampleArchive& archive) {
    return ArchiveReader(archive.store(), archive.place(), std::nullopt, {}).authenticity();
  };
  EXPECT_EQ(authenticity(*archive_), Authenticity::not_checked);
  SampleArchive another(SampleArchive::Signing::no);
  EXPECT_EQ(authenticity(another), Authenticity::unsigned_);
  try {
    ArchiveReader(another.store(), another.place(), signer(another), {});
    FAIL() << "read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key);
    EXPECT_EQ(error.message(), "cannot read \"" +
                                   another.store().url(another.place().key(kSignatureName)) +
                                   "\": the backup is not signed");
  }
}

TEST_F(AnArchiveReader, RefusesAnotherKeysSignature) {
  archive_->sh_ok("minisign -G -W -p other.pub -s other.key -f");
  archive_->sign("other.key");
  const Error error = refusal();
  EXPECT_EQ(error.code(), Exit::key) << error.message();
  EXPECT_THAT(error.message(), HasSubstr("manifest.json.minisig\""));
}

TEST_F(AnArchiveReader, RefusesAnUnsignedChangeOfTheManifest) {
  archive_->manifest().warnings = 7;
  archive_->write_manifest();
  EXPECT_EQ(refusal().code(), Exit::verification);
}

TEST_F(AnArchiveReader, RefusesAManifestThatNamesAnotherSigner) {
  archive_->manifest().signer = "0123456789ABCDEF";
  commit();
  EXPECT_THAT(refusal().message(), HasSubstr("names another signer"));
}

TEST_F(AnArchiveReader, RefusesASignedManifestOfAnotherBackup) {
  SampleArchive older(SampleArchive::Signing::yes, "shop/20261123T041500Z-abcdefgh");
  const std::string key = archive_->sh_ok("cat signer.key");
  older.sh_ok("cat >signer.key <<'.'\n" + key + ".\n");
  older.sign();
  for (const char* name : {"manifest.json", "manifest.json.minisig"}) {
    test::write_text(archive_->path(name), test::read_text(older.path(name)));
  }
  EXPECT_THAT(refusal().message(),
              HasSubstr("is another backup's: \"shop/20261123T041500Z-abcdefgh\""));
}

TEST_F(AnArchiveReader, FindsNoBackupWithoutAManifest) {
  fs::remove(archive_->path("manifest.json"));
  EXPECT_EQ(refusal().code(), Exit::not_found);
}

TEST_F(AnArchiveReader, RefusesEveryObjectThatIsMissingOrCutByItsName) {
  for (const StoredObject& object : archive_->manifest().objects) {
    const std::string name = object.key.substr(archive_->place().name().size() + 1);
    const std::string whole = test::read_text(archive_->path(name));
    test::write_text(archive_->path(name), whole.substr(1));
    EXPECT_EQ(refusal().message(), "cannot read \"" + archive_->store().url(object.key) +
                                       "\": it has " + std::to_string(whole.size() - 1) +
                                       " bytes, not " + std::to_string(whole.size()));
    fs::remove(archive_->path(name));
    const Error error = refusal();
    EXPECT_EQ(error.code(), Exit::verification);
    EXPECT_EQ(error.message(),
              "cannot read \"" + archive_->store().url(object.key) + "\": the object is missing");
    test::write_text(archive_->path(name), whole);
  }
  EXPECT_EQ(refusal().message(), "");
}

TEST_F(AnArchiveReader, ReportsAllThatIsWrongToWhoeverWantsToGoOn) {
  fs::remove(archive_->path("toc.tar.age"));
  std::ofstream(archive_->path("catalog.json.zst.age"), std::ios::app) << "more";
  std::map<std::string, Exit> reported;
  const ArchiveReader reader(
      archive_->store(), archive_->place(), crypto::MinisignSecretKey::generate().public_key(),
      [&](const std::string& key, const Error& error) { reported[key] = error.code(); }, {});
  EXPECT_EQ(reader.authenticity(), Authenticity::refused);
  const BackupPlace& place = archive_->place();
  EXPECT_EQ(reported,
            (std::map<std::string, Exit>{{place.key("catalog.json.zst.age"), Exit::verification},
                                         {place.key("manifest.json.minisig"), Exit::key},
                                         {place.key("toc.tar.age"), Exit::verification}}));
  EXPECT_NO_THROW(reader.prove_object(place.key(kBundle), {}));
  EXPECT_THROW(reader.prove_object(place.key("catalog.json.zst.age"), {}), Error);
  EXPECT_THROW(reader.prove_object(place.key("toc.tar.age"), {}), Error);
}

TEST_F(AnArchiveReader, RefusesChangedBytesByTheObjectsName) {
  for (const char* name : {"catalog.json.zst.age", "toc.tar.age", kBundle}) {
    const std::string whole = test::read_text(archive_->path(name));
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 50) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      test::write_text(archive_->path(name), changed);
      const Error error = refusal();
      EXPECT_EQ(error.code(), Exit::verification) << name << " " << at;
      EXPECT_THAT(error.message(), HasSubstr(archive_->store().url(archive_->place().key(name))));
    }
    test::write_text(archive_->path(name), whole);
  }
}

TEST_F(AnArchiveReader, RefusesABundleThatSomebodyElseEncryptedToUs) {
  // As large as ours, and for the same recipient; whoever can write to the store can make it.
  const std::string before = test::read_text(archive_->path(kBundle));
  archive_->seal(kBundle, "cat bundle");
  const std::string after = test::read_text(archive_->path(kBundle));
  ASSERT_EQ(after.size(), before.size());
  ASSERT_NE(after, before);
  EXPECT_THAT(refusal().message(),
              HasSubstr("000001.tar.age\": its header has another SHA-256 than the manifest says"));
}

TEST_F(AnArchiveReader, RefusesAnotherIdentity) {
  const auto other = crypto::AgeIdentity::generate();
  ArchiveReader reader(archive_->store(), archive_->place(), signer(*archive_), {});
  try {
    reader.open({other}, {});
    FAIL() << "opened";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::key) << error.message();
    EXPECT_THAT(error.message(), HasSubstr("catalog.json.zst.age\""));
  }
}

TEST_F(AnArchiveReader, RefusesACatalogOfAnotherBackup) {
  archive_->catalog().backup = "shop/20261123T041500Z-abcdefgh";
  archive_->write_catalog();
  commit();
  EXPECT_THAT(refusal().message(),
              HasSubstr("it is another backup's catalog: of \"shop/20261123T041500Z-abcdefgh\""));
}

TEST_F(AnArchiveReader, RefusesACatalogThatIsNone) {
  archive_->seal("catalog.json.zst.age", "echo '{}' | zstd -qc");
  commit();
  EXPECT_THAT(refusal().message(), HasSubstr("cannot read the catalog: \"format\" is missing"));
  archive_->seal("catalog.json.zst.age", "echo '{}'");
  commit();
  EXPECT_EQ(refusal().code(), Exit::verification);
}

TEST_F(AnArchiveReader, RefusesChunksOutsideOfTheirObjects) {
  ArchiveReader reader(archive_->store(), archive_->place(), signer(*archive_), {});
  reader.open(identities(*archive_), {});
  Chunk chunk = chunks_of(reader.catalog())[0];
  const auto message = [&] {
    try {
      (void)reader.read_chunk(chunk, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::verification);
      return error.message();
    }
    return std::string();
  };
  chunk.size = 1ull << 40;
  EXPECT_THAT(message(), HasSubstr(archive_->store().url(chunk.object)));
  chunk.offset = 1ull << 40;
  EXPECT_NE(message(), "");
  chunk.object = archive_->place().key("data/000002.tar.age");
  EXPECT_THAT(message(), HasSubstr("000002.tar.age\": the manifest does not name it"));
}

}  // namespace
}  // namespace pgseal::backupset
