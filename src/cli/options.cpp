#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"

namespace pgseal::cli {

CLI::Option* add_text(CLI::App& command, const std::string& names,
                      std::optional<std::string>& value, const std::string& help) {
  return command.add_option_function<std::string>(
      names, [&value](const std::string& text) { value = text; }, help);
}

void add_store_options(CLI::App& command, StoreFlags& flags) {
  const char* group = "Store";
  add_text(command, "--store", flags.store,
           "s3://BUCKET/PREFIX?region=REGION, or file:///DIRECTORY (PGSEAL_STORE)")
      ->type_name("URL")
      ->group(group);
  add_text(command, "--bucket", flags.bucket, "S3 bucket (S3_BUCKET)")
      ->type_name("NAME")
      ->group(group);
  add_text(command, "--prefix", flags.prefix,
           "what the objects' keys begin with, without the last \"/\" (S3_PREFIX, default backups)")
      ->type_name("TEXT")
      ->group(group);
  add_text(command, "--s3-region", flags.s3_region, "the bucket's region (S3_REGION, else REGION)")
      ->type_name("NAME")
      ->group(group);
}

void add_authentication_options(CLI::App& command, DatabaseFlags& flags) {
  const char* group = "Authentication";
  add_text(command, "--region", flags.region, "the database's region (REGION)")
      ->type_name("NAME")
      ->group(group);
  add_text(command, "--db-auth", flags.auth,
           "iam, password or auto: iam where no password is configured and the host is RDS or a "
           "region is given (PGSEAL_DB_AUTH, default auto)")
      ->type_name("HOW")
      ->group(group);
  add_text(command, "--rds-ca", flags.rds_ca,
           "certificates that the server is verified with (PGSSLROOTCERT, default "
           "/etc/pgseal/rds-global-bundle.pem)")
      ->type_name("FILE")
      ->group(group);
}

void print_result(const std::string& text, Json fields) {
  std::string line = text;
  if (log::current_format() == log::Format::json) {
    fields["level"] = "info";
    fields["time"] = format_utc(system_clock().now());
    fields["message"] = text;
    line = fields.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  try {
    write_all(STDOUT_FILENO, as_bytes(line + "\n"), "the result to standard output");
  } catch (const Error& error) {
    // What the command did is done, and stays so.
    log::warning("{}: {}", error.message(), text);
  }
}

}  // namespace pgseal::cli
