#include "cli/config_file.h"

#include <toml++/toml.h>

#include <map>

#include "base/file.h"
#include "base/format.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

constexpr const char* kProfiles = "profiles";

/// Reads the tables of one file and names each mistake with its line.
class Reader final {
 public:
  Reader(const std::string& path, Problems& problems) : path_(path), problems_(problems) {}

  [[nodiscard]] ConfigFile::Entries read(const toml::table& table) {
    // In the order of the file, so that its mistakes are told in that order.
    std::multimap<toml::source_position, std::string> keys;
    for (const auto& [name, node] : table) keys.emplace(node.source().begin, name.str());
    ConfigFile::Entries entries;
    for (const auto& [position, key] : keys) {
      if (&table == top_ && key == kProfiles) continue;
      read_entry(key, *table.get(key), entries);
    }
    return entries;
  }

  /// Reads the file's top, and tells it from its tables.
  [[nodiscard]] ConfigFile::Entries read_top(const toml::table& table) {
    top_ = &table;
    return read(table);
  }

  void complain(const toml::node& node, const std::string& what) {
    problems_.add(format("{}:{}: {}", path_, node.source().begin.line, what));
  }

 private:
  void read_entry(const std::string& key, const toml::node& node, ConfigFile::Entries& entries) {
    const Setting* setting = setting_of_key(key);
    if (setting == nullptr) {
      complain(node,
               looks_secret(key) ? no_place_for_secrets(key) : format("unknown key \"{}\"", key));
      return;
    }
    std::vector<std::string> items;
    if (!read_value(*setting, node, items)) {
      complain(node, format("\"{}\" must be {}", key, form_of(*setting)));
      return;
    }
    for (const std::string& item : items) {
      if (setting->is_secret(item)) {
        complain(node, no_place_for_secrets(key));
        return;
      }
    }
    entries[key] = std::move(items);
  }

  static bool read_value(const Setting& setting, const toml::node& node,
                         std::vector<std::string>& items) {
    const bool text = setting.form != Setting::Form::number;
    const bool number =
        setting.form == Setting::Form::number || setting.form == Setting::Form::size;
    if (const auto* value = node.as_string(); value != nullptr && text) {
      items.push_back(value->get());
      return true;
    }
    if (const auto* value = node.as_integer(); value != nullptr && number) {
      items.push_back(std::to_string(value->get()));
      return true;
    }
    const toml::array* array = node.as_array();
    if (array == nullptr || setting.form != Setting::Form::list) return false;
    for (const toml::node& item : *array) {
      if (!item.is_string()) return false;
      items.push_back(item.as_string()->get());
    }
    return true;
  }

  static const char* form_of(const Setting& setting) {
    switch (setting.form) {
      case Setting::Form::text:
        return "text (in quotes)";
      case Setting::Form::number:
        return "a whole number";
      case Setting::Form::size:
        return "a number of bytes: 16777216, \"16M\"";
      case Setting::Form::list:
        return "a list of texts, [\"...\", \"...\"], or one";
    }
    return "";
  }

  static bool looks_secret(const std::string& key) {
    for (const char* word : {"password", "passphrase", "secret", "token"}) {
      if (key.find(word) != std::string::npos) return true;
    }
    return false;
  }

  static std::string no_place_for_secrets(const std::string& key) {
    return format(
        "\"{}\" holds a secret, and this file is no place for one: it gets copied and kept in "
        "version control; use PGPASSWORD, ~/.pgpass or IAM for the database, a file of its own "
        "for a key",
        key);
  }

  const std::string& path_;
  Problems& problems_;
  const toml::table* top_ = nullptr;
};

std::string names_of(const toml::table& profiles) {
  std::string names;
  for (const auto& [name, node] : profiles) {
    names += format("{}\"{}\"", names.empty() ? "" : ", ", name.str());
  }
  return names.empty() ? "none" : names;
}

}  // namespace

ConfigFile::ConfigFile(std::string path, std::string profile, Problems& problems)
    : path_(std::move(path)), profile_(std::move(profile)) {
  toml::table table;
  try {
    table = toml::parse(read_file(path_), path_);
  } catch (const toml::parse_error& error) {
    problems.add(format("{}:{}: {}", path_, error.source().begin.line, error.description()));
    return;
  } catch (const Error& error) {
    problems.add(error.message());
    return;
  }
  Reader reader(path_, problems);
  top_ = reader.read_top(table);
  const toml::node* node = table.get(kProfiles);
  const toml::table none;
  const toml::table* profiles = node == nullptr ? &none : node->as_table();
  if (profiles == nullptr) {
    reader.complain(*node, "\"profiles\" must be tables: [profiles.NAME]");
    return;
  }
  bool found = profile_.empty();
  for (const auto& [name, entries] : *profiles) {
    if (!entries.is_table()) {
      reader.complain(entries,
                      format("\"{}\" must be a table: [profiles.{}]", name.str(), name.str()));
      continue;
    }
    Entries read = reader.read(*entries.as_table());
    if (name.str() != profile_) continue;
    of_profile_ = std::move(read);
    found = true;
  }
  if (!found) {
    problems.add(format("{}: there is no profile \"{}\" (profiles: {})", path_, profile_,
                        names_of(*profiles)));
  }
}

}  // namespace pgseal::cli
