#include "engine/comparison.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "engine/schema_comparison.h"
#include "postgres/identifiers.h"

namespace pgseal::engine {

using backupset::Catalog;
using backupset::DrillTable;
using backupset::LargeObject;
using backupset::Sequence;
using backupset::Table;

namespace {

/// Elements of the two sides by a key; null where a side has none.
template <typename Key, typename Element>
using Pairs = std::map<Key, std::pair<const Element*, const Element*>>;

using Name = std::pair<std::string, std::string>;  // schema, name

std::string text_of(const Name& name) { return name.first + "." + name.second; }

template <typename Element>
Pairs<Name, Element> pairs_by_name(const std::vector<Element>& expected,
                                   const std::vector<Element>& found) {
  Pairs<Name, Element> pairs;
  for (const Element& element : expected) pairs[{element.schema, element.name}].first = &element;
  for (const Element& element : found) pairs[{element.schema, element.name}].second = &element;
  return pairs;
}

class ContentComparison final {
 public:
  ContentComparison(const DatabaseContent& expected, const DatabaseContent& found,
                    const ComparisonRules& rules)
      : expected_(expected),
        found_(found),
        rules_(rules),
        extra_is_left_out_(why_extra_is_left_out(expected)) {}

  backupset::Comparison run() {
    for (const auto& [name, pair] :
         pairs_by_name(expected_.catalog.tables, found_.catalog.tables)) {
      compare_tables(name, pair.first, pair.second);
    }
    compare_sequences();
    compare_large_objects();
    compare_schema(expected_, found_, rules_, result_);
    return std::move(result_);
  }

 private:
  void compare_tables(const Name& name, const Table* expected, const Table* found) {
    DrillTable table{.schema = name.first, .name = name.second};
    if (expected != nullptr) {
      table.content_size = expected->content_size();
      table.stored_size = expected->stored_size();
      table.expected = expected->rows();
    }
    if (found != nullptr) table.found = found->rows();
    if (expected == nullptr) {
      table.left_out = extra_is_left_out_;
    } else if (const auto excuse = rules_.excuses.find(expected->dump_id);
               excuse != rules_.excuses.end() && table.expected != table.found) {
      table.left_out = excuse->second;
    }
    if (expected != nullptr && found != nullptr) compare_columns(name, *expected, *found);
    result_.tables.push_back(std::move(table));
  }

  /// Whose rows were read in another order of columns, have other fingerprints.
  void compare_columns(const Name& name, const Table& expected, const Table& found) {
    if (postgres::names_in_list(expected.columns) == postgres::names_in_list(found.columns)) return;
    result_.schema.differences.push_back(
        {"TABLE " + text_of(name),
         format("has the columns ({}), not ({})", found.columns, expected.columns)});
  }

  /// "42, true" of a SEQUENCE SET statement: the value, and whether it was given out.
  static std::string_view value_of(const Sequence& sequence) {
    const std::string_view text = sequence.definition;
    const std::size_t begin = text.rfind("', "), end = text.rfind(')');
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
      return text;
    return text.substr(begin + 3, end - begin - 3);
  }

  void compare_sequences() {
    std::map<Name, std::string> excuses;
    for (const postgres::TocEntry& entry : expected_.toc.entries) {
      const auto excuse = rules_.excuses.find(entry.dump_id);
      if (entry.description != "SEQUENCE SET" || excuse == rules_.excuses.end()) continue;
      excuses[{entry.schema.value_or(""), entry.tag.value_or("")}] = excuse->second;
    }
    result_.sequences.compared = expected_.catalog.sequences.size();
    for (const auto& [name, pair] :
         pairs_by_name(expected_.catalog.sequences, found_.catalog.sequences)) {
      const auto [expected, found] = pair;
      std::string how;
      if (found == nullptr) {
        how = "is missing";
      } else if (expected == nullptr) {
        how = "is not in the backup";
      } else if (value_of(*expected) != value_of(*found)) {
        how = format("stands at ({}), not at ({})", value_of(*found), value_of(*expected));
      }
      if (how.empty()) continue;
      const std::string object = "SEQUENCE " + text_of(name);
      const auto excuse = excuses.find(name);
      if (expected == nullptr && !extra_is_left_out_.empty()) {
        result_.left_out.push_back({object, extra_is_left_out_});
      } else if (excuse != excuses.end()) {
        result_.left_out.push_back({object, format("{}: {}", how, excuse->second)});
      } else {
        result_.sequences.differences.push_back({object, how});
      }
    }
  }

  void compare_large_objects() {
    Pairs<std::uint32_t, LargeObject> pairs;
    for (const auto& group : expected_.catalog.large_objects) {
      for (const LargeObject& object : group.objects) pairs[object.oid].first = &object;
    }
    result_.large_objects.compared = pairs.size();
    for (const auto& group : found_.catalog.large_objects) {
      for (const LargeObject& object : group.objects) pairs[object.oid].second = &object;
    }
    const auto expected_entries = postgres::large_object_entries(expected_.toc);
    const auto found_entries = postgres::large_object_entries(found_.toc);
    for (const auto& [oid, pair] : pairs) {
      const std::string object = format("LARGE OBJECT {}", oid);
      if (pair.first == nullptr && !extra_is_left_out_.empty()) {
        result_.left_out.push_back({object, extra_is_left_out_});
        continue;
      }
      const std::string how = difference_of(pair.first, pair.second);
      if (!how.empty()) {
        result_.large_objects.differences.push_back({object, how});
      } else if (expected_entries.contains(oid) && found_entries.contains(oid)) {
        compare_owners(object, *expected_entries.at(oid), *found_entries.at(oid));
      }
    }
  }

  /// Only the owner can have an excuse: what needs no role and no extension, is there.
  void compare_owners(const std::string& object, const postgres::TocEntry& expected,
                      const postgres::TocEntry& found) {
    const std::string owner = expected.owner.value_or(""), is = found.owner.value_or("");
    if (owner == is || owner.empty() || is.empty()) return;
    const std::string how = format("belongs to \"{}\", not \"{}\"", is, owner);
    const auto excuse = rules_.excuses.find(expected.dump_id);
    if (excuse == rules_.excuses.end()) {
      result_.large_objects.differences.push_back({object, how});
    } else {
      result_.left_out.push_back({object, format("{}: {}", how, excuse->second)});
    }
  }

  static std::string difference_of(const LargeObject* expected, const LargeObject* found) {
    if (found == nullptr) return "is missing";
    if (expected == nullptr) return "is not in the backup";
    if (expected->size != found->size) {
      return format("has {} bytes, not {}", found->size, expected->size);
    }
    return expected->fingerprint == found->fingerprint ? "" : "has other bytes";
  }

  const DatabaseContent& expected_;
  const DatabaseContent& found_;
  const ComparisonRules& rules_;
  const std::string extra_is_left_out_;
  backupset::Comparison result_;
};

}  // namespace

backupset::Comparison compare(const DatabaseContent& expected, const DatabaseContent& found,
                              const ComparisonRules& rules) {
  return ContentComparison(expected, found, rules).run();
}

}  // namespace pgseal::engine
