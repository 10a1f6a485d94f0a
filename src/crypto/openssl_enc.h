#pragma once
// The classic envelope: what `openssl enc -aes-256-cbc -salt -md sha256 -pass file:F` reads and
// writes, and the secret that stands in F.
//
// Layout: "Salted__", 8 bytes of salt, AES-256-CBC with PKCS#7 padding; key and IV from
// EVP_BytesToKey(SHA-256, one round) over the pass phrase. CBC authenticates nothing: the manifest
// does (backupset/classic_manifest.h).

#include <memory>

#include "base/secret.h"
#include "base/stream.h"

struct evp_cipher_ctx_st;

namespace pgseal::crypto {

/// 128 random bytes as `openssl rand -base64 128` prints them: base64 in lines of 64 characters,
/// each with its newline. The whole text is what is encrypted to the public key.
[[nodiscard]] Secret make_enc_secret();

/// The pass phrase that openssl takes from a file with this text: its first line.
[[nodiscard]] Secret enc_passphrase(const Secret& file_text);

/// Encrypts. A fresh random salt each.
class OpensslEncryptor final : public Transform {
 public:
  explicit OpensslEncryptor(const Secret& passphrase);
  ~OpensslEncryptor() override;
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Decrypts. Input that is not such a file, truncated, or whose padding is wrong, is an Error of
/// `Exit::verification`; other damage goes unnoticed, as said above.
class OpensslDecryptor final : public Transform {
 public:
  explicit OpensslDecryptor(Secret passphrase);
  ~OpensslDecryptor() override;
  Progress update(ByteView in, ByteSpan out) override;
  std::size_t finish(ByteSpan out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pgseal::crypto
