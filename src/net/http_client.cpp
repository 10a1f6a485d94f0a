#include "net/http_client.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <mutex>
#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace pgseal::net {

namespace {

struct FreeHandle {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;

struct FreeList {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// One request on its way, as libcurl's callbacks see it.
struct Exchange {
  const Request& request;
  const std::stop_token& stop;
  Response response{};
  bool too_long = false;
  int sends = 0;
  std::exception_ptr thrown{};  // what a callback threw, which C code must not see
};

bool has_header(const Request& request, const std::string& name) {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const auto& header) {
    return lower_case(header.first) == lower_case(name);
  });
}

std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

/// "Name: value" into the map; a status line starts it anew, for a 100 Continue may have come
/// before.
void keep_header(std::string_view line, std::map<std::string, std::string>& headers) {
  if (line.starts_with("HTTP/")) return headers.clear();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name = lower_case(std::string(line.substr(0, colon)));
  line.remove_prefix(colon + 1);
  const auto first = line.find_first_not_of(" \t\r\n");
  const auto last = line.find_last_not_of(" \t\r\n");
  const auto value =
      first == std::string_view::npos ? std::string_view() : line.substr(first, last - first + 1);
  const auto [entry, inserted] = headers.try_emplace(std::move(name), value);
  if (!inserted) entry->second.append(", ").append(value);
}

std::size_t on_header(const char* line, std::size_t, std::size_t size, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  try {
    keep_header({line, size}, exchange.response.headers);
    return size;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return 0;
  }
}

std::size_t on_body(const char* bytes, std::size_t, std::size_t size, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  Bytes& body = exchange.response.body;
  if (size > exchange.request.response_limit - body.size()) {
    exchange.too_long = true;
    return 0;
  }
  try {
    const ByteView more = as_bytes({bytes, size});
    body.insert(body.end(), more.begin(), more.end());
    return size;
  } catch (...) {
    exchange.thrown = std::current_exception();
    return 0;
  }
}

/// libcurl calls it at least once a second.
int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Exchange*>(context)->stop.stop_requested() ? 1 : 0;
}

/// libcurl sends a request again by itself where a kept connection turns out to be closed. The
/// server may have acted on the first, so that is left to the caller, who can tell and count.
int on_send(void* context, char*, char*, int, int) {
  const bool first = ++static_cast<Exchange*>(context)->sends == 1;
  return first ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/// The programs that we start must not inherit connections.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (const CURLcode code = curl_easy_setopt(handle, option, value); code != CURLE_OK) {
    throw Error(Exit::internal, format("cannot set option {} of libcurl: {}",
                                       static_cast<int>(option), curl_easy_strerror(code)));
  }
}

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list.release();
  list.reset(longer);
}

HeaderList header_list(const Request& request) {
  HeaderList list;
  for (const auto& [name, value] : request.headers) {
    if (value.find_first_of("\r\n") != std::string::npos) {
      throw Error(Exit::storage, format("cannot reach \"{}\": header \"{}\" has a line break",
                                        without_query(request.url), name));
    }
    // A name with a semicolon is how libcurl is told to send an empty value.
    append(list, value.empty() ? name + ";" : name + ": " + value);
  }
  // What libcurl would add by itself; "Name:" tells it not to.
  for (const char* name : {"Accept", "Content-Type", "Expect"}) {
    if (!has_header(request, name)) append(list, std::string(name) + ":");
  }
  return list;
}

void set_method_and_body(CURL* handle, const Request& request) {
  if (request.method == "HEAD") return set(handle, CURLOPT_NOBODY, 1L);
  if (request.method == "GET" && request.body.empty()) return;
  if (!request.body.empty() || request.method == "PUT" || request.method == "POST") {
    // As "post fields" the body is read in place.
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(handle, CURLOPT_POSTFIELDS,
        request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
  }
  set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_limits(CURL* handle, const Request& request, const HttpClient::Options& options) {
  set(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_timeout.count()));
  set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
  set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout.count()));
  set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
}

void set_security(CURL* handle, const Request& request, const HttpClient::Options& options) {
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_bundle.empty()) {
    set(handle, CURLOPT_CAINFO, options.ca_bundle.c_str());
    set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // this authority, no other
  }
  if (request.no_proxy) set(handle, CURLOPT_PROXY, "");
}

void set_callbacks(CURL* handle, Exchange& exchange) {
  set(handle, CURLOPT_HEADERFUNCTION, on_header);
  set(handle, CURLOPT_HEADERDATA, &exchange);
  set(handle, CURLOPT_WRITEFUNCTION, on_body);
  set(handle, CURLOPT_WRITEDATA, &exchange);
  set(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
  set(handle, CURLOPT_XFERINFODATA, &exchange);
  set(handle, CURLOPT_NOPROGRESS, 0L);
  set(handle, CURLOPT_PREREQFUNCTION, on_send);
  set(handle, CURLOPT_PREREQDATA, &exchange);
  set(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

/// Whether the same request would fail in the same way.
bool is_permanent(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return true;
    default:
      return false;
  }
}

Error transport_error(CURL* handle, CURLcode code, const char* details, const Exchange& exchange) {
  const std::string what = format("cannot reach \"{}\"", without_query(exchange.request.url));
  if (exchange.too_long) {
    return {Exit::storage, format("{}: the answer is longer than {} bytes", what,
                                  exchange.request.response_limit)};
  }
  if (exchange.sends > 1) details = "the server closed a connection that was kept";
  if (*details == '\0') details = curl_easy_strerror(code);
  long os_error = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_error);
  Error error =
      os_error != 0 && code == CURLE_COULDNT_CONNECT
          ? Error(Exit::storage,
                  format("{}: {} ({})", what, std::strerror(static_cast<int>(os_error)), details))
          : Error(Exit::storage, format("{}: {}", what, details));
  if (is_permanent(code)) return error;
  const char* cause = code == CURLE_OPERATION_TIMEDOUT ? "timeout" : "connection";
  return std::move(error).with_retry({.cause = cause});
}

void perform(CURL* handle, Exchange& exchange, const HttpClient::Options& options) {
  const HeaderList headers = header_list(exchange.request);
  char details[CURL_ERROR_SIZE] = "";
  curl_easy_reset(handle);  // keeps connections
  set(handle, CURLOPT_ERRORBUFFER, details);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_URL, exchange.request.url.c_str());
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(handle, CURLOPT_HTTPHEADER, headers.get());
  set_method_and_body(handle, exchange.request);
  set_limits(handle, exchange.request, options);
  set_security(handle, exchange.request, options);
  set_callbacks(handle, exchange);

  const CURLcode code = curl_easy_perform(handle);
  set(handle, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
  if (exchange.thrown) std::rethrow_exception(exchange.thrown);
  if (code == CURLE_ABORTED_BY_CALLBACK && exchange.stop.stop_requested()) throw Cancelled();
  if (code != CURLE_OK) throw transport_error(handle, code, details, exchange);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
}

}  // namespace

std::string Response::header(const std::string& lower_case_name) const {
  const auto entry = headers.find(lower_case_name);
  return entry == headers.end() ? std::string() : entry->second;
}

/// Idle handles, each with its open connections. The one used last is used next.
class HttpClient::Handles final {
 public:
  Handle take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        Handle handle = std::move(idle_.back());
        idle_.pop_back();
        return handle;
      }
    }
    Handle handle(curl_easy_init());
    if (!handle) throw Error(Exit::internal, "cannot start libcurl");
    return handle;
  }

  void give_back(Handle handle) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

  void forget() {
    std::vector<Handle> forgotten;  // closed without the lock
    const std::lock_guard lock(mutex_);
    forgotten.swap(idle_);
  }

 private:
  std::mutex mutex_;
  std::vector<Handle> idle_;  // guarded by mutex_
};

HttpClient::HttpClient() : HttpClient(Options()) {}

HttpClient::HttpClient(Options options)
    : options_(std::move(options)), handles_(std::make_unique<Handles>()) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kStarted != CURLE_OK) throw Error(Exit::internal, "cannot start libcurl");
}

HttpClient::~HttpClient() = default;

Response HttpClient::send(const Request& request, const std::stop_token& stop) {
  if (stop.stop_requested()) throw Cancelled();
  Exchange exchange{.request = request, .stop = stop};
  Handle handle = handles_->take();
  try {
    perform(handle.get(), exchange, options_);
  } catch (const Error& error) {
    // What broke one connection, a router that forgot us, may have broken the idle ones too: the
    // next requests make new ones.
    if (error.retryable()) handles_->forget();
    throw;
  }
  handles_->give_back(std::move(handle));
  return std::move(exchange.response);
}

}  // namespace pgseal::net
