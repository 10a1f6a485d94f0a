#include "backupset/drill_store.h"

#include <algorithm>

#include "backupset/read_object.h"
#include "backupset/tar.h"
#include "base/error.h"
#include "base/format.h"
#include "crypto/age.h"
#include "crypto/hash.h"

namespace pgseal::backupset {

namespace {

Bytes report_tar(const StoredDrill& drill) {
  const std::int64_t mtime =
      std::chrono::floor<std::chrono::seconds>(drill.summary.finished).time_since_epoch().count();
  Bytes tar;
  const auto add = [&](const char* name, const std::string& text) {
    append_tar_file(tar, name, as_bytes(text), mtime);
  };
  add("report.json", drill.report.text);
  if (drill.report.signature) add("report.json.minisig", *drill.report.signature);
  add("report.html", drill.page);
  const Bytes end = tar_end();
  tar.insert(tar.end(), end.begin(), end.end());
  return tar;
}

std::optional<DrillSummary> read_summary(store::ObjectStore& store, const std::string& key,
                                         const std::stop_token& stop) {
  try {
    const auto text = read_object(store, key, stop, kMaxDrillSummarySize);
    if (text) return DrillSummary::parse(*text);
  } catch (const Error& error) {
    if (!concerns_one_object(error)) throw;
  }
  return std::nullopt;
}

}  // namespace

SignedText sign_drill(std::string text, const std::string& backup,
                      const crypto::MinisignSecretKey* key) {
  SignedText signed_text{.text = std::move(text), .signature = std::nullopt};
  if (key != nullptr) {
    signed_text.signature =
        key->sign(as_bytes(signed_text.text), format("pgseal drill {}", backup));
  }
  return signed_text;
}

std::string store_drill(store::ObjectStore& store, const StoredDrill& drill,
                        const crypto::MinisignSecretKey* key, const std::stop_token& stop) {
  const std::string name = drill_name(BackupId::make(drill.summary.begun));
  const auto put = [&](std::string_view suffix, ByteView content) {
    const std::string object = drill.place.key(name + std::string(suffix));
    store.put_unguessable(object, content, crypto::sha256(content), stop);
    return object;
  };
  if (!drill.recipients.empty()) {
    put(kDrillReportSuffix, crypto::age_encrypted(report_tar(drill), drill.recipients));
  }
  const SignedText summary = sign_drill(drill.summary.to_json(), drill.place.name(), key);
  if (summary.signature) put(kDrillSignatureSuffix, as_bytes(*summary.signature));
  return put(kDrillSummarySuffix, as_bytes(summary.text));
}

std::optional<DrillSummary> newest_drill(store::ObjectStore& store, const ArchiveEntry& entry,
                                         const std::stop_token& stop) {
  for (auto key = entry.drills.rbegin(); key != entry.drills.rend(); ++key) {
    auto summary = read_summary(store, *key, stop);
    if (summary && summary->backup == entry.place.name()) return summary;
  }
  return std::nullopt;
}

}  // namespace pgseal::backupset
