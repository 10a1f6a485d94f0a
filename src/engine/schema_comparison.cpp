#include "engine/schema_comparison.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "engine/restore_errors.h"
#include "engine/restore_phases.h"
#include "postgres/identifiers.h"
#include "postgres/pg_dump_options.h"
#include "postgres/programs.h"

namespace pgseal::engine {

using backupset::DrillFinding;
using postgres::ArchiveToc;
using postgres::TocEntry;

namespace {

constexpr std::size_t kMostOfLine = 200;  // bytes

/// What is no part of the schema, or is compared elsewhere.
bool is_schema(const TocEntry& entry, bool database_itself) {
  static constexpr std::array<std::string_view, 7> kOthers = {
      "ENCODING", "STDSTRINGS",   "SEARCHPATH",     "TABLE DATA",
      "BLOBS",    "SEQUENCE SET", "STATISTICS DATA"};
  return !is_one_of(entry, kOthers) && !is_large_object(entry) && !is_restore_state(entry) &&
         (database_itself || !is_of_database(entry));
}

/// A policy with its roles sorted: they come as they lie in the server's catalog.
std::string with_sorted_roles(std::string policy) {
  constexpr std::string_view kBegin = "CREATE POLICY ", kOn = " ON ", kTo = " TO ";
  const std::string_view text = policy;
  std::size_t at = kBegin.size();
  if (!text.starts_with(kBegin)) return policy;
  at += postgres::identifier_size(text.substr(at)) + kOn.size();
  if (at > text.size()) return policy;
  at += postgres::qualified_size(text.substr(at));
  const std::size_t to = text.find(kTo, at);
  const std::size_t condition = std::min(text.find(" USING (", at), text.find(" WITH CHECK (", at));
  if (to == text.npos || to > condition) return policy;
  auto roles = postgres::identifiers_in_list(text.substr(to + kTo.size()));
  if (roles.empty()) return policy;
  const std::size_t end =
      static_cast<std::size_t>(roles.back().data() + roles.back().size() - text.data());
  std::sort(roles.begin(), roles.end());
  const std::vector<std::string> sorted(roles.begin(), roles.end());
  return format("{}{}{}", text.substr(0, to + kTo.size()), joined(sorted, ", "), text.substr(end));
}

/// The lines of a definition, in an order that does not depend on when something was granted to
/// whom.
std::vector<std::string> lines_of(const TocEntry& entry) {
  std::vector<std::string> lines;
  std::string definition = entry.definition.value_or("");
  if (entry.description == "POLICY") definition = with_sorted_roles(std::move(definition));
  std::string_view rest = definition;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (entry.description == "ACL" || entry.description == "DEFAULT ACL") {
    std::sort(lines.begin(), lines.end());
  }
  return lines;
}

/// A line as it is told: `"id integer"`.
std::string told(std::string_view line) {
  while (line.starts_with(' ')) line.remove_prefix(1);
  if (line.ends_with(',') || line.ends_with(';')) line.remove_suffix(1);
  std::size_t size = std::min(line.size(), kMostOfLine);
  while (size < line.size() && size > 0 && (line[size] & '\xc0') == '\x80') --size;
  return format("\"{}{}\"", line.substr(0, size), size < line.size() ? "..." : "");
}

/// Whether the line at `at` holds no password and no code of anybody's: it is of a kind that has
/// neither, but in texts, and none has begun by its end.
bool may_be_told(const TocEntry& entry, const std::vector<std::string>& lines,
                 std::vector<std::string>::const_iterator at) {
  static constexpr std::array<std::string_view, 13> kKinds = {
      "ACL",    "CHECK CONSTRAINT", "CONSTRAINT", "DEFAULT", "DEFAULT ACL",
      "DOMAIN", "FK CONSTRAINT",    "INDEX",      "POLICY",  "SEQUENCE",
      "TABLE",  "TABLE ATTACH",     "TYPE"};
  const auto holds_text = [](const std::string& line) { return line.find('\'') != line.npos; };
  return is_one_of(entry, kKinds) &&
         std::none_of(lines.begin(), at == lines.end() ? at : std::next(at), holds_text);
}

/// How the definitions differ; "" where they do not.
std::string difference_of_definitions(const TocEntry& expected, const TocEntry& found) {
  const auto expected_lines = lines_of(expected), found_lines = lines_of(found);
  const auto [there, here] = std::mismatch(expected_lines.begin(), expected_lines.end(),
                                           found_lines.begin(), found_lines.end());
  if (there == expected_lines.end() && here == found_lines.end()) return "";
  if (!may_be_told(expected, expected_lines, there) || !may_be_told(found, found_lines, here)) {
    return "is defined in other words";
  }
  if (there == expected_lines.end()) return format("has {} on top", told(*here));
  if (here == found_lines.end()) return format("lacks {}", told(*there));
  return format("has {}, not {}", told(*here), told(*there));
}

std::string difference_of_text(const char* what, const postgres::ArchiveText& expected,
                               const postgres::ArchiveText& found) {
  const std::string wanted = expected.value_or(""), is = found.value_or("");
  return wanted == is ? "" : format("{} \"{}\", not \"{}\"", what, is, wanted);
}

/// How the two differ whoever worded them; "" where they do not.
std::string difference_of_properties(const TocEntry& expected, const TocEntry& found) {
  std::vector<std::string> texts;
  const bool owners_are_known = !is_about_object(expected) &&
                                !expected.owner.value_or("").empty() &&
                                !found.owner.value_or("").empty();
  if (owners_are_known) {
    texts.push_back(difference_of_text("belongs to", expected.owner, found.owner));
  }
  texts.push_back(difference_of_text("is in tablespace", expected.tablespace, found.tablespace));
  texts.push_back(difference_of_text("has the access method", expected.table_access_method,
                                     found.table_access_method));
  std::erase(texts, "");
  return joined(texts, "; ");
}

bool are_equal(const TocEntry& a, const TocEntry& b) {
  return difference_of_properties(a, b).empty() && difference_of_definitions(a, b).empty();
}

int major_of(const postgres::ArchiveText& version) {
  return postgres::parse_version(version.value_or("")) / 10000;
}

/// Entries of one kind, schema and name.
struct Namesakes {
  std::vector<const TocEntry*> expected, found;

  /// Takes out the pairs that are equal.
  void drop_equal() {
    std::erase_if(expected, [&](const TocEntry* entry) {
      const auto same = std::find_if(found.begin(), found.end(), [&](const TocEntry* other) {
        return are_equal(*entry, *other);
      });
      if (same == found.end()) return false;
      found.erase(same);
      return true;
    });
  }
};

class SchemaComparison final {
 public:
  SchemaComparison(const DatabaseContent& expected, const DatabaseContent& found,
                   const ComparisonRules& rules, backupset::Comparison& result)
      : rules_(rules),
        result_(result),
        extra_is_left_out_(why_extra_is_left_out(expected)),
        other_words_(why_words_differ(expected.toc, found.toc)) {
    for (const TocEntry& entry : expected.toc.entries) add(entry, &Namesakes::expected);
    for (const TocEntry& entry : found.toc.entries) add(entry, &Namesakes::found);
  }

  void run() {
    for (auto& [key, entries] : entries_) {
      result_.schema.compared += entries.expected.size();
      entries.drop_equal();
      const std::size_t pairs = std::min(entries.expected.size(), entries.found.size());
      for (std::size_t i = 0; i < pairs; ++i) compare(*entries.expected[i], *entries.found[i]);
      for (std::size_t i = pairs; i < entries.expected.size(); ++i) {
        differs(*entries.expected[i], "is missing");
      }
      for (std::size_t i = pairs; i < entries.found.size(); ++i) is_extra(*entries.found[i]);
    }
  }

 private:
  void add(const TocEntry& entry, std::vector<const TocEntry*> Namesakes::*side) {
    if (!is_schema(entry, rules_.database_itself)) return;
    std::string name = entry.tag.value_or("");
    // Such a name has the object's in quotes where it is a key word to that pg_dump.
    if (is_about_object(entry)) std::erase(name, '"');
    const auto key = std::tuple(entry.schema.value_or(""), name, entry.description.value_or(""));
    (entries_[key].*side).push_back(&entry);
  }

  /// "worded by PostgreSQL 17, not 15"; "" where both are of the same versions.
  static std::string why_words_differ(const ArchiveToc& expected, const ArchiveToc& found) {
    for (const auto& [who, wanted, is] :
         {std::tuple("PostgreSQL", major_of(expected.server_version),
                     major_of(found.server_version)),
          std::tuple("pg_dump", major_of(expected.pg_dump_version),
                     major_of(found.pg_dump_version))}) {
      if (wanted != is) return format("worded by {} {}, not {}", who, is, wanted);
    }
    return "";
  }

  void compare(const TocEntry& expected, const TocEntry& found) {
    const std::string properties = difference_of_properties(expected, found);
    if (!properties.empty()) differs(expected, properties);
    const std::string words = difference_of_definitions(expected, found);
    if (words.empty()) return;
    if (other_words_.empty()) {
      differs(expected, words);
    } else {
      result_.left_out.push_back({entry_name(expected), format("{} ({})", words, other_words_)});
    }
  }

  void differs(const TocEntry& entry, const std::string& how) {
    const auto excuse = rules_.excuses.find(entry.dump_id);
    if (excuse == rules_.excuses.end()) {
      result_.schema.differences.push_back({entry_name(entry), how});
    } else {
      result_.left_out.push_back({entry_name(entry), format("{}: {}", how, excuse->second)});
    }
  }

  void is_extra(const TocEntry& entry) {
    if (extra_is_left_out_.empty()) {
      result_.schema.differences.push_back({entry_name(entry), "is not in the backup"});
    } else {
      result_.left_out.push_back({entry_name(entry), extra_is_left_out_});
    }
  }

  const ComparisonRules& rules_;
  backupset::Comparison& result_;
  const std::string extra_is_left_out_, other_words_;
  std::map<std::tuple<std::string, std::string, std::string>, Namesakes> entries_;
};

}  // namespace

std::string why_extra_is_left_out(const DatabaseContent& expected) {
  const auto options = postgres::selecting_options(expected.pg_dump_options);
  if (options.empty()) return "";
  return format("is not in the backup, which was made with {}", joined(options, ", "));
}

void compare_schema(const DatabaseContent& expected, const DatabaseContent& found,
                    const ComparisonRules& rules, backupset::Comparison& result) {
  SchemaComparison(expected, found, rules, result).run();
}

}  // namespace pgseal::engine
