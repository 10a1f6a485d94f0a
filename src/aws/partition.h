#pragma once
// Where AWS's services are reached: AWS is several separate clouds, each with domains of its own.
// Source: AWS, "AWS service endpoints"; judged by botocore.

#include <string>
#include <string_view>

namespace pgseal::aws {

/// Kinds of endpoints that AWS has beside the common one.
struct EndpointKind {
  bool fips = false;        ///< TLS by modules that the US government has validated
  bool dual_stack = false;  ///< IPv6 beside IPv4
};

/// Whether `text` may be the name of a region, and a part of a host's.
[[nodiscard]] bool is_region(std::string_view text);
/// "aws", "aws-cn", "aws-us-gov", "aws-eusc"; as ARNs name it. A region that we do not know is of
/// "aws".
[[nodiscard]] std::string partition(const std::string& region);
/// "amazonaws.com", in China "amazonaws.com.cn".
[[nodiscard]] std::string dns_suffix(const std::string& region);
/// Where `service` is reached: "sts.eu-west-1.amazonaws.com", "sts-fips.eu-west-1.api.aws". S3 has
/// a rule of its own for dual stack.
[[nodiscard]] std::string service_host(const std::string& service, const std::string& region,
                                       EndpointKind kind = {});

}  // namespace pgseal::aws
