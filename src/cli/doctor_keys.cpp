#include "cli/doctor_keys.h"

#include <unistd.h>

#include "cli/key_settings.h"
#include "cli/passphrase.h"
#include "engine/doctor_keys.h"

namespace pgseal::cli {

namespace {

/// The files of recipients and public keys.
std::vector<std::string> public_files(Configuration& configuration) {
  std::vector<std::string> files;
  if (const auto value = configuration.find(setting::recipients_file)) files = value->items;
  const auto public_key = configuration.text_or_empty(setting::public_key);
  if (::access(public_key.c_str(), F_OK) == 0) files.push_back(public_key);
  return files;
}

std::optional<engine::KeysSubject::SigningKey> signing_key(Configuration& configuration) {
  const auto key = resolve_signing_key(configuration);
  if (!key) return std::nullopt;
  const auto file = key->passphrase_file;
  return engine::KeysSubject::SigningKey{
      .text = key->text,
      .name = key->name,
      .is_file = ::access(key->name.c_str(), F_OK) == 0,
      .passphrase_file = file.value_or(""),
      .ask = [file] { return file ? get_passphrase(file, "", {}) : std::nullopt; }};
}

}  // namespace

void check_keys(Configuration& configuration, BackupFormat format, engine::Checks& checks) {
  engine::KeysSubject subject{.recipients = given_recipients(configuration),
                              .public_files = public_files(configuration),
                              .identity = configuration.text_or_empty(setting::identity)};
  checks.run("keys", Exit::key, engine::key_checks(), subject);
  if (format == BackupFormat::classic) return;
  subject.signing_key = signing_key(configuration);
  checks.run("keys", Exit::key, engine::archive_key_checks(), subject);
}

}  // namespace pgseal::cli
