#pragma once
// What the newest backup in the store tells.

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/check.h"
#include "store/object_store.h"

namespace pgseal::engine {

/// Whose backups are looked for; the references must outlive the checks.
struct LastBackupSubject {
  store::ObjectStore& store;
  std::string database;
  std::vector<std::string> recipients;  ///< who will be encrypted to, as AgeRecipient::text()
  const Clock& clock;
  std::stop_token stop;

  // Found out by the first check: who can read the newest archive, where there is one.
  std::vector<std::string> last_recipients{};
};

/// The first is a note where the role may not list or read: the writer need not.
[[nodiscard]] std::span<const CheckOf<LastBackupSubject>> last_backup_checks();

}  // namespace pgseal::engine
