#pragma once
// What the verb `verify` finds.

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backupset/archive_reader.h"
#include "base/error.h"

namespace pgseal::engine {

/// Something that is wrong with a backup.
struct Defect {
  std::string object;   ///< key of the object where it was found
  std::string problem;  ///< an error's text
  /// `verification`; `key` for another signer, or an identity that does not fit; `not_found`;
  /// `storage` for an object that cannot be had.
  Exit code = Exit::verification;
  /// What lies there, as far as a catalog tells: "table public.orders", "large object 16409".
  std::vector<std::string> holds{};
};

/// What was looked at in a backup, and what is wrong with it.
struct Verification {
  /// Of archives only, and of those whose manifest could be read.
  std::optional<backupset::Authenticity> authenticity{};
  /// What was proved of all that was looked at, but for the findings: "presence" of the objects, in
  /// their sizes; their "sha256"; their "content", decrypted and compared.
  std::vector<std::string> steps{};
  std::uint64_t objects = 0;  ///< of the manifest
  std::uint64_t read = 0;     ///< bytes of objects that were read
  std::uint64_t rows = 0;     ///< that were compared with the catalog
  std::vector<Defect> findings{};
  std::vector<std::string> notes{};  ///< what could not be looked at, and why

  [[nodiscard]] bool good() const { return findings.empty(); }
};

/// Whether an Error tells of the backup, and so is a finding; else the store, or this machine, is
/// out of order, and nothing can be said of the backup.
[[nodiscard]] bool concerns_backup(const Error& error);

/// Collects what is wrong. Safe for use from any thread.
class Findings final {
 public:
  void add(const std::string& object, const Error& error, std::vector<std::string> holds = {});
  /// Runs `part`, and adds what it throws where that concerns the backup. False where it did.
  bool collect(const std::string& object, const std::function<void()>& part,
               std::vector<std::string> holds = {});
  /// Adds those of another collection, which is empty then.
  void add(Findings&& others);
  /// All of them, by object, after the threads that add have ended.
  [[nodiscard]] std::vector<Defect> take();
  [[nodiscard]] bool names(const std::string& object) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Defect> findings_;  // guarded by mutex_
};

}  // namespace pgseal::engine
