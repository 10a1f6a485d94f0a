#include "engine/verification.h"

#include <algorithm>
#include <iterator>

#include "backupset/read_object.h"

namespace pgseal::engine {

bool concerns_backup(const Error& error) {
  // No database is asked: an error of that class is about the table of contents.
  return backupset::concerns_one_object(error) || error.code() == Exit::key ||
         error.code() == Exit::not_found || error.code() == Exit::database;
}

void Findings::add(const std::string& object, const Error& error, std::vector<std::string> holds) {
  const Exit code = error.code() == Exit::database ? Exit::verification : error.code();
  const std::lock_guard lock(mutex_);
  findings_.push_back({object, error.message(), code, std::move(holds)});
}

bool Findings::collect(const std::string& object, const std::function<void()>& part,
                       std::vector<std::string> holds) {
  try {
    part();
    return true;
  } catch (const Error& error) {
    if (!concerns_backup(error)) throw;
    add(object, error, std::move(holds));
    return false;
  }
}

void Findings::add(Findings&& others) {
  std::vector<Defect> more = others.take();
  const std::lock_guard lock(mutex_);
  std::move(more.begin(), more.end(), std::back_inserter(findings_));
}

std::vector<Defect> Findings::take() {
  const std::lock_guard lock(mutex_);
  std::stable_sort(findings_.begin(), findings_.end(),
                   [](const Defect& a, const Defect& b) { return a.object < b.object; });
  return std::move(findings_);
}

bool Findings::names(const std::string& object) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(findings_.begin(), findings_.end(),
                     [&](const Defect& finding) { return finding.object == object; });
}

}  // namespace pgseal::engine
