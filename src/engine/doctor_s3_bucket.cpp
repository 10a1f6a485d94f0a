// The bucket, and its settings.

#include "base/format.h"
#include "base/text.h"
#include "engine/doctor_s3.h"

namespace pgseal::engine {

namespace {

/// AWS refuses what is signed for a time 15 minutes from its own. S3 is asked again with its time;
/// a database is not.
constexpr std::chrono::minutes kWrong{5};
/// No backup takes so long.
constexpr std::chrono::days kForgotten{1};

Finding check_bucket(S3Subject& subject) {
  subject.reached = subject.bucket.reach(subject.stop);
  const std::string& region = subject.reached.region;
  const std::string& asked = subject.options.region;
  if (!asked.empty() && region != asked) {
    return {
        State::warning,
        format("the bucket lies in region {}, not in {}: S3 says so each time anew", region, asked),
        format("--s3-region {}, or S3_REGION={}", region, region)};
  }
  return {State::ok, format("\"{}\" answers", subject.store.url(""))};
}

Finding check_clock(S3Subject& subject) {
  const auto& theirs = subject.reached.time;
  if (!theirs) return {State::note, "S3 does not tell its time"};
  const auto difference =
      std::chrono::abs(std::chrono::round<std::chrono::seconds>(*theirs - subject.clock.now()));
  if (difference < kWrong) return {State::ok, "this machine's clock agrees with S3's"};
  return {State::warning,
          format("this machine's clock differs from S3's by {}: AWS refuses what is signed with it "
                 "from 15 minutes on",
                 format_duration(difference)),
          "timedatectl set-ntp true"};
}

/// What `look` finds; a note where S3 does not answer what was asked, and `verb` for those whom it
/// does: the writer of backups need not see the bucket's settings.
template <typename Look>
Finding if_seen(const S3Subject& subject, const char* what, const char* verb, Look&& look) {
  try {
    return look();
  } catch (const Error& error) {
    if (error.http_status() == 0) throw;
    const std::string reason =
        error.http_status() == 403 ? "the role may not see it, and need not" : error.message();
    return {State::note, format("cannot tell {}: {}", what, reason),
            aws_command(subject.options, verb)};
  }
}

Finding check_versioning(S3Subject& subject) {
  return if_seen(subject, "whether the bucket keeps versions", "get-bucket-versioning", [&] {
    if (subject.bucket.versioning(subject.stop) == "Enabled") {
      return Finding{State::ok, "the bucket keeps versions"};
    }
    return Finding{subject.options.dialect.conditional_writes ? State::note : State::warning,
                   "the bucket keeps no versions: what is removed or overwritten is gone",
                   aws_command(subject.options, "put-bucket-versioning",
                               "--versioning-configuration Status=Enabled")};
  });
}

/// What is wrong with the lock that backups are told to have, or with that they have none.
Finding compare_lock(const S3Subject& subject, const store::S3Bucket::ObjectLock& lock) {
  const store::S3ObjectOptions& objects = subject.options.objects;
  const bool is_wanted = !objects.lock_mode.empty() || objects.legal_hold;
  if (!lock.enabled) {
    return {is_wanted ? State::failure : State::note,
            is_wanted ? "the bucket has no object lock: S3 refuses what has lock_mode or legal_hold"
                      : "the bucket has no object lock: who may delete can delete backups",
            aws_command(subject.options, "put-object-lock-configuration",
                        "--object-lock-configuration ObjectLockEnabled=Enabled")};
  }
  if (!is_wanted && lock.default_mode.empty()) {
    return {State::note,
            "the bucket could lock backups, and neither it nor a setting says for how long",
            "--lock-mode compliance --lock-until 35d"};
  }
  if (objects.lock_mode == "GOVERNANCE" && lock.default_mode == "COMPLIANCE") {
    return {State::note, "lock_mode governance is weaker than the bucket's own default, compliance",
            "--lock-mode compliance"};
  }
  return {State::ok, "backups are locked"};
}

Finding check_object_lock(S3Subject& subject) {
  return if_seen(subject, "whether the bucket can lock objects", "get-object-lock-configuration",
                 [&] { return compare_lock(subject, subject.bucket.object_lock(subject.stop)); });
}

Finding check_lifecycle(S3Subject& subject) {
  return if_seen(
      subject, "whether a rule of the bucket aborts unfinished uploads",
      "get-bucket-lifecycle-configuration", [&] {
        if (const auto days = subject.bucket.days_until_abort(subject.stop)) {
          return Finding{State::ok, format("unfinished uploads are aborted after {} days", *days)};
        }
        if (!subject.makes_parts) {
          return Finding{State::ok,
                         "no rule aborts unfinished uploads; an archive has "
                         "none"};
        }
        return Finding{State::warning,
                       "no rule aborts unfinished uploads: what a killed backup leaves "
                       "is paid for, and not seen",
                       "doc/iam.md has the rule, and the command"};
      });
}

Finding check_uploads(S3Subject& subject) {
  return if_seen(subject, "whether uploads were left unfinished", "list-multipart-uploads", [&] {
    std::vector<std::string> keys, commands;
    for (const auto& upload : subject.bucket.unfinished_uploads(subject.stop)) {
      if (subject.clock.now() - upload.started < kForgotten) continue;
      keys.push_back(format("\"{}\" ({})", upload.key, format_utc(upload.started)));
      commands.push_back(aws_command(
          subject.options, "abort-multipart-upload",
          format("--key {} --upload-id {}", shell_quoted(upload.key), shell_quoted(upload.id))));
    }
    if (keys.empty()) return Finding{State::ok, "no upload was left unfinished"};
    return Finding{State::warning,
                   format("left unfinished more than a day ago, and paid for: {}", first_few(keys)),
                   joined(commands, "\n"), keys};
  });
}

Finding check_public(S3Subject& subject) {
  return if_seen(subject, "whether the bucket is public", "get-bucket-policy-status", [&] {
    if (!subject.bucket.is_public(subject.stop)) {
      return Finding{State::ok, "the bucket's policy lets not everybody in"};
    }
    return Finding{State::warning, "the bucket's policy lets everybody in",
                   aws_command(subject.options, "put-public-access-block",
                               "--public-access-block-configuration "
                               "BlockPublicAcls=true,IgnorePublicAcls=true,"
                               "BlockPublicPolicy=true,RestrictPublicBuckets=true")};
  });
}

constexpr CheckOf<S3Subject> kBucket[] = {
    {"bucket", check_bucket},         {"clock", check_clock},
    {"versioning", check_versioning}, {"object-lock", check_object_lock},
    {"lifecycle", check_lifecycle},   {"unfinished-uploads", check_uploads},
    {"public", check_public}};

}  // namespace

std::span<const CheckOf<S3Subject>> s3_bucket_checks() { return kBucket; }

}  // namespace pgseal::engine
