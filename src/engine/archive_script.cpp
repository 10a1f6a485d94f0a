#include "engine/archive_script.h"

#include "base/error.h"
#include "engine/archive_toc_file.h"
#include "engine/chunk_check.h"
#include "engine/chunk_feed.h"
#include "engine/restore_check.h"
#include "postgres/custom_archive.h"
#include "postgres/programs.h"

namespace pgseal::engine {

namespace {

using backupset::Chunk;
using backupset::LargeObject;
using backupset::LargeObjects;
using backupset::Table;
using postgres::TocEntry;

/// The data of the chosen entries, into an archive.
class DataWriter final {
 public:
  DataWriter(backupset::ArchiveReader& reader, ArchiveProgress& progress,
             postgres::CustomArchiveWriter& archive, std::stop_token stop)
      : reader_(reader), progress_(progress), archive_(archive), stop_(std::move(stop)) {}

  void write(const TocEntry& entry) {
    for (const Table& table : reader_.catalog().tables) {
      if (table.dump_id == entry.dump_id) write_rows(table);
    }
    for (const LargeObjects& group : reader_.catalog().large_objects) {
      if (group.dump_id == entry.dump_id) write_objects(group);
    }
  }

 private:
  void write_rows(const Table& table) {
    std::vector<const backupset::RowsChunk*> chunks;
    std::vector<const Chunk*> places;
    for (const backupset::Segment& segment : table.segments) {
      for (const backupset::RowsChunk& chunk : segment.chunks) {
        if (is_terminator(chunk)) continue;
        chunks.push_back(&chunk);
        places.push_back(&chunk.place);
      }
    }
    ChunkFeed feed(reader_, std::move(places), progress_.totals.transferred, stop_);
    archive_.begin_rows(table.dump_id);
    for (const backupset::RowsChunk* chunk : chunks) {
      decompress_rows(*chunk, feed.next(), [&](ByteView text) { pass_on(text); });
    }
    archive_.write(as_bytes(backupset::kCopyTerminator));
    archive_.end();
  }

  void write_objects(const LargeObjects& group) {
    std::vector<const Chunk*> places;
    for (const LargeObject& object : group.objects) {
      for (const Chunk& chunk : object.chunks) places.push_back(&chunk);
    }
    ChunkFeed feed(reader_, std::move(places), progress_.totals.transferred, stop_);
    archive_.begin_objects(group.dump_id);
    for (const LargeObject& object : group.objects) {
      backupset::ContentFingerprint fingerprint;
      archive_.begin_object(object.oid);
      for (const Chunk& chunk : object.chunks) {
        decompress_chunk(chunk, feed.next(), [&](ByteView piece) {
          fingerprint.add(piece);
          pass_on(piece);
        });
      }
      archive_.end();
      require_fingerprint(object, fingerprint.finish());
    }
    archive_.end();
  }

  void pass_on(ByteView bytes) {
    archive_.write(bytes);
    progress_.totals.dumped += bytes.size();
  }

  backupset::ArchiveReader& reader_;
  ArchiveProgress& progress_;
  postgres::CustomArchiveWriter& archive_;
  std::stop_token stop_;
};

}  // namespace

void write_archive_script(const postgres::RestoreOptions& options, const std::string& program_path,
                          backupset::ArchiveReader& reader, ArchiveProgress& progress, Sink& script,
                          const std::stop_token& stop) {
  const postgres::ArchiveToc toc = read_archive_toc(reader, stop);
  const postgres::Program program =
      postgres::choose_pg_restore(postgres::find_programs("pg_restore", program_path, stop),
                                  postgres::parse_version(toc.pg_dump_version.value_or("")), 0);
  RestoreChoice choice{.toc = toc, .backup = reader.place().name()};
  choice.choose(postgres::list_entries(program, postgres::TocArchive(toc), options, stop));
  Problems problems("cannot write the script");
  check_choice(choice, options, problems);
  problems.throw_if_any();
  postgres::write_script(
      program, options,
      [&](Sink& sink, const std::stop_token& token) {
        postgres::CustomArchiveWriter archive(sink, toc);
        DataWriter data(reader, progress, archive, token);
        for (const TocEntry* entry : choice.entries) {
          if (entry->has_data) data.write(*entry);
        }
      },
      script, stop);
}

}  // namespace pgseal::engine
