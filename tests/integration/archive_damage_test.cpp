// Whatever is changed in a signed backup is found, and the object is named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/archive_case.h"

namespace pgseal {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ArchiveDamage : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    test::PostgresServer server;
    server.create_database("tiny");
    server.psql("tiny",
                "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'one'), (2, 'two');"
                "SELECT lo_from_bytea(0, 'large')");
    case_ = new test::ArchiveCase();
    auto options = case_->options(server.conninfo("tiny"));
    options.shape.jobs = 1;  // a single bundle
    name_ = case_->backup(options).name;
  }
  static void TearDownTestSuite() {
    delete case_;
    case_ = nullptr;
  }

  /// Why the backup cannot be exported; "" where it can.
  static std::string objection() {
    const std::string out = case_->directory() / "out";
    try {
      case_->export_to(out, name_);
      fs::remove_all(out);
      return "";
    } catch (const Error& error) {
      EXPECT_FALSE(fs::exists(out));
      return error.message();
    }
  }

  static std::vector<fs::path> objects() {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(case_->store_directory())) {
      if (entry.is_regular_file()) paths.push_back(entry.path());
    }
    return paths;
  }

  static void write(const fs::path& path, const std::string& content) {
    test::write_text(path.string(), content);
  }

  /// A message about this object; about a signature it may name the manifest that it is for.
  static testing::Matcher<std::string> names(const fs::path& path) {
    const bool is_signature = path.extension() == ".minisig";
    return HasSubstr(is_signature ? "manifest.json" : path.filename().string());
  }

  static test::ArchiveCase* case_;
  static std::string name_;
};

test::ArchiveCase* ArchiveDamage::case_ = nullptr;
std::string ArchiveDamage::name_;

TEST_F(ArchiveDamage, EveryFlippedByteOfEveryObjectIsRefusedWithTheObjectsName) {
  ASSERT_EQ(objection(), "");
  ASSERT_EQ(objects().size(), 6u);
  for (const fs::path& path : objects()) {
    const std::string whole = test::read_text(path.string());
    for (std::size_t i = 0; i < whole.size(); ++i) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
      write(path, damaged);
      ASSERT_THAT(objection(), names(path)) << "byte " << i << " of " << path;
    }
    write(path, whole);
  }
  ASSERT_EQ(objection(), "");
}

TEST_F(ArchiveDamage, EveryCutIsRefusedWithTheObjectsName) {
  for (const fs::path& path : objects()) {
    const std::string whole = test::read_text(path.string());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      write(path, whole.substr(0, size));
      ASSERT_THAT(objection(), names(path)) << path << " cut to " << size << " bytes";
    }
    fs::remove(path);
    ASSERT_THAT(objection(), names(path));
    write(path, whole);
  }
  ASSERT_EQ(objection(), "");
}

TEST_F(ArchiveDamage, AManifestOfAnotherBackupIsRefusedInItsPlace) {
  test::PostgresServer server;
  server.create_database("tiny");
  server.psql("tiny", "CREATE TABLE t (a int, b text)");
  const std::string older = case_->backup(server, "tiny").name;
  const fs::path store = case_->store_directory();
  const std::string manifest = store / name_ / "manifest.json";
  const std::string signature = store / name_ / "manifest.json.minisig";
  const std::string true_manifest = test::read_text(manifest);
  const std::string true_signature = test::read_text(signature);

  // Rolled back: both, rightly signed, from another backup of the same database.
  write(manifest, test::read_text(store / older / "manifest.json"));
  write(signature, test::read_text(store / older / "manifest.json.minisig"));
  EXPECT_THAT(objection(), HasSubstr("manifest.json"));

  // Signed again by somebody else's key.
  write(manifest, true_manifest);
  const auto stranger = crypto::MinisignSecretKey::generate();
  write(signature, stranger.sign(as_bytes(true_manifest), "pgseal backup " + name_));
  EXPECT_THAT(objection(), HasSubstr("manifest.json"));

  // Not signed any more.
  fs::remove(signature);
  EXPECT_THAT(objection(), HasSubstr("manifest.json"));

  write(signature, true_signature);
  EXPECT_EQ(objection(), "");
}

TEST_F(ArchiveDamage, ABundleOfAnotherBackupIsRefusedEvenWhereOnlyARangeIsRead) {
  const auto reader = case_->open(name_);
  const auto& chunk = reader->catalog().tables.at(0).segments.at(0).chunks.at(0).place;
  const fs::path path = fs::path(case_->store_directory()) / chunk.object;
  const std::string whole = test::read_text(path.string());
  const Bytes frame = reader->read_chunk(chunk, {});
  ASSERT_EQ(frame.size(), chunk.size);

  // Who knows the recipient can encrypt the same plaintext again, but not under the same file key.
  const Bytes plain = reader->decrypt_bundle(chunk.object, {});
  Bytes forged;
  ByteSink sink(forged);
  crypto::AgeEncryptor encryptor({case_->identity().recipient()});
  TransformSink out(encryptor, sink);
  out.write(plain);
  out.finish();
  ASSERT_EQ(forged.size(), whole.size());
  write(path, std::string(as_text(forged)));
  const auto fresh = case_->open(name_);
  try {
    std::ignore = fresh->read_chunk(chunk, {});
    ADD_FAILURE() << "read a forged chunk";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::verification);
    EXPECT_THAT(error.message(), HasSubstr(path.filename().string()));
  }
  write(path, whole);
}

}  // namespace
}  // namespace pgseal
