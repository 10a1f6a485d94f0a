#include "engine/archive_plan.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/error.h"
#include "base/format.h"

namespace pgseal::engine {

using backupset::Segment;
using postgres::ArchiveToc;
using postgres::TocEntry;

namespace {

constexpr int kFirstVersionWithTidRangeScan = 140000;
/// Bytes in the database, heap and out of line, that a segment should not exceed much.
constexpr std::uint64_t kMostOfSegment = 2 * kGiB;
constexpr std::uint64_t kLargeObjectsOfUnit = 64 * kMiB;
constexpr std::size_t kMostLargeObjectsOfUnit = 1000;

std::uint64_t segment_blocks(const postgres::Relation& relation, const PlanFacts& facts,
                             std::uint64_t segment_size) {
  std::uint64_t blocks = std::max<std::uint64_t>(segment_size / facts.block_size, 1);
  if (relation.blocks == 0) return blocks;
  const std::uint64_t bytes_a_block = std::max<std::uint64_t>(relation.size / relation.blocks, 1);
  while (blocks > 1 && blocks * bytes_a_block > std::max(kMostOfSegment, segment_size)) blocks /= 2;
  return blocks;
}

bool can_be_split(const postgres::Relation& relation, const PlanFacts& facts) {
  return relation.is_heap && relation.kind == 'r' && relation.condition.empty() &&
         facts.server_version >= kFirstVersionWithTidRangeScan;
}

/// The last segment has no end: what was appended since the size was read belongs to it.
std::vector<Segment> cut(const postgres::Relation& relation, const PlanFacts& facts,
                         std::uint64_t segment_size) {
  std::vector<Segment> segments(1);
  if (!can_be_split(relation, facts)) return segments;
  const std::uint64_t step = segment_blocks(relation, facts, segment_size);
  for (std::uint64_t block = step; block < relation.blocks; block += step) {
    segments.back().end_block = block;
    Segment next;
    next.number = segments.back().number + 1;
    next.first_block = block;
    segments.push_back(next);
  }
  return segments;
}

std::uint64_t size_of(const Segment& segment, const postgres::Relation& relation) {
  if (relation.blocks == 0) return relation.size;
  const std::uint64_t end =
      std::max(segment.end_block.value_or(relation.blocks), segment.first_block);
  return relation.size / relation.blocks * (end - segment.first_block);
}

void plan_table(const ArchiveToc& toc, const TocEntry& entry, const PlanFacts& facts,
                std::uint64_t segment_size, ArchivePlan& plan) {
  const std::uint32_t oid = table_oid(entry);
  const auto found = facts.relations.find(oid);
  if (found == facts.relations.end()) {
    throw Error(Exit::database, format("cannot find table \"{}\" of the archive's table of "
                                       "contents in the database",
                                       entry.tag.value_or("")));
  }
  const postgres::Relation& relation = found->second;
  // The statement may name another table to load into: a partition's root.
  const TableSource source{
      relation, postgres::parse_copy_statement(entry.copy_statement.value_or("")).columns};
  backupset::Table table;
  table.dump_id = entry.dump_id;
  table.schema = entry.schema.value_or("");
  table.name = entry.tag.value_or("");
  table.oid = oid;
  table.file_node = relation.file_node;
  table.columns = source.columns;
  table.data_file = postgres::data_file_name(toc, entry);
  table.segments = cut(relation, facts, segment_size);
  for (std::size_t i = 0; i < table.segments.size(); ++i) {
    plan.units.push_back({.kind = WorkUnit::Kind::rows,
                          .index = plan.catalog.tables.size(),
                          .first = i,
                          .count = 1,
                          .size = size_of(table.segments[i], relation)});
  }
  plan.catalog.tables.push_back(std::move(table));
  plan.sources.push_back(source);
}

void plan_large_objects(const ArchiveToc& toc, const TocEntry& entry, ArchivePlan& plan) {
  backupset::LargeObjects group;
  group.dump_id = entry.dump_id;
  group.toc_file = postgres::data_file_name(toc, entry);
  std::vector<std::uint32_t> oids = postgres::large_objects_of(toc, entry);
  std::sort(oids.begin(), oids.end());
  for (const std::uint32_t oid : oids) {
    backupset::LargeObject object;
    object.oid = oid;
    group.objects.push_back(std::move(object));
  }
  plan.catalog.large_objects.push_back(std::move(group));
}

/// How large each is, only the server knows, and it tells the sum of all.
void cut_large_objects(std::uint64_t size_of_all, ArchivePlan& plan) {
  std::size_t count = 0;
  for (const auto& group : plan.catalog.large_objects) count += group.objects.size();
  if (count == 0) return;
  const std::uint64_t average = std::max<std::uint64_t>(size_of_all / count, 1);
  const std::size_t step =
      std::clamp<std::size_t>(kLargeObjectsOfUnit / average, 1, kMostLargeObjectsOfUnit);
  for (std::size_t g = 0; g < plan.catalog.large_objects.size(); ++g) {
    const std::size_t objects = plan.catalog.large_objects[g].objects.size();
    for (std::size_t first = 0; first < objects; first += step) {
      const std::size_t n = std::min(step, objects - first);
      plan.units.push_back({.kind = WorkUnit::Kind::large_objects,
                            .index = g,
                            .first = first,
                            .count = n,
                            .size = n * average});
    }
  }
}

}  // namespace

std::uint64_t ArchivePlan::size() const {
  std::uint64_t size = 0;
  for (const WorkUnit& unit : units) size += unit.size;
  return size;
}

std::uint32_t table_oid(const TocEntry& entry) {
  const std::string text = entry.oid.value_or("");
  std::uint32_t oid = 0;
  std::from_chars(text.data(), text.data() + text.size(), oid);
  return oid;
}

bool is_table_data(const TocEntry& entry) {
  return entry.has_data && entry.description == "TABLE DATA";
}

bool is_large_object_data(const TocEntry& entry) {
  return entry.has_data && entry.description == "BLOBS";
}

ArchivePlan make_plan(const ArchiveToc& toc, const PlanFacts& facts, std::uint64_t segment_size) {
  ArchivePlan plan;
  plan.catalog.encoding = toc.encoding();
  for (const TocEntry& entry : toc.entries) {
    if (is_table_data(entry)) {
      plan_table(toc, entry, facts, segment_size, plan);
    } else if (is_large_object_data(entry)) {
      plan_large_objects(toc, entry, plan);
    } else if (entry.has_data) {
      throw Error(
          Exit::database,
          format("cannot back up \"{}\": pg_dump has data of an unknown kind for it (\"{}\")",
                 entry.tag.value_or(""), entry.description.value_or("")));
    } else if (entry.description == "SEQUENCE SET") {
      plan.catalog.sequences.push_back({.schema = entry.schema.value_or(""),
                                        .name = entry.tag.value_or(""),
                                        .definition = entry.definition.value_or("")});
    }
  }
  cut_large_objects(facts.large_objects_size, plan);
  std::stable_sort(plan.units.begin(), plan.units.end(),
                   [](const WorkUnit& a, const WorkUnit& b) { return a.size > b.size; });
  return plan;
}

std::string copy_statement(const TableSource& source, const Segment& segment) {
  const std::string& table = source.relation.name;
  const bool is_part = segment.first_block > 0 || segment.end_block;
  if (is_part) {
    std::string where = format("ctid >= '({},0)'::tid", segment.first_block);
    if (segment.end_block) where += format(" AND ctid < '({},0)'::tid", *segment.end_block);
    return format("COPY (SELECT {} FROM ONLY {} WHERE {}) TO STDOUT", source.columns, table, where);
  }
  // A foreign table cannot be copied from directly, and a condition needs a query.
  if (source.relation.kind == 'f' || !source.relation.condition.empty()) {
    return format("COPY (SELECT {} FROM {} {}) TO STDOUT", source.columns, table,
                  source.relation.condition);
  }
  if (source.columns.empty()) return format("COPY {} TO STDOUT", table);
  return format("COPY {} ({}) TO STDOUT", table, source.columns);
}

}  // namespace pgseal::engine
