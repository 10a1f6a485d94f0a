#pragma once
// Which machine a URL leads to.

#include <string>
#include <string_view>

namespace pgseal::net {

/// The host of a URL in lower case, without its port: "[fd00:ec2::23]"; "" where a user stands
/// before it, or where there is none.
[[nodiscard]] std::string host_of(std::string_view url);
/// Whether `host`, as above, is an address and not a name.
[[nodiscard]] bool is_address(std::string_view host);
/// Whether `host`, as above, can be no other machine than this one. Names that end in ".localhost"
/// are this one's too (RFC 6761; libcurl asks nobody about them).
[[nodiscard]] bool is_loopback(std::string_view host);
/// Throws Error of `Exit::usage` where `url` is not http:// or https:// with a host, perhaps a port
/// and a path, and nothing else; the error names `service`, and no password.
void require_endpoint(const std::string& url, const std::string& service);
/// Whether `url` is of plain HTTP.
[[nodiscard]] bool is_plain(std::string_view url);
/// Whether it is, and of this machine: what goes there may pass no proxy, which could read it.
[[nodiscard]] bool is_plain_loopback(std::string_view url);

}  // namespace pgseal::net
