#pragma once
// What went wrong with single objects of a restore, and what of it does no harm.

#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "postgres/archive_toc.h"
#include "postgres/pg_restore.h"

namespace pgseal::engine {

/// Why a managed server's refusal of this entry does no harm; "" where it may. `entry` is null for
/// what belongs to no entry. doc/restore.md has the list.
[[nodiscard]] std::string why_harmless(const postgres::TocEntry* entry, const std::string& text);

/// Errors by the entry that they belong to. Safe for use from any thread.
class RestoreErrors final {
 public:
  /// The TOC must outlive this.
  explicit RestoreErrors(const postgres::ArchiveToc& toc) : toc_(toc) {}

  void add(const postgres::RestoreMessage& message);
  /// What the server said; `part` names a part of the entry, or is "".
  void add(const postgres::TocEntry& entry, const std::string& part, const Error& error);
  /// What a pg_restore said; errors that it counted and did not name count too.
  void add(const postgres::RestoreMessages& messages);

  [[nodiscard]] std::vector<postgres::RestoreMessage> errors() const;
  [[nodiscard]] std::vector<postgres::RestoreMessage> left_out() const;
  [[nodiscard]] std::uint64_t count() const;  ///< of errors

  /// One line for each: what is left out with its reason, then the errors.
  void log() const;

 private:
  const postgres::ArchiveToc& toc_;
  mutable std::mutex mutex_;
  std::vector<postgres::RestoreMessage> errors_, left_out_;  // guarded by mutex_
  std::uint64_t unnamed_ = 0;                                // guarded by mutex_
};

/// "TABLE DATA public.orders", for people.
[[nodiscard]] std::string entry_name(const postgres::TocEntry& entry);

}  // namespace pgseal::engine
