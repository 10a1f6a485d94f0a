#include "postgres/dumped_relations.h"

#include "base/format.h"

namespace pgseal::postgres {

namespace {

constexpr const char* kIsDumped = R"((
  n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't' AND (
    NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype = 'e')
    OR EXISTS (SELECT FROM pg_catalog.pg_extension x WHERE c.oid = ANY (x.extconfig)))))";

}  // namespace

std::string select_dumped(const std::string& columns, const std::string& condition) {
  return format(
      "SELECT {} FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace WHERE {} AND {}",
      columns, kIsDumped, condition);
}

}  // namespace pgseal::postgres
