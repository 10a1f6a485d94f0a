#pragma once
// A backup changed by somebody who has the signing key and knows the recipients: what neither
// SHA-256 nor age nor the signature can find.

#include <functional>
#include <map>
#include <string>

#include "backupset/archive_reader.h"
#include "backupset/tar.h"
#include "compress/zstd.h"
#include "crypto/age.h"
#include "engine/archive_toc_file.h"
#include "support/archive_case.h"

namespace pgseal::test {

/// Changes a backup in a directory store, and `commit()` makes catalog, manifest and signature fit.
class ArchiveForger final {
 public:
  ArchiveForger(const ArchiveCase& keys, const std::string& directory, const std::string& name)
      : keys_(keys),
        directory_(directory),
        store_(directory),
        reader_(store_, backupset::BackupPlace::parse(name).value(), std::nullopt, {}) {
    reader_.open({keys.identity()}, {});
    catalog = reader_.catalog();
  }

  backupset::Catalog catalog;

  /// Files of a bundle by their names, decompressed.
  using Files = std::map<std::string, std::string>;

  /// Writes a bundle anew; the catalog is told where its files now lie, but nothing of their rows.
  void rewrite_bundle(const std::string& key, const std::function<void(Files&)>& change) {
    const Bytes tar = reader_.decrypt_bundle(key, {});
    Files files;
    each_file(tar, [&](const std::string& file, ByteView frame) {
      ByteSource source(frame);
      compress::ZstdDecoder decoder;
      TransformSource content(source, decoder);
      files[file] = as_text(read_all(content, kGiB, "the frame"));
    });
    change(files);
    Bytes written;
    for (const auto& [file, content] : files) add_file(written, key, file, content);
    end_and_write(key, std::move(written));
  }

  using TocFiles = std::map<std::string, Bytes>;
  void rewrite_toc(const std::function<void(postgres::ArchiveToc&, TocFiles&)>& change) {
    TocFiles files = engine::read_toc_files(reader_, {});
    postgres::ArchiveToc toc = postgres::read_directory_toc(files.at("toc.dat"));
    change(toc, files);
    files["toc.dat"] = postgres::write_directory_toc(toc);
    Bytes written;
    for (const auto& [file, content] : files) {
      backupset::append_tar_file(written, file, content, 0);
    }
    end_and_write(key(backupset::kTocName), std::move(written));
  }

  void rewrite_globals(const std::string& script) { write(backupset::kGlobalsName, script); }

  void commit() {
    write(backupset::kCatalogName, catalog.to_json());
    backupset::ArchiveManifest manifest = reader_.manifest();
    for (backupset::StoredObject& object : manifest.objects) {
      const std::string content = read_text(directory_ + "/" + object.key);
      object = backupset::StoredObject::of(object.key, as_bytes(content),
                                           crypto::sha256(as_bytes(content)));
    }
    const std::string text = manifest.to_json();
    write_text(directory_ + "/" + key(backupset::kManifestName), text);
    write_text(directory_ + "/" + key(backupset::kSignatureName),
               keys_.signing_key().sign(as_bytes(text), "pgseal backup"));
  }

 private:
  [[nodiscard]] std::string key(std::string_view name) const { return reader_.place().key(name); }

  void add_file(Bytes& tar, const std::string& key, const std::string& file,
                const std::string& content) {
    compress::ZstdEncoder encoder(1);
    const Bytes frame = transformed(as_bytes(content), encoder);
    each_chunk([&](backupset::Chunk& chunk) {
      if (chunk.object != key || chunk.file != file) return;
      chunk.offset = tar.size() + backupset::kTarBlock;
      chunk.size = frame.size();
      chunk.content_size = content.size();
    });
    backupset::append_tar_file(tar, file, frame, 0);
  }

  template <typename Take>
  static void each_file(ByteView tar, Take take) {
    ByteSource source(tar);
    backupset::TarReader reader(source);
    backupset::TarReader::Entry entry;
    while (reader.next(entry)) take(entry.name, tar.subspan(entry.offset, entry.size));
  }
  template <typename Take>
  void each_chunk(Take take) {
    for (auto& table : catalog.tables) {
      for (auto& segment : table.segments) {
        for (auto& chunk : segment.chunks) take(chunk.place);
      }
    }
    for (auto& group : catalog.large_objects) {
      for (auto& object : group.objects) {
        for (auto& chunk : object.chunks) take(chunk);
      }
    }
  }

  void end_and_write(const std::string& key, Bytes tar) {
    const Bytes end = backupset::tar_end();
    tar.insert(tar.end(), end.begin(), end.end());
    write_sealed(key, tar);
  }
  void write(std::string_view name, const std::string& text) {
    compress::ZstdEncoder encoder(1);
    write_sealed(key(name), transformed(as_bytes(text), encoder));
  }
  void write_sealed(const std::string& key, ByteView content) {
    const Bytes sealed = crypto::age_encrypted(content, {keys_.identity().recipient()});
    write_text(directory_ + "/" + key, std::string(as_text(sealed)));
  }

  const ArchiveCase& keys_;
  std::string directory_;
  store::DirectoryStore store_;
  backupset::ArchiveReader reader_;
};

}  // namespace pgseal::test
