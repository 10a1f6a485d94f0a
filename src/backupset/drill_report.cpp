#include "backupset/drill_report.h"

#include <algorithm>

#include "backupset/strict_json.h"

namespace pgseal::backupset {

namespace {

constexpr const char* kFormat = "pgseal-drill-report";
constexpr std::uint64_t kVersion = 1;

Json rows_to_json(const std::optional<RowsFingerprint>& rows) {
  if (!rows) return {};
  return {{"rows", rows->rows()}, {"fingerprint", rows->hex()}};
}

Json table_to_json(const DrillTable& table) {
  return {{"schema", text_to_json(table.schema)},     {"name", text_to_json(table.name)},
          {"content_size", table.content_size},       {"stored_size", table.stored_size},
          {"expected", rows_to_json(table.expected)}, {"found", rows_to_json(table.found)},
          {"left_out", text_to_json(table.left_out)}, {"match", match_name(table.match())}};
}

Json finding_to_json(const DrillFinding& finding) {
  return {{"object", text_to_json(finding.object)}, {"text", text_to_json(finding.text)}};
}

Json phase_to_json(const DrillPhase& phase) {
  return {{"name", text_to_json(phase.name)}, {"milliseconds", phase.duration.count()}};
}

template <typename Element>
Json array_of(const std::vector<Element>& elements, Json (*to_json)(const Element&)) {
  Json json = Json::array();
  for (const Element& element : elements) json.push_back(to_json(element));
  return json;
}

Json comparison_to_json(const DrillComparison& comparison) {
  return {{"compared", comparison.compared},
          {"differences", array_of(comparison.differences, finding_to_json)}};
}

}  // namespace

const char* match_name(TableMatch match) {
  switch (match) {
    case TableMatch::equal:
      return "equal";
    case TableMatch::differs:
      return "differs";
    case TableMatch::missing:
      return "missing";
    case TableMatch::extra:
      return "extra";
    case TableMatch::left_out:
      return "left out";
  }
  return "";
}

TableMatch DrillTable::match() const {
  if (!left_out.empty()) return TableMatch::left_out;
  if (!expected) return TableMatch::extra;
  if (!found) return TableMatch::missing;
  return expected == found ? TableMatch::equal : TableMatch::differs;
}

void append(std::vector<DrillFinding>& findings, const std::vector<DrillFinding>& more) {
  findings.insert(findings.end(), more.begin(), more.end());
}

bool DrillReport::passed() const {
  return failure.empty() && restore_errors.empty() && difference_count() == 0 &&
         !is_all_left_out() && (!strict || left_out_count() == 0);
}

std::uint64_t Comparison::difference_count() const {
  const auto tables_that_differ =
      std::count_if(tables.begin(), tables.end(), [](const DrillTable& table) {
        return table.match() != TableMatch::equal && table.match() != TableMatch::left_out;
      });
  return static_cast<std::uint64_t>(tables_that_differ) + sequences.differences.size() +
         large_objects.differences.size() + schema.differences.size();
}

std::uint64_t Comparison::left_out_count() const {
  const auto tables_left_out =
      std::count_if(tables.begin(), tables.end(),
                    [](const DrillTable& table) { return table.match() == TableMatch::left_out; });
  return static_cast<std::uint64_t>(tables_left_out) + left_out.size();
}

bool Comparison::is_all_left_out() const {
  const auto is_of_backup = [](const DrillTable& table) { return table.expected.has_value(); };
  const auto is_compared = [&](const DrillTable& table) {
    return is_of_backup(table) && table.match() != TableMatch::left_out;
  };
  return std::any_of(tables.begin(), tables.end(), is_of_backup) &&
         std::none_of(tables.begin(), tables.end(), is_compared);
}

Json Comparison::json() const {
  return {{"tables", array_of(tables, table_to_json)},
          {"sequences", comparison_to_json(sequences)},
          {"large_objects", comparison_to_json(large_objects)},
          {"schema", comparison_to_json(schema)},
          {"left_out", array_of(left_out, finding_to_json)}};
}

DrillSummary DrillReport::summary() const {
  return {.backup = backup,
          .begun = begun,
          .finished = finished,
          .passed = passed(),
          .left_out = left_out_count(),
          .pgseal_version = pgseal_version};
}

std::string DrillReport::to_json() const {
  Json json = {{"format", kFormat},
               {"version", kVersion},
               {"backup",
                {{"name", text_to_json(backup)},
                 {"database", text_to_json(database)},
                 {"taken", format_utc(taken)},
                 {"stored_size", stored_size},
                 {"server_version", text_to_json(server_version)},
                 {"pg_dump_version", text_to_json(pg_dump_version)},
                 {"recipients", recipients},
                 {"signature", signature_word(authenticity)},
                 {"signer", signer.empty() ? Json() : Json(signer)}}},
               {"begun", format_utc(begun)},
               {"finished", format_utc(finished)},
               {"pgseal_version", pgseal_version},
               {"target", target.empty() ? Json() : text_to_json(target)},
               {"target_version", text_to_json(target_version)},
               {"strict", strict},
               {"verdict", verdict_name(passed())},
               {"failure", failure.empty() ? Json() : text_to_json(failure)},
               {"phases", array_of(phases, phase_to_json)},
               {"restore_errors", array_of(restore_errors, finding_to_json)}};
  json.update(Comparison::json());
  return json.dump() + "\n";
}

}  // namespace pgseal::backupset
