#pragma once
// Whether tonight's backup can be stored in a directory.

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "engine/check.h"
#include "store/object_store.h"

namespace pgseal::engine {

/// A directory that is looked at; the reference must outlive the checks.
struct DirectorySubject {
  std::string directory;
  store::ObjectStore& store;  ///< the same place, where a probe is put
  /// Bytes that a backup may take; absent where nobody knows.
  std::optional<std::uint64_t> expected_size{};
  std::stop_token stop;
};

/// Nothing is written. Where the first of them fails, the others make no sense.
[[nodiscard]] std::span<const CheckOf<DirectorySubject>> directory_checks();
/// Puts an object as a backup puts them, and removes it.
[[nodiscard]] std::span<const CheckOf<DirectorySubject>> directory_probe_checks();

/// Runs them as "store", the probe's where `probe` is true. False where it cannot be written to.
bool check_directory(DirectorySubject& subject, bool probe, Checks& checks);

}  // namespace pgseal::engine
