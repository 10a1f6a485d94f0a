#include "postgres/globals.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/format.h"

namespace pgseal::postgres {

namespace {

constexpr int kGrantOptionsSince = 160000;

/// Every role, and whether it is the server's or the platform's own.
constexpr const char* kRoles = R"sql(
    WITH role AS (
      SELECT *, rolname ~ '^(pg_|rds_|azure_|cloudsql|alloydb)'
                OR rolname IN ('rdsadmin', 'rdsrepladmin', 'rdstopmgr', 'azuresu') AS is_platforms
      FROM pg_catalog.pg_roles) )sql";

// Attributes that are the default are not mentioned: only superusers may say NOSUPERUSER.
constexpr const char* kCreation = R"sql(
    SELECT rolname, is_platforms, rolcanlogin,
      format('DO %L;', format('BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles '
                              'WHERE rolname = %L) THEN CREATE ROLE %I; END IF; END',
                              rolname, rolname)),
      format('ALTER ROLE %I WITH%s;', rolname,
        nullif(concat(
          CASE WHEN rolsuper THEN ' SUPERUSER' END,
          CASE WHEN NOT rolinherit THEN ' NOINHERIT' END,
          CASE WHEN rolcreaterole THEN ' CREATEROLE' END,
          CASE WHEN rolcreatedb THEN ' CREATEDB' END,
          CASE WHEN rolcanlogin THEN ' LOGIN' END,
          CASE WHEN rolreplication THEN ' REPLICATION' END,
          CASE WHEN rolbypassrls THEN ' BYPASSRLS' END,
          CASE WHEN rolconnlimit <> -1 THEN ' CONNECTION LIMIT ' || rolconnlimit END,
          ' VALID UNTIL ' || quote_literal(
            CASE WHEN isfinite(rolvaliduntil)
              THEN to_char(rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US"+00"')
              ELSE rolvaliduntil::text END)), ''))
    FROM role ORDER BY rolname COLLATE "C")sql";

// A value of these is a list of names, each quoted where it has to be; as one string it would be
// one name.
constexpr const char* kSettings = R"sql(,
    setting AS (
      SELECT role.rolname, datname, position, substr(text, 1, strpos(text, '=') - 1) AS name,
             substr(text, strpos(text, '=') + 1) AS value
      FROM pg_catalog.pg_db_role_setting
        LEFT JOIN role ON role.oid = setrole
        LEFT JOIN pg_catalog.pg_database d ON d.oid = setdatabase
        CROSS JOIN LATERAL unnest(setconfig) WITH ORDINALITY AS config (text, position)
      WHERE NOT is_platforms OR (setrole = 0 AND setdatabase = 0)),
    statement AS (
      SELECT *, format('ALTER ROLE %s%s SET %I TO %s', coalesce(quote_ident(rolname), 'ALL'),
        ' IN DATABASE ' || quote_ident(datname), name,
        CASE WHEN lower(name) IN ('local_preload_libraries', 'search_path',
                                  'session_preload_libraries', 'shared_preload_libraries',
                                  'temp_tablespaces', 'unix_socket_directories')
          THEN (SELECT coalesce(string_agg(quote_literal(coalesce(replace(part[1], '""', '"'),
                                                                  part[2])), ', ' ORDER BY n),
                                '''''')
                FROM regexp_matches(value, '"((?:[^"]|"")*)"|([^",\s]+)', 'g')
                  WITH ORDINALITY AS parts (part, n))
          ELSE quote_literal(value) END) AS sql
      FROM setting)
    SELECT CASE WHEN datname IS NULL THEN sql || ';'
      ELSE format('DO %L;', format('BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_database '
                                   'WHERE datname = %L) THEN %s; END IF; END', datname, sql)) END
    FROM statement ORDER BY rolname COLLATE "C", datname COLLATE "C", position)sql";

// Before 16 a grantor had no meaning. A superuser grants as the first superuser, whatever his name.
constexpr const char* kMemberships = R"sql(,
    membership AS (
      SELECT granted.rolname AS granted, member.rolname AS member, admin_option,
             granted.is_platforms AS is_in_platforms,
             {grantor} AS grantor, {options} AS options
      FROM pg_catalog.pg_auth_members m
        JOIN role granted ON granted.oid = m.roleid
        JOIN role member ON member.oid = m.member
        LEFT JOIN role grantor ON grantor.oid = m.grantor
      WHERE NOT member.is_platforms),
    statement AS (
      SELECT *, format('GRANT %I TO %I%s%s', granted, member, options,
                       ' GRANTED BY ' || quote_ident(grantor)) AS sql
      FROM membership)
    SELECT granted, member, grantor, admin_option,
      CASE WHEN NOT is_in_platforms THEN sql || ';'
      ELSE format('DO %L;', format('BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles '
                                   'WHERE rolname = %L) THEN %s; END IF; END', granted, sql)) END
    FROM statement
    ORDER BY granted COLLATE "C", member COLLATE "C", grantor COLLATE "C" NULLS FIRST)sql";

std::string memberships_sql(int server_version) {
  std::string sql = kMemberships;
  const auto replace = [&](const std::string& name, const char* by) {
    sql.replace(sql.find(name), name.size(), by);
  };
  if (server_version < kGrantOptionsSince) {
    replace("{grantor}", "NULL::name");
    replace("{options}", "CASE WHEN admin_option THEN ' WITH ADMIN OPTION' END");
  } else {
    replace("{grantor}",
            "CASE WHEN m.grantor <> 10 AND NOT grantor.is_platforms "
            "THEN grantor.rolname END");
    replace("{options}",
            "format(' WITH ADMIN %s, INHERIT %s, SET %s', "
            "admin_option::text, inherit_option::text, set_option::text)");
  }
  return kRoles + sql;
}

/// One line, whatever a name holds.
std::string comment(const std::string& text) {
  std::string line = "-- " + text;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return line + "\n";
}

std::string text_of(const std::optional<std::string>& value) { return value.value_or(""); }

bool is_true(const std::optional<std::string>& value) { return value == "t"; }

std::string create_roles(Connection& connection) {
  std::string script, left_out;
  for (const auto& row : connection.query(std::string(kRoles) + kCreation)) {
    const std::string name = text_of(row.at(0));
    if (is_true(row.at(1))) {
      left_out += (left_out.empty() ? "" : ", ") + name;
      continue;
    }
    script += "\n" + text_of(row.at(3)) + "\n" + text_of(row.at(4)) + "\n";
    if (is_true(row.at(2))) script += comment("the password of " + name + " is not in the backup");
  }
  return comment("left out, being the server's or its platform's own: " + left_out) + script;
}

struct Membership {
  std::string granted, member;
  std::optional<std::string> grantor;
  bool is_admin;
  std::string sql;
};

/// Whoever grants must have got his admin option before.
std::string grant_memberships(std::vector<Membership> pending) {
  std::string script;
  std::set<std::pair<std::string, std::string>> admins;
  while (!pending.empty()) {
    const auto ready =
        std::stable_partition(pending.begin(), pending.end(), [&](const Membership& membership) {
          return membership.grantor && !admins.contains({membership.granted, *membership.grantor});
        });
    // Without any, the server's own order is as good as another.
    const auto first = ready == pending.end() ? pending.begin() : ready;
    std::for_each(first, pending.end(), [&](const Membership& membership) {
      script += membership.sql + "\n";
      if (membership.is_admin) admins.insert({membership.granted, membership.member});
    });
    pending.erase(first, pending.end());
  }
  return script;
}

std::string memberships(Connection& connection) {
  std::vector<Membership> found;
  for (const auto& row : connection.query(memberships_sql(connection.server_version()))) {
    found.push_back({text_of(row.at(0)), text_of(row.at(1)), row.at(2), is_true(row.at(3)),
                     text_of(row.at(4))});
  }
  return grant_memberships(std::move(found));
}

std::string settings(Connection& connection) {
  std::string script;
  for (const auto& row : connection.query(std::string(kRoles) + kSettings)) {
    script += text_of(row.at(0)) + "\n";
  }
  return script;
}

}  // namespace

std::string dump_globals(Connection& connection) {
  const Rows encoding = connection.query(
      "SELECT format('SET client_encoding = %L;', current_setting('client_encoding'))");
  return comment("Roles of a PostgreSQL server, for psql.") + text_of(encoding.at(0).at(0)) +
         "\nSET standard_conforming_strings = on;\n\n" + create_roles(connection) + "\n" +
         memberships(connection) + "\n" + settings(connection);
}

}  // namespace pgseal::postgres
