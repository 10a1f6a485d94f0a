#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "postgres/archive_toc.h"

namespace pgseal::postgres {

namespace {

/// Eats a statement from its beginning.
class StatementReader final {
 public:
  explicit StatementReader(std::string_view text) : rest_(text) {}

  bool take(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  /// A name as pg_dump writes it: in quotes, where it has to be.
  bool take_identifier() { return rest_.starts_with('"') ? take_quoted() : take_bare(); }

  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  bool take_bare() {
    std::size_t length = 0;
    while (length < rest_.size() && is_bare(rest_[length])) ++length;
    rest_.remove_prefix(length);
    return length > 0;
  }

  static bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  }

  bool take_quoted() {
    for (std::size_t at = 1; (at = rest_.find('"', at)) != std::string_view::npos; at += 2) {
      if (at + 1 < rest_.size() && rest_[at + 1] == '"') continue;
      const bool empty = at == 1;
      rest_.remove_prefix(at + 1);
      return !empty;
    }
    return false;
  }

  std::string_view rest_;
};

/// The text that was eaten between two states of a reader.
std::string between(std::string_view before, std::string_view after) {
  return std::string(before.substr(0, before.size() - after.size()));
}

std::optional<CopyTarget> parse(std::string_view statement) {
  StatementReader reader(statement);
  CopyTarget target;
  if (!reader.take("COPY ")) return std::nullopt;
  std::string_view before = reader.rest();
  if (!reader.take_identifier() || !reader.take(".") || !reader.take_identifier()) {
    return std::nullopt;
  }
  target.table = between(before, reader.rest());
  if (reader.take(" (")) {
    before = reader.rest();
    do {
      if (!reader.take_identifier()) return std::nullopt;
    } while (reader.take(", "));
    target.columns = between(before, reader.rest());
    if (!reader.take(")")) return std::nullopt;
  } else if (!reader.take(" ")) {  // where the columns would stand
    return std::nullopt;
  }
  if (reader.rest() != " FROM stdin;\n") return std::nullopt;
  return target;
}

}  // namespace

CopyTarget parse_copy_statement(const std::string& statement) {
  std::optional<CopyTarget> target = parse(statement);
  if (!target) {
    throw Error(Exit::database, format("cannot read the archive of pg_dump: unknown form of COPY "
                                       "statement: {}",
                                       statement));
  }
  return std::move(*target);
}

}  // namespace pgseal::postgres
