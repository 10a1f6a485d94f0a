#include "engine/store_probe.h"

#include <array>

#include "crypto/hash.h"

namespace pgseal::engine {

std::string new_probe_key() {
  std::array<std::byte, 8> random;
  crypto::random_bytes(random);
  return "pgseal-probe-" + to_hex(random);
}

}  // namespace pgseal::engine
