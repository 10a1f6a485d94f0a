// The example of doc/formats/archive.md is read as its text says.

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "backupset/archive_manifest.h"
#include "backupset/catalog.h"
#include "backupset/tar.h"
#include "compress/zstd.h"
#include "crypto/age.h"
#include "crypto/base64.h"
#include "crypto/minisign.h"
#include "support/documented_commands.h"
#include "support/temp_dir.h"

namespace pgseal::backupset {
namespace {

/// The block of code behind the mark of this name.
std::string block(const std::string& name) {
  static const std::string kPage =
      test::read_text(std::string(PGSEAL_SOURCE_DIR) + "/doc/formats/archive.md");
  const std::size_t mark = kPage.find("<!-- test:" + name + " -->\n```");
  if (mark == kPage.npos) throw std::runtime_error("no block " + name);
  const std::size_t begin = kPage.find('\n', kPage.find("```", mark)) + 1;
  return kPage.substr(begin, kPage.find("\n```", begin) + 1 - begin);
}

std::string in_one_line(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
  return text;
}

std::string json(const std::string& name) {
  return test::documented_line("doc/formats/archive.md", name);
}

Bytes bundle() { return crypto::from_base64(in_one_line(block("bundle"))).value(); }

std::string decompressed(ByteView frame) {
  ByteSource source(frame);
  compress::ZstdDecoder decoder;
  TransformSource content(source, decoder);
  return std::string(as_text(read_all(content, kMiB, "the frame")));
}

TEST(ArchiveDocument, HasASignedManifest) {
  const auto signer = crypto::MinisignPublicKey::parse(block("signer"));
  const std::string text = json("manifest");
  const ArchiveManifest manifest = ArchiveManifest::parse(text);
  EXPECT_EQ(signer.verify(as_bytes(text), block("signature")),
            "pgseal backup " + encode_database(manifest.database) + "/" + manifest.backup_id);
  EXPECT_EQ(manifest.signer, signer.key_id());
}

TEST(ArchiveDocument, HasTheBundleThatItsManifestNames) {
  const ArchiveManifest manifest = ArchiveManifest::parse(json("manifest"));
  const Catalog catalog = Catalog::parse(json("catalog"));
  const std::string key = catalog.tables.at(0).segments.at(0).chunks.at(0).place.object;
  const StoredObject* named = manifest.find(key);
  ASSERT_NE(named, nullptr);
  EXPECT_EQ(StoredObject::of(key, bundle(), crypto::sha256(bundle())), *named);
}

TEST(ArchiveDocument, HasTheChunksThatItsCatalogNames) {
  const std::string text = json("catalog");
  const Catalog catalog = Catalog::parse(text);
  EXPECT_EQ(catalog.to_json(), text);
  const Bytes object = bundle();
  const auto reader = crypto::AgeRangeReader::open(
      object, object.size(),
      crypto::AgeIdentity::parse_file(block("identity"), [] { return std::nullopt; }));
  ASSERT_TRUE(reader);
  const auto content = [&](const Chunk& chunk) {
    const auto range = reader->encrypted_range(chunk.offset, chunk.size);
    return decompressed(reader->decrypt(chunk.offset, chunk.size,
                                        ByteView(object).subspan(range.offset, range.size)));
  };
  const auto& chunks = catalog.tables.at(0).segments.at(0).chunks;
  EXPECT_EQ(content(chunks.at(0).place), "1\thello\n2\t\\N\n");
  EXPECT_EQ(content(chunks.at(1).place), kCopyTerminator);
  RowsFingerprint rows;
  rows.add(as_bytes("1\thello"));
  rows.add(as_bytes("2\t\\N"));
  EXPECT_EQ(chunks.at(0).rows, rows);
  const LargeObject& blob = catalog.large_objects.at(0).objects.at(0);
  EXPECT_EQ(content(blob.chunks.at(0)), "a large object");
  ContentFingerprint fingerprint;
  fingerprint.add(as_bytes("a large object"));
  EXPECT_EQ(blob.fingerprint, fingerprint.finish());
}

TEST(ArchiveDocument, HasATarFileInItsBundle) {
  const Bytes object = bundle();
  crypto::AgeDecryptor decryptor(
      crypto::AgeIdentity::parse_file(block("identity"), [] { return std::nullopt; }));
  ByteSource source(object);
  TransformSource payload(source, decryptor);
  TarReader reader(payload);
  TarReader::Entry entry;
  std::vector<std::string> names;
  while (reader.next(entry)) names.push_back(entry.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"3340.dat.zst.00000000.0000", "3340.dat.zst.00000000.0001",
                                      "blob_16409.dat.zst.00000000.0000"}));
}

}  // namespace
}  // namespace pgseal::backupset
