#pragma once
// What doctor looks at in a database that a backup may have to be restored into. Nothing is
// changed.

#include <string>
#include <vector>

#include "engine/check.h"
#include "engine/database.h"

namespace pgseal::engine {

struct TargetDoctorOptions {
  const Database& target;
  /// A connection to the database that is backed up, whose objects the target is to take; null
  /// where that could not be reached, and then less is said.
  postgres::Connection* source = nullptr;
  std::string program_path;  ///< PATH, where pg_restore and psql are looked for too
};

/// Makes all checks of the subject "target", or says of the connection that it failed and that the
/// others were not made. Throws Cancelled only.
void check_restore_target(const TargetDoctorOptions& options, Checks& checks,
                          const std::stop_token& stop);

/// Their names, in order.
[[nodiscard]] std::vector<std::string> target_check_names();

}  // namespace pgseal::engine
