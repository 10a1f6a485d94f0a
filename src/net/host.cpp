#include "net/host.h"

#include <algorithm>

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

bool is_plain(std::string_view url) {
  return lower_case(std::string(url.substr(0, url.find("://")))) == "http";
}

}  // namespace pgseal::net
