#pragma once
// Where the report of a drill goes: the terminal, files, the store.

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "backupset/drill_report.h"
#include "base/stream.h"
#include "cli/commands.h"
#include "cli/key_settings.h"
#include "cli/store_settings.h"

namespace pgseal::cli {

/// The options that are no settings.
struct DrillOutputFlags {
  std::optional<std::string> json{}, html{};
  bool store = false;
};
/// With the settings of the key, and of the objects that are stored.
void add_drill_output_options(Command command, DrillOutputFlags& output_flags, GivenFlags& flags);

struct DrillOutputSettings {
  std::optional<SigningKey> signing_key;
  std::optional<StoreSettings> store;  ///< in the place of the one that is only read from
};
[[nodiscard]] DrillOutputSettings resolve_drill_outputs(const DrillOutputFlags& flags,
                                                        Configuration& configuration,
                                                        TimePoint now);

/// The outputs, opened before the drill begins, so that what cannot be written is known then.
class DrillOutputs final {
 public:
  /// Opens the files, and the key, whose pass phrase is asked for where it has one. Throws Error of
  /// `Exit::usage` or `Exit::key`.
  DrillOutputs(const DrillOutputFlags& flags, const DrillOutputSettings& settings,
               const std::stop_token& stop);

  /// Writes the files, prints the report unless one of them goes there, then stores it where that
  /// is wanted. Returns what the drill is to end with: `Exit::verification` where it failed. A
  /// report that cannot be stored is an Error, and where the drill failed a line of the log, since
  /// that is worse.
  [[nodiscard]] Exit deliver(const backupset::DrillReport& report, store::ObjectStore& store);

 private:
  void store_report(const backupset::DrillReport& report, store::ObjectStore& store) const;
  [[nodiscard]] const crypto::MinisignSecretKey* key() const { return key_ ? &*key_ : nullptr; }

  std::stop_token stop_;
  bool prints_;  ///< standard output is not taken by a file's content
  bool is_stored_;
  std::optional<crypto::MinisignSecretKey> key_;
  std::unique_ptr<Sink> json_, signature_, html_;  // null where not wanted
};

}  // namespace pgseal::cli
