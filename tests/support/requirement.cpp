#include "support/requirement.h"

#include <cstdlib>
#include <string_view>

namespace pgseal::test {

bool in_ci() {
  const char* value = std::getenv("CI");
  return value != nullptr && std::string_view(value) == "true";
}

}  // namespace pgseal::test
