#include "support/fake_s3.h"

#include <algorithm>
#include <charconv>
#include <mutex>

#include "base/bytes.h"
#include "base/format.h"

namespace pgseal::test {
namespace {

constexpr std::size_t kKeptWithoutContent = 2 * kMiB;  // takes the list of 10,000 parts
constexpr const char* kChecksum = "x-amz-checksum-sha256";
constexpr std::uint64_t kSmallestPart = 5 * kMiB;
constexpr std::size_t kMostRemoved = 1000;

std::string xml_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string xml_unescaped(std::string text) {
  for (const auto& [escape, plain] : {std::pair("&lt;", "<"), std::pair("&gt;", ">"),
                                      std::pair("&quot;", "\""), std::pair("&amp;", "&")}) {
    for (std::size_t at = 0; (at = text.find(escape, at)) != std::string::npos; ++at) {
      text.replace(at, std::string_view(escape).size(), plain);
    }
  }
  return text;
}

std::string element(const std::string& name, const std::string& text) {
  return format("<{0}>{1}</{0}>", name, xml_escaped(text));
}

HttpReply xml(const std::string& root, const std::string& content) {
  return {.headers = {{"Content-Type", "application/xml"}},
          .body = format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<{0} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{1}</{0}>",
                         root, content)};
}

std::string parameter(const HttpRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? "" : found->second;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// The text of the next `<name>` after `position`, which moves behind it.
std::optional<std::string> next_element(const std::string& body, const std::string& name,
                                        std::size_t& position) {
  const std::string open = "<" + name + ">";
  const std::size_t begin = body.find(open, position);
  const std::size_t end = begin == std::string::npos ? begin : body.find("</" + name + ">", begin);
  if (end == std::string::npos) return std::nullopt;
  position = end;
  return body.substr(begin + open.size(), end - begin - open.size());
}

std::string key_of(const HttpRequest& request) {
  const std::size_t slash = request.path.find('/', 1);
  return slash == std::string::npos ? "" : request.path.substr(slash + 1);
}

std::string bucket_of(const HttpRequest& request) {
  return request.path.substr(1, request.path.find('/', 1) - 1);
}

struct Range {
  std::uint64_t first, last;
};

// RFC 9110 "bytes=1-2", "bytes=1-", "bytes=-2"; nothing where it cannot be satisfied.
std::optional<Range> parse_range(std::string_view text, std::uint64_t size) {
  if (!text.starts_with("bytes=") || size == 0) return std::nullopt;
  text.remove_prefix(6);
  const std::size_t dash = std::min(text.find('-'), text.size() - 1);
  const auto first = number(text.substr(0, dash));
  const auto last = number(text.substr(dash + 1));
  if (!first)
    return last ? std::optional(Range{size - std::min(size, *last), size - 1}) : std::nullopt;
  if (*first >= size) return std::nullopt;
  return Range{*first, std::min(last.value_or(size - 1), size - 1)};
}

}  // namespace

std::string s3_operation(const HttpRequest& request) {
  const auto has = [&](const char* name) { return request.query.contains(name); };
  const std::string& method = request.method;
  if (key_of(request).empty()) {
    if (method == "HEAD") return "HeadBucket";
    if (method == "POST" && has("delete")) return "DeleteObjects";
    if (method != "GET") return "";
    if (has("uploads")) return "ListMultipartUploads";
    if (has("versioning")) return "GetBucketVersioning";
    if (has("object-lock")) return "GetObjectLockConfiguration";
    if (has("lifecycle")) return "GetBucketLifecycleConfiguration";
    if (has("policyStatus")) return "GetBucketPolicyStatus";
    return parameter(request, "list-type") == "2" ? "ListObjectsV2" : "";
  }
  if (method == "PUT") return has("partNumber") ? "UploadPart" : "PutObject";
  if (method == "GET") return "GetObject";
  if (method == "HEAD") return "HeadObject";
  if (method == "DELETE") return has("uploadId") ? "AbortMultipartUpload" : "DeleteObject";
  if (method != "POST") return "";
  if (has("uploads")) return "CreateMultipartUpload";
  return has("uploadId") ? "CompleteMultipartUpload" : "";
}

HttpReply FakeS3::error(int status, const std::string& code, const std::string& message) {
  return {.status = status,
          .headers = {{"Content-Type", "application/xml"},
                      {"x-amz-request-id", "FAKE4REQUEST"},
                      {"x-amz-id-2", "fake/id/2"}},
          .body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>" + element("Code", code) +
                  element("Message", message) + element("RequestId", "FAKE4REQUEST") + "</Error>"};
}

/// The bucket's contents, for the server's threads.
class FakeS3::Bucket {
 public:
  explicit Bucket(Options options) : options_(std::move(options)), fault_(options_.fault) {}

  HttpReply handle(HttpRequest request) {
    if (request.header("host").starts_with(options_.bucket + ".")) {
      request.path = "/" + options_.bucket + request.path;
    }
    HttpReply reply = answer(request);
    if (options_.delay) reply.delay += options_.delay(request);
    if (options_.lose_answer && options_.lose_answer(request)) reply.drop = true;
    return reply;
  }

 private:
  HttpReply answer(const HttpRequest& request) {
    if (const auto fault = current_fault()) {
      if (std::optional<HttpReply> reply = fault(request)) return *reply;
    }
    if (bucket_of(request) != options_.bucket) return error(404, "NoSuchBucket");
    const std::string operation = s3_operation(request);
    const std::lock_guard lock(mutex_);
    if (operation == "HeadBucket") return {};
    if (operation == "PutObject") return put(request);
    if (operation == "GetObject" || operation == "HeadObject") return get(request);
    if (operation == "DeleteObject") return remove(request);
    if (operation == "DeleteObjects") return remove_all(request);
    if (operation == "ListObjectsV2") return list(request);
    if (operation == "ListMultipartUploads") return list_uploads();
    if (operation == "GetBucketVersioning") return xml("VersioningConfiguration", "");
    if (operation == "GetObjectLockConfiguration") {
      return error(404, "ObjectLockConfigurationNotFoundError");
    }
    if (operation == "GetBucketLifecycleConfiguration") {
      return error(404, "NoSuchLifecycleConfiguration");
    }
    if (operation == "GetBucketPolicyStatus") return error(404, "NoSuchBucketPolicy");
    if (operation == "CreateMultipartUpload") return create_upload(request);
    if (operation == "UploadPart") return upload_part(request);
    if (operation == "CompleteMultipartUpload") return complete_upload(request);
    if (operation == "AbortMultipartUpload") return abort_upload(request);
    return error(501, "NotImplemented", request.method + " " + request.target);
  }

  [[nodiscard]] Fault current_fault() const {
    const std::lock_guard lock(mutex_);
    return fault_;
  }

 public:
  [[nodiscard]] const Options& options() const { return options_; }

  [[nodiscard]] std::map<std::string, Object> objects() const {
    const std::lock_guard lock(mutex_);
    return objects_;
  }

  void set_fault(Fault fault) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }

  void add(const std::string& key, const std::string& content) {
    const std::lock_guard lock(mutex_);
    objects_[key] = {content, content.size(), next_etag(), {}};
  }

  [[nodiscard]] std::map<std::string, std::string> open_uploads() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> result;
    for (const auto& [id, upload] : uploads_) result[id] = upload.key;
    return result;
  }

  [[nodiscard]] int aborted_uploads() const {
    const std::lock_guard lock(mutex_);
    return aborted_uploads_;
  }

 private:
  struct Upload {
    std::string key;
    std::map<std::string, std::string> headers;
    std::map<std::uint64_t, Object> parts;
  };

  // Not the MD5 that S3 often uses, on which nobody should rely.
  std::string next_etag() { return format("\"{:032x}\"", ++etags_); }

  [[nodiscard]] bool must_not_overwrite(const HttpRequest& request) const {
    return request.header("if-none-match") == "*" && objects_.contains(key_of(request));
  }

  HttpReply put(const HttpRequest& request) {
    if (must_not_overwrite(request)) return error(412, "PreconditionFailed");
    Object& object = objects_[key_of(request)];
    object = {request.body, request.body_size, next_etag(), request.headers};
    return {.headers = {{"ETag", object.etag}}};
  }

  HttpReply get(const HttpRequest& request) const {
    const auto found = objects_.find(key_of(request));
    if (found == objects_.end()) return error(404, "NoSuchKey");
    const Object& object = found->second;
    const std::string if_match = request.header("if-match");
    if (!if_match.empty() && if_match != object.etag) return error(412, "PreconditionFailed");
    HttpReply reply{.headers = {{"ETag", object.etag}, {"Accept-Ranges", "bytes"}}};
    if (const auto sum = object.headers.find(kChecksum); sum != object.headers.end()) {
      reply.headers.insert(*sum);
    }
    if (request.method == "HEAD") {
      reply.headers["Content-Length"] = std::to_string(object.size);
      return reply;
    }
    if (object.content.size() != object.size) return error(500, "InternalError", "not kept");
    reply.body = object.content;
    if (const std::string wanted = request.header("range"); !wanted.empty()) {
      const std::optional<Range> range = parse_range(wanted, object.size);
      if (!range) return error(416, "InvalidRange");
      reply.status = 206;
      reply.body = object.content.substr(range->first, range->last - range->first + 1);
      reply.headers["Content-Range"] =
          format("bytes {}-{}/{}", range->first, range->last, object.size);
    }
    return reply;
  }

  HttpReply remove(const HttpRequest& request) {
    objects_.erase(key_of(request));
    return {.status = 204};
  }

  HttpReply remove_all(const HttpRequest& request) {
    if (request.header("content-md5").empty() && request.header("x-amz-checksum-sha256").empty()) {
      return error(400, "InvalidRequest", "a checksum is missing");
    }
    std::vector<std::string> keys;
    std::size_t position = 0;
    while (const auto key = next_element(request.body, "Key", position)) {
      keys.push_back(xml_unescaped(*key));
    }
    if (keys.empty() || keys.size() > kMostRemoved) return error(400, "MalformedXML");
    for (const std::string& key : keys) objects_.erase(key);
    return xml("DeleteResult", "");
  }

  HttpReply list(const HttpRequest& request) const {
    const std::string prefix = parameter(request, "prefix");
    const std::string after =
        std::max(parameter(request, "continuation-token"), parameter(request, "start-after"));
    const std::size_t limit = std::min<std::size_t>(
        number(parameter(request, "max-keys")).value_or(1000), options_.max_keys);
    std::string contents, last;
    std::size_t count = 0;
    bool truncated = false;
    for (auto at = objects_.upper_bound(after); at != objects_.end() && !truncated; ++at) {
      if (!at->first.starts_with(prefix)) continue;
      truncated = count == limit;
      if (truncated) break;
      last = at->first;
      ++count;
      contents += "<Contents>" + element("Key", last) +
                  element("LastModified", "2026-01-01T00:00:00.000Z") +
                  element("ETag", at->second.etag) +
                  element("Size", std::to_string(at->second.size)) +
                  element("StorageClass", "STANDARD") + "</Contents>";
    }
    std::string head = element("Name", options_.bucket) + element("Prefix", prefix) +
                       element("KeyCount", std::to_string(count)) +
                       element("MaxKeys", std::to_string(limit)) +
                       element("IsTruncated", truncated ? "true" : "false");
    if (truncated) head += element("NextContinuationToken", last);
    return xml("ListBucketResult", head + contents);
  }

  HttpReply list_uploads() const {
    std::string content = element("Bucket", options_.bucket) + element("IsTruncated", "false");
    for (const auto& [id, upload] : uploads_) {
      content += "<Upload>" + element("Key", upload.key) + element("UploadId", id) +
                 element("Initiated", "2026-01-01T00:00:00.000Z") + "</Upload>";
    }
    return xml("ListMultipartUploadsResult", content);
  }

  HttpReply create_upload(const HttpRequest& request) {
    const std::string id = format("upload-{}", ++created_uploads_);
    uploads_[id] = {key_of(request), request.headers, {}};
    return xml("InitiateMultipartUploadResult", element("Bucket", options_.bucket) +
                                                    element("Key", key_of(request)) +
                                                    element("UploadId", id));
  }

  Upload* find_upload(const HttpRequest& request) {
    const auto found = uploads_.find(parameter(request, "uploadId"));
    const bool fits = found != uploads_.end() && found->second.key == key_of(request);
    return fits ? &found->second : nullptr;
  }

  HttpReply upload_part(const HttpRequest& request) {
    Upload* upload = find_upload(request);
    if (upload == nullptr) return error(404, "NoSuchUpload");
    const std::uint64_t part = number(parameter(request, "partNumber")).value_or(0);
    if (part < 1 || part > 10000) return error(400, "InvalidArgument", "part number");
    Object& object = upload->parts[part];
    object = {request.body, request.body_size, next_etag(), {}};
    return {.headers = {{"ETag", object.etag}}};
  }

  // The parts that the request names, put together; the error answer where they do not fit.
  std::optional<HttpReply> assemble(const HttpRequest& request, const Upload& upload,
                                    Object& whole) {
    std::size_t position = 0;
    std::uint64_t previous = 0, previous_size = kSmallestPart;
    while (const auto part = next_element(request.body, "Part", position)) {
      std::size_t inside = 0;
      const auto name = number(next_element(*part, "PartNumber", inside).value_or(""));
      inside = 0;
      const std::string etag = next_element(*part, "ETag", inside).value_or("");
      const auto found = upload.parts.find(name.value_or(0));
      if (found == upload.parts.end()) return error(400, "InvalidPart");
      if (etag != found->second.etag && etag != xml_escaped(found->second.etag)) {
        return error(400, "InvalidPart", "the ETag is another");
      }
      if (found->first <= previous) return error(400, "InvalidPartOrder");
      if (previous_size < kSmallestPart) return error(400, "EntityTooSmall");
      previous = found->first;
      previous_size = found->second.size;
      if (options_.keep_content) whole.content += found->second.content;
      whole.size += found->second.size;
    }
    if (previous == 0) return error(400, "MalformedXML", "no parts");
    return std::nullopt;
  }

  HttpReply complete_upload(const HttpRequest& request) {
    const Upload* upload = find_upload(request);
    if (upload == nullptr) return error(404, "NoSuchUpload");
    if (must_not_overwrite(request)) return error(412, "PreconditionFailed");
    Object whole{"", 0, next_etag(), upload->headers};
    if (std::optional<HttpReply> wrong = assemble(request, *upload, whole)) return *wrong;
    const std::string etag = whole.etag;
    objects_[key_of(request)] = std::move(whole);
    uploads_.erase(parameter(request, "uploadId"));
    return xml("CompleteMultipartUploadResult", element("Bucket", options_.bucket) +
                                                    element("Key", key_of(request)) +
                                                    element("ETag", etag));
  }

  HttpReply abort_upload(const HttpRequest& request) {
    if (find_upload(request) == nullptr) return error(404, "NoSuchUpload");
    uploads_.erase(parameter(request, "uploadId"));
    ++aborted_uploads_;
    return {.status = 204};
  }

  const Options options_;
  mutable std::mutex mutex_;
  // Guarded by mutex_, as all that follows.
  Fault fault_;
  std::map<std::string, Object> objects_;
  std::map<std::string, Upload> uploads_;
  std::uint64_t etags_ = 0;
  int created_uploads_ = 0;
  int aborted_uploads_ = 0;
};

FakeS3::FakeS3() : FakeS3(Options{}) {}

FakeS3::FakeS3(Options options) : state_(std::make_unique<Bucket>(std::move(options))) {
  ScriptedHttpServer::Options server;
  if (!state_->options().keep_content) server.keep_body_up_to = kKeptWithoutContent;
  server.cut_body_after = state_->options().cut_body_after;
  server_ = std::make_unique<ScriptedHttpServer>(
      [bucket = state_.get()](const HttpRequest& request) { return bucket->handle(request); },
      std::move(server));
}

FakeS3::~FakeS3() = default;

std::string FakeS3::url() const { return server_->url(); }
std::string FakeS3::bucket() const { return state_->options().bucket; }
std::map<std::string, FakeS3::Object> FakeS3::objects() const { return state_->objects(); }
void FakeS3::set_fault(Fault fault) { state_->set_fault(std::move(fault)); }
void FakeS3::add_object(const std::string& key, const std::string& content) {
  state_->add(key, content);
}
std::map<std::string, std::string> FakeS3::open_uploads() const { return state_->open_uploads(); }
int FakeS3::aborted_uploads() const { return state_->aborted_uploads(); }
std::vector<HttpRequest> FakeS3::requests() const { return server_->requests(); }
ScriptedHttpServer& FakeS3::server() { return *server_; }

}  // namespace pgseal::test
