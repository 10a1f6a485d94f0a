#include "cli/open_archive.h"

#include "base/log.h"

namespace pgseal::cli {

void warn_of_signature(const backupset::ArchiveReader& reader) {
  switch (reader.authenticity()) {
    case backupset::Authenticity::verified:
    case backupset::Authenticity::refused:  // an error, which says more
      return;
    case backupset::Authenticity::not_checked:
      log::warning(
          "the signature of \"{}\" was not checked: nobody said by whom it has to be "
          "signed (--signer)",
          reader.place().name());
      return;
    case backupset::Authenticity::unsigned_:
      log::warning("\"{}\" is not signed: nothing proves who made it", reader.place().name());
  }
}

std::unique_ptr<backupset::ArchiveReader> open_archive(
    store::ObjectStore& store, const backupset::BackupPlace& place,
    const std::optional<crypto::MinisignPublicKey>& signer, const IdentityFile& identity,
    const std::stop_token& stop) {
  auto reader = std::make_unique<backupset::ArchiveReader>(store, place, signer, stop);
  warn_of_signature(*reader);
  reader->open(open_identities(identity, stop), stop);
  return reader;
}

}  // namespace pgseal::cli
