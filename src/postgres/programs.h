#pragma once
// PostgreSQL's client programs on this machine, and which version of them to use.

#include <stop_token>
#include <string>
#include <vector>

namespace pgseal::postgres {

struct Program {
  std::string path;
  int version = 0;           ///< 150018 for 15.18, as libpq counts
  std::string version_text;  ///< "15.18"
  [[nodiscard]] int major() const { return version / 10000; }
};

/// Every `name` ("pg_dump", "pg_restore", "psql", "postgres") below /usr/lib/postgresql/*/bin,
/// /usr/pgsql-*/bin and on PATH
/// (`path_variable`, ":" between folders), newest version first. Debian's wrapper scripts are left
/// out, since what they run depends on more than their name.
[[nodiscard]] std::vector<Program> find_programs(const std::string& name,
                                                 const std::string& path_variable,
                                                 const std::stop_token& stop);

/// The pg_dump for a server: of the server's major version where there is one, else of the next
/// newer; with `like_version` the one that words definitions most as a pg_dump of that version did:
/// the oldest that is as new as both, else the newest. Throws Error of `Exit::database` where all
/// are older than the server, and where there is none.
[[nodiscard]] Program choose_pg_dump(const std::vector<Program>& installed, int server_version,
                                     const std::string& server_version_text, int like_version = 0);

/// The server ("postgres") that can hold a database of another one: of the same major version where
/// there is one, else of the next newer. Throws Error of `Exit::database` where there is none.
[[nodiscard]] Program choose_server(const std::vector<Program>& installed, int server_version,
                                    const std::string& server_version_text);

/// The newest psql: scripts of pg_dump need a psql at least as new as it is (since August 2025 for
/// `\restrict`). Throws Error of `Exit::database` where there is none.
[[nodiscard]] Program choose_psql(const std::vector<Program>& installed);

/// The pg_restore for an archive that pg_dump of `dump_version` described and a server that is
/// restored into: the oldest that is as new as both, since a newer one says what an older server
/// does not know; else the newest that reads the archive. Versions as libpq counts. Throws Error of
/// `Exit::database` where there is none.
[[nodiscard]] Program choose_pg_restore(const std::vector<Program>& installed, int dump_version,
                                        int server_version);

/// 150018 from "pg_dump (PostgreSQL) 15.18 (Debian ...)", 180000 from "... 18beta1"; 0 where it is
/// no such text.
[[nodiscard]] int parse_program_version(const std::string& text);
/// The same from "15.18 (Debian ...)", as servers and archives say it.
[[nodiscard]] int parse_version(const std::string& text);

}  // namespace pgseal::postgres
