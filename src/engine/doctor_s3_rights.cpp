// What the role may do in the bucket, as far as trying tells.

#include "base/format.h"
#include "base/text.h"
#include "engine/doctor_s3.h"
#include "engine/store_probe.h"

namespace pgseal::engine {

namespace {

constexpr const char* kPolicy = "give the role no more than the writer's policy of doc/iam.md";

Finding check_put(S3Subject& subject) {
  const std::string key = new_probe_key();
  subject.store.put(key, as_bytes(kProbeContent), subject.stop);
  subject.probes.push_back(key);
  return {State::ok, format("\"{}\" was stored as a backup's objects are", subject.store.url(key))};
}

Finding check_conditional_writes(S3Subject& subject) {
  if (!subject.options.dialect.conditional_writes) {
    return {State::note, "conditional_writes is off: whoever may write may overwrite"};
  }
  try {
    subject.store.put(subject.probes.front(), as_bytes(kProbeContent), subject.stop);
  } catch (const Error& error) {
    if (error.http_status() != 412) throw;
    return {State::ok, "an object is not stored where one is already"};
  }
  return {State::warning,
          "the server does not mind If-None-Match: what one backup stored, another may overwrite",
          "--conditional-writes off says that you know; versions or a lock keep what was there"};
}

Finding check_checksums(S3Subject& subject) {
  const std::string key = new_probe_key();
  if (!subject.bucket.takes_damaged(key, subject.stop)) {
    return {State::ok, "an object that was damaged on its way is refused"};
  }
  subject.probes.push_back(key);
  return {State::warning,
          "the server stores what was damaged on its way: it does not mind the checksum",
          subject.options.dialect.sha256_checksums
              ? "--request-checksum-calculation when_required sends Content-MD5 in its place"
              : ""};
}

Finding check_overwriting(S3Subject& subject) {
  if (!subject.bucket.may_overwrite(subject.probes.front(), as_bytes(kProbeContent),
                                    subject.stop)) {
    return {State::ok, "the role may not overwrite"};
  }
  return {State::note,
          "pgseal overwrites nothing, but who has the role's credentials may: nothing demands "
          "If-None-Match",
          "doc/iam.md has a policy of the bucket that does"};
}

Finding check_list(S3Subject& subject) {
  if (!subject.reached.may_list) return {State::ok, "the role may not list what is in the bucket"};
  return {State::note, "the role may list what is in the bucket, which a writer need not", kPolicy};
}

Finding check_read(S3Subject& subject) {
  const bool has_probe = !subject.probes.empty();
  const std::string key = has_probe ? subject.probes.front() : new_probe_key();
  if (subject.bucket.may_read(key, subject.stop)) {
    return {State::warning, "the role may read what is in the bucket, which a writer need not",
            kPolicy};
  }
  if (has_probe || subject.reached.may_list) return {State::ok, "the role may not read"};
  // To whom may not list S3 says the same of an object that is not there.
  return {State::note, "whether the role may read only an object tells", "pgseal doctor --probe"};
}

Finding check_delete(S3Subject& subject) {
  if (subject.probes.empty()) {
    return {State::note, "whether the role may write and delete only an object tells",
            "pgseal doctor --probe"};
  }
  std::vector<std::string> stay, commands;
  for (const std::string& key : subject.probes) {
    if (subject.bucket.may_remove(key, subject.stop)) continue;
    const std::string& prefix = subject.options.prefix;
    stay.push_back(format("\"{}\"", subject.store.url(key)));
    commands.push_back(
        aws_command(subject.options, "delete-object",
                    "--key " + shell_quoted(prefix.empty() ? key : prefix + "/" + key)));
  }
  if (stay.empty()) {
    return {State::warning, "the role may delete what is in the bucket, which a writer need not",
            kPolicy};
  }
  return {State::note,
          format("the role may not delete, which is right; so {} stays", first_few(stay)),
          joined(commands, "\n"), stay};
}

constexpr CheckOf<S3Subject> kProbeChecks[] = {{"put", check_put},
                                               {"conditional-writes", check_conditional_writes},
                                               {"checksums", check_checksums},
                                               {"overwriting", check_overwriting}};
constexpr CheckOf<S3Subject> kRights[] = {
    {"list", check_list}, {"read", check_read}, {"delete", check_delete}};

}  // namespace

std::span<const CheckOf<S3Subject>> s3_probe_checks() { return kProbeChecks; }
std::span<const CheckOf<S3Subject>> s3_rights_checks() { return kRights; }

}  // namespace pgseal::engine
