#include "crypto/age_header.h"

#include <string.h>

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "crypto/base64.h"
#include "crypto/hash.h"

namespace pgseal::crypto {

namespace {

constexpr std::string_view kMagic = "age-encryption.org/";
constexpr std::string_view kVersionLine = "age-encryption.org/v1\n";
constexpr std::string_view kStanzaMark = "-> ";
constexpr std::string_view kEndMark = "---";
constexpr std::string_view kArmorMark = "-----BEGIN AGE";
constexpr std::size_t kColumns = 64;
constexpr std::size_t kMacSize = 32;

[[noreturn]] void malformed(std::string_view why) {
  throw Error(Exit::verification, format("malformed age header: {}", why));
}

void require_version(std::string_view text) {
  if (text.starts_with(kVersionLine.substr(0, text.size()))) return;
  if (text.starts_with(kMagic)) {
    const std::string_view version = text.substr(kMagic.size(), text.find('\n') - kMagic.size());
    const bool printable =
        std::all_of(version.begin(), version.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (printable && version.size() < kColumns) {
      throw Error(Exit::verification, format("age format version \"{}\" is not known", version))
          .with_hint("this program reads v1");
    }
  }
  Error error(Exit::verification, "not an age file");
  if (!text.starts_with(kArmorMark)) throw error;
  throw std::move(error).with_hint("it is armored, binary data was expected here");
}

/// Takes a line off the beginning of `rest`, which holds whole lines.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) malformed("it ends within a stanza");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::vector<std::string> parse_arguments(std::string_view line) {
  if (!line.starts_with(kStanzaMark)) malformed("a stanza does not begin with \"-> \"");
  line.remove_prefix(kStanzaMark.size());
  std::vector<std::string> arguments;
  for (;;) {
    const std::string_view argument = line.substr(0, line.find(' '));
    if (argument.empty() ||
        std::any_of(argument.begin(), argument.end(), [](char c) { return c < '!' || c > '~'; })) {
      malformed("an argument of a stanza is empty or has a forbidden character");
    }
    arguments.emplace_back(argument);
    if (argument.size() == line.size()) return arguments;
    line.remove_prefix(argument.size() + 1);
  }
}

/// Lines of 64 columns, then one that is shorter.
Bytes parse_body(std::string_view& rest) {
  Bytes body;
  for (;;) {
    const std::string_view line = take_line(rest);
    const auto bytes = from_base64_unpadded(line);
    if (!bytes || line.size() > kColumns) malformed("a stanza's body is no canonical base64");
    body.insert(body.end(), bytes->begin(), bytes->end());
    if (line.size() < kColumns) return body;
  }
}

/// `line` is the last one, from its "---" on.
Bytes parse_mac(std::string_view line) {
  line.remove_prefix(kEndMark.size());
  if (!line.starts_with(' ')) malformed("no space behind the last line's \"---\"");
  auto mac = from_base64_unpadded(line.substr(1));
  if (!mac || mac->size() != kMacSize) malformed("the MAC is not 32 bytes in canonical base64");
  return std::move(*mac);
}

Digest header_mac(const Secret& file_key, std::string_view text) {
  Digest key = hkdf_sha256(as_bytes(file_key.reveal()), {}, as_bytes("header"));
  const Digest mac = hmac_sha256(key, as_bytes(text));
  explicit_bzero(key.data(), key.size());
  return mac;
}

}  // namespace

std::optional<AgeHeader> AgeHeader::parse(ByteView bytes) {
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), kMaxSize)));
  require_version(text);
  const std::size_t before_end = text.find("\n---");
  const std::size_t end =
      before_end == std::string_view::npos ? before_end : text.find('\n', before_end + 1);
  if (end == std::string_view::npos) {
    if (bytes.size() < kMaxSize) return std::nullopt;
    malformed(format("it is larger than {} KiB", kMaxSize / kKiB));
  }
  AgeHeader header;
  header.size = end + 1;
  const std::size_t last_line = before_end + 1;
  header.signed_text = text.substr(0, last_line + kEndMark.size());
  header.mac = parse_mac(text.substr(last_line, end - last_line));
  std::string_view rest = text.substr(0, last_line);
  rest.remove_prefix(kVersionLine.size());
  while (!rest.empty()) {
    AgeStanza& stanza = header.stanzas.emplace_back();
    stanza.arguments = parse_arguments(take_line(rest));
    stanza.body = parse_body(rest);
  }
  if (header.stanzas.empty()) malformed("it has no stanza");
  return header;
}

void AgeHeader::authenticate(const Secret& file_key) const {
  if (equal_constant_time(header_mac(file_key, signed_text), mac)) return;
  throw Error(Exit::verification, "the age header was changed: its MAC is wrong");
}

std::string format_age_header(const std::vector<AgeStanza>& stanzas, const Secret& file_key) {
  std::string text(kVersionLine);
  for (const AgeStanza& stanza : stanzas) {
    text += "->";
    for (const std::string& argument : stanza.arguments) text.append(" ").append(argument);
    text += '\n';
    const std::string body = to_base64_unpadded(stanza.body);
    for (std::size_t at = 0; at <= body.size(); at += kColumns) {
      text.append(body, at, kColumns).append("\n");
    }
  }
  text += kEndMark;
  const std::string mac = to_base64_unpadded(header_mac(file_key, text));
  return text.append(" ").append(mac).append("\n");
}

}  // namespace pgseal::crypto
