#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "aws/credential_source.h"
#include "aws/sts.h"
#include "base/error.h"
#include "base/format.h"

namespace pgseal::aws {

namespace {

constexpr const char* kKeyId = "aws_access_key_id";
constexpr const char* kSecret = "aws_secret_access_key";

bool has(const ConfigSection& section, const char* key) { return section.contains(key); }

/// With a web identity, the role is not one that other credentials take on.
bool has_role(const ConfigSection& profile) {
  return has(profile, "role_arn") && !has(profile, "web_identity_token_file");
}

bool has_keys(const ConfigSection& profile) {
  return has(profile, kKeyId) || has(profile, kSecret);
}

Role role_of(const ConfigSection& profile) {
  Role role{.arn = value_of(profile, "role_arn"), .external_id = value_of(profile, "external_id")};
  if (has(profile, "role_session_name")) role.session_name = value_of(profile, "role_session_name");
  const std::string duration = value_of(profile, "duration_seconds");
  const char* end = duration.data() + duration.size();
  const auto [rest, error] = std::from_chars(duration.data(), end, role.duration_seconds);
  if (!duration.empty() && (error != std::errc() || rest != end)) {
    throw Error(Exit::usage, format("duration_seconds is \"{}\", no number", duration));
  }
  return role;
}

/// The keys that one of the files has; nothing where it has none.
std::optional<Credentials> keys_of(const ConfigSection& section) {
  if (!has(section, kKeyId)) return std::nullopt;
  const std::string id = value_of(section, kKeyId);
  const std::string secret = value_of(section, kSecret);
  if (id.empty() || secret.empty()) {
    throw Error(Exit::usage, format("{} and {} belong together: one is missing", kKeyId, kSecret));
  }
  return Credentials{.access_key_id = id,
                     .secret_access_key = Secret(secret),
                     .session_token = Secret(value_of(section, "aws_session_token")),
                     .expiration = {}};
}

class ProfileSource final : public CredentialSource {
 public:
  ProfileSource(const ChainOptions& options, net::HttpClient& http, Sts& sts)
      : files_(options.files),
        is_chosen_(!options.profile.empty()),
        profile_(is_chosen_ ? options.profile : kDefaultProfile),
        sts_(sts) {
    sources_[0] = {"Environment", environment_source(options)};
    sources_[1] = {"EcsContainer", container_source(options, http)};
    sources_[2] = {"Ec2InstanceMetadata", instance_source(options, http)};
  }

  std::string name() const override { return format("profile \"{}\"", profile_); }

  FoundCredentials fetch(const std::stop_token& stop) override {
    const Search search{SharedConfig::read(files_), stop};
    const ConfigSection* profile = search.files.profile(profile_);
    if (profile == nullptr) {
      const std::string reason = files_.config.empty() ? "no file is known that could have it"
                                                       : format("neither \"{}\" nor \"{}\" has it",
                                                                files_.config, files_.credentials);
      if (is_chosen_) throw Error(Exit::usage, reason);
      return NotConfigured{reason};
    }
    if (has_role(*profile)) return take_on_role(search, {profile_});
    if (auto found = direct(search, profile_)) return *found;
    return NotConfigured{"it says nothing of credentials"};
  }

 private:
  struct Search {
    SharedConfig files;
    const std::stop_token& stop;
  };
  /// Profiles from the first one to where we are.
  using Path = std::vector<std::string>;

  /// What a profile has without another's help; nothing where it has none.
  std::optional<Credentials> direct(const Search& search, const std::string& name) {
    const ConfigSection& profile = *search.files.profile(name);
    if (const std::string file = value_of(profile, "web_identity_token_file"); !file.empty()) {
      const Role role = role_of(profile);
      if (role.arn.empty()) {
        throw Error(Exit::usage, "it has a web_identity_token_file, but no role_arn");
      }
      return credentials_of_web_identity(file, role, sts_, search.stop);
    }
    if (has(profile, "sso_session") || has(profile, "sso_start_url")) {
      throw Error(Exit::usage,
                  "IAM Identity Center (SSO) is for people at a browser: let credential_process "
                  "run `aws configure export-credentials`");
    }
    if (auto keys = keys_of(search.files.in_credentials(name))) return keys;
    if (const std::string command = value_of(profile, "credential_process"); !command.empty()) {
      return of_process(command, search.stop);
    }
    return keys_of(search.files.in_config(name));
  }

  static Credentials of_process(const std::string& command, const std::stop_token& stop) {
    try {
      return credentials_of_process(command, stop);
    } catch (const Cancelled&) {
      throw;
    } catch (Error& error) {
      error.add_context("credential_process");
      throw;
    }
  }

  Credentials take_on_role(const Search& search, Path path) {
    const ConfigSection& profile = *search.files.profile(path.back());
    if (has(profile, "mfa_serial")) {
      throw Error(Exit::usage, format("profile \"{}\" asks for a code of a device (mfa_serial), "
                                      "which nobody is there to type",
                                      path.back()));
    }
    return sts_.assume_role(role_of(profile), who_takes_it_on(search, profile, std::move(path)),
                            search.stop);
  }

  Credentials who_takes_it_on(const Search& search, const ConfigSection& profile, Path path) {
    const std::string& name = path.back();
    const std::string source = value_of(profile, "credential_source");
    const std::string other = value_of(profile, "source_profile");
    if (source.empty() == other.empty()) {
      throw Error(Exit::usage,
                  format("profile \"{}\" needs either source_profile or credential_source", name));
    }
    if (!source.empty()) return of_source(source, name, search.stop);
    const ConfigSection* next = search.files.profile(other);
    if (next == nullptr) {
      throw Error(Exit::usage,
                  format("there is no profile \"{}\", the source_profile of \"{}\"", other, name));
    }
    // A profile may name itself, where it has keys beside the role.
    const bool is_loop = std::find(path.begin(), path.end(), other) != path.end();
    if (is_loop && (other != name || !has_keys(*next))) {
      throw Error(Exit::usage,
                  format("source_profile \"{}\" of \"{}\" leads in a circle", other, name));
    }
    if (!has_keys(*next) && has_role(*next)) {
      path.push_back(other);
      return take_on_role(search, std::move(path));
    }
    if (auto found = direct(search, other)) return *found;
    throw Error(Exit::usage,
                format("source_profile \"{}\" of \"{}\" has no credentials", other, name));
  }

  Credentials of_source(const std::string& source, const std::string& profile,
                        const std::stop_token& stop) {
    const auto named = std::find_if(sources_.begin(), sources_.end(),
                                    [&](const auto& known) { return known.first == source; });
    if (named == sources_.end()) {
      throw Error(Exit::usage,
                  format("credential_source \"{}\" of profile \"{}\" is none of Environment, "
                         "EcsContainer, Ec2InstanceMetadata",
                         source, profile));
    }
    const FoundCredentials result = named->second->fetch(stop);
    if (const auto* found = std::get_if<Credentials>(&result)) return *found;
    throw Error(Exit::storage, format("credential_source \"{}\" of profile \"{}\" has none: {}",
                                      source, profile, std::get<NotConfigured>(result).reason));
  }

  const SharedConfigFiles files_;
  const bool is_chosen_;
  const std::string profile_;
  Sts& sts_;
  std::array<std::pair<std::string_view, std::unique_ptr<CredentialSource>>, 3> sources_;
};

}  // namespace

std::unique_ptr<CredentialSource> profile_source(const ChainOptions& options, net::HttpClient& http,
                                                 Sts& sts) {
  return std::make_unique<ProfileSource>(options, http, sts);
}

}  // namespace pgseal::aws
