#include "backupset/archive_reader.h"

#include <algorithm>
#include <unordered_map>

#include "backupset/read_object.h"
#include "base/error.h"
#include "base/format.h"
#include "compress/zstd.h"
#include "crypto/age_header.h"
#include "crypto/hashed_source.h"

namespace pgseal::backupset {

namespace {

constexpr std::size_t kMaxSignature = 4 * kKiB;
// Some millions of chunks.
constexpr std::size_t kMaxCatalog = kGiB;
// The largest header of an age file (age_header.h), and the nonce behind it.
constexpr std::size_t kMaxAgeHead = 64 * kKiB + 16;

/// Runs `action`; an Error about what lies in the object gets its URL as context. Those of the
/// store have it already.
template <typename Action>
auto naming(const std::string& url, Action action) {
  try {
    return action();
  } catch (Error& error) {
    if (error.code() == Exit::verification || error.code() == Exit::key) {
      error.add_context(format("cannot read \"{}\"", url));
    }
    throw;
  }
}

void require_sha256(const crypto::Digest& found, const std::string& sha256, const char* what) {
  if (to_hex(found) == sha256) return;
  throw Error(Exit::verification, format("{} has another SHA-256 than the manifest says", what));
}

/// Reads what is left of `source`, too.
void require_sha256_of_whole(crypto::HashedSource& source, const StoredObject& wanted,
                             const std::stop_token& stop) {
  read_to_end(source, stop);
  require_sha256(source.sha256(), wanted.sha256, "it");
}

Bytes decrypt(ByteView encrypted, const std::vector<crypto::AgeIdentity>& identities) {
  ByteSource source(encrypted);
  crypto::AgeDecryptor decryptor(identities);
  TransformSource plain(source, decryptor);
  return read_all(plain, encrypted.size(), "the payload");
}

/// The payload of an age file. Whoever goes on after an error gets that error again.
class PayloadSource final : public Source {
 public:
  PayloadSource(Source& encrypted, const std::vector<crypto::AgeIdentity>& identities)
      : decryptor_(identities), plain_(encrypted, decryptor_) {}
  std::size_t read(ByteSpan out) override {
    if (failure_) std::rethrow_exception(failure_);
    try {
      return plain_.read(out);
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }

 private:
  crypto::AgeDecryptor decryptor_;
  TransformSource plain_;
  std::exception_ptr failure_;
};

Catalog parse_catalog(ByteView compressed) {
  ByteSource source(compressed);
  compress::ZstdDecoder decoder;
  TransformSource plain(source, decoder);
  return Catalog::parse(as_text(read_all(plain, kMaxCatalog, "the catalog")));
}

/// Of all objects that are missing or of another size, one error.
class ObjectErrors final {
 public:
  void add(const Error& error) {
    constexpr std::size_t kMostNamed = 20;
    if (++count_ <= kMostNamed) {
      text_ += (count_ == 1 ? "" : "; ") + error.message();
      return;
    }
    more_ = format("; and {} more", count_ - kMostNamed);
  }
  void throw_if_any() const {
    if (count_ > 0) throw Error(Exit::verification, text_ + more_);
  }

 private:
  std::string text_, more_;
  std::size_t count_ = 0;
};

}  // namespace

const char* signature_word(Authenticity authenticity) {
  switch (authenticity) {
    case Authenticity::verified:
      return "verified";
    case Authenticity::not_checked:
      return "not checked";
    case Authenticity::unsigned_:
      return "none";
    case Authenticity::refused:
      return "refused";
  }
  return "";
}

ArchiveReader::ArchiveReader(store::ObjectStore& store, BackupPlace place,
                             const std::optional<crypto::MinisignPublicKey>& signer,
                             const std::stop_token& stop)
    : store_(store), place_(std::move(place)) {
  read_manifest(
      signer ? &*signer : nullptr, [](const std::string&, const Error& error) { throw error; },
      stop);
  ObjectErrors errors;
  find_objects([&](const std::string&, const Error& error) { errors.add(error); }, stop);
  errors.throw_if_any();
}

ArchiveReader::ArchiveReader(store::ObjectStore& store, BackupPlace place,
                             const std::optional<crypto::MinisignPublicKey>& signer,
                             const Report& report, const std::stop_token& stop)
    : store_(store), place_(std::move(place)) {
  read_manifest(signer ? &*signer : nullptr, report, stop);
  find_objects(report, stop);
}

void ArchiveReader::read_manifest(const crypto::MinisignPublicKey* signer, const Report& report,
                                  const std::stop_token& stop) {
  const std::string text = read_manifest_text(stop);
  const auto judge_signature = [&](const auto& judge) {
    try {
      judge();
    } catch (const Error& error) {
      if (error.code() != Exit::verification && error.code() != Exit::key) throw;
      authenticity_ = Authenticity::refused;
      report(place_.key(kSignatureName), error);
    }
  };
  judge_signature([&] { verify_signature(text, signer, stop); });
  naming(store_.url(place_.key(kManifestName)), [&] {
    manifest_ = ArchiveManifest::parse(text);
    manifest_.require_place(place_);
  });
  judge_signature([&] {
    if (authenticity_ != Authenticity::verified || !manifest_.signer) return;
    if (manifest_.signer == signer->key_id()) return;
    throw Error(Exit::verification,
                format("cannot read \"{}\": the manifest names another signer than its signature",
                       store_.url(place_.key(kManifestName))));
  });
}

std::string ArchiveReader::read_manifest_text(const std::stop_token& stop) {
  const std::string key = place_.key(kManifestName);
  auto text = backupset::read_object(store_, key, stop, kMaxManifestSize);
  if (text) return std::move(*text);
  throw Error(Exit::not_found, format("cannot read \"{}\": no such backup", store_.url(key)))
      .with_hint("what has no manifest is no backup: it runs still, or did not finish");
}

void ArchiveReader::verify_signature(std::string_view manifest,
                                     const crypto::MinisignPublicKey* signer,
                                     const std::stop_token& stop) {
  const std::string key = place_.key(kSignatureName);
  const auto signature = backupset::read_object(store_, key, stop, kMaxSignature);
  authenticity_ = signature ? Authenticity::not_checked : Authenticity::unsigned_;
  if (signer == nullptr) return;
  if (!signature) {
    throw Error(Exit::key, format("cannot read \"{}\": the backup is not signed", store_.url(key)))
        .with_hint("leave the signer's public key out to read what nobody vouches for");
  }
  naming(store_.url(key), [&] {
    trusted_comment_ = signer->verify(as_bytes(manifest), *signature);
    // The format signs all but this line. Here it has one form, so that any change shows.
    if (!signature->starts_with(std::string(crypto::kMinisignSignatureComment) + "\n")) {
      throw Error(Exit::verification, "its first line was changed");
    }
  });
  authenticity_ = Authenticity::verified;
}

void ArchiveReader::find_objects(const Report& report, const std::stop_token& stop) const {
  const std::string own = place_.name() + "/";
  const bool all_own =
      std::all_of(manifest_.objects.begin(), manifest_.objects.end(),
                  [&](const StoredObject& wanted) { return wanted.key.starts_with(own); });
  std::unordered_map<std::string, std::uint64_t> sizes;
  for (auto& [key, size] :
       store_.list(all_own ? own : encode_database(place_.database) + "/", stop)) {
    sizes.emplace(key, size);
  }
  for (const StoredObject& wanted : manifest_.objects) {
    const auto found = sizes.find(wanted.key);
    if (found != sizes.end() && found->second == wanted.size) continue;
    report(wanted.key, Error(Exit::verification,
                             format("cannot read \"{}\": {}", store_.url(wanted.key),
                                    found == sizes.end() ? "the object is missing"
                                                         : format("it has {} bytes, not {}",
                                                                  found->second, wanted.size))));
  }
}

const StoredObject& ArchiveReader::object(const std::string& key) const {
  if (const StoredObject* found = manifest_.find(key)) return *found;
  throw Error(Exit::verification,
              format("cannot read \"{}\": the manifest does not name it", store_.url(key)));
}

void ArchiveReader::open(std::vector<crypto::AgeIdentity> identities, const std::stop_token& stop) {
  identities_ = std::move(identities);
  const Bytes compressed = decrypt_object(kCatalogName, stop);
  naming(store_.url(place_.key(kCatalogName)), [&] {
    catalog_ = parse_catalog(compressed);
    if (catalog_.backup != place_.name()) {
      throw Error(Exit::verification,
                  format("it is another backup's catalog: of \"{}\"", catalog_.backup));
    }
  });
}

std::unique_ptr<Source> ArchiveReader::open_object(const std::string& key,
                                                   const std::stop_token& stop) const {
  auto source = store_.open(key, stop);
  if (!source) throw Error(Exit::verification, "the object is missing");
  return source;
}

Bytes ArchiveReader::read_object(const std::string& key, const std::stop_token& stop) const {
  const StoredObject& wanted = object(key);
  return naming(store_.url(key), [&] {
    const auto source = open_object(key, stop);
    Bytes bytes = read_all(*source, static_cast<std::size_t>(wanted.size), "the object");
    require_sha256(crypto::sha256(bytes), wanted.sha256, "it");
    return bytes;
  });
}

void ArchiveReader::prove_object(const std::string& key, const std::stop_token& stop) const {
  const StoredObject& wanted = object(key);
  naming(store_.url(key), [&] {
    const auto source = open_object(key, stop);
    crypto::HashedSource hashed(*source);
    require_sha256_of_whole(hashed, wanted, stop);
  });
}

Bytes ArchiveReader::decrypt_object(std::string_view name, const std::stop_token& stop) const {
  return decrypt_bundle(place_.key(name), stop);
}

Bytes ArchiveReader::decrypt_bundle(const std::string& key, const std::stop_token& stop) const {
  const Bytes encrypted = read_object(key, stop);
  return naming(store_.url(key), [&] { return decrypt(encrypted, identities_); });
}

void ArchiveReader::read_bundle(const std::string& key,
                                const std::function<void(Source& payload)>& take,
                                const std::stop_token& stop) const {
  const StoredObject& wanted = object(key);
  naming(store_.url(key), [&] {
    const auto source = open_object(key, stop);
    crypto::HashedSource hashed(*source);
    PayloadSource payload(hashed, identities_);
    try {
      take(payload);
      read_to_end(payload, stop);
    } catch (const Error& error) {
      if (error.code() != Exit::verification) throw;
      require_sha256_of_whole(hashed, wanted, stop);
      throw;
    }
    require_sha256_of_whole(hashed, wanted, stop);
  });
}

Bytes ArchiveReader::read_part(const std::string& key, std::uint64_t offset, std::uint64_t size,
                               const std::stop_token& stop) {
  const crypto::AgeRangeReader reader = range_reader(key, stop);
  return naming(store_.url(key), [&] {
    const auto range = reader.encrypted_range(offset, size);
    const Bytes encrypted = store_.read_range(key, range.offset, range.size, stop);
    return reader.decrypt(offset, size, encrypted);
  });
}

crypto::AgeRangeReader ArchiveReader::range_reader(const std::string& key,
                                                   const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = range_readers_.find(key); known != range_readers_.end()) {
      return known->second;
    }
  }
  // Two threads may do this at once, to the same end; none waits for another's request.
  crypto::AgeRangeReader reader = open_range_reader(object(key), stop);
  const std::lock_guard lock(mutex_);
  return range_readers_.try_emplace(key, std::move(reader)).first->second;
}

crypto::AgeRangeReader ArchiveReader::open_range_reader(const StoredObject& object,
                                                        const std::stop_token& stop) const {
  for (const std::size_t head_size : {crypto::AgeRangeReader::kHeadSize, kMaxAgeHead}) {
    const Bytes head =
        store_.read_range(object.key, 0, std::min<std::uint64_t>(head_size, object.size), stop);
    auto reader = naming(store_.url(object.key), [&]() -> std::optional<crypto::AgeRangeReader> {
      const auto header = crypto::AgeHeader::parse(head);
      if (!header) return std::nullopt;
      require_sha256(crypto::sha256(ByteView(head).first(header->size)), object.header_sha256,
                     "its header");
      return crypto::AgeRangeReader::open(head, object.size, identities_);
    });
    if (reader) return std::move(*reader);
  }
  throw Error(Exit::verification,
              format("cannot read \"{}\": it is no age file", store_.url(object.key)));
}

}  // namespace pgseal::backupset
