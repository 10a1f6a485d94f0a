#pragma once
// Which of pg_dump's options a backup hands on, and what they mean for the rest of it.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "postgres/archive_toc.h"

namespace pgseal::postgres {

/// An option that may pass through.
struct PgDumpOption {
  const char* name;             ///< "schema"
  char letter;                  ///< 'n'; 0 where it has none
  const char* value;            ///< "PATTERN"; null where it takes none
  int since;                    ///< major version of the first pg_dump that knows it; 12 for all
  const char* help;             ///< one line
  const char* alias = nullptr;  ///< another long name of it, of any version: "no-acl"
};

/// All of them, sorted by name.
[[nodiscard]] std::span<const PgDumpOption> pg_dump_option_table();

/// Options that were found to be allowed.
struct PgDumpOptions {
  /// One string each, long name first: "--schema=foo", "--data-only"; in the order given.
  std::vector<std::string> arguments;

  /// What else of a backup has to follow, so that its own COPYs give what pg_dump's would.
  std::string role;      ///< of --role; "" for none
  std::string encoding;  ///< of --encoding; "" for the database's own
  std::optional<int> extra_float_digits;
  bool enable_row_security = false;
  bool quote_all_identifiers = false;
  /// No table's data is asked for: --schema-only, --no-data, --statistics-only, or sections
  /// without "data".
  bool schema_only = false;
  /// Some objects are not asked for; which those are, pg_dump's patterns say.
  bool chooses_objects = false;
  std::string lock_wait_timeout;  ///< as SET lock_timeout takes it; "" where not given

  /// pg_dump ignores these for its archives, so they are for `apply_to()`.
  bool no_owner = false, no_tablespaces = false, no_table_access_method = false;
};

/// Reads options in any form that pg_dump takes: "--table=x", "--table" "x", "-t" "x", "-tx",
/// "-Ox". Abbreviated long names, which mean something else in another version, are unknown. Throws
/// Error of `Exit::usage` for an option that is not in the table, with the reason, and for a value
/// that is missing or too much.
[[nodiscard]] PgDumpOptions parse_pg_dump_options(const std::vector<std::string>& options);

/// What another dump can be told of a dump's options of which only the names ("--schema") are
/// known: those that take no value. Throws as `parse_pg_dump_options()`.
[[nodiscard]] PgDumpOptions options_without_value(const std::vector<std::string>& names);

/// Those of the options of which only the names are known by whose values a dump is only a part of
/// its database.
[[nodiscard]] std::vector<std::string> selecting_options(const std::vector<std::string>& names);

/// Throws Error of `Exit::usage` where pg_dump of version `major` lacks one of them.
void require_pg_dump(const PgDumpOptions& options, int major);

/// Takes owners, tablespaces and access methods out, as the options want it.
void apply_to(ArchiveToc& toc, const PgDumpOptions& options);

}  // namespace pgseal::postgres
