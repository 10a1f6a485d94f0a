// Files with one thing wrong each, after the cases of C2SP's test vectors ("CCTV age"), made by
// hand around a known file key. What the stock program can be asked about without a terminal, it
// judges too.

#include <gtest/gtest.h>

#include "base/error.h"
#include "crypto/age.h"
#include "crypto/age_header.h"
#include "crypto/age_stream.h"
#include "crypto/age_wrap.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "support/age_program.h"
#include "support/temp_dir.h"
#include "support/transform_matrix.h"

namespace pgseal::crypto {
namespace {

const Secret kFileKey("YELLOW SUBMARINE");

std::string decrypt(const std::vector<AgeIdentity>& identities, std::string_view file) {
  AgeDecryptor decryptor(identities);
  return std::string(as_text(test::drive(decryptor, as_bytes(file), kMiB, kMiB)));
}

std::string with_payload(std::string header) {
  const std::string nonce(kAgeNonceSize, 'n');
  Bytes sealed(4 + ChaCha20Poly1305::kTagSize);
  AgeChunkCipher(derive_payload_key(kFileKey, as_bytes(nonce)))
      .seal(0, true, as_bytes("text"), sealed);
  return header.append(nonce).append(as_text(sealed));
}

std::string make_file(const std::vector<AgeStanza>& stanzas) {
  return with_payload(format_age_header(stanzas, kFileKey));
}

/// The same key's text that sets a bit which is not used.
std::string not_canonical(std::string base64) {
  base64.back() = static_cast<char>(base64.back() + 1);
  return base64;
}

class AgeMalformed : public testing::Test {
 protected:
  AgeMalformed() {
    test::write_text(key_file_, std::string(identities_[0].secret_text().reveal()) + "\n");
  }
  [[nodiscard]] AgeStanza good() const { return recipient_.wrap(as_bytes(kFileKey.reveal())); }

  void expect_accepted(const std::string& file) const {
    EXPECT_EQ(decrypt(identities_, file), "text") << file;
    EXPECT_EQ(test::age_decrypt({"-i", key_file_}, file).out, "text") << file;
  }
  void expect_refused(const std::string& file, Exit code = Exit::verification) const {
    expect_refused_by_us(file, identities_, code);
    EXPECT_FALSE(test::age_decrypt({"-i", key_file_}, file).ok()) << file;
  }
  static void expect_refused_by_us(const std::string& file,
                                   const std::vector<AgeIdentity>& identities,
                                   Exit code = Exit::verification) {
    try {
      (void)decrypt(identities, file);
      ADD_FAILURE() << "accepted: " << file;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.message() << "\n" << file;
    }
  }

  const test::TempDir dir_;
  const std::string key_file_ = dir_ / "key";
  const std::vector<AgeIdentity> identities_{AgeIdentity::generate()};
  const AgeRecipient recipient_ = identities_[0].recipient();
};

TEST_F(AgeMalformed, IgnoresStanzasThatItDoesNotKnow) {
  expect_accepted(make_file({good()}));
  expect_accepted(make_file({{{"!-grease", "x", "~"}, Bytes(100)}, good(), {{"empty"}, {}}}));
  expect_accepted(make_file({{{"x25519"}, {}}, good()}));  // another type, by its case
  const AgeRecipient other = AgeIdentity::generate().recipient();
  expect_accepted(make_file({other.wrap(Bytes(16)), good()}));
}

TEST_F(AgeMalformed, RefusesMalformedX25519Stanzas) {
  AgeStanza stanza = good();
  stanza.arguments.emplace_back("more");
  expect_refused(make_file({stanza}));
  stanza.arguments.resize(1);
  expect_refused(make_file({stanza}));

  stanza = good();
  stanza.arguments[1] = not_canonical(stanza.arguments[1]);
  expect_refused(make_file({stanza}));
  stanza.arguments[1] = good().arguments[1] + "=";
  expect_refused(make_file({stanza}));
  for (const std::size_t size : {0, 31, 33}) {
    stanza.arguments[1] = size == 0 ? "-" : to_base64_unpadded(Bytes(size, std::byte{1}));
    expect_refused(make_file({stanza}));
  }
  stanza.arguments[1] = to_base64_unpadded(Bytes(32));  // of small order
  expect_refused(make_file({stanza}));
  Bytes one(32);
  one[0] = std::byte{1};
  stanza.arguments[1] = to_base64_unpadded(one);
  expect_refused(make_file({stanza}));

  stanza = recipient_.wrap(as_bytes("YELLOW SUBMARINE, LONG"));  // a file key that is too long
  expect_refused(make_file({stanza}));
  stanza = recipient_.wrap(as_bytes("YELLOW SUB"));
  expect_refused(make_file({stanza}));
  stanza.body.clear();
  expect_refused(make_file({stanza}));

  stanza = good();
  stanza.body.back() ^= std::byte{1};
  expect_refused(make_file({stanza}), Exit::key);
  stanza = good();
  stanza.arguments[0] = "x25519";
  expect_refused(make_file({stanza}), Exit::key);
}

TEST_F(AgeMalformed, RefusesAHeaderThatSaysTheSameInAnotherWay) {
  const std::string header = format_age_header({good()}, kFileKey);
  const auto remade = [&](const std::string& from, const std::string& to) {
    // With a right MAC, so that nothing but the form is wrong.
    std::string text = header.substr(0, header.rfind("--- "));
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    text += "---";
    const Digest key = hkdf_sha256(as_bytes(kFileKey.reveal()), {}, as_bytes("header"));
    return with_payload(text + " " + to_base64_unpadded(hmac_sha256(key, as_bytes(text))) + "\n");
  };
  expect_accepted(remade("-> X25519", "-> X25519"));
  expect_refused(remade("-> X25519", "->  X25519"));
  expect_refused(remade("-> X25519", "->X25519"));
  expect_refused(remade("-> X25519", "-> X25519 "));
  expect_refused(remade("-> X25519", "\n-> X25519"));
  expect_refused(remade("v1\n", "v1\r\n"));
  expect_refused(remade("v1\n", "v1 \n"));
  const std::string body = to_base64_unpadded(AgeHeader::parse(as_bytes(header))->stanzas[0].body);
  expect_refused(remade(body, body + "="));
  expect_refused(remade(body, not_canonical(body)));
  expect_refused(remade(body, body + "\r"));
  expect_refused(remade(body, " " + body));
  expect_refused(remade(body, body.substr(0, 20) + "\n" + body.substr(20)));
  expect_refused(remade(body + "\n", body + "\n\n"));
  expect_refused(remade(body + "\n", ""));
}

TEST_F(AgeMalformed, RefusesAWrongMac) {
  const std::string header = format_age_header({good()}, kFileKey);
  const std::string begin = header.substr(0, header.rfind("--- ") + 4);
  const std::string mac = header.substr(begin.size(), 43);
  expect_refused(with_payload(format_age_header({good()}, Secret("another file key"))));
  for (const std::string& end :
       {to_base64_unpadded(Bytes(32)), not_canonical(mac), mac + "=", mac + " ", " " + mac,
        mac.substr(0, 42), std::string(), mac + "\r", mac + "AAAA"}) {
    expect_refused(with_payload(begin + end + "\n"));
  }
}

TEST_F(AgeMalformed, RefusesMalformedScryptStanzas) {
  const std::vector<AgeIdentity> identities{AgeIdentity::from_passphrase(Secret("secret"))};
  const AgeStanza stanza =
      AgeRecipient::from_passphrase(Secret("secret"), 10).wrap(as_bytes(kFileKey.reveal()));
  EXPECT_EQ(decrypt(identities, make_file({stanza})), "text");
  for (const char* work_factor : {"010", "+10", "-10", "0x0a", "10 ", "10x", "x10", "0", "23", "99",
                                  "1000", "1e1", "18446744073709551626", "\xd9\xa1"}) {
    AgeStanza bad = stanza;
    bad.arguments[2] = work_factor;
    expect_refused_by_us(make_file({bad}), identities);
  }
  AgeStanza bad = stanza;
  bad.arguments[2] = "11";  // another key
  expect_refused_by_us(make_file({bad}), identities, Exit::key);
  bad = stanza;
  bad.arguments.emplace_back("10");
  expect_refused_by_us(make_file({bad}), identities);
  bad.arguments.resize(2);
  expect_refused_by_us(make_file({bad}), identities);
  bad = stanza;
  bad.arguments[1] = not_canonical(bad.arguments[1]);
  expect_refused_by_us(make_file({bad}), identities);
  for (const std::size_t size : {15, 17}) {
    bad.arguments[1] = to_base64_unpadded(Bytes(size));
    expect_refused_by_us(make_file({bad}), identities);
  }
  bad = stanza;
  bad.body.push_back(std::byte{});
  expect_refused_by_us(make_file({bad}), identities);
  bad = stanza;
  bad.arguments[0] = "Scrypt";
  expect_refused_by_us(make_file({bad}), identities, Exit::key);
}

TEST_F(AgeMalformed, RefusesAPassphraseBesideAnyOtherStanza) {
  const AgeStanza scrypt =
      AgeRecipient::from_passphrase(Secret("secret"), 10).wrap(as_bytes(kFileKey.reveal()));
  std::vector<AgeIdentity> identities{AgeIdentity::from_passphrase(Secret("secret"))};
  identities.push_back(identities_[0]);
  for (const std::vector<AgeStanza>& stanzas : {std::vector<AgeStanza>{scrypt, good()},
                                                {good(), scrypt},
                                                {scrypt, scrypt},
                                                {{{"grease"}, {}}, scrypt}}) {
    expect_refused_by_us(make_file(stanzas), identities);
  }
}

TEST_F(AgeMalformed, RefusesMalformedSshStanzas) {
  for (const char* type : {"ed25519", "rsa"}) {
    const test::AgeKey key = test::make_ssh_key(dir_.path(), type);
    const auto identities = AgeIdentity::parse_file(test::read_text(key.identity_file), {});
    const AgeStanza stanza = identities[0].recipient().wrap(as_bytes(kFileKey.reveal()));
    const auto expect = [&](const AgeStanza& bad, Exit code) {
      const std::string file = make_file({bad});
      expect_refused_by_us(file, identities, code);
      EXPECT_FALSE(test::age_decrypt({"-i", key.identity_file}, file).ok()) << file;
    };
    EXPECT_EQ(decrypt(identities, make_file({good(), stanza})), "text");
    AgeStanza bad = stanza;
    bad.arguments.emplace_back("more");
    expect(bad, Exit::verification);
    bad.arguments.resize(1);
    expect(bad, Exit::verification);
    bad = stanza;
    bad.arguments[1] = to_base64_unpadded(as_bytes("tags"));  // somebody else's
    expect(bad, Exit::key);
    bad = stanza;
    bad.body.front() ^= std::byte{1};
    expect(bad, Exit::key);
    for (const char* tag : {"AAAA", "AAAAAAA", "AAAAAB", "AAAAAA=="}) {
      bad = stanza;
      bad.arguments[1] = tag;
      expect_refused_by_us(make_file({bad}), identities);
    }
    const Exit wrong_size = std::string(type) == "rsa" ? Exit::key : Exit::verification;
    bad = stanza;
    bad.body.push_back(std::byte{});
    expect(bad, wrong_size);
    expect(identities[0].recipient().wrap(Bytes(17)), Exit::verification);
    if (std::string(type) == "rsa") continue;
    bad = stanza;
    bad.arguments[2] = not_canonical(bad.arguments[2]);
    expect(bad, Exit::verification);
    bad.arguments[2] = to_base64_unpadded(Bytes(32));
    expect(bad, Exit::verification);
    bad.arguments[2] = to_base64_unpadded(Bytes(31));
    expect(bad, Exit::verification);
  }
}

}  // namespace
}  // namespace pgseal::crypto
