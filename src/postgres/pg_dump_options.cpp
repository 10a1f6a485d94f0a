#include "postgres/pg_dump_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <string_view>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::postgres {

namespace {

constexpr PgDumpOption kTable[] = {
    // "blobs" is the name that all versions know.
    {"blobs", 'b', nullptr, 12, "include large objects", "large-objects"},
    {"data-only", 'a', nullptr, 12, "dump only the data, not the schema or statistics"},
    {"disable-dollar-quoting", 0, nullptr, 12, "quote function bodies in the standard's way"},
    {"enable-row-security", 0, nullptr, 12, "dump only the rows that the role may see"},
    {"encoding", 'E', "ENCODING", 12, "dump in this encoding"},
    {"exclude-extension", 0, "PATTERN", 17, "leave out these extensions"},
    {"exclude-schema", 'N', "PATTERN", 12, "leave out these schemas"},
    {"exclude-table", 'T', "PATTERN", 12, "leave out these tables"},
    {"exclude-table-and-children", 0, "PATTERN", 16,
     "leave out these tables, their children and partitions"},
    {"exclude-table-data", 0, "PATTERN", 12, "leave out these tables' data"},
    {"exclude-table-data-and-children", 0, "PATTERN", 16,
     "leave out the data of these tables, their children and partitions"},
    {"extension", 'e', "PATTERN", 14, "dump only these extensions"},
    {"extra-float-digits", 0, "NUM", 12, "this setting of extra_float_digits"},
    {"filter", 0, "FILENAME", 17, "include and exclude objects as this file says"},
    {"include-foreign-data", 0, "PATTERN", 13, "include data of tables on these foreign servers"},
    {"lock-wait-timeout", 0, "TIMEOUT", 12, "fail after waiting this long for a table's lock"},
    {"no-blobs", 'B', nullptr, 12, "leave out large objects", "no-large-objects"},
    {"no-comments", 0, nullptr, 12, "leave out comments"},
    {"no-data", 0, nullptr, 18, "leave out data"},
    {"no-owner", 'O', nullptr, 12, "leave out who owns objects"},
    {"no-policies", 0, nullptr, 18, "leave out row security policies"},
    {"no-privileges", 'x', nullptr, 12, "leave out privileges (grant, revoke)", "no-acl"},
    {"no-publications", 0, nullptr, 12, "leave out publications"},
    {"no-schema", 0, nullptr, 18, "leave out the schema"},
    {"no-security-labels", 0, nullptr, 12, "leave out security labels"},
    {"no-statistics", 0, nullptr, 18, "leave out statistics"},
    {"no-subscriptions", 0, nullptr, 12, "leave out subscriptions"},
    {"no-table-access-method", 0, nullptr, 15, "leave out tables' access methods"},
    {"no-tablespaces", 0, nullptr, 12, "leave out tablespaces"},
    {"no-toast-compression", 0, nullptr, 14, "leave out TOAST compression methods"},
    {"no-unlogged-table-data", 0, nullptr, 12, "leave out the data of unlogged tables"},
    {"quote-all-identifiers", 0, nullptr, 12, "quote all names, even if they are no key words"},
    {"role", 0, "ROLE", 12, "SET ROLE before the dump"},
    {"schema", 'n', "PATTERN", 12, "dump only these schemas"},
    {"schema-only", 's', nullptr, 12, "dump only the schema, no data or statistics"},
    {"section", 0, "SECTION", 12, "dump only this section: pre-data, data or post-data"},
    {"sequence-data", 0, nullptr, 18, "include sequences' values whatever else is left out"},
    {"statistics", 0, nullptr, 18, "include statistics"},
    {"statistics-only", 0, nullptr, 18, "dump only statistics"},
    {"strict-names", 0, nullptr, 12, "each pattern has to match something"},
    {"table", 't', "PATTERN", 12, "dump only these tables"},
    {"table-and-children", 0, "PATTERN", 16,
     "dump only these tables, their children and partitions"},
};

struct Refusal {
  std::string_view name;
  char letter;
  const char* reason;
};

constexpr const char* kAsCopy = "a backup holds rows as COPY has them, not as INSERT commands";
constexpr const char* kOwnConnection = "a backup's connection has options of its own";
constexpr const char* kAtRestore = "it is chosen when a backup is restored";
constexpr const char* kOwnOutput = "a backup's output has options of its own";
constexpr const char* kOwnSnapshot = "a backup takes its own snapshot, for all its connections";
constexpr const char* kNoFile = "pg_dump writes no file in a backup";

constexpr Refusal kRefusals[] = {
    {"attribute-inserts", 0, kAsCopy},
    {"binary-upgrade", 0, "it is for pg_upgrade only"},
    {"clean", 'c', kAtRestore},
    {"column-inserts", 0, kAsCopy},
    {"compress", 'Z', kOwnOutput},
    {"create", 'C', kAtRestore},
    {"dbname", 'd', kOwnConnection},
    {"disable-triggers", 0, kAtRestore},
    {"file", 'f', kOwnOutput},
    {"format", 'F', kOwnOutput},
    {"help", '?', "it makes no dump"},
    {"host", 'h', kOwnConnection},
    {"if-exists", 0, kAtRestore},
    {"inserts", 0, kAsCopy},
    {"jobs", 'j', "a backup has its own option for the number of connections"},
    {"load-via-partition-root", 0,
     "each partition's data is a file of its own, which must go back into that partition"},
    {"no-password", 'w', kOwnConnection},
    {"no-sync", 0, kNoFile},
    {"no-synchronized-snapshots", 0, kOwnSnapshot},
    {"on-conflict-do-nothing", 0, kAsCopy},
    {"password", 'W', kOwnConnection},
    {"port", 'p', kOwnConnection},
    {"restrict-key", 0, "it is for plain dumps only"},
    {"rows-per-insert", 0, kAsCopy},
    {"serializable-deferrable", 0, kOwnSnapshot},
    {"snapshot", 0, kOwnSnapshot},
    {"superuser", 'S', kAtRestore},
    {"sync-method", 0, kNoFile},
    {"use-set-session-authorization", 0, kAtRestore},
    {"username", 'U', kOwnConnection},
    {"verbose", 'v', "all that pg_dump says would be taken for a warning"},
    {"version", 'V', "it makes no dump"},
    {"with-statistics", 0, "pg_dump calls it --statistics"},
};

[[noreturn]] void refuse(const std::string& option, const std::string& reason) {
  throw Error(Exit::usage, format("cannot pass \"{}\" to pg_dump: {}", option, reason));
}

[[noreturn]] void refuse_unknown(const std::string& option, std::string_view name, char letter) {
  for (const Refusal& refusal : kRefusals) {
    if (refusal.name == name || (letter != 0 && refusal.letter == letter)) {
      refuse(option, refusal.reason);
    }
  }
  refuse(option, "it is no option that a backup knows");
}

const PgDumpOption& find_long(std::string_view name) {
  for (const PgDumpOption& option : kTable) {
    if (name == option.name || (option.alias != nullptr && name == option.alias)) return option;
  }
  refuse_unknown(format("--{}", name), name, 0);
}

const PgDumpOption& find_letter(char letter) {
  for (const PgDumpOption& option : kTable) {
    if (letter != 0 && letter == option.letter) return option;
  }
  refuse_unknown(format("-{}", letter), "", letter);
}

/// Reads the list from its beginning and keeps what it finds.
class OptionsReader final {
 public:
  explicit OptionsReader(const std::vector<std::string>& words) : words_(words) {}

  PgDumpOptions read() {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (word.size() > 2 && word.starts_with("--")) {
        read_long(word);
      } else if (word.size() > 1 && word.front() == '-' && word != "--") {
        read_letters(word);
      } else {
        refuse(word, "it is no option");
      }
    }
    if (sections_given_ && !data_section_) result_.schema_only = true;
    return std::move(result_);
  }

 private:
  void read_long(const std::string& word) {
    const std::size_t equals = word.find('=');
    const PgDumpOption& option = find_long(
        std::string_view(word).substr(2, equals == std::string::npos ? equals : equals - 2));
    if (option.value == nullptr) {
      if (equals != std::string::npos) refuse(word, "it takes no value");
      keep(option);
    } else {
      keep(option, equals == std::string::npos ? next_word(word) : word.substr(equals + 1));
    }
  }

  /// "-Ox", "-tx", "-Ot" "x".
  void read_letters(const std::string& word) {
    for (std::size_t at = 1; at < word.size(); ++at) {
      const PgDumpOption& option = find_letter(word[at]);
      if (option.value == nullptr) {
        keep(option);
      } else {
        keep(option, at + 1 < word.size() ? word.substr(at + 1) : next_word(word));
        return;
      }
    }
  }

  const std::string& next_word(const std::string& word) {
    if (next_ == words_.size()) refuse(word, "it needs a value");
    return words_[next_++];
  }

  void keep(const PgDumpOption& option) {
    result_.arguments.push_back(format("--{}", option.name));
    const std::string_view name = option.name;
    result_.enable_row_security |= name == "enable-row-security";
    result_.quote_all_identifiers |= name == "quote-all-identifiers";
    result_.schema_only |= name == "schema-only" || name == "no-data" || name == "statistics-only";
    result_.chooses_objects |= name == "no-blobs" || result_.schema_only;
    result_.no_owner |= name == "no-owner";
    result_.no_tablespaces |= name == "no-tablespaces";
    result_.no_table_access_method |= name == "no-table-access-method";
  }

  void keep(const PgDumpOption& option, const std::string& value) {
    const std::string argument = format("--{}={}", option.name, value);
    if (value.empty()) refuse(argument, "its value is empty");
    if (value.find('\0') != std::string::npos) refuse(argument, "its value has a zero byte");
    result_.arguments.push_back(argument);
    const std::string_view name = option.name;
    // What else takes a pattern adds to the dump.
    result_.chooses_objects |= name == "filter" || (std::string_view(option.value) == "PATTERN" &&
                                                    name != "include-foreign-data");
    if (name == "role") result_.role = value;
    if (name == "encoding") result_.encoding = value;
    if (name == "lock-wait-timeout") result_.lock_wait_timeout = value;
    if (name == "extra-float-digits") result_.extra_float_digits = float_digits(argument, value);
    if (name == "section") keep_section(argument, value);
    if (name == "filter" && value == "-") refuse(argument, "pg_dump has no standard input here");
  }

  static int float_digits(const std::string& argument, const std::string& value) {
    constexpr int kLeast = -15, kMost = 3;  // the server's
    int digits = 0;
    const char* end = value.data() + value.size();
    const auto [at, error] = std::from_chars(value.data(), end, digits);
    if (error != std::errc() || at != end || digits < kLeast || digits > kMost) {
      refuse(argument, format("it is no number from {} to {}", kLeast, kMost));
    }
    return digits;
  }

  void keep_section(const std::string& argument, const std::string& value) {
    if (value != "pre-data" && value != "data" && value != "post-data") {
      refuse(argument, "sections are pre-data, data and post-data");
    }
    sections_given_ = true;
    data_section_ |= value == "data";
  }

  const std::vector<std::string>& words_;
  std::size_t next_ = 0;
  PgDumpOptions result_;
  bool sections_given_ = false, data_section_ = false;
};

}  // namespace

std::span<const PgDumpOption> pg_dump_option_table() { return kTable; }

PgDumpOptions parse_pg_dump_options(const std::vector<std::string>& options) {
  return OptionsReader(options).read();
}

PgDumpOptions options_without_value(const std::vector<std::string>& names) {
  std::vector<std::string> options;
  std::copy_if(names.begin(), names.end(), std::back_inserter(options),
               [](const std::string& name) { return find_long(name.substr(2)).value == nullptr; });
  return parse_pg_dump_options(options);
}

std::vector<std::string> selecting_options(const std::vector<std::string>& names) {
  static constexpr std::array<std::string_view, 4> kOthers = {"encoding", "extra-float-digits",
                                                              "lock-wait-timeout", "role"};
  std::vector<std::string> options;
  for (const std::string& name : names) {
    const PgDumpOption& option = find_long(name.substr(2));
    const bool selects = option.value != nullptr &&
                         std::find(kOthers.begin(), kOthers.end(), option.name) == kOthers.end();
    if (selects) options.push_back(name);
  }
  return options;
}

void require_pg_dump(const PgDumpOptions& options, int major) {
  for (const std::string& argument : options.arguments) {
    const std::string_view word = argument;
    const PgDumpOption& option =
        find_long(word.substr(2, std::min(word.find('='), word.size()) - 2));
    if (option.since > major) {
      throw Error(Exit::usage,
                  format("cannot pass \"{}\" to pg_dump {}: versions from {} on know it", argument,
                         major, option.since));
    }
  }
}

void apply_to(ArchiveToc& toc, const PgDumpOptions& options) {
  for (TocEntry& entry : toc.entries) {
    if (options.no_owner) entry.owner = "";
    if (options.no_tablespaces) entry.tablespace.reset();
    if (options.no_table_access_method) entry.table_access_method.reset();
  }
}

}  // namespace pgseal::postgres
