#pragma once
// botocore, AWS's own client, as the judge of what we would send.

#include <string>
#include <vector>

#include "base/json_fwd.h"

namespace pgseal::test {

/// Why botocore cannot be asked, for PGSEAL_SKIP_BECAUSE; "" where it can.
[[nodiscard]] std::string missing_botocore();
/// Runs a Python script that may import it, with `argument`, and returns what it prints.
[[nodiscard]] std::vector<std::string> ask_botocore(const std::string& script,
                                                    const std::string& argument);
/// Where botocore would send each of `cases` (see botocore_urls.py): an URL, or "refused: WHY".
[[nodiscard]] std::vector<std::string> botocore_urls(const Json& cases);
/// The credentials that it finds in each of several environments (see botocore_credentials.py).
[[nodiscard]] std::vector<std::string> botocore_credentials(const Json& asked);

}  // namespace pgseal::test
