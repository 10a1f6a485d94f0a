#pragma once
// What belongs to the server and not to one database: its roles.

#include <string>

#include "postgres/connection.h"

namespace pgseal::postgres {

/// An SQL script that makes the roles of `connection`'s server: their attributes, settings (those
/// for one database too) and memberships. It has no passwords, which nobody but a superuser may
/// read; a comment names each role that needs one. Roles that exist already are kept, and only get
/// what they lack. Left out, and named in a comment, are the roles that belong to the server or to
/// the platform which runs it (pg_*, rds_*, azure_*, ...); memberships in them are granted where
/// they exist. Needs no privileges. Servers 12 to 18; the script is for the same version or newer.
/// Throws Error of `Exit::database`.
[[nodiscard]] std::string dump_globals(Connection& connection);

}  // namespace pgseal::postgres
