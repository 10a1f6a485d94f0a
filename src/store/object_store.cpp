#include "store/object_store.h"

#include <algorithm>

#include "base/format.h"

namespace pgseal::store {

bool is_valid_key(std::string_view key) {
  if (key.find('\0') != std::string_view::npos) return false;
  for (std::size_t at = 0; at <= key.size();) {
    const std::size_t end = std::min(key.find('/', at), key.size());
    const std::string_view component = key.substr(at, end - at);
    if (component.empty() || component == "." || component == "..") return false;
    at = end + 1;
  }
  return true;
}

void require_valid_key(std::string_view key, const std::string& url) {
  if (is_valid_key(key)) return;
  throw Error(Exit::storage, format("cannot use \"{}\": a key may have no empty, \".\" or \"..\" "
                                    "component",
                                    url));
}

Error range_error(const std::string& url, std::uint64_t offset, std::uint64_t size) {
  return {Exit::storage,
          format("cannot get \"{}\": it has no {} bytes from byte {}", url, size, offset)};
}

Error missing_error(const std::string& url) {
  return {Exit::storage, format("cannot get \"{}\": there is no such object", url)};
}

}  // namespace pgseal::store
