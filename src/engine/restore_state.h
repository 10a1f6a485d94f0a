#pragma once
// How far a restore has come, kept in the target itself while it runs.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/load_plan.h"
#include "postgres/connection.h"
#include "postgres/pg_restore.h"

namespace pgseal::engine {

/// The schema `pgseal_restore` of the target. What a transaction records in it is as true as the
/// rest of that transaction: nothing is loaded twice, and nothing that was not loaded is recorded.
/// Functions take the connection whose transaction it is.
class RestoreState final {
 public:
  /// What an interrupted restore left.
  struct Found {
    std::string backup, options;
    bool pre_data_done = false;
    std::set<PieceId> loaded;
    std::set<int> built;  ///< entries of post-data
    std::vector<postgres::RestoreMessage> errors;
  };
  static constexpr const char* kSchema = "pgseal_restore";

  /// Nothing where there is none.
  [[nodiscard]] static std::optional<Found> find(postgres::Connection& connection);
  /// Makes the schema, for a restore of `backup` with `options`.
  static void create(postgres::Connection& connection, const std::string& backup,
                     const std::string& options);
  /// Removes the schema, if it is there.
  static void remove(postgres::Connection& connection);

  /// With the errors that it met, which nobody meets again.
  static void record_pre_data(postgres::Connection& connection,
                              const std::vector<postgres::RestoreMessage>& errors);
  static void record_loaded(postgres::Connection& connection, const std::vector<LoadPiece>& pieces);
  static void forget_loaded(postgres::Connection& connection, int dump_id);
  static void record_built(postgres::Connection& connection, int dump_id);
  /// Entries of which anything was loaded.
  [[nodiscard]] static std::set<int> loaded_entries(postgres::Connection& connection);
  [[nodiscard]] static bool is_loaded(postgres::Connection& connection, const PieceId& piece);
  [[nodiscard]] static bool is_built(postgres::Connection& connection, int dump_id);
};

}  // namespace pgseal::engine
