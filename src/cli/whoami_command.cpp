#include "cli/aws_access.h"
#include "cli/commands.h"
#include "cli/table.h"

namespace pgseal::cli {

namespace {

Json to_json(const aws::CallerIdentity& identity) {
  return {{"account", identity.account}, {"arn", identity.arn}, {"user_id", identity.user_id}};
}

Json tried_json(const std::vector<aws::AskedSource>& asked) {
  Json tried = Json::array();
  for (const aws::AskedSource& source : asked) {
    if (!source.reason.empty()) tried.push_back({{"source", source.name}, {"why", source.reason}});
  }
  return tried;
}

/// What is shown, in one form for both outputs: {"account", "arn", "user_id", "source", "tried",
/// "database", "store"}; the last two only where they are somebody else.
Json ask(AwsAccess& access, const Context& context) {
  const auto who = [&](aws::CredentialProvider& provider) {
    return to_json(access.sts().caller_identity(provider.get(context.stop), context.stop));
  };
  Json shown = who(access.common());
  const auto asked = access.chain().asked();
  shown["source"] = asked.back().name;
  shown["tried"] = tried_json(asked);
  if (&access.for_database() != &access.common()) shown["database"] = who(access.for_database());
  if (&access.for_store() != &access.common()) shown["store"] = who(access.for_store());
  return shown;
}

std::string to_text(const Json& shown) {
  const auto text = [](const Json& member) { return member.get<std::string>(); };
  std::vector<std::vector<std::string>> rows{{"account", text(shown["account"])},
                                             {"arn", text(shown["arn"])},
                                             {"user id", text(shown["user_id"])},
                                             {"source", text(shown["source"])}};
  for (const Json& source : shown["tried"]) {
    rows.push_back({"not from", text(source["source"]) + ": " + text(source["why"])});
  }
  for (const char* part : {"database", "store"}) {
    if (shown.contains(part)) rows.push_back({part, text(shown[part]["arn"])});
  }
  return table_text(rows);
}

Exit run(bool json, const Context& context) {
  (void)resolve_roles(context.configuration);
  context.configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  context.configuration.problems().throw_if_any();
  const Json shown = ask(access, context);
  print_output(json ? json_text(shown) : to_text(shown));
  return Exit::ok;
}

}  // namespace

void add_whoami_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto json = std::make_shared<bool>(false);
  Command command = program.add_command(
      "whoami", "Show whom AWS takes us for, and where the credentials come from");
  command.add_flag("--json", *json, "as a JSON object");
  add_settings(command, flags, "AWS",
               {&setting::region, &setting::assume_role, &setting::external_id, &setting::db_role,
                &setting::store_role, &setting::ca_bundle, &setting::allow_http});
  command.set_callback(
      [json, &chosen] { chosen = [json](const Context& context) { return run(*json, context); }; });
}

}  // namespace pgseal::cli
