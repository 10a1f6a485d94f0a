#pragma once
// One thing that can be set: its flag, its variables, its key in a file and its default, said once.

#include <string>
#include <vector>

namespace pgseal::cli {

/// Whether `text` holds a private key, in any of the forms that we know.
[[nodiscard]] bool holds_private_key(const std::string& text);

struct Setting {
  /// What a value is. A list is a flag that may be repeated, an array in a file, and in a variable
  /// text with an item a line, or in one line with commas between them.
  enum class Form { text, number, size, list };

  std::string key;  ///< in files, and in messages; PGSEAL_<KEY> is a variable of it
  Form form = Form::text;
  std::string flag{};  ///< its names, "-h,--host"; "" where it has none
  std::string value_name{};
  std::string help{};
  std::vector<std::string> variables{};  ///< beside PGSEAL_<KEY>
  std::string default_value{};           ///< "" where there is none, or it depends on others
  bool has_own_variable = true;          ///< PGSEAL_<KEY>
  bool in_files = true;
  bool empty_is_a_value = false;  ///< else an empty one is none
  /// Whether a value is one that nobody may see. Such a value is shown nowhere, and in a file it is
  /// refused.
  bool (*is_secret)(const std::string& value) = holds_private_key;

  /// "PGSEAL_DB_AUTH".
  [[nodiscard]] std::string own_variable() const;
  /// All variables, that of the old image or of libpq first.
  [[nodiscard]] std::vector<std::string> all_variables() const;
  /// The flag's first long name: "--host"; "" where it has none.
  [[nodiscard]] std::string long_flag() const;
};

}  // namespace pgseal::cli
