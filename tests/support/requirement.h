#pragma once
// Skips that cannot hide: elsewhere a test says what it misses, in CI it fails.

#include <gtest/gtest.h>

#include <string>

namespace pgseal::test {

/// True where the environment has CI=true.
[[nodiscard]] bool in_ci();

}  // namespace pgseal::test

/// Leaves the test, visibly skipped, where `reason` is not empty; in CI it fails instead.
#define PGSEAL_SKIP_BECAUSE(reason)                                     \
  do {                                                                  \
    const std::string why_ = (reason);                                  \
    if (!why_.empty() && ::pgseal::test::in_ci()) GTEST_FAIL() << why_; \
    if (!why_.empty()) GTEST_SKIP() << why_;                            \
  } while (false)
