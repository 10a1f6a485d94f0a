#include "postgres/identifiers.h"

#include <algorithm>

namespace pgseal::postgres {

std::size_t identifier_size(std::string_view text) {
  if (!text.starts_with('"')) return std::min(text.find_first_of(" .,;"), text.size());
  for (std::size_t at = 1; (at = text.find('"', at)) != std::string_view::npos; at += 2) {
    if (at + 1 >= text.size() || text[at + 1] != '"') return at + 1;
  }
  return text.size();
}

std::string unquoted(std::string_view identifier) {
  if (!identifier.starts_with('"') || identifier.size() < 2) return std::string(identifier);
  std::string name;
  for (std::size_t i = 1; i + 1 < identifier.size(); ++i) {
    name += identifier[i];
    if (identifier[i] == '"') ++i;
  }
  return name;
}

std::size_t qualified_size(std::string_view text) {
  std::size_t size = identifier_size(text);
  while (text.substr(size).starts_with('.')) size += 1 + identifier_size(text.substr(size + 1));
  return size;
}

std::vector<std::string_view> identifiers_in_list(std::string_view list) {
  constexpr std::string_view kSeparator = ", ";
  std::vector<std::string_view> identifiers;
  while (!list.empty()) {
    identifiers.push_back(list.substr(0, identifier_size(list)));
    list.remove_prefix(identifiers.back().size());
    if (!list.starts_with(kSeparator)) break;
    list.remove_prefix(kSeparator.size());
  }
  return identifiers;
}

std::vector<std::string> names_in_list(std::string_view list) {
  std::vector<std::string> names;
  for (const std::string_view identifier : identifiers_in_list(list)) {
    names.push_back(unquoted(identifier));
  }
  return names;
}

}  // namespace pgseal::postgres
