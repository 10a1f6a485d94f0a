#pragma once
// The files in which the AWS tools keep profiles: ~/.aws/config and ~/.aws/credentials.
// Source: AWS SDKs and Tools Reference, "Shared config and credentials files"; judged by botocore.

#include <map>
#include <string>

namespace pgseal::aws {

/// The profile where none is chosen.
inline constexpr const char* kDefaultProfile = "default";

/// Keys in lower case. An indented block below `s3 =` has its keys after a dot: "s3.endpoint_url".
using ConfigSection = std::map<std::string, std::string>;

struct SharedConfigFiles {
  std::string config;       ///< a path; "" or a file that is not there has no sections
  std::string credentials;  ///< likewise
};

class SharedConfig final {
 public:
  /// Throws Error of `Exit::usage` that names the file, and the line that cannot be understood.
  [[nodiscard]] static SharedConfig read(const SharedConfigFiles& files);

  /// What both files have of a profile, the credentials file before the config file; null where
  /// neither knows it.
  [[nodiscard]] const ConfigSection* profile(const std::string& name) const;
  /// What one of the files has of it; empty where it has nothing.
  [[nodiscard]] const ConfigSection& in_credentials(const std::string& name) const;
  [[nodiscard]] const ConfigSection& in_config(const std::string& name) const;
  /// `[services NAME]` of the config file; empty where it is not there.
  [[nodiscard]] const ConfigSection& services(const std::string& name) const;

 private:
  using Sections = std::map<std::string, ConfigSection>;
  Sections profiles_, credentials_, config_, services_;
};

/// The value of `key`, "" where there is none.
[[nodiscard]] std::string value_of(const ConfigSection& section, const std::string& key);

/// What a profile says beside credentials; "" where it does not.
struct ProfileSettings {
  std::string region, ca_bundle;
  std::string s3_endpoint, sts_endpoint;  ///< of its `services`, else its `endpoint_url`
  bool fips = false, dual_stack = false;
};
/// `profile` "" is the default one. Throws as `SharedConfig::read()`. A profile that is not there
/// says nothing.
[[nodiscard]] ProfileSettings read_profile_settings(const SharedConfigFiles& files,
                                                    const std::string& profile);

}  // namespace pgseal::aws
