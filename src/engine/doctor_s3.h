#pragma once
// Whether tonight's backup can be stored in a bucket, and what its writer could do there besides.

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "base/clock.h"
#include "engine/check.h"
#include "store/object_store.h"
#include "store/s3_bucket.h"

namespace pgseal::engine {

/// A bucket that is looked at, as its writer; the references must outlive the checks.
struct S3Subject {
  const store::S3Options& options;
  store::ObjectStore& store;  ///< the same place, where a probe is put
  store::S3Bucket& bucket;
  aws::CredentialProvider& credentials;
  aws::CredentialProvider& chain;  ///< whose sources gave them
  std::string ca_bundle;           ///< a file; "" is the system's
  bool makes_parts = false;        ///< a classic backup's uploads can stay unfinished
  const Clock& clock;
  std::stop_token stop;

  // Found out by the first checks, for those behind them.
  store::S3Bucket::Reached reached{};
  std::vector<std::string> probes{};  ///< keys of objects that were put, the probe first
};

// The tables, in the order in which they are run. Nothing is written but by the probe's.
/// The way to the bucket.
[[nodiscard]] std::span<const CheckOf<S3Subject>> s3_access_checks();
/// The bucket, and its settings as far as the role may see them. Where the first of them fails, it
/// does not answer, and what follows makes no sense.
[[nodiscard]] std::span<const CheckOf<S3Subject>> s3_bucket_checks();
/// Puts an object as a backup puts them, with a lock where one is set. Where the first of them
/// fails, the others make no sense.
[[nodiscard]] std::span<const CheckOf<S3Subject>> s3_probe_checks();
/// What the role may do beyond putting; the last removes the probe, where that is allowed.
[[nodiscard]] std::span<const CheckOf<S3Subject>> s3_rights_checks();

/// What AWS's client is told to do `verb` ("get-bucket-versioning") with the bucket, `rest` behind.
[[nodiscard]] std::string aws_command(const store::S3Options& options, const std::string& verb,
                                      const std::string& rest = "");

/// Runs them all as "store", the probe's where `probe` is true. False where it does not answer.
bool check_s3(S3Subject& subject, bool probe, Checks& checks);

}  // namespace pgseal::engine
