#include "store/s3_store.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/format.h"
#include "store/s3_source.h"
#include "store/s3_upload.h"

namespace pgseal::store {

namespace {

constexpr std::size_t kMostInABatch = 1000;  // AWS, "DeleteObjects"

}  // namespace

S3Store::S3Store(const S3Options& options, aws::CredentialProvider& credentials,
                 net::HttpClient& http, const Clock& clock)
    : prefix_(options.prefix.empty() ? "" : options.prefix + "/"),
      client_(options, credentials, http, clock) {}

std::string S3Store::url(const std::string& key) const { return client_.url(prefix_ + key); }

std::string S3Store::full_key(const std::string& key) const {
  require_valid_key(key, url(key));
  return prefix_ + key;
}

std::unique_ptr<Sink> S3Store::create(const std::string& key, const std::stop_token& stop) {
  return std::make_unique<S3Upload>(client_, full_key(key), stop);
}

void S3Store::put(const std::string& key, ByteView content, const std::stop_token& stop) {
  put(key, content, crypto::sha256(content), S3Client::Unseen::anybodys, stop);
}

void S3Store::put_unguessable(const std::string& key, ByteView content,
                              const crypto::Digest& sha256, const std::stop_token& stop) {
  put(key, content, sha256, S3Client::Unseen::ours, stop);
}

void S3Store::put(const std::string& key, ByteView content, const crypto::Digest& digest,
                  S3Client::Unseen unseen, const std::stop_token& stop) {
  S3Client::Call call{.action = "put",
                      .permission = "s3:PutObject",
                      .method = "PUT",
                      .key = full_key(key),
                      .headers = client_.dialect().checksum_headers(content, digest),
                      .creates_object = true,
                      .body = content,
                      .body_sha256 = digest,
                      .expected_statuses = {412}};
  for (auto& header : client_.dialect().creation_headers()) call.headers.push_back(header);
  const S3Client::Answer answer = client_.send(call, stop);
  if (!answer.ok()) {
    client_.require_stored(call, answer, crypto::to_base64(digest), unseen, stop);
  }
}

std::unique_ptr<Source> S3Store::open(const std::string& key, const std::stop_token& stop) {
  return S3Source::open(client_, full_key(key), {}, stop);
}

Bytes S3Store::read_range(const std::string& key, std::uint64_t offset, std::uint64_t size,
                          const std::stop_token& stop) {
  if (stop.stop_requested()) throw Cancelled();
  if (size == 0) return {};
  if (size > std::numeric_limits<std::uint64_t>::max() - offset) {
    throw range_error(url(key), offset, size);
  }
  const auto source =
      S3Source::open(client_, full_key(key), {.begin = offset, .end = offset + size}, stop);
  if (!source) throw missing_error(url(key));
  Bytes bytes = read_all(*source, static_cast<std::size_t>(size), key.c_str());
  if (bytes.size() != size) throw range_error(url(key), offset, size);
  return bytes;
}

ListPage S3Store::list_page(const std::string& prefix, const std::string& token,
                            const std::stop_token& stop) {
  S3Client::Call call{.action = format("list \"{}*\" in", prefix),
                      .permission = "s3:ListBucket",
                      .query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", prefix}},
                      .root_element = "ListBucketResult"};
  if (!token.empty()) call.query.emplace_back("continuation-token", token);
  auto page = parse_list_page(client_.send(call, stop).body());
  if (!page || (!token.empty() && page->continuation_token == token)) {
    throw Error(Exit::storage,
                format("{}: S3's answer cannot be understood", client_.describe(call)));
  }
  return std::move(*page);
}

std::vector<ObjectInfo> S3Store::list(const std::string& prefix, const std::stop_token& stop) {
  std::vector<ObjectInfo> objects;
  std::string token;
  do {
    ListPage page = list_page(prefix_ + prefix, token, stop);
    for (ObjectInfo& object : page.objects) {
      object.key.erase(0, prefix_.size());
      if (is_valid_key(object.key)) objects.push_back(std::move(object));
    }
    token = std::move(page.continuation_token);
  } while (!token.empty());
  std::sort(objects.begin(), objects.end(),
            [](const ObjectInfo& a, const ObjectInfo& b) { return a.key < b.key; });
  return objects;
}

void S3Store::remove(const std::string& key, const std::stop_token& stop) {
  remove_whole(full_key(key), stop);
}

void S3Store::remove_whole(const std::string& key, const std::stop_token& stop) {
  const S3Client::Call call{.action = "remove",
                            .permission = "s3:DeleteObject",
                            .method = "DELETE",
                            .key = key,
                            .expected_statuses = {404}};
  const S3Client::Answer answer = client_.send(call, stop);
  if (!answer.ok() && answer.error.code != "NoSuchKey") throw client_.failure(call, answer);
}

void S3Store::remove_all(const std::vector<std::string>& keys, const std::stop_token& stop) {
  std::vector<std::string> whole;
  for (const std::string& key : keys) whole.push_back(full_key(key));
  std::vector<std::string> failed;
  for (std::span<const std::string> rest(whole); !rest.empty();) {
    const auto batch = rest.first(std::min(rest.size(), kMostInABatch));
    for (std::string& key : remove_batch(batch, stop)) failed.push_back(std::move(key));
    rest = rest.subspan(batch.size());
  }
  // Asked for alone, each is tried again where that may help, and else says why not.
  for (const std::string& key : failed) remove_whole(key, stop);
}

std::vector<std::string> S3Store::remove_batch(std::span<const std::string> keys,
                                               const std::stop_token& stop) {
  const std::string body = delete_body(keys);
  const crypto::Digest digest = crypto::sha256(as_bytes(body));
  S3Client::Call call{.action = format("remove {} objects in", keys.size()),
                      .permission = "s3:DeleteObject",
                      .method = "POST",
                      .query = {{"delete", ""}},
                      .headers = client_.dialect().checksum_headers(as_bytes(body), digest),
                      .body = as_bytes(body),
                      .body_sha256 = digest,
                      .root_element = "DeleteResult"};
  call.headers.emplace_back("content-type", "application/xml");
  auto failed = parse_delete_result(client_.send(call, stop).body());
  // No other may be removed for its name's sake; an empty one would be the bucket itself.
  const auto was_asked_for = [&](const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  if (!failed || !std::all_of(failed->begin(), failed->end(), was_asked_for)) {
    throw Error(Exit::storage,
                format("{}: S3's answer cannot be understood", client_.describe(call)));
  }
  return std::move(*failed);
}

}  // namespace pgseal::store
