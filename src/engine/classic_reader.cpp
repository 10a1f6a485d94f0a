#include "engine/classic_reader.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/log.h"
#include "compress/bzip2_decoder.h"
#include "crypto/openssl_enc.h"
#include "engine/hashing.h"

namespace pgseal::engine {

using backupset::ClassicEntry;
using backupset::ClassicObject;

namespace {

constexpr std::size_t kBuffer = 256 * kKiB;

/// Keeps the end of what is written to it.
class TailSink final : public Sink {
 public:
  void write(ByteView bytes) override {
    tail_ += as_text(bytes.last(std::min(bytes.size(), kTail)));
    if (tail_.size() > kTail) tail_.erase(0, tail_.size() - kTail);
  }
  void finish() override {}
  [[nodiscard]] const std::string& tail() const { return tail_; }

 private:
  static constexpr std::size_t kTail = 512;
  std::string tail_;
};

bool looks_like_secret(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=' || c == '\n' || c == '\r';
  });
}

void require_same(const store::ObjectStore& store, const ClassicObject& seen,
                  const ClassicObject& wanted) {
  if (seen == wanted) return;
  const std::string why = seen.size == wanted.size
                              ? std::string("its SHA-256 is not the manifest's")
                              : format("it has {} bytes, not {}", seen.size, wanted.size);
  throw Error(Exit::verification, format("{} was changed: {}", store.url(seen.name), why));
}

std::unique_ptr<Source> open_object(store::ObjectStore& store, const std::string& name,
                                    const std::stop_token& stop) {
  auto source = store.open(name, stop);
  if (!source) throw Error(Exit::verification, format("{} is missing", store.url(name)));
  return source;
}

}  // namespace

bool is_readable(const ClassicEntry& entry, Trust trust) {
  if (trust == Trust::none) return entry.has_manifest_object;
  return entry.committed() || (trust == Trust::unverified && !entry.has_manifest_object);
}

ClassicEntry find_classic(store::ObjectStore& store, const std::string& text, Trust trust,
                          const std::stop_token& stop) {
  const auto name = backupset::ClassicName::parse(text);
  if (!name) {
    throw Error(Exit::usage, format("\"{}\" is no backup's name", text))
        .with_hint(
            "\"latest\", a name that `pgseal list` shows, or a time: \"2026-11-24 04:15\", UTC, is "
            "the newest not after it");
  }
  for (ClassicEntry& entry : backupset::list_classic(store, name->database(), stop)) {
    if (entry.name.text() != text) continue;
    if (trust == Trust::none || is_readable(entry, trust)) return entry;
    Error error(Exit::verification, format("\"{}\" is no backup: {}", text, entry.problem));
    if (entry.has_manifest_object) throw error;
    throw std::move(error).with_hint(
        "a pair made by the old image has no manifest and can be read with --unverified");
  }
  throw Error(Exit::not_found, format("cannot find backup \"{}\"", store.url(text)));
}

ClassicReader::ClassicReader(store::ObjectStore& store, ClassicEntry entry,
                             const crypto::RsaPrivateKey& identity, const std::stop_token& stop)
    : store_(store), entry_(std::move(entry)), stop_(stop) {
  const std::string key_object = entry_.name.key_object();
  const auto encrypted = backupset::read_object(store_, key_object, stop_);
  if (!encrypted) {
    throw Error(Exit::verification, format("{} is missing", store_.url(key_object)));
  }
  if (entry_.manifest) {
    require_same(store_,
                 {.name = key_object,
                  .size = encrypted->size(),
                  .sha256 = to_hex(crypto::sha256(as_bytes(*encrypted)))},
                 entry_.manifest->claims().key);
  }
  const Secret secret = identity.decrypt(as_bytes(*encrypted));
  // With a wrong key OpenSSL may give random bytes instead of an error.
  if (!looks_like_secret(secret.reveal())) {
    throw Error(Exit::key, format("the private key does not open {}", store_.url(key_object)))
        .with_hint("another key pair was used, or the object was changed");
  }
  if (entry_.manifest) entry_.manifest->authenticate(secret);
  passphrase_ = crypto::enc_passphrase(secret);
}

void prove_object(store::ObjectStore& store, const ClassicObject& wanted, Progress& progress,
                  const std::stop_token& stop) {
  const auto source = open_object(store, wanted.name, stop);
  HashingSource hashed(*source, progress.transferred);
  read_to_end(hashed, stop);
  require_same(store, hashed.object(wanted.name), wanted);
}

void ClassicReader::decode(Source& encrypted, Sink& sink, Progress& progress) {
  crypto::OpensslDecryptor decryptor(passphrase_);
  TransformSource compressed(encrypted, decryptor, kBuffer);
  compress::Bzip2Decoder decoder;
  TransformSource sql(compressed, decoder, kBuffer);
  Bytes buffer(kBuffer);
  while (const std::size_t n = sql.read(buffer)) {
    sink.write(ByteView(buffer).first(n));
    progress.dumped += n;
  }
}

void ClassicReader::decode_whole(Source& encrypted, Progress& progress) {
  const std::string url = store_.url(entry_.name.data_object());
  const std::uint64_t before = progress.dumped;
  TailSink tail;
  decode(encrypted, tail, progress);
  if (tail.tail().find("PostgreSQL database dump complete") == std::string::npos) {
    throw Error(Exit::verification,
                format("{} is a truncated dump: pg_dump's closing line is not there", url))
        .with_hint("`pgseal decrypt --unverified` writes what there is of it");
  }
  const std::uint64_t size = progress.dumped - before;
  if (entry_.manifest && size != entry_.manifest->claims().dump_size) {
    throw Error(Exit::verification, format("{} has {} bytes of SQL, not {}", url, size,
                                           entry_.manifest->claims().dump_size));
  }
}

void ClassicReader::verify(Progress& progress, Proof proof) {
  const std::string name = entry_.name.data_object();
  const auto source = open_object(store_, name, stop_);
  HashingSource hashed(*source, progress.transferred);
  if (proof == Proof::content) {
    decode_whole(hashed, progress);
  } else if (!entry_.manifest) {
    Progress ignored;  // the SQL is counted where it is used
    decode_whole(hashed, ignored);
  }
  read_to_end(hashed, stop_);
  verified_ = hashed.object(name);
  if (entry_.manifest) require_same(store_, *verified_, entry_.manifest->claims().data);
}

void ClassicReader::write_sql(Sink& sink, Progress& progress) {
  const auto source = open_object(store_, entry_.name.data_object(), stop_);
  HashingSource hashed(*source, progress.transferred);
  decode(hashed, sink, progress);
  if (verified_) require_same(store_, hashed.object(entry_.name.data_object()), *verified_);
}

}  // namespace pgseal::engine
