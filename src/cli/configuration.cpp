#include "cli/configuration.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/format.h"
#include "base/size.h"
#include "base/text.h"
#include "cli/settings.h"

namespace pgseal::cli {

namespace {

constexpr const char* kMachinesFile = "/etc/pgseal/config.toml";

/// The items of a list in a variable.
std::vector<std::string> split(const std::string& text) {
  const char separator = text.find('\n') == std::string::npos ? ',' : '\n';
  std::vector<std::string> items;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    if (std::string item(trimmed(std::string_view(text).substr(at, end - at))); !item.empty()) {
      items.push_back(std::move(item));
    }
    at = end + 1;
  }
  return items;
}

bool is_nothing(const Value& value) {
  return value.items.empty() || (value.items.size() == 1 && value.items.front().empty());
}

Error wrong(const Setting& setting, const Value& value, const std::string& wanted) {
  return {Exit::usage, format("{} is \"{}\", and must be {} ({})", setting.key, value.text(),
                              wanted, value.origin)};
}

}  // namespace

Configuration::Configuration(GivenFlags flags, const Environment& environment)
    : flags_(std::move(flags)), environment_(environment), file_(open_file()) {}

ConfigFile Configuration::open_file() {
  const std::string named = text_or_empty(setting::config);
  const std::string profile = text_or_empty(setting::profile);
  if (!named.empty()) return {named, profile, problems_};
  const std::string home = environment_.text("HOME");
  for (const std::string& path :
       {home.empty() ? home : home + "/.config/pgseal/config.toml", std::string(kMachinesFile)}) {
    if (!path.empty() && ::access(path.c_str(), F_OK) == 0) return {path, profile, problems_};
  }
  if (!profile.empty()) {
    problems_.add(
        format("there is no configuration file that could have the profile \"{}\"", profile));
  }
  return {};
}

std::optional<Value> Configuration::from_flag(const Setting& setting) const {
  const auto found = flags_.find(setting.key);
  if (found == flags_.end()) return std::nullopt;
  // pg_dump's own options are many flags of one setting.
  const std::string name = setting.flag.empty() ? "flags" : "flag " + setting.long_flag();
  return Value{found->second, Strength::flag, name};
}

std::optional<Value> Configuration::from_variables(const Setting& setting) {
  std::optional<std::string> chosen;
  std::string chosen_name;
  for (const std::string& name : setting.all_variables()) {
    const auto value = environment_.get(name);
    if (!value) continue;
    if (!chosen) {
      chosen = value;
      chosen_name = name;
    } else if (*chosen != *value) {
      problems_.add(format("{} and {} contradict each other", chosen_name, name));
    }
  }
  if (!chosen) return std::nullopt;
  const bool is_list = setting.form == Setting::Form::list;
  return Value{is_list ? split(*chosen) : std::vector{*chosen}, Strength::variable,
               "variable " + chosen_name};
}

std::optional<Value> Configuration::from_file(const Setting& setting) const {
  if (!setting.in_files) return std::nullopt;
  const std::string origin = "file " + file_.path();
  if (const auto found = file_.of_profile().find(setting.key); found != file_.of_profile().end()) {
    return Value{found->second, Strength::profile, origin + ", profile " + file_.profile()};
  }
  if (const auto found = file_.top().find(setting.key); found != file_.top().end()) {
    return Value{found->second, Strength::file, origin};
  }
  return std::nullopt;
}

Problems Configuration::take_problems() { return std::exchange(problems_, no_problems()); }

std::optional<Value> Configuration::find(const Setting& setting) {
  std::optional<Value> value = from_flag(setting);
  if (!value) value = from_variables(setting);
  if (!value) value = from_file(setting);
  if (value && is_nothing(*value) && !setting.empty_is_a_value) return std::nullopt;
  return value;
}

std::optional<Value> Configuration::in_force(const Setting& setting) {
  if (overruled_.contains(setting.key)) return std::nullopt;
  if (const auto at = implied_.find(setting.key); at != implied_.end()) return at->second;
  if (auto value = find(setting)) return value;
  if (const auto at = assumed_.find(setting.key); at != assumed_.end()) return at->second;
  if (setting.default_value.empty()) return std::nullopt;
  return Value{{setting.default_value}, Strength::fallback, "default"};
}

void Configuration::assume(const Setting& setting, std::string value, std::string origin) {
  assumed_[setting.key] = {{std::move(value)}, Strength::fallback, std::move(origin)};
}

void Configuration::imply(const Setting& setting, std::string value, std::string origin) {
  implied_[setting.key] = {{std::move(value)}, Strength::fallback, std::move(origin)};
}

void Configuration::overrule(const Setting& setting, std::string origin) {
  overruled_[setting.key] = std::move(origin);
}

std::string Configuration::why_not(const Setting& setting) const {
  const auto found = overruled_.find(setting.key);
  return found == overruled_.end() ? "not set" : "overruled by " + found->second;
}

std::optional<std::string> Configuration::text(const Setting& setting) {
  const auto value = in_force(setting);
  if (!value) return std::nullopt;
  return value->text();
}

std::string Configuration::text_or_empty(const Setting& setting) {
  return text(setting).value_or("");
}

unsigned Configuration::number(const Setting& setting, unsigned least, unsigned most) {
  const auto value = in_force(setting);
  if (!value) return 0;
  const std::string& text = value->text();
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    problems_.add(wrong(setting, *value, format("a number from {} to {}", least, most)));
  }
  return number;
}

std::optional<std::uint64_t> Configuration::size(const Setting& setting, std::uint64_t least,
                                                 std::uint64_t most) {
  const auto value = in_force(setting);
  if (!value) return std::nullopt;
  const auto size = parse_size(value->text());
  if (!size) {
    problems_.add(wrong(setting, *value, "a number of bytes: 10M, 500k, 1.5G, 65536"));
  } else if (*size < least || *size > most) {
    problems_.add(
        wrong(setting, *value, format("from {} to {}", format_size(least), format_size(most))));
  }
  return size;
}

std::string Configuration::one_of(const Setting& setting, const std::vector<std::string>& words) {
  const auto value = in_force(setting);
  if (!value) return words.front();
  if (std::find(words.begin(), words.end(), value->text()) != words.end()) return value->text();
  std::string all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    all += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  }
  problems_.add(wrong(setting, *value, all));
  return words.front();
}

}  // namespace pgseal::cli
