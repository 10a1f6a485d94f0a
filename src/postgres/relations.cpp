#include "postgres/relations.h"

#include <charconv>

namespace pgseal::postgres {

namespace {

template <typename Number>
Number number(const std::optional<std::string>& text) {
  Number value = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

}  // namespace

std::string number_array(const std::vector<std::uint32_t>& oids) {
  std::string text = "{";
  for (const std::uint32_t oid : oids) {
    if (text.size() > 1) text += ',';
    text += std::to_string(oid);
  }
  return text + "}";
}

std::vector<std::string> lockable_tables(Connection& connection,
                                         const std::vector<std::uint32_t>& oids) {
  static constexpr const char* kSql = R"(
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('r', 'p'))";
  return connection.query_column(kSql, {number_array(oids)});
}

std::uint64_t block_size(Connection& connection) {
  return number<std::uint64_t>(
      connection.query("SELECT pg_catalog.current_setting('block_size')").at(0).at(0));
}

std::map<std::uint32_t, Relation> read_relations(Connection& connection,
                                                 const std::vector<std::uint32_t>& oids,
                                                 std::uint64_t block_size) {
  // The catalog's rows are the snapshot's; the functions look at what is there now.
  static constexpr const char* kSql = R"(
    SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind,
      pg_catalog.pg_relation_size(c.oid), pg_catalog.pg_relation_size(c.reltoastrelid),
      pg_catalog.pg_relation_filenode(c.oid),
      pg_catalog.to_regclass(pg_catalog.format('%I.%I', n.nspname, c.relname)) IS DISTINCT FROM
        c.oid::regclass OR
      c.relfilenode IS DISTINCT FROM coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)
        AND c.relkind = 'r',
      coalesce(a.amname = 'heap', c.relam = 0 AND c.relkind = 'r'),
      (SELECT x.extcondition[i]
       FROM pg_catalog.pg_extension x, pg_catalog.generate_subscripts(x.extconfig, 1) i
       WHERE x.extconfig[i] = c.oid LIMIT 1)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
    WHERE c.oid = ANY ($1::oid[]))";
  std::map<std::uint32_t, Relation> relations;
  for (const auto& row : connection.query(kSql, {number_array(oids)})) {
    Relation& relation = relations[number<std::uint32_t>(row[0])];
    relation.name = row[1].value_or("");
    relation.kind = row[2].value_or("?").front();
    const auto size = number<std::uint64_t>(row[3]);
    relation.blocks = size / block_size;
    relation.size = size + number<std::uint64_t>(row[4]);
    relation.file_node = number<std::uint32_t>(row[5]);
    relation.changed = row[6] != "f";
    relation.is_heap = row[7] == "t";
    relation.condition = row[8].value_or("");
  }
  return relations;
}

}  // namespace pgseal::postgres
