#pragma once
// A custom-format archive with its data, written as a stream.

#include <cstdint>

#include "base/stream.h"
#include "postgres/archive_toc.h"

namespace pgseal::postgres {

/// What pg_restore reads from a pipe: the TOC, then the data of entries, in the TOC's order (those
/// that it is told not to restore may be missing). Nothing is compressed. Source: PostgreSQL,
/// src/bin/pg_dump/pg_backup_custom.c.
class CustomArchiveWriter final {
 public:
  /// Writes the TOC. Does not own `sink`, which is not finished.
  CustomArchiveWriter(Sink& sink, const ArchiveToc& toc);

  /// The rows of an entry, its terminator too, follow by `write()`.
  void begin_rows(int dump_id);
  /// Large objects follow, each from `begin_object()` to `end()`.
  void begin_objects(int dump_id);
  void begin_object(std::uint32_t oid);
  void write(ByteView bytes);
  /// Of rows, of one object, of all objects.
  void end();

 private:
  void block(int kind, int dump_id);
  void integer(std::uint32_t magnitude);
  Sink& sink_;
};

}  // namespace pgseal::postgres
