#pragma once
// Lets pg_restore decide what of an archive is restored, and restore what holds no data.

#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory_file.h"
#include "base/stream.h"
#include "postgres/archive_toc.h"
#include "postgres/conn_params.h"
#include "postgres/programs.h"

namespace pgseal::postgres {

/// Options of pg_restore, by the names that it gives them; its page says what they mean.
struct RestoreOptions {
  std::vector<std::string> tables, schemas, sections;
  bool clean = false, if_exists = false, create = false;
  bool no_owner = false, no_acl = false, no_tablespaces = false;
  std::string role;  ///< "" for none
  bool exit_on_error = false;

  /// Those that choose entries.
  [[nodiscard]] std::vector<std::string> selection() const;
  /// Those that change what is done with a chosen entry.
  [[nodiscard]] std::vector<std::string> treatment() const;
};

/// An SQL statement that failed.
struct RestoreMessage {
  int dump_id = 0;    ///< of the TOC entry; 0 where it belongs to none
  std::string entry;  ///< "TABLE orders shop", or "pg_restore"
  std::string text;   ///< the server's words
  bool operator==(const RestoreMessage&) const = default;
};

/// What a pg_restore said.
struct RestoreMessages {
  std::vector<RestoreMessage> errors;
  std::vector<std::string> warnings;
  std::uint64_t ignored = 0;  ///< errors that pg_restore counted
  std::string failure;        ///< its last word on what was no statement's error; "" for none
};

/// Reads, line by line, what `pg_restore --verbose` writes to standard error, in English. (Without
/// that option it does not say to which entry an error belongs.)
class RestoreMessageReader final {
 public:
  void add(std::string_view line);
  [[nodiscard]] const RestoreMessages& messages() const { return messages_; }

 private:
  void add_own(std::string_view line);

  RestoreMessages messages_;
  int dump_id_ = 0;
  std::string entry_ = "pg_restore";
  bool in_error_ = false;
};

/// The TOC as an archive that pg_restore can open, in memory only.
class TocArchive final {
 public:
  explicit TocArchive(const ArchiveToc& toc);
  [[nodiscard]] const std::string& path() const { return file_.path(); }

 private:
  MemoryFile file_;
};

/// The dump ids of the entries that pg_restore restores with `options`. Throws Error of
/// `Exit::database`.
[[nodiscard]] std::set<int> list_entries(const Program& program, const TocArchive& toc,
                                         const RestoreOptions& options,
                                         const std::stop_token& stop);

/// Writes what pg_restore makes of an archive, as a script: the archive's bytes go to it through
/// `write_archive`, on a thread of its own, and the script to `script`. Throws Error of
/// `Exit::database` in pg_restore's own words.
void write_script(const Program& program, const RestoreOptions& options,
                  const std::function<void(Sink& archive, const std::stop_token&)>& write_archive,
                  Sink& script, const std::stop_token& stop);

/// Restores the entries `ids`, which hold no data, on one connection. Errors of SQL are returned.
/// Throws Error of `Exit::database` where pg_restore did not reach its end (with `exit_on_error` at
/// the first error), where it lost its connection and only counted what failed then, and where the
/// server has no room or is read-only.
[[nodiscard]] RestoreMessages run_pg_restore(const Program& program, const TocArchive& toc,
                                             const std::vector<int>& ids,
                                             const RestoreOptions& options,
                                             const ConnParams& target, const std::stop_token& stop);

}  // namespace pgseal::postgres
