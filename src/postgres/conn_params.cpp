#include "postgres/conn_params.h"

#include <libpq-fe.h>

#include <memory>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::postgres {

namespace {

/// psql's rule: a string with "=" or a URI's scheme is a connection string, else a database's name.
bool is_conninfo(std::string_view text) {
  return text.find('=') != std::string_view::npos || text.starts_with("postgresql://") ||
         text.starts_with("postgres://");
}

/// libpq marks what a dialog must not show with "*"; its SCRAM keys are not marked.
bool is_secret(const PQconninfoOption& option) {
  const std::string_view keyword(option.keyword);
  return std::string_view(option.dispchar) == "*" || keyword.starts_with("scram_");
}

std::string quoted(const std::string& value) {
  std::string result = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

}  // namespace

ConnParams ConnParams::parse(const std::string& conninfo) {
  ConnParams params;
  if (!is_conninfo(conninfo)) {
    params.set("dbname", conninfo);
    return params;
  }
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), &message), PQconninfoFree);
  if (!options) {
    // libpq may quote the string, and with it a password: say only what kind of failure it is.
    PQfreemem(message);
    throw Error(Exit::usage, "cannot read the connection string: it is not valid")
        .with_hint("postgresql://USER@HOST:PORT/DATABASE, or \"host=... dbname=... user=...\"");
  }
  for (const PQconninfoOption* o = options.get(); o->keyword != nullptr; ++o) {
    if (o->val == nullptr) continue;
    if (std::string_view(o->keyword) == "password") {
      params.set_password(Secret(o->val));
    } else if (is_secret(*o)) {
      // It would stand in the argument list of pg_dump.
      throw Error(Exit::usage,
                  format("cannot use {} in a connection string: only \"password\" is kept secret",
                         o->keyword))
          .with_hint("put it into a service file (PGSERVICEFILE)");
    } else {
      params.set(o->keyword, o->val);
    }
  }
  return params;
}

void ConnParams::set(const std::string& keyword, const std::string& value) {
  if (value.empty()) {
    keywords_.erase(keyword);
  } else {
    keywords_[keyword] = value;
  }
}

std::string ConnParams::get(const std::string& keyword) const {
  const auto found = keywords_.find(keyword);
  return found == keywords_.end() ? std::string() : found->second;
}

std::string ConnParams::to_conninfo() const {
  std::string text;
  for (const auto& [keyword, value] : keywords_) {
    if (!text.empty()) text += ' ';
    text += keyword + "=" + quoted(value);
  }
  return text;
}

std::string ConnParams::describe() const {
  std::string text = format("\"{}\"", get("dbname"));
  if (const std::string host = get("host"); !host.empty()) {
    const std::string port = get("port");
    text += format(" at \"{}{}{}\"", host, port.empty() ? "" : ":", port);
  }
  if (const std::string user = get("user"); !user.empty()) text += format(" as \"{}\"", user);
  return text;
}

}  // namespace pgseal::postgres
