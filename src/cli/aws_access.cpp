#include "cli/aws_access.h"

#include <regex>

#include "base/format.h"
#include "cli/aws_environment.h"
#include "cli/endpoint_settings.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

std::string role_arn(const Setting& setting, Configuration& configuration) {
  std::string arn = configuration.text_or_empty(setting);
  static const std::regex kRole("arn:[a-z-]+:iam::[^:]*:role/[\\x21-\\x7e]+");
  if (!arn.empty() && !std::regex_match(arn, kRole)) {
    configuration.problems().add(
        format("{} is no ARN of a role, such as arn:aws:iam::123456789012:role/NAME: \"{}\"",
               setting.key, arn));
  }
  return arn;
}

}  // namespace

RoleSettings resolve_roles(Configuration& configuration) {
  RoleSettings roles{.assumed = role_arn(setting::assume_role, configuration),
                     .database = role_arn(setting::db_role, configuration),
                     .store = role_arn(setting::store_role, configuration),
                     .external_id = configuration.text_or_empty(setting::external_id)};
  if (!roles.external_id.empty() && roles.assumed.empty() && roles.database.empty() &&
      roles.store.empty()) {
    configuration.problems().add(
        "external_id is for assume_role, db_role and store_role: none of them is set");
  }
  const std::string sts = sts_options(configuration).endpoint;
  if (!sts.empty()) configuration.problems().collect([&] { aws::require_sts_endpoint(sts); });
  require_protected(sts, configuration);
  return roles;
}

AwsAccess::AwsAccess(Configuration& configuration, const Clock& clock)
    : http_(resolve_http(configuration)), sts_(sts_options(configuration), http_, clock) {
  const RoleSettings roles = resolve_roles(configuration);
  chain_ =
      aws::make_credential_chain(chain_options(configuration.environment()), http_, sts_, clock);
  common_ = on_top(chain_, roles.assumed, roles, clock);
  database_ = on_top(common_, roles.database, roles, clock);
  store_ = on_top(common_, roles.store, roles, clock);
}

AwsAccess::Provider AwsAccess::on_top(const Provider& base, const std::string& role,
                                      const RoleSettings& settings, const Clock& clock) {
  if (role.empty()) return base;
  return aws::make_role_provider({.arn = role, .external_id = settings.external_id}, *base, sts_,
                                 clock);
}

}  // namespace pgseal::cli
