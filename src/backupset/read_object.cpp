#include "backupset/read_object.h"

namespace pgseal::backupset {

std::optional<std::string> read_object(store::ObjectStore& store, const std::string& key,
                                       const std::stop_token& stop, std::size_t limit) {
  const auto source = store.open(key, stop);
  if (!source) return std::nullopt;
  return std::string(as_text(read_all(*source, limit, store.url(key).c_str())));
}

}  // namespace pgseal::backupset
