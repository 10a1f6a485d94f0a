#pragma once
// The classic format's manifest: what makes a pair of objects a backup.
//
// A JSON object in canonical form (keys sorted, no white space, UTF-8). Its member "hmac_sha256"
// authenticates all the others: HMAC-SHA256 over the same canonical form without that member, under
// HKDF-SHA256(secret text, no salt, "pgseal classic manifest v1"). Since the manifest holds the
// SHA-256 of both objects, whoever knows the secret can prove that nothing was changed, which CBC
// alone does not. doc/formats/classic.md has an example and the check with stock programs.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/secret.h"

namespace pgseal::backupset {

struct ClassicObject {
  std::string name;        ///< key, relative to the store
  std::uint64_t size = 0;  ///< bytes
  std::string sha256;      ///< lower-case hex
  bool operator==(const ClassicObject&) const = default;
};

struct ClassicManifest {
  std::string database;
  TimePoint started;   ///< when the dump began; part of the objects' names
  TimePoint finished;  ///< when the dump had been read whole
  ClassicObject key;
  ClassicObject data;
  std::uint64_t dump_size = 0;  ///< bytes of SQL
  std::string public_key_sha256;
  std::string pgseal_version;
  std::string pg_dump_version;
  std::string server_version;
  std::uint64_t pg_dump_warnings = 0;  ///< lines; their text may name tables and stays in the log

  /// The file's content, with its HMAC under a key from `secret_text`.
  [[nodiscard]] std::string seal(const Secret& secret_text) const;
};

/// A manifest as it was read, whose contents nobody should trust before `authenticate()`.
class SealedManifest final {
 public:
  /// Throws Error of `Exit::verification` where it is not a manifest of this format and version.
  [[nodiscard]] static SealedManifest parse(std::string_view text);

  [[nodiscard]] const ClassicManifest& claims() const { return claims_; }
  /// Throws Error of `Exit::verification` unless the HMAC is right.
  void authenticate(const Secret& secret_text) const;

 private:
  SealedManifest(ClassicManifest claims, std::string authenticated, std::string hmac)
      : claims_(std::move(claims)),
        authenticated_(std::move(authenticated)),
        hmac_(std::move(hmac)) {}

  ClassicManifest claims_;
  std::string authenticated_;  // the canonical form without the HMAC
  std::string hmac_;           // hex
};

}  // namespace pgseal::backupset
