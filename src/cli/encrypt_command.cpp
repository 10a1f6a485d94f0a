#include <unistd.h>

#include "base/file.h"
#include "base/format.h"
#include "base/log.h"
#include "base/problems.h"
#include "base/size.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "crypto/age.h"
#include "crypto/age_armor.h"

namespace pgseal::cli {

namespace {

struct EncryptFlags {
  std::vector<std::string> recipients, recipients_files;
  std::optional<std::string> output, passphrase_file;
  std::string input = "-";
  bool passphrase = false;
  bool armor = false;
};

std::vector<crypto::AgeRecipient> named_recipients(const EncryptFlags& flags) {
  std::vector<crypto::AgeRecipient> recipients;
  Problems problems("the arguments have problems");
  for (const std::string& text : flags.recipients) {
    problems.collect([&] { recipients.push_back(crypto::AgeRecipient::parse(text)); });
  }
  for (const std::string& file : flags.recipients_files) {
    problems.collect([&] {
      try {
        for (auto& one : crypto::AgeRecipient::parse_file(read_file(file))) {
          recipients.push_back(std::move(one));
        }
      } catch (Error& error) {
        error.add_context(input_name(file));
        throw;
      }
    });
  }
  problems.throw_if_any();
  return recipients;
}

std::vector<crypto::AgeRecipient> resolve_recipients(const EncryptFlags& flags,
                                                     const Context& context) {
  const bool by_passphrase = flags.passphrase || flags.passphrase_file;
  const bool by_key = !flags.recipients.empty() || !flags.recipients_files.empty();
  if (by_passphrase && by_key) {
    throw Error(Exit::usage,
                "--passphrase cannot be combined with --recipient or "
                "--recipients-file");
  }
  if (by_passphrase) {
    return {crypto::AgeRecipient::from_passphrase(
        choose_passphrase(flags.passphrase_file, context.stop))};
  }
  auto recipients = named_recipients(flags);
  if (recipients.empty()) {
    throw Error(Exit::usage, "missing recipients")
        .with_hint("-r/--recipient, -R/--recipients-file or -p/--passphrase");
  }
  return recipients;
}

Exit run(const EncryptFlags& flags, const Context& context) {
  if (!flags.output && !flags.armor && ::isatty(STDOUT_FILENO) != 0) {
    throw Error(Exit::usage, "refusing to output binary to the terminal")
        .with_hint("-a/--armor makes text; -o - writes binary all the same");
  }
  const auto input = open_input(flags.input, context.stop);
  crypto::AgeEncryptor encryptor(resolve_recipients(flags, context));
  crypto::AgeArmorWriter armor;
  TransformSource encrypted(*input, encryptor);
  TransformSource armored(encrypted, armor);
  const auto sink = open_output(flags.output.value_or("-"), context.stop);
  const auto size = copy(flags.armor ? armored : encrypted, *sink);
  sink->finish();
  log::info("encrypted {}: {}", input_name(flags.input), format_size(size));
  return Exit::ok;
}

}  // namespace

void add_encrypt_command(Command program, Action& chosen) {
  const auto flags = std::make_shared<EncryptFlags>();
  Command command = program.add_command("encrypt", "Encrypt to public keys, as age does");
  command.add_text("input", flags->input, "file to read, - for standard input").type_name("FILE");
  command
      .add_list("-r,--recipient", flags->recipients,
                "who can decrypt: age1..., ssh-ed25519 ..., ssh-rsa ..., or an RSA public key in "
                "PEM; may be given several times")
      .type_name("RECIPIENT");
  command
      .add_list("-R,--recipients-file", flags->recipients_files,
                "file with one recipient a line; may be given several times")
      .type_name("FILE");
  command.add_flag("-p,--passphrase", flags->passphrase,
                   "encrypt with a pass phrase, which is asked for twice");
  command
      .add_text("--passphrase-file", flags->passphrase_file,
                "the same with the pass phrase in this file's first line")
      .type_name("FILE");
  command.add_flag("-a,--armor", flags->armor, "write text instead of bytes");
  command.add_text("-o,--output", flags->output, "file to write, - for standard output (default)")
      .type_name("FILE");
  command.set_callback([flags, &chosen] {
    chosen = [flags](const Context& context) { return run(*flags, context); };
  });
}

}  // namespace pgseal::cli
