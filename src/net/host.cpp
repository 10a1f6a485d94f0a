#include "net/host.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"

namespace pgseal::net {

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (url.find_first_of("@\\") != std::string_view::npos) return "";
  const std::size_t end = url.starts_with('[') ? url.find(']') + 1 : url.find(':');
  return lower_case(std::string(url.substr(0, end)));
}

bool is_address(std::string_view host) {
  return host.starts_with('[') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "[::1]" ||
         (host.starts_with("127.") && is_address(host));
}

void require_endpoint(const std::string& url, const std::string& service) {
  const std::string scheme = lower_case(url.substr(0, url.find("://")));
  const bool is_clean = std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c != '\x7f' && std::string_view("?#@\\\"").find(c) == std::string_view::npos;
  });
  if ((scheme == "http" || scheme == "https") && !host_of(url).empty() && is_clean) return;
  const bool has_user = url.find('@') != std::string::npos;
  throw Error(Exit::usage,
              format("{} cannot be an endpoint of {}",
                     has_user ? "a URL with a user in it" : "\"" + url + "\"", service))
      .with_hint("an endpoint is http:// or https:// with a host and perhaps a port");
}

bool is_plain(std::string_view url) {
  return lower_case(std::string(url.substr(0, url.find("://")))) == "http";
}

bool is_plain_loopback(std::string_view url) { return is_plain(url) && is_loopback(host_of(url)); }

}  // namespace pgseal::net
