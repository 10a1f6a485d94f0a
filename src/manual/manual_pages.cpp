#include "manual/manual_pages.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/settings.h"
#include "manual/roff.h"

namespace pgseal::manual {

namespace {

using cli::CommandDescription;
using cli::OptionDescription;

struct Row {
  const char* name;
  const char* meaning;
};

/// Beside those of settings.
constexpr Row kVariables[] = {
    {"PATH", "where pg_dump, pg_restore and psql are found, beside /usr/lib/postgresql"},
    {"PGPASSFILE, PGSERVICE, other PG*", "as libpq has them, for what is left open"},
    {"AWS_*", "credentials, profile, region and endpoints, as AWS's own tools have them"},
    {"https_proxy, no_proxy", "how S3 and AWS are reached, as curl has them"},
    {"TMPDIR", "where pgseal drill has its throw-away server; without it /tmp"},
};

constexpr Row kFiles[] = {
    {"~/.config/pgseal/config.toml", "settings of the user"},
    {"/etc/pgseal/config.toml", "settings of the machine, where the user has none"},
    {"/etc/pgseal/rds-global-bundle.pem",
     "certificates that servers of RDS are verified with; of China rds-cn-bundle.pem, of GovCloud "
     "rds-us-gov-bundle.pem"},
    {"~/.pgpass", "passwords of databases, as libpq has them"},
    {"~/.aws/config, ~/.aws/credentials", "as AWS's own tools have them"},
};

constexpr const char* kExample =
    "pgseal keygen -o identity.txt\n"
    "pgseal keygen --signing -o signing.key\n"
    "pgseal backup --host db.example.com --user backup --database shop \\\n"
    "  --recipient age1... --signing-key signing.key --store file:///srv/backups\n"
    "pgseal list --store file:///srv/backups\n"
    "pgseal restore latest --store file:///srv/backups --identity identity.txt \\\n"
    "  --signer signing.key.pub --to 'host=db2.example.com dbname=shop'";

std::string page_name(const CommandDescription& program, const CommandDescription& command) {
  return program.name + "-" + command.name;
}

/// "pgseal-backup(1)"
std::string reference(const std::string& page) { return bold(page) + "(1)"; }

/// Texts in bold, with commas between them.
std::string bold_list(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts) all.push_back(bold(text));
  return joined(all, ", ");
}

void name_and_synopsis(RoffPage& page, const std::string& name, const std::string& help,
                       const std::string& synopsis) {
  page.heading("NAME");
  page.paragraph(plain(name) + " \\- " + plain(help));
  page.heading("SYNOPSIS");
  page.paragraph(synopsis);
}

/// What the help says of an option, and how it goes with others.
std::string meaning(const OptionDescription& option) {
  std::string text = plain(option.help);
  if (!option.default_value.empty()) text += plain(" (default " + option.default_value + ")");
  text += ".";
  if (!option.needs.empty()) text += " Only with " + bold_list(option.needs) + ".";
  if (!option.excludes.empty()) text += " Not with " + bold_list(option.excludes) + ".";
  return text;
}

std::string tag_of(const OptionDescription& option) {
  if (option.positional) return italic(option.value);
  return bold_list(option.names) + (option.value.empty() ? "" : " " + italic(option.value));
}

/// Arguments first, then the options under the headings of the help.
void add_options(RoffPage& page, const std::vector<OptionDescription>& options) {
  std::vector<std::string> groups;
  for (const OptionDescription& option : options) {
    if (!option.positional && std::count(groups.begin(), groups.end(), option.group) == 0) {
      groups.push_back(option.group);
    }
  }
  page.heading("OPTIONS");
  for (const OptionDescription& option : options) {
    if (option.positional) page.entry(tag_of(option), meaning(option));
  }
  for (const std::string& group : groups) {
    if (groups.size() > 1) page.subheading(plain(group));
    for (const OptionDescription& option : options) {
      if (!option.positional && option.group == group) page.entry(tag_of(option), meaning(option));
    }
  }
}

template <std::size_t size>
void add_rows(RoffPage& page, const Row (&rows)[size]) {
  for (const Row& row : rows) page.entry(bold(row.name), plain(row.meaning) + ".");
}

void add_exit_status(RoffPage& page) {
  page.heading("EXIT STATUS");
  for (const ExitCodeRow* row = exit_code_table(); row->meaning != nullptr; ++row) {
    page.entry(bold(std::to_string(static_cast<int>(row->code))), plain(row->meaning) + ".");
  }
}

void add_environment(RoffPage& page) {
  page.heading("ENVIRONMENT");
  page.paragraph(
      "A flag wins over a variable, a variable over the file of settings. In that file a setting "
      "has the name of its variable, without " +
      bold("PGSEAL_") +
      " and in small letters. An empty variable counts as none, and two of one setting that differ "
      "are an error.");
  for (const cli::Setting* setting : cli::all_settings()) {
    std::string text = plain(setting->help);
    if (!setting->default_value.empty()) text += plain(" (default " + setting->default_value + ")");
    page.entry(bold_list(setting->all_variables()), text + ".");
  }
  add_rows(page, kVariables);
}

void add_see_also(RoffPage& page, std::vector<std::string> pages) {
  for (std::string& name : pages) name = reference(name);
  page.heading("SEE ALSO");
  page.paragraph(joined(pages, ", "));
}

std::string program_page(const CommandDescription& program, RoffPage page) {
  std::vector<std::string> others;
  name_and_synopsis(
      page, program.name, program.help,
      bold(program.name) + " [" + italic("OPTIONS") + "] " + italic("COMMAND") + " ...");
  page.heading("COMMANDS");
  for (const CommandDescription& command : program.commands) {
    others.push_back(page_name(program, command));
    page.entry(reference(others.back()), plain(command.help) + ".");
  }
  add_options(page, program.options);
  add_exit_status(page);
  add_environment(page);
  page.heading("FILES");
  add_rows(page, kFiles);
  page.heading("EXAMPLES");
  page.example(plain(kExample));
  others.insert(others.end(), {"age", "minisign", "pg_dump", "pg_restore"});
  add_see_also(page, others);
  return page.take();
}

std::string synopsis_of(const CommandDescription& program, const CommandDescription& command) {
  std::string text = bold(program.name + " " + command.name) + " [" + italic("OPTIONS") + "]";
  for (const OptionDescription& option : command.options) {
    if (!option.positional) continue;
    const std::string argument = italic(option.value) + (option.repeated ? " ..." : "");
    text += option.required ? " " + argument : " [" + argument + "]";
  }
  return text;
}

std::string command_page(const CommandDescription& program, const CommandDescription& command,
                         RoffPage page) {
  name_and_synopsis(page, page_name(program, command), command.help, synopsis_of(program, command));
  if (!command.footer.empty()) {
    page.heading("DESCRIPTION");
    page.paragraph(plain(command.footer));
  }
  add_options(page, command.options);
  page.paragraph("Options of " + reference(program.name) +
                 " are taken too; it also has the exit codes, and what variables and files do.");
  add_see_also(page, {program.name});
  return page.take();
}

}  // namespace

std::vector<GeneratedFile> manual_pages(const CommandDescription& program, const Edition& edition) {
  const auto empty_page = [&](const std::string& name) {
    return RoffPage({name, edition.date, program.name + " " + edition.version});
  };
  const auto path = [](const std::string& name) { return "man1/" + name + ".1"; };
  std::vector<GeneratedFile> files{
      {path(program.name), program_page(program, empty_page(program.name))}};
  for (const CommandDescription& command : program.commands) {
    const std::string name = page_name(program, command);
    files.push_back({path(name), command_page(program, command, empty_page(name))});
  }
  return files;
}

}  // namespace pgseal::manual
