#include "engine/doctor_last_backup.h"

#include <algorithm>
#include <optional>

#include "backupset/archive_listing.h"
#include "backupset/classic_listing.h"
#include "base/format.h"
#include "base/size.h"

namespace pgseal::engine {

namespace {

struct LastBackup {
  std::string name;
  TimePoint started, finished;
  std::uint64_t content_size = 0;  ///< bytes that were read
  std::uint64_t stored_size = 0;   ///< bytes in the store
  std::vector<std::string> recipients{};
};

/// Null where none is whole.
template <typename Entry>
const Entry* newest_of(const std::vector<Entry>& entries) {
  const auto found = std::find_if(entries.rbegin(), entries.rend(),
                                  [](const Entry& entry) { return entry.committed(); });
  return found == entries.rend() ? nullptr : &*found;
}

std::optional<LastBackup> find_last(const LastBackupSubject& subject) {
  std::optional<LastBackup> last;
  const auto archives = backupset::list_archives(subject.store, subject.database, subject.stop);
  if (const auto* archive = newest_of(archives)) {
    const backupset::ArchiveManifest& m = *archive->manifest;
    last = {archive->place.name(), m.started,     m.finished,
            m.content_size,        archive->size, m.recipients};
  }
  const auto classics = backupset::list_classic(subject.store, subject.database, subject.stop);
  const auto* classic = newest_of(classics);
  if (classic != nullptr && (!last || classic->name.started() > last->started)) {
    const backupset::ClassicManifest& m = classic->manifest->claims();
    last = {classic->name.text(), classic->name.started(), m.finished, m.dump_size, classic->size};
  }
  return last;
}

Finding check_last_backup(LastBackupSubject& subject) {
  try {
    const auto last = find_last(subject);
    if (!last) {
      return {State::note, format("no backup of \"{}\" is seen in the store", subject.database),
              "pgseal list --all tells what is there"};
    }
    subject.last_recipients = last->recipients;
    return {State::ok,
            format("the newest backup is \"{}\", begun {} ago; it read {} in {}, and "
                   "stored {}",
                   last->name, format_duration(subject.clock.now() - last->started),
                   format_size(last->content_size), format_duration(last->finished - last->started),
                   format_size(last->stored_size))};
  } catch (const Error& error) {
    if (error.http_status() != 403) throw;
    return {State::note, "cannot tell the newest backup: the role may not list, and need not",
            "pgseal list, by who may"};
  }
}

/// Those of `some` that are not among `others`.
std::vector<std::string> missing_from(const std::vector<std::string>& others,
                                      const std::vector<std::string>& some) {
  std::vector<std::string> missing;
  for (const std::string& one : some) {
    if (std::find(others.begin(), others.end(), one) == others.end()) missing.push_back(one);
  }
  return missing;
}

Finding check_last_recipients(LastBackupSubject& subject) {
  if (subject.last_recipients.empty()) return {State::ok, "there is no archive to compare with"};
  const auto lost = missing_from(subject.recipients, subject.last_recipients);
  const auto added = missing_from(subject.last_recipients, subject.recipients);
  if (lost.empty() && added.empty()) {
    return {State::ok, "the recipients are those of the newest archive"};
  }
  std::vector<std::string> objects;
  for (const std::string& one : lost) objects.push_back("no longer " + one);
  for (const std::string& one : added) objects.push_back("now also " + one);
  return {State::note,
          format("the recipients differ from those of the newest archive: {} are gone, {} are new",
                 lost.size(), added.size()),
          "if that is not meant: --recipient, --recipients-file", objects};
}

constexpr CheckOf<LastBackupSubject> kChecks[] = {{"last-backup", check_last_backup},
                                                  {"last-recipients", check_last_recipients}};

}  // namespace

std::span<const CheckOf<LastBackupSubject>> last_backup_checks() { return kChecks; }

}  // namespace pgseal::engine
