#pragma once
// From settings to the checks of keys.

#include "cli/backup_settings.h"
#include "cli/commands.h"
#include "engine/check.h"

namespace pgseal::cli {

/// Looks at the keys of a backup. What is wrong with the settings themselves is a problem of the
/// configuration, as `resolve_backup()` has it.
void check_keys(Configuration& configuration, BackupFormat format, engine::Checks& checks);

}  // namespace pgseal::cli
