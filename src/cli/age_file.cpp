#include "cli/age_file.h"

#include "base/error.h"
#include "base/format.h"
#include "cli/input.h"
#include "cli/key_settings.h"
#include "cli/output.h"
#include "cli/passphrase.h"
#include "crypto/age.h"
#include "crypto/age_armor.h"

namespace pgseal::cli {

namespace {

/// The header at the beginning of `source`; nothing where that ends before.
std::optional<crypto::AgeHeader> peek_header(PeekSource& source) {
  for (std::size_t size = 4 * kKiB;; size *= 2) {
    const ByteView head = source.peek(size);
    auto header = crypto::AgeHeader::parse(head);
    if (header || head.size() < size) return header;
  }
}

bool is_for_passphrase(const crypto::AgeHeader& header) {
  for (const crypto::AgeStanza& stanza : header.stanzas) {
    if (stanza.arguments.at(0) == "scrypt") return true;
  }
  return false;
}

std::vector<crypto::AgeIdentity> open_keys(const std::optional<crypto::AgeHeader>& header,
                                           const AgeKeys& keys, const std::string& name,
                                           const std::stop_token& stop) {
  if (header && is_for_passphrase(*header)) {
    auto passphrase =
        get_passphrase(keys.passphrase_file, format("Enter pass phrase for {}: ", name), stop);
    if (!passphrase) {
      throw Error(Exit::key,
                  "the file is encrypted with a pass phrase, and there is no terminal "
                  "to ask for it")
          .with_hint("--passphrase-file takes it from a file's first line");
    }
    return {crypto::AgeIdentity::from_passphrase(std::move(*passphrase))};
  }
  if (!keys.identity) {
    throw Error(Exit::usage, "the private key is missing: --identity, or PGSEAL_IDENTITY");
  }
  try {
    return open_identities({*keys.identity, keys.passphrase_file}, stop);
  } catch (Error& error) {
    error.add_context(input_name(*keys.identity));
    throw;
  }
}

std::uint64_t decrypt(Source& binary, Sink& sink, const AgeKeys& keys, const std::string& name,
                      const std::stop_token& stop) {
  PeekSource source(binary);
  const auto header = peek_header(source);
  crypto::AgeDecryptor decryptor(open_keys(header, keys, name, stop));
  TransformSource plain(source, decryptor);
  return copy(plain, sink);
}

}  // namespace

std::uint64_t decrypt_age_file(Source& source, Sink& sink, const AgeKeys& keys,
                               const std::string& name, const std::stop_token& stop) {
  try {
    PeekSource file(source);
    if (file.peek(1).empty()) throw Error(Exit::verification, "it is empty, and no age file");
    if (!crypto::is_age_armor(file.peek(2 * kKiB))) return decrypt(file, sink, keys, name, stop);
    crypto::AgeArmorReader armor;
    TransformSource binary(file, armor);
    return decrypt(binary, sink, keys, name, stop);
  } catch (Error& error) {
    error.add_context(format("cannot decrypt {}", name));
    throw;
  }
}

}  // namespace pgseal::cli
