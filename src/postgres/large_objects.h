#pragma once
// Large objects, read and written over SQL.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "postgres/connection.h"

namespace pgseal::postgres {

/// Hands the content of each object to `take(oid, piece, is_last)`, in the order of `oids`, piece
/// by piece; an empty object is one empty piece. Small objects come many in one query, so that a
/// hundred thousand of them are not as many round trips; no more than 8 MiB are held at once.
/// Throws Error of `Exit::database`, also where an object is not there.
void read_large_objects(
    Connection& connection, const std::vector<std::uint32_t>& oids,
    const std::function<void(std::uint32_t oid, ByteView piece, bool is_last)>& take);

/// A part of an object that is to be written.
struct LargeObjectPiece {
  std::uint32_t oid = 0;
  std::uint64_t offset = 0;  ///< bytes
  ByteView content;
};
/// Puts pieces into objects that are there, some MiB in a round trip. Throws as Connection.
void write_large_objects(Connection& connection, std::span<const LargeObjectPiece> pieces);

}  // namespace pgseal::postgres
