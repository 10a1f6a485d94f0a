#pragma once
// Large objects, read over SQL.

#include <cstdint>
#include <functional>
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

}  // namespace pgseal::postgres
