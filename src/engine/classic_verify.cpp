#include "engine/classic_verify.h"

namespace pgseal::engine {

namespace {

void look_into(const backupset::ClassicEntry& entry, const crypto::RsaPrivateKey& identity,
               store::ObjectStore& store, Progress& progress, Findings& findings,
               const std::stop_token& stop) {
  const bool same_key = findings.collect(entry.name.key_object(), [&] {
    prove_object(store, entry.manifest->claims().key, progress, stop);
  });
  if (!same_key) return;
  std::optional<ClassicReader> reader;
  const bool opened = findings.collect(entry.name.manifest_object(),
                                       [&] { reader.emplace(store, entry, identity, stop); });
  if (!opened) return;
  findings.collect(entry.name.data_object(), [&] { reader->verify(progress, Proof::content); });
}

}  // namespace

Verification verify_classic(const backupset::ClassicEntry& entry,
                            const crypto::RsaPrivateKey* identity, bool deep,
                            store::ObjectStore& store, Progress& progress,
                            const std::stop_token& stop) {
  Verification result;
  Findings findings;
  if (!entry.committed()) {
    findings.add(entry.name.manifest_object(), Error(Exit::verification, entry.problem));
  }
  if (entry.manifest) {
    result.objects = 2;
    result.steps.emplace_back("presence");
  }
  if (entry.committed() && identity != nullptr) {
    result.steps.insert(result.steps.end(), {"sha256", "content"});
    look_into(entry, *identity, store, progress, findings, stop);
  } else if (entry.committed() && deep) {
    result.steps.emplace_back("sha256");
    for (const auto& object : {entry.manifest->claims().key, entry.manifest->claims().data}) {
      findings.collect(object.name, [&] { prove_object(store, object, progress, stop); });
    }
  }
  result.read = progress.transferred;
  result.findings = findings.take();
  return result;
}

}  // namespace pgseal::engine
