#include "engine/doctor_s3.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/format.h"
#include "store/s3_store.h"
#include "support/certificates.h"
#include "support/s3_faults.h"
#include "support/s3_place.h"

namespace pgseal::engine {
namespace {

using test::FakeS3;
using test::HttpReply;
using test::HttpRequest;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

constexpr const char* kThen = "Sun, 06 Nov 1994 08:49:37 GMT";

/// A clock that stands still.
class StoppedClock final : public Clock {
 public:
  explicit StoppedClock(const std::string& now) : now_(parse_utc(now).value()) {}
  TimePoint now() const override { return now_; }
  std::chrono::nanoseconds monotonic() const override { return {}; }
  void sleep(std::chrono::nanoseconds, const std::stop_token&) const override {}

 private:
  TimePoint now_;
};

/// Credentials of a source.
class GivenCredentials final : public aws::CredentialProvider {
 public:
  GivenCredentials(std::string source, aws::Credentials credentials)
      : source_(std::move(source)), credentials_(std::move(credentials)) {}
  aws::Credentials get(const std::stop_token&) override {
    if (source_.empty()) throw Error(Exit::storage, "cannot find AWS credentials");
    return credentials_;
  }
  std::vector<aws::AskedSource> asked() const override { return {{source_, ""}}; }

 private:
  std::string source_;
  aws::Credentials credentials_;
};

/// Answers these operations so.
FakeS3::Fault answers(std::map<std::string, HttpReply> replies) {
  return [replies = std::move(replies)](const HttpRequest& request) -> std::optional<HttpReply> {
    const auto found = replies.find(test::s3_operation(request));
    return found == replies.end() ? std::nullopt : std::optional(found->second);
  };
}

/// Refuses all operations but these.
FakeS3::Fault only(std::set<std::string> allowed) {
  return [allowed = std::move(allowed)](const HttpRequest& request) -> std::optional<HttpReply> {
    if (allowed.contains(test::s3_operation(request))) return std::nullopt;
    return FakeS3::error(403, "AccessDenied");
  };
}

HttpReply at_then(HttpReply reply) {
  reply.headers["Date"] = kThen;
  return reply;
}

/// As a real server has it.
std::optional<HttpReply> mind_checksums(const HttpRequest& request) {
  if (request.body != "damaged") return std::nullopt;
  return FakeS3::error(400, "BadDigest");
}

/// What is looked at, and how.
struct Look {
  FakeS3::Fault fault{};
  store::S3ObjectOptions objects{};
  store::S3Dialect dialect{};
  std::string endpoint{};  ///< "" is the FakeS3's
  std::string ca_bundle{};
  bool makes_parts = false;
  bool probe = false;
};

class DoctorS3 : public testing::Test {
 protected:
  /// All that is found, by the checks' names.
  std::map<std::string, Finding> look(const Look& how) {
    s3_.set_fault(how.fault);
    return find(how, [&](S3Subject& subject, Checks& checks) {
      return check_s3(subject, how.probe, checks);
    });
  }

  /// The same without a request.
  std::map<std::string, Finding> look_at_access(const Look& how) {
    return find(how, [&](S3Subject& subject, Checks& checks) {
      checks.run("store", Exit::storage, s3_access_checks(), subject);
    });
  }

  template <typename Run>
  std::map<std::string, Finding> find(const Look& how, Run&& run) {
    const store::S3Options options{.bucket = "bucket",
                                   .prefix = "nightly",
                                   .region = "eu-west-1",
                                   .endpoint = how.endpoint.empty() ? s3_.url() : how.endpoint,
                                   .retry = test::kQuickRetry,
                                   .dialect = how.dialect,
                                   .objects = how.objects};
    store::S3Store store(options, *credentials_, http_, *clock_);
    store::S3Bucket bucket(options, *credentials_, http_, *clock_);
    S3Subject subject{.options = options,
                      .store = store,
                      .bucket = bucket,
                      .credentials = *credentials_,
                      .chain = *credentials_,
                      .ca_bundle = how.ca_bundle,
                      .makes_parts = how.makes_parts,
                      .clock = *clock_,
                      .stop = {}};
    Checks checks;
    run(subject, checks);
    std::map<std::string, Finding> findings;
    for (const Check& check : checks.all()) findings[check.name] = check.finding;
    exit_code_ = checks.exit_code();
    return findings;
  }

  void use_credentials(const std::string& source, aws::Credentials credentials) {
    credentials_ = std::make_unique<GivenCredentials>(source, std::move(credentials));
  }
  void stop_clock(const std::string& at) { clock_ = std::make_unique<StoppedClock>(at); }

  FakeS3 s3_;
  net::HttpClient http_;
  std::unique_ptr<aws::CredentialProvider> credentials_ =
      std::make_unique<GivenCredentials>("profile", aws::Credentials{"id", Secret("key"), {}, {}});
  std::unique_ptr<Clock> clock_ = std::make_unique<StoppedClock>("2026-01-01T12:00:00Z");
  Exit exit_code_ = Exit::ok;
};

TEST_F(DoctorS3, FindsNothingWrongWithWhoMayOnlyPut) {
  auto refused = only({"PutObject"});
  const auto fault = [&](const HttpRequest& request) {
    auto reply = mind_checksums(request);
    if (!reply) reply = refused(request);
    return reply;
  };
  auto found = look({.fault = fault, .probe = true});
  EXPECT_EQ(exit_code_, Exit::ok);
  for (const char* good : {"bucket", "put", "conditional-writes", "checksums", "list", "read"}) {
    EXPECT_EQ(found[good].state, State::ok) << good << ": " << found[good].reason;
  }
  for (const char* hidden :
       {"versioning", "object-lock", "lifecycle", "unfinished-uploads", "public"}) {
    EXPECT_EQ(found[hidden].state, State::note) << hidden;
    EXPECT_THAT(found[hidden].reason, HasSubstr("the role may not see it, and need not"));
    EXPECT_THAT(
        found[hidden].remedy,
        MatchesRegex("aws s3api (get|list)-[a-z-]+ --bucket 'bucket' --endpoint-url 'http.*"));
  }
  // The probe stays, as a backup would.
  const auto objects = s3_.objects();
  ASSERT_EQ(objects.size(), 1u);
  const std::string key = objects.begin()->first;
  EXPECT_THAT(key, MatchesRegex("nightly/pgseal-probe-[0-9a-f]{16}"));
  EXPECT_EQ(found["delete"].state, State::note);
  EXPECT_THAT(found["delete"].objects, ElementsAre("\"s3://bucket/" + key + "\""));
  EXPECT_THAT(found["delete"].remedy,
              HasSubstr("aws s3api delete-object --bucket 'bucket' --key '" + key + "'"));
}

TEST_F(DoctorS3, WarnsOfWhatAWriterNeedNotBeAllowed) {
  auto found = look({.probe = true});
  EXPECT_EQ(exit_code_, Exit::warnings);
  EXPECT_EQ(found["put"].state, State::ok);
  EXPECT_EQ(found["list"].state, State::note);
  EXPECT_EQ(found["read"].state, State::warning);
  EXPECT_EQ(found["delete"].state, State::warning);
  EXPECT_EQ(found["overwriting"].state, State::note);
  EXPECT_THAT(found["read"].remedy, HasSubstr("doc/iam.md"));
  EXPECT_THAT(s3_.objects(), IsEmpty());  // the probe, and what FakeS3 took damaged
}

TEST_F(DoctorS3, WritesNothingWithoutBeingTold) {
  auto found = look({});
  for (const HttpRequest& request : s3_.requests()) EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(found.count("put"), 0u);
  EXPECT_EQ(found["read"].state, State::warning);  // it may list too, and so is told the truth
  EXPECT_EQ(found["delete"].state, State::note);
  EXPECT_EQ(found["delete"].remedy, "pgseal doctor --probe");

  found = look({.fault = only({})});
  EXPECT_EQ(found["read"].state, State::note);
  EXPECT_EQ(found["read"].remedy, "pgseal doctor --probe");

  found = look({.fault = only({"ListObjectsV2"})});
  EXPECT_EQ(found["read"].state, State::ok);
}

TEST_F(DoctorS3, FailsWhereABackupCouldNotBeStored) {
  auto found = look({.fault = only({}), .probe = true});
  EXPECT_EQ(exit_code_, Exit::storage);
  EXPECT_EQ(found["put"].state, State::failure);
  EXPECT_THAT(found["put"].reason, HasSubstr("AccessDenied"));
  EXPECT_THAT(found["put"].remedy, HasSubstr("s3:PutObject"));
  EXPECT_EQ(found.count("checksums"), 0u);
  EXPECT_EQ(found["delete"].remedy, "pgseal doctor --probe");
}

TEST_F(DoctorS3, PutsTheProbeAsABackupPutsItsObjects) {
  (void)look({.objects = {.storage_class = "STANDARD_IA",
                          .encryption = "aws:kms",
                          .lock_mode = "COMPLIANCE",
                          .lock_until = parse_utc("2026-02-01T00:00:00Z"),
                          .tags = {{"team", "data"}}},
              .probe = true});
  int puts = 0;
  for (const HttpRequest& request : s3_.requests()) {
    if (request.method != "PUT") continue;
    ++puts;
    EXPECT_EQ(request.header("x-amz-storage-class"), "STANDARD_IA");
    EXPECT_EQ(request.header("x-amz-server-side-encryption"), "aws:kms");
    EXPECT_EQ(request.header("x-amz-object-lock-mode"), "COMPLIANCE");
    EXPECT_EQ(request.header("x-amz-tagging"), "team=data");
  }
  EXPECT_EQ(puts, 4);  // the probe, twice; damaged; without a condition
}

TEST_F(DoctorS3, SeesWhatAServerDoesNotMind) {
  // One that stores whatever comes.
  const auto store_all = [](const HttpRequest& request) -> std::optional<HttpReply> {
    if (request.method == "PUT") return HttpReply{};
    return std::nullopt;
  };
  auto found = look({.fault = store_all, .probe = true});
  EXPECT_EQ(found["conditional-writes"].state, State::warning);
  EXPECT_THAT(found["conditional-writes"].remedy, HasSubstr("--conditional-writes off"));
  EXPECT_EQ(found["checksums"].state, State::warning);
  EXPECT_THAT(found["checksums"].remedy, HasSubstr("when_required"));

  found = look({.fault = mind_checksums, .dialect = {.conditional_writes = false}, .probe = true});
  EXPECT_EQ(found["conditional-writes"].state, State::note);
  EXPECT_EQ(found["checksums"].state, State::ok);

  const auto demand_condition = [](const HttpRequest& request) -> std::optional<HttpReply> {
    if (request.method != "PUT" || !request.header("if-none-match").empty()) return std::nullopt;
    return FakeS3::error(403, "AccessDenied");
  };
  found = look({.fault = demand_condition, .probe = true});
  EXPECT_EQ(found["overwriting"].state, State::ok);
}

TEST_F(DoctorS3, EndsWhereTheBucketDoesNotAnswer) {
  for (const auto& [reply, reason] :
       {std::pair(FakeS3::error(404, "NoSuchBucket"), "NoSuchBucket"),
        std::pair(FakeS3::error(403, "InvalidAccessKeyId"), "InvalidAccessKeyId"),
        std::pair(HttpReply{.drop = true}, "cannot reach \"s3://bucket/\"")}) {
    const auto always = [reply = reply](const HttpRequest&) { return std::optional(reply); };
    auto found = look({.fault = always, .probe = true});
    EXPECT_EQ(exit_code_, Exit::storage) << reason;
    EXPECT_EQ(found["bucket"].state, State::failure) << reason;
    EXPECT_THAT(found["bucket"].reason, HasSubstr(reason));
    EXPECT_EQ(found.size(), 4u) << reason;  // endpoint, ca-bundle, credentials, bucket
  }
}

TEST_F(DoctorS3, NamesTheRegionOfTheBucket) {
  HttpReply redirect = FakeS3::error(301, "PermanentRedirect");
  redirect.headers["x-amz-bucket-region"] = "eu-north-1";
  auto found = look({.fault = test::in_region("eu-north-1", redirect)});
  EXPECT_EQ(found["bucket"].state, State::warning);
  EXPECT_THAT(found["bucket"].reason, HasSubstr("lies in region eu-north-1, not in eu-west-1"));
  EXPECT_THAT(found["bucket"].remedy, HasSubstr("--s3-region eu-north-1"));
}

TEST_F(DoctorS3, ComparesTheClocks) {
  const auto refused = answers({{"ListObjectsV2", at_then(FakeS3::error(403, "AccessDenied"))}});
  for (const auto& [now, state] : {std::pair("1994-11-06T08:50:00Z", State::ok),
                                   std::pair("1994-11-06T08:40:00Z", State::warning),
                                   std::pair("1994-11-06T08:59:00Z", State::warning)}) {
    stop_clock(now);
    EXPECT_EQ(look({.fault = refused})["clock"].state, state) << now;
  }
  EXPECT_EQ(look({})["clock"].state, State::note);  // FakeS3 has no Date
}

TEST_F(DoctorS3, LooksAtTheCredentials) {
  const auto look_at = [&](const std::string& source, const std::string& token,
                           std::optional<TimePoint> expiration) {
    use_credentials(source, {"id", Secret("key"), Secret(token), expiration});
    return look_at_access({})["credentials"];
  };
  EXPECT_EQ(look_at("", "", {}).state, State::failure);
  EXPECT_EQ(look_at("environment", "", {}).state, State::ok);
  EXPECT_EQ(look_at("environment", "token", {}).state, State::warning);
  EXPECT_EQ(look_at("container", "token", clock_->now() + std::chrono::minutes(6)).state,
            State::ok);
  EXPECT_EQ(look_at("container", "token", clock_->now() + std::chrono::minutes(4)).state,
            State::warning);
  EXPECT_THAT(look_at("container", "token", {}).reason, HasSubstr("container"));
}

TEST_F(DoctorS3, LooksAtTheWayToTheBucket) {
  const test::Certificates authority;  // for two days
  EXPECT_EQ(look_at_access({})["endpoint"].state, State::note);
  EXPECT_EQ(look_at_access({.endpoint = "http://s3.example"})["endpoint"].state, State::warning);
  EXPECT_EQ(look_at_access({.endpoint = "https://s3.example"})["endpoint"].state, State::ok);
  EXPECT_EQ(look_at_access({})["ca-bundle"].state, State::ok);
  EXPECT_EQ(look_at_access({.ca_bundle = authority.ca_pem()})["ca-bundle"].state, State::ok);
  stop_clock("2199-01-01T00:00:00Z");
  EXPECT_EQ(look_at_access({.ca_bundle = authority.ca_pem()})["ca-bundle"].state, State::failure);
}

TEST_F(DoctorS3, LooksAtTheVersions) {
  const auto enabled = answers({{"GetBucketVersioning",
                                 {.body = "<VersioningConfiguration><Status>Enabled</Status></"
                                          "VersioningConfiguration>"}}});
  EXPECT_EQ(look({.fault = enabled})["versioning"].state, State::ok);
  const Finding none = look({})["versioning"];
  EXPECT_EQ(none.state, State::note);
  EXPECT_THAT(none.remedy, HasSubstr("aws s3api put-bucket-versioning --bucket 'bucket' "
                                     "--versioning-configuration Status=Enabled"));
  EXPECT_EQ(look({.dialect = {.conditional_writes = false}})["versioning"].state, State::warning);
  const auto unknown = answers({{"GetBucketVersioning", FakeS3::error(501, "NotImplemented")}});
  EXPECT_THAT(look({.fault = unknown})["versioning"].reason, HasSubstr("NotImplemented"));
}

TEST_F(DoctorS3, ComparesTheLockWithThatOfTheBucket) {
  const auto locking = [](const std::string& rule) {
    return answers({{"GetObjectLockConfiguration",
                     {.body = format("<ObjectLockConfiguration><ObjectLockEnabled>Enabled</"
                                     "ObjectLockEnabled>{}</ObjectLockConfiguration>",
                                     rule)}}});
  };
  const std::string compliance =
      "<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>35</Days></DefaultRetention></Rule>";
  const auto state = [&](const FakeS3::Fault& fault, const std::string& mode) {
    return look({.fault = fault, .objects = {.lock_mode = mode}})["object-lock"].state;
  };
  EXPECT_EQ(state({}, ""), State::note);
  EXPECT_EQ(state({}, "COMPLIANCE"), State::failure);
  EXPECT_EQ(state(locking(""), ""), State::note);
  EXPECT_EQ(state(locking(""), "COMPLIANCE"), State::ok);
  EXPECT_EQ(state(locking(compliance), ""), State::ok);
  EXPECT_EQ(state(locking(compliance), "GOVERNANCE"), State::note);
}

TEST_F(DoctorS3, LooksForTheRuleThatAbortsUploads) {
  const auto rules = [](const std::string& filter, const std::string& status) {
    return answers({{"GetBucketLifecycleConfiguration",
                     {.body = format("<LifecycleConfiguration><Rule>{}<Status>{}</Status>"
                                     "<AbortIncompleteMultipartUpload><DaysAfterInitiation>2</"
                                     "DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
                                     "</LifecycleConfiguration>",
                                     filter, status)}}});
  };
  const auto state = [&](const FakeS3::Fault& fault) {
    return look({.fault = fault, .makes_parts = true})["lifecycle"].state;
  };
  EXPECT_EQ(state({}), State::warning);
  EXPECT_EQ(look({})["lifecycle"].state, State::ok);  // an archive has no parts
  for (const char* filter :
       {"", "<Filter/>", "<Prefix>nightly/</Prefix>", "<Filter><Prefix>nig</Prefix></Filter>",
        "<Filter><And><Prefix>nightly/</Prefix></And></Filter>"}) {
    EXPECT_EQ(state(rules(filter, "Enabled")), State::ok) << filter;
    EXPECT_EQ(state(rules(filter, "Disabled")), State::warning) << filter;
  }
  EXPECT_EQ(state(rules("<Filter><Prefix>other/</Prefix></Filter>", "Enabled")), State::warning);
}

TEST_F(DoctorS3, NamesUploadsThatWereForgotten) {
  EXPECT_EQ(look({})["unfinished-uploads"].state, State::ok);
  const auto uploads = answers(
      {{"ListMultipartUploads",
        {.body = "<ListMultipartUploadsResult><Upload><Key>nightly/it's</Key><UploadId>1</UploadId>"
                 "<Initiated>2025-12-31T11:00:00.000Z</Initiated></Upload><Upload><Key>nightly/new"
                 "</Key><UploadId>2</UploadId><Initiated>2026-01-01T11:00:00.000Z</Initiated>"
                 "</Upload></ListMultipartUploadsResult>"}}});
  const Finding found = look({.fault = uploads})["unfinished-uploads"];
  EXPECT_EQ(found.state, State::warning);
  EXPECT_THAT(found.objects, ElementsAre("\"nightly/it's\" (2025-12-31T11:00:00Z)"));
  EXPECT_THAT(found.remedy,
              HasSubstr(R"(abort-multipart-upload --bucket 'bucket' --key 'nightly/it'\''s' )"
                        R"(--upload-id '1')"));
}

TEST_F(DoctorS3, WarnsOfAPublicBucket) {
  const auto policy = [](const char* is_public) {
    return answers(
        {{"GetBucketPolicyStatus",
          {.body = format("<PolicyStatus><IsPublic>{}</IsPublic></PolicyStatus>", is_public)}}});
  };
  EXPECT_EQ(look({})["public"].state, State::ok);
  EXPECT_EQ(look({.fault = policy("false")})["public"].state, State::ok);
  EXPECT_EQ(look({.fault = policy("true")})["public"].state, State::warning);
}

}  // namespace
}  // namespace pgseal::engine
