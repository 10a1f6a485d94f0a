#pragma once
// What stands in the way of a restore, found before the target is touched.

#include <set>

#include "base/problems.h"
#include "engine/archive_restore.h"
#include "engine/restore_state.h"
#include "postgres/archive_toc.h"

namespace pgseal::engine {

/// What is to be restored, as far as the backup tells it.
struct RestoreChoice {
  const postgres::ArchiveToc& toc;
  std::string backup;                                ///< its name
  std::vector<const postgres::TocEntry*> entries{};  ///< chosen, in the TOC's order

  void choose(const std::set<int>& dump_ids);
};

/// Those who own what is restored, to whom privileges are granted, and as whom it is restored.
[[nodiscard]] std::set<std::string> wanted_roles(const RestoreChoice& choice,
                                                 const postgres::RestoreOptions& options);

/// The error of every table or schema that was asked for and is in no entry.
void check_choice(const RestoreChoice& choice, const postgres::RestoreOptions& options,
                  Problems& problems);

/// Names of what objects need of the server that they are restored into.
struct TargetNeeds {
  std::set<std::string> extensions{}, tablespaces{}, roles{};
};
/// What of it the server does not have. Of a server that hides where its extensions are (Debian's
/// `extension_destdir`) none is said to be missing.
[[nodiscard]] TargetNeeds missing_in(postgres::Connection& target, const TargetNeeds& wanted);

/// The target's version, whether it is empty, and its extensions, roles and tablespaces. `choice`
/// is null where the backup could not be read: then what can be said without. What an interrupted
/// restore left is returned with `options.resume`; without, it is a problem.
[[nodiscard]] std::optional<RestoreState::Found> check_target(postgres::Connection& connection,
                                                              const RestoreChoice* choice,
                                                              const ArchiveRestoreOptions& options,
                                                              Problems& problems);

/// What a restore was told to choose, as `RestoreState` keeps it.
[[nodiscard]] std::string options_text(const postgres::RestoreOptions& options);

/// The roles that GRANT and REVOKE statements of pg_dump name, PUBLIC not.
[[nodiscard]] std::set<std::string> roles_in_acl(std::string_view statements);

}  // namespace pgseal::engine
