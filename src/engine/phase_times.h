#pragma once
// How long the parts of a verb took.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "backupset/drill_report.h"
#include "base/clock.h"

namespace pgseal::engine {

/// Phases that follow one another. One thread at a time.
class PhaseTimes final {
 public:
  explicit PhaseTimes(const Clock& clock) : clock_(clock) {}

  /// Ends the phase before, if one runs.
  void begin(std::string name) {
    end();
    phases_.push_back({.name = std::move(name)});
    begun_ = clock_.monotonic();
    runs_ = true;
  }
  void end() {
    if (!std::exchange(runs_, false)) return;
    phases_.back().duration =
        std::chrono::round<std::chrono::milliseconds>(clock_.monotonic() - begun_);
  }
  /// Adds those of another verb, while none runs here.
  void add(const std::vector<backupset::DrillPhase>& phases) {
    phases_.insert(phases_.end(), phases.begin(), phases.end());
  }
  [[nodiscard]] const std::vector<backupset::DrillPhase>& phases() const { return phases_; }

 private:
  const Clock& clock_;
  std::vector<backupset::DrillPhase> phases_;
  std::chrono::nanoseconds begun_{0};
  bool runs_ = false;
};

}  // namespace pgseal::engine
