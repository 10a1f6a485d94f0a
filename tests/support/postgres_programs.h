#pragma once
// PostgreSQL's own programs, of this machine's version and of others.

#include <string>
#include <vector>

namespace pgseal::test {

/// Major versions below /usr/lib/postgresql that have a server, ascending.
[[nodiscard]] std::vector<int> installed_postgres_versions();

/// Where initdb, postgres, psql, pg_dump and pg_restore of `version` lie: the installed ones, else
/// those that the script postgres-tree has unpacked into the cache, $PGSEAL_CACHE or
/// /var/tmp/pgseal-cache; the first time on a machine it downloads them there. Either can be put on
/// a PATH. Throws std::runtime_error where there are none.
[[nodiscard]] std::string postgres_bin_dir(int version);

/// Why `version` cannot be had here; "" where it can. What is neither installed nor in the cache
/// needs root and mmdebstrap and, because of its download, outside CI,
/// PGSEAL_TEST_POSTGRES_DOWNLOAD=1. See requirement.h.
[[nodiscard]] std::string why_no_postgres(int version);

}  // namespace pgseal::test
