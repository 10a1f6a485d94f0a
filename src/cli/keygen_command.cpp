#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "crypto/age.h"
#include "crypto/age_armor.h"
#include "crypto/minisign.h"

namespace pgseal::cli {

namespace {

struct KeygenFlags {
  std::optional<std::string> output, passphrase_file;
  bool passphrase = false;
  bool signing = false;
  [[nodiscard]] bool wants_passphrase() const { return passphrase || passphrase_file; }
};

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kPublic = 0644;

std::unique_ptr<Sink> open_key_file(const std::string& path, mode_t mode,
                                    const std::stop_token& stop) {
  if (path == "-") return open_output(path, stop);
  return std::make_unique<NewFileSink>(path, mode);
}

void say_public_key(const std::string& text) {
  log::write(log::Level::info, "public key: " + text, {{"public_key", text}});
}

Exit make_identity(const KeygenFlags& flags, const Context& context) {
  const auto sink = open_key_file(flags.output.value_or("-"), kOwnerOnly, context.stop);
  const auto identity = crypto::AgeIdentity::generate();
  const std::string public_key = identity.recipient().text();
  const Secret text(format("# created: {}\n# public key: {}\n{}\n", format_utc(context.clock.now()),
                           public_key, identity.secret_text().reveal()));
  ByteSource plain(as_bytes(text.reveal()));
  if (flags.wants_passphrase()) {
    crypto::AgeEncryptor encryptor({crypto::AgeRecipient::from_passphrase(
        choose_passphrase(flags.passphrase_file, context.stop))});
    crypto::AgeArmorWriter armor;
    TransformSource encrypted(plain, encryptor);
    TransformSource armored(encrypted, armor);
    copy(armored, *sink);
  } else {
    copy(plain, *sink);
  }
  sink->finish();
  say_public_key(public_key);
  return Exit::ok;
}

Exit make_signing_key(const KeygenFlags& flags, const Context& context) {
  if (flags.output.value_or("-") == "-") {
    throw Error(Exit::usage, "--signing makes two files, and --output does not name them")
        .with_hint("--output FILE: the secret key is FILE, the public key FILE.pub");
  }
  NewFileSink secret_file(*flags.output, kOwnerOnly);
  NewFileSink public_file(*flags.output + ".pub", kPublic);
  std::optional<Secret> passphrase;
  if (flags.wants_passphrase()) {
    passphrase = choose_passphrase(flags.passphrase_file, context.stop);
  }
  const auto key = crypto::MinisignSecretKey::generate();
  const Secret text = key.file_text(passphrase);
  secret_file.write(as_bytes(text.reveal()));
  public_file.write(as_bytes(key.public_key().file_text()));
  secret_file.finish();
  public_file.finish();
  say_public_key(key.public_key().text());
  return Exit::ok;
}

}  // namespace

void add_keygen_command(Command program, Action& chosen) {
  const auto flags = std::make_shared<KeygenFlags>();
  Command command = program.add_command(
      "keygen", "Make a key: an age identity, or with --signing a minisign key pair");
  command
      .add_text("-o,--output", flags->output,
                "file to create, never overwritten; - for standard output (default)")
      .type_name("FILE");
  command.add_flag("--signing", flags->signing,
                   "a key that signs backups: the secret key in FILE, the public key in FILE.pub");
  command.add_flag("-p,--passphrase", flags->passphrase,
                   "protect the key with a pass phrase, which is asked for twice");
  command
      .add_text("--passphrase-file", flags->passphrase_file,
                "the same with the pass phrase in this file's first line")
      .type_name("FILE");
  command.set_callback([flags, &chosen] {
    chosen = [flags](const Context& context) {
      return flags->signing ? make_signing_key(*flags, context) : make_identity(*flags, context);
    };
  });
}

}  // namespace pgseal::cli
