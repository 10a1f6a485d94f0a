#pragma once
// What S3 does wrong, for FakeS3.

#include <chrono>
#include <string>

#include "support/fake_s3.h"

namespace pgseal::test {

/// Answers `operation` with `reply`, the first `times` times.
[[nodiscard]] FakeS3::Fault answer_with(const std::string& operation, const HttpReply& reply,
                                        int times);

/// S3's clock is so far ahead: what is signed for a time 15 minutes from there is refused, and the
/// answer has its Date.
[[nodiscard]] FakeS3::Fault clock_ahead(std::chrono::minutes ahead);

/// The bucket lies in `region`: what is signed for another gets `reply`.
[[nodiscard]] FakeS3::Fault in_region(const std::string& region, const HttpReply& reply);

}  // namespace pgseal::test
