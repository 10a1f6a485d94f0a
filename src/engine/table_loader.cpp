#include "engine/table_loader.h"

#include "base/error.h"
#include "base/format.h"
#include "engine/chunk_check.h"
#include "engine/chunk_feed.h"
#include "engine/restore_state.h"
#include "postgres/copy_in.h"
#include "postgres/large_objects.h"

namespace pgseal::engine {

using backupset::Chunk;
using postgres::Connection;

namespace {

std::string describe(const LoadPiece& piece) {
  if (piece.object != nullptr) return "large objects";
  return format("{}.{} {}/{}", piece.table->schema, piece.table->name, piece.segment->number + 1,
                piece.table->segments.size());
}

/// Large objects' content on its way into the server: many small pieces in a round trip.
class LargeObjectLoader final {
 public:
  LargeObjectLoader(Connection& connection, ChunkFeed& feed)
      : connection_(connection), feed_(feed) {}

  void load(const backupset::LargeObject& object) {
    backupset::ContentFingerprint fingerprint;
    std::uint64_t offset = 0;
    for (const Chunk& chunk : object.chunks) {
      Bytes content = decompress_chunk(chunk, feed_.next());
      fingerprint.add(content);
      contents_.push_back(std::move(content));
      pieces_.push_back({object.oid, offset, contents_.back()});
      offset += chunk.content_size;
      size_ += chunk.content_size;
      if (size_ >= kMostHeld) flush();
    }
    require_fingerprint(object, fingerprint.finish());
  }
  void flush() {
    postgres::write_large_objects(connection_, pieces_);
    pieces_.clear();
    contents_.clear();
    size_ = 0;
  }

 private:
  static constexpr std::uint64_t kMostHeld = 2 * kMiB;
  Connection& connection_;
  ChunkFeed& feed_;
  std::vector<Bytes> contents_;
  std::vector<postgres::LargeObjectPiece> pieces_;
  std::uint64_t size_ = 0;
};

}  // namespace

void TableLoader::load(const LoadUnit& unit) {
  if (load_together(unit.pieces) || unit.pieces.size() == 1) return;
  for (const LoadPiece& piece : unit.pieces) {
    [[maybe_unused]] const bool loaded = load_together({piece});
  }
}

/// False where the server refused something: of a single piece, which is an error then.
bool TableLoader::load_together(const std::vector<LoadPiece>& pieces) {
  job_.progress.begin(number_, describe(pieces.front()));
  try {
    session_.transaction([&](Connection& connection) { load_pieces(connection, pieces); },
                         [&](Connection& connection) {
                           return RestoreState::is_loaded(connection, pieces.front().id);
                         });
    return true;
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    if (ends_restore(error)) throw;
    if (pieces.size() == 1) report(pieces.front(), error);
    return false;
  }
}

void TableLoader::load_pieces(Connection& connection, const std::vector<LoadPiece>& pieces) {
  std::vector<const Chunk*> chunks;
  for (const LoadPiece& piece : pieces) {
    const auto its = piece.chunks();
    chunks.insert(chunks.end(), its.begin(), its.end());
  }
  std::uint64_t rows = 0, large_objects = 0;
  ChunkFeed feed(job_.reader, std::move(chunks), job_.progress.totals.transferred, stop_);
  LargeObjectLoader large_object_loader(connection, feed);
  for (const LoadPiece& piece : pieces) {
    if (piece.object != nullptr) {
      large_object_loader.load(*piece.object);
      job_.progress.add(number_, piece.size);
      ++large_objects;
      continue;
    }
    postgres::CopyIn copy(connection, job_.entries.at(piece.id.first)->copy_statement.value_or(""));
    for (const backupset::RowsChunk* chunk : piece.rows) {
      decompress_rows(*chunk, feed.next(), [&](ByteView text) {
        copy.write(text);
        job_.progress.add(number_, text.size());
      });
      rows += chunk->rows.rows();
    }
    copy.finish();
  }
  large_object_loader.flush();
  if (job_.target.keeps_state) RestoreState::record_loaded(connection, pieces);
  job_.rows += rows;
  job_.large_objects += large_objects;
}

void TableLoader::report(const LoadPiece& piece, const Error& error) {
  const postgres::TocEntry& entry = *job_.entries.at(piece.id.first);
  if (job_.exit_on_error) {
    Error named(error);
    named.add_context(entry_name(entry));
    throw named;
  }
  const std::string part =
      piece.object != nullptr
          ? format("large object {}: ", piece.object->oid)
          : (piece.is_whole ? ""
                            : format("segment {} of {} was not loaded: ", piece.segment->number + 1,
                                     piece.table->segments.size()));
  job_.errors.add(entry, part, error);
}

}  // namespace pgseal::engine
