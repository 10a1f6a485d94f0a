#include "cli/open_database.h"

namespace pgseal::cli {

engine::Database open_database(const DatabaseSettings& settings, AwsAccess& access,
                               const Clock& clock) {
  engine::PasswordSource password;
  if (settings.iam) {
    password = engine::iam_password(settings.iam->host, settings.iam->port, settings.iam->user,
                                    settings.iam->region, access.for_database(), clock);
  }
  return {settings.params, std::move(password)};
}

}  // namespace pgseal::cli
