#pragma once
// A prefix in an S3 bucket as a store.

#include <span>
#include <string>

#include "store/object_store.h"
#include "store/s3_client.h"

namespace pgseal::store {

/// `create()` makes a multipart upload (see S3Upload for its memory), `put()` a single request;
/// both send SHA-256 checksums that S3 checks, and If-None-Match, so that nothing is overwritten,
/// unless S3Options::dialect says otherwise.
/// For these s3:PutObject and s3:AbortMultipartUpload are enough; `open()` and
/// `read_range()` need s3:GetObject, `list()` s3:ListBucket, `remove()` s3:DeleteObject. Without
/// s3:ListBucket, S3 answers AccessDenied for an object that is not there.
class S3Store final : public ObjectStore {
 public:
  /// Throws Error of `Exit::usage` where bucket, region or endpoint cannot be. The references must
  /// outlive the store, and the store its sinks and sources.
  S3Store(const S3Options& options, aws::CredentialProvider& credentials, net::HttpClient& http,
          const Clock& clock);

  std::unique_ptr<Sink> create(const std::string& key, const std::stop_token& stop) override;
  void put(const std::string& key, ByteView content, const std::stop_token& stop) override;
  void put_unguessable(const std::string& key, ByteView content, const crypto::Digest& sha256,
                       const std::stop_token& stop) override;
  std::unique_ptr<Source> open(const std::string& key, const std::stop_token& stop) override;
  Bytes read_range(const std::string& key, std::uint64_t offset, std::uint64_t size,
                   const std::stop_token& stop) override;
  /// Keys that are none of a store, such as the "folders" that AWS's console makes, are left out.
  std::vector<ObjectInfo> list(const std::string& prefix, const std::stop_token& stop) override;
  void remove(const std::string& key, const std::stop_token& stop) override;
  /// A request for each 1,000 of them.
  void remove_all(const std::vector<std::string>& keys, const std::stop_token& stop) override;
  std::string url(const std::string& key) const override;
  RetryCounts retries() const override { return client_.retries(); }

 private:
  void put(const std::string& key, ByteView content, const crypto::Digest& digest,
           S3Client::Unseen unseen, const std::stop_token& stop);
  [[nodiscard]] std::string full_key(const std::string& key) const;
  void remove_whole(const std::string& key, const std::stop_token& stop);
  /// Removes `keys`, which are whole, and returns those that S3 could not remove.
  [[nodiscard]] std::vector<std::string> remove_batch(std::span<const std::string> keys,
                                                      const std::stop_token& stop);
  [[nodiscard]] ListPage list_page(const std::string& prefix, const std::string& token,
                                   const std::stop_token& stop);

  std::string prefix_;  // with its slash, or ""
  S3Client client_;
};

}  // namespace pgseal::store
