#include "aws/shared_config.h"

#include <unistd.h>

#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace pgseal::aws {

namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

using Sections = std::map<std::string, ConfigSection>;

/// Reads the form of both files: sections, `key = value` or `key: value`, comments in lines of
/// their own after "#" or ";", and lines that are indented more than their key's, which go on with
/// its value.
class ConfigReader final {
 public:
  explicit ConfigReader(const std::string& path) : path_(path) {}

  Sections read() {
    const std::string text = read_file(path_);
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      ++number_;
      take(std::string_view(text).substr(at, end - at));
      at = end + 1;
    }
    return std::move(sections_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Exit::usage, format("cannot understand \"{}\", line {}: {}", path_, number_, what));
  }

  void take(std::string_view line) {
    const std::string_view content = trimmed(line, kBlanks);
    if (content.empty() || content[0] == '#' || content[0] == ';') return;
    const std::size_t indent = line.find_first_not_of(kBlanks);
    if (value_ != nullptr && indent > indent_) return go_on(content);
    indent_ = indent;
    value_ = nullptr;
    if (content[0] == '[') return begin_section(content);
    take_key(content);
  }

  void begin_section(std::string_view content) {
    const auto end = content.find(']');
    if (end == std::string_view::npos) fail("the section's \"]\" is missing");
    const auto [place, is_new] = sections_.try_emplace(std::string(content.substr(1, end - 1)));
    if (!is_new) fail("the section was there before");
    section_ = &place->second;
  }

  void take_key(std::string_view content) {
    if (section_ == nullptr) fail("there is no section yet");
    const auto delimiter = content.find_first_of("=:");
    if (delimiter == std::string_view::npos || delimiter == 0) fail("it is no \"key = value\"");
    key_ = lower_case(std::string(trimmed(content.substr(0, delimiter), kBlanks)));
    value_ = add(key_, trimmed(content.substr(delimiter + 1), kBlanks));
  }

  /// A block's line is a key of its own; a value's is a part of it.
  void go_on(std::string_view content) {
    if (!value_->empty()) {
      value_->append("\n").append(content);
      return;
    }
    const auto equals = content.find('=');
    if (equals == std::string_view::npos) fail("it is no \"key = value\"");
    add(key_ + "." + lower_case(std::string(trimmed(content.substr(0, equals), kBlanks))),
        trimmed(content.substr(equals + 1), kBlanks));
  }

  std::string* add(const std::string& key, std::string_view value) {
    const auto [place, is_new] = section_->try_emplace(key, value);
    if (!is_new) fail(format("\"{}\" was there before", key));
    return &place->second;
  }

  const std::string path_;
  int number_ = 0;
  std::size_t indent_ = 0;
  Sections sections_;
  ConfigSection* section_ = nullptr;
  std::string key_;
  std::string* value_ = nullptr;  // of `key_`
};

Sections read_sections(const std::string& path) {
  if (path.empty() || ::access(path.c_str(), F_OK) != 0) return {};
  return ConfigReader(path).read();
}

/// "name" of "profile name" and of `profile "name"`; nothing for any other kind of section.
std::optional<std::string> name_after(std::string_view section, std::string_view kind) {
  if (!section.starts_with(kind)) return std::nullopt;
  section.remove_prefix(kind.size());
  if (section.empty() || kBlanks.find(section[0]) == std::string_view::npos) return std::nullopt;
  section = trimmed(section, kBlanks);
  const bool quoted = section.size() > 1 && (section[0] == '"' || section[0] == '\'') &&
                      section.back() == section[0];
  if (quoted) return std::string(section.substr(1, section.size() - 2));
  if (section.find_first_of(kBlanks) != std::string_view::npos) return std::nullopt;
  return std::string(section);
}

const ConfigSection& section_of(const Sections& sections, const std::string& name) {
  static const ConfigSection kNone;
  const auto found = sections.find(name);
  return found == sections.end() ? kNone : found->second;
}

}  // namespace

SharedConfig SharedConfig::read(const SharedConfigFiles& files) {
  SharedConfig shared;
  for (auto& [section, values] : read_sections(files.config)) {
    if (section == "default") {
      shared.config_.try_emplace(section, values);
    } else if (const auto profile = name_after(section, "profile")) {
      shared.config_.insert_or_assign(*profile, values);
    } else if (const auto services = name_after(section, "services")) {
      shared.services_.insert_or_assign(*services, values);
    }
  }
  shared.credentials_ = read_sections(files.credentials);
  shared.profiles_ = shared.credentials_;
  for (const auto& [name, values] : shared.config_) {
    shared.profiles_[name].insert(values.begin(), values.end());
  }
  return shared;
}

const ConfigSection* SharedConfig::profile(const std::string& name) const {
  const auto found = profiles_.find(name);
  return found == profiles_.end() ? nullptr : &found->second;
}

const ConfigSection& SharedConfig::in_credentials(const std::string& name) const {
  return section_of(credentials_, name);
}

const ConfigSection& SharedConfig::in_config(const std::string& name) const {
  return section_of(config_, name);
}

const ConfigSection& SharedConfig::services(const std::string& name) const {
  return section_of(services_, name);
}

std::string value_of(const ConfigSection& section, const std::string& key) {
  const auto found = section.find(key);
  return found == section.end() ? "" : found->second;
}

ProfileSettings read_profile_settings(const SharedConfigFiles& files, const std::string& profile) {
  const SharedConfig shared = SharedConfig::read(files);
  const ConfigSection* section = shared.profile(profile.empty() ? kDefaultProfile : profile);
  if (section == nullptr) return {};
  const std::string services_name = value_of(*section, "services");
  const ConfigSection& services = shared.services(services_name);
  if (!services_name.empty() && services.empty()) {
    throw Error(Exit::usage,
                format("\"{}\" has no section [services {}], which profile \"{}\" names",
                       files.config, services_name, profile.empty() ? kDefaultProfile : profile));
  }
  const auto endpoint = [&](const std::string& service) {
    const std::string own = value_of(services, service + ".endpoint_url");
    return own.empty() ? value_of(*section, "endpoint_url") : own;
  };
  const auto is_on = [&](const char* key) { return lower_case(value_of(*section, key)) == "true"; };
  ProfileSettings settings{.region = value_of(*section, "region"),
                           .ca_bundle = value_of(*section, "ca_bundle"),
                           .s3_endpoint = endpoint("s3"),
                           .sts_endpoint = endpoint("sts"),
                           .fips = is_on("use_fips_endpoint"),
                           .dual_stack = is_on("use_dualstack_endpoint")};
  if (is_on("ignore_configured_endpoint_urls")) {
    settings.s3_endpoint.clear();
    settings.sts_endpoint.clear();
  }
  return settings;
}

}  // namespace pgseal::aws
