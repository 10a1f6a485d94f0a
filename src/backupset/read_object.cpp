#include "backupset/read_object.h"

namespace pgseal::backupset {

std::optional<std::string> read_object(store::ObjectStore& store, const std::string& key,
                                       const std::stop_token& stop, std::size_t limit) {
  const auto source = store.open(key, stop);
  if (!source) return std::nullopt;
  return std::string(as_text(read_all(*source, limit, store.url(key).c_str())));
}

bool concerns_one_object(const Error& error) {
  const bool out_of_reach = error.http_status() >= 400 && error.http_status() < 500;
  return error.code() == Exit::verification || out_of_reach;
}

}  // namespace pgseal::backupset
