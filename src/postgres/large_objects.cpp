#include "postgres/large_objects.h"

#include <algorithm>

#include "postgres/relations.h"

namespace pgseal::postgres {

namespace {

constexpr std::size_t kFirstPiece = 64 * kKiB;
constexpr std::size_t kObjectsAtOnce = 128;  // first pieces: 8 MiB
constexpr std::size_t kNextPiece = 4 * kMiB;

using Take = std::function<void(std::uint32_t, ByteView, bool)>;

/// What follows the first piece, to the end.
void read_rest(Connection& connection, std::uint32_t oid, const Take& take) {
  for (std::uint64_t offset = kFirstPiece;; offset += kNextPiece) {
    const Rows rows =
        connection.query("SELECT pg_catalog.lo_get($1::oid, $2::bigint, $3::integer)",
                         {std::to_string(oid), std::to_string(offset), std::to_string(kNextPiece)},
                         ValueFormat::binary);
    const std::string& piece = rows.at(0).at(0).value();
    const bool is_last = piece.size() < kNextPiece;
    take(oid, as_bytes(piece), is_last);
    if (is_last) return;
  }
}

}  // namespace

void read_large_objects(Connection& connection, const std::vector<std::uint32_t>& oids,
                        const Take& take) {
  for (std::size_t at = 0; at < oids.size(); at += kObjectsAtOnce) {
    const std::size_t end = std::min(at + kObjectsAtOnce, oids.size());
    const Rows rows = connection.query(
        "SELECT pg_catalog.lo_get(o.oid, 0, $2::integer) FROM pg_catalog.unnest($1::oid[]) WITH "
        "ORDINALITY AS o (oid, place) ORDER BY o.place",
        {number_array({oids.begin() + at, oids.begin() + end}), std::to_string(kFirstPiece)},
        ValueFormat::binary);
    for (std::size_t i = at; i < end; ++i) {
      const std::string& piece = rows.at(i - at).at(0).value();
      const bool is_last = piece.size() < kFirstPiece;
      take(oids[i], as_bytes(piece), is_last);
      if (!is_last) read_rest(connection, oids[i], take);
    }
  }
}

void write_large_objects(Connection& connection, std::span<const LargeObjectPiece> pieces) {
  // As text, and so twice its size.
  constexpr std::size_t kMostAtOnce = 2 * kMiB;
  std::string oids, offsets, contents;
  const auto flush = [&] {
    if (oids.empty()) return;
    connection.execute(
        "SELECT pg_catalog.lo_put(p.oid, p.at, p.content) FROM ROWS FROM "
        "(pg_catalog.unnest($1::oid[]), pg_catalog.unnest($2::bigint[]), "
        "pg_catalog.unnest($3::bytea[])) AS p (oid, at, content)",
        {"{" + oids + "}", "{" + offsets + "}", "{" + contents + "}"});
    oids.clear();
    offsets.clear();
    contents.clear();
  };
  for (LargeObjectPiece piece : pieces) {
    do {
      const ByteView part = piece.content.first(std::min(piece.content.size(), kMostAtOnce));
      const char* separator = oids.empty() ? "" : ",";
      oids += separator + std::to_string(piece.oid);
      offsets += separator + std::to_string(piece.offset);
      contents += separator + ("\"\\\\x" + to_hex(part) + "\"");
      piece.offset += part.size();
      piece.content = piece.content.subspan(part.size());
      if (contents.size() >= 2 * kMostAtOnce) flush();
    } while (!piece.content.empty());
  }
  flush();
}

}  // namespace pgseal::postgres
