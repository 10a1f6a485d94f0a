#pragma once
// How to reach a database: libpq's keywords, the password apart.

#include <map>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace pgseal::postgres {

/// Keywords and values as libpq knows them ("host", "port", "dbname", "sslmode", ...). What is not
/// given, libpq takes from its own environment variables and defaults.
class ConnParams final {
 public:
  ConnParams() = default;
  /// Reads a connection string in either of libpq's forms (keyword=value, URI); a bare word is a
  /// database name, as psql and pg_dump take it. Throws Error of `Exit::usage`.
  [[nodiscard]] static ConnParams parse(const std::string& conninfo);

  /// Sets a keyword; an empty value removes it.
  void set(const std::string& keyword, const std::string& value);
  /// "" where it is not given.
  [[nodiscard]] std::string get(const std::string& keyword) const;
  void set_password(Secret password) { password_ = std::move(password); }
  [[nodiscard]] const Secret& password() const { return password_; }

  /// A keyword=value string of all but the password, for a child's arguments.
  [[nodiscard]] std::string to_conninfo() const;
  /// For people: `"app" at "db.example:5432" as "backup"`, as far as it is given.
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] const std::map<std::string, std::string>& keywords() const { return keywords_; }

 private:
  std::map<std::string, std::string> keywords_;
  Secret password_;
};

}  // namespace pgseal::postgres
