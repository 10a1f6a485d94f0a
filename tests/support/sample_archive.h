#pragma once
// A small archive backup made by the stock programs, in a directory store.

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "backupset/archive_manifest.h"
#include "backupset/catalog.h"
#include "backupset/tar.h"
#include "crypto/minisign.h"
#include "store/directory_store.h"
#include "support/command.h"
#include "support/temp_dir.h"

namespace pgseal::test {

/// Table "public.t" of three rows in two chunks and a large object in one bundle, made by `zstd`,
/// `tar`, `age` and `minisign`; manifest and catalog are ours. One thread at a time.
class SampleArchive final {
 public:
  enum class Signing { yes, no };

  explicit SampleArchive(Signing signing = Signing::yes,
                         const std::string& name = "shop/20261124T041500Z-abcdefgh")
      : place_(backupset::BackupPlace::parse(name).value()) {
    std::filesystem::create_directories(path("data"));
    sh_ok("age-keygen -o identity 2>/dev/null; minisign -G -W -p signer.pub -s signer.key -f");
    make_bundle();
    seal("toc.tar.age", "printf 'the TOC' >toc.dat; tar --format=ustar -c toc.dat");
    catalog_.backup = place_.name();
    catalog_.encoding = "UTF8";
    write_catalog();
    if (signing == Signing::yes)
      manifest_.signer = crypto::MinisignPublicKey::parse(signer()).key_id();
    write_manifest();
    if (signing == Signing::yes) sign();
  }

  static std::string why_not() {
    for (const char* program : {"age", "minisign", "zstd", "tar"}) {
      if (!have_program(program)) return std::string(program) + " is not installed";
    }
    return "";
  }

  [[nodiscard]] store::DirectoryStore& store() { return store_; }
  [[nodiscard]] const backupset::BackupPlace& place() const { return place_; }
  [[nodiscard]] backupset::Catalog& catalog() { return catalog_; }
  [[nodiscard]] backupset::ArchiveManifest& manifest() { return manifest_; }
  /// An object's file.
  [[nodiscard]] std::string path(const std::string& object) const {
    return directory_ / ("store/" + place_.key(object));
  }
  [[nodiscard]] std::string identity() const { return read_text(directory_ / "identity"); }
  [[nodiscard]] std::string signer() const { return read_text(directory_ / "signer.pub"); }
  /// The text that a chunk's frame holds, by its file's name.
  [[nodiscard]] const std::map<std::string, std::string>& contents() const { return contents_; }

  /// Encrypts the output of `script` as an object, for an identity other than ours where
  /// `recipient` is given.
  void seal(const std::string& object, const std::string& script,
            const std::string& recipient = "$(age-keygen -y identity)") const {
    sh_ok("{ " + script + "; } | age -r " + recipient + " >" + shell_quoted(path(object)));
  }
  /// Writes the catalog as it now is.
  void write_catalog() const {
    write_text(directory_ / "catalog", catalog_.to_json());
    seal(std::string(backupset::kCatalogName), "zstd -qc catalog");
  }
  /// Writes a manifest of all objects as they now are.
  void write_manifest() {
    manifest_.database = place_.database;
    manifest_.backup_id = place_.id.text();
    manifest_.started = manifest_.finished = place_.id.started();
    manifest_.archive_version = "1.14";
    manifest_.objects.clear();
    for (const std::string name : {"catalog.json.zst.age", "data/000001.tar.age", "toc.tar.age"}) {
      const std::string content = read_text(path(name));
      manifest_.objects.push_back(backupset::StoredObject::of(place_.key(name), as_bytes(content),
                                                              crypto::sha256(as_bytes(content))));
    }
    write_text(path("manifest.json"), manifest_.to_json());
  }
  /// Signs the manifest's file, with the key of `key_file`.
  void sign(const std::string& key_file = "signer.key") const {
    sh_ok("minisign -S -s " + key_file + " -m " + shell_quoted(path("manifest.json")) +
          " -t 'pgseal backup' </dev/null");
  }
  /// Runs a script in the directory of the keys.
  std::string sh_ok(const std::string& script) const {
    CommandOptions options;
    options.directory = directory_.path();
    const CommandResult result = sh(script, options);
    if (!result.ok()) throw std::runtime_error(script + ": " + result.describe());
    return result.out;
  }

 private:
  void make_bundle() {
    contents_ = {{"3456.dat.zst.00000000.0000", "1\tone\n2\ttwo\n"},
                 {"3456.dat.zst.00000000.0001", "3\t\\N\n"},
                 {"3456.dat.zst.00000000.0002", std::string(backupset::kCopyTerminator)},
                 {"blob_16409.dat.zst.00000000.0000", noise_text()}};
    std::string names;
    for (const auto& [file, content] : contents_) {
      write_text(directory_ / "content", content);
      sh_ok("zstd -q content -o " + file);
      names += " " + file;
    }
    sh_ok("tar --format=ustar -cf bundle" + names);
    seal("data/000001.tar.age", "cat bundle");
    std::map<std::string, backupset::Chunk> chunks = find_chunks();
    const auto rows = [&](const char* file, std::vector<const char*> texts) {
      backupset::RowsFingerprint fingerprint;
      for (const char* text : texts) fingerprint.add(as_bytes(text));
      return backupset::RowsChunk{.place = chunks.at(file), .rows = fingerprint};
    };
    catalog_.tables = {
        {.dump_id = 3456,
         .schema = "public",
         .name = "t",
         .columns = "id, name",
         .data_file = "3456.dat",
         .segments = {{.chunks = {rows("3456.dat.zst.00000000.0000", {"1\tone", "2\ttwo"}),
                                  rows("3456.dat.zst.00000000.0001", {"3\t\\N"}),
                                  rows("3456.dat.zst.00000000.0002", {})}}}}};
    const std::string& blob = contents_.at("blob_16409.dat.zst.00000000.0000");
    backupset::ContentFingerprint fingerprint;
    fingerprint.add(as_bytes(blob));
    catalog_.large_objects = {
        {.dump_id = 3500,
         .toc_file = "blobs.toc",
         .objects = {{.oid = 16'409,
                      .size = blob.size(),
                      .fingerprint = fingerprint.finish(),
                      .chunks = {chunks.at("blob_16409.dat.zst.00000000.0000")}}}}};
  }

  /// Longer than a chunk of age's payload, and it does not compress.
  static std::string noise_text() {
    std::string text;
    unsigned state = 1;
    while (text.size() < 200'000) {
      state = state * 1'103'515'245 + 12'345;
      text += static_cast<char>(state >> 24);
    }
    return text;
  }

  [[nodiscard]] std::map<std::string, backupset::Chunk> find_chunks() const {
    const std::string tar = read_text(directory_ / "bundle");
    ByteSource source(as_bytes(tar));
    backupset::TarReader reader(source);
    backupset::TarReader::Entry entry;
    std::map<std::string, backupset::Chunk> chunks;
    while (reader.next(entry)) {
      chunks[entry.name] = {.object = place_.key("data/000001.tar.age"),
                            .file = entry.name,
                            .offset = entry.offset,
                            .size = entry.size,
                            .content_size = contents_.at(entry.name).size()};
    }
    return chunks;
  }

  TempDir directory_;
  store::DirectoryStore store_{directory_ / "store"};
  backupset::BackupPlace place_;
  std::map<std::string, std::string> contents_;
  backupset::Catalog catalog_;
  backupset::ArchiveManifest manifest_;
};

}  // namespace pgseal::test
