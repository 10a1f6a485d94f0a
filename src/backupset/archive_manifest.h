#pragma once
// The public manifest of an archive backup: its commit. It names every object with size and
// SHA-256, and reveals no table and no row count. doc/formats/archive.md has its grammar.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backupset/archive_layout.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/hash.h"

namespace pgseal::backupset {

struct StoredObject {
  std::string key;         ///< full key, relative to the store
  std::uint64_t size = 0;  ///< bytes
  std::string sha256;      ///< lower-case hex
  /// SHA-256 of the age header (up to and with the newline after its MAC), lower-case hex. It
  /// proves ranges of an object that nobody reads whole: whoever writes another object may encrypt
  /// it to the same recipients, but not under the same file key, which they do not know.
  std::string header_sha256;
  bool operator==(const StoredObject&) const = default;

  /// Of an age file that is to be stored, and its SHA-256. Throws Error of `Exit::verification`
  /// where it is none.
  [[nodiscard]] static StoredObject of(std::string key, ByteView content,
                                       const crypto::Digest& sha256);
};

struct ArchiveManifest {
  std::string database;
  std::string backup_id;
  TimePoint started;   ///< of the snapshot; to the second, as all times here
  TimePoint finished;  ///< when all was read and encrypted
  std::string server_version, pg_dump_version, pgseal_version;
  std::string archive_version;               ///< of the TOC: "1.15"
  std::vector<std::string> recipients;       ///< public keys, as AgeRecipient::text() has them
  std::optional<std::string> signer;         ///< minisign key id; absent: unsigned
  std::uint64_t content_size = 0;            ///< bytes of COPY text and large objects
  std::uint64_t warnings = 0;                ///< lines that pg_dump wrote
  std::vector<std::string> pg_dump_options;  ///< names only ("--table"), since values name tables
  /// All that the backup needs, sorted by key; neither the manifest nor its signature.
  std::vector<StoredObject> objects;
  bool operator==(const ArchiveManifest&) const = default;

  [[nodiscard]] std::uint64_t stored_size() const;  ///< bytes of all objects
  /// The object with this key, null where there is none.
  [[nodiscard]] const StoredObject* find(std::string_view key) const;
  /// JSON, canonical (keys sorted, no white space, UTF-8), and a newline.
  [[nodiscard]] std::string to_json() const;
  /// Throws Error of `Exit::verification` where it is no manifest of this format and version, or
  /// not in the one form that `to_json` gives it.
  [[nodiscard]] static ArchiveManifest parse(std::string_view json);
  /// Throws Error of `Exit::verification` unless it is the manifest of `place`.
  void require_place(const BackupPlace& place) const;
};

/// No manifest is longer: 64 MiB, some 200,000 objects.
inline constexpr std::size_t kMaxManifestSize = 64 * kMiB;

}  // namespace pgseal::backupset
