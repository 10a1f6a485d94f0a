// The fixtures judged by clients that are not ours: psql, curl, boto3, botocore.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "support/certificates.h"
#include "support/command.h"
#include "support/fake_s3.h"
#include "support/iam_postgres.h"
#include "support/loopback.h"
#include "support/postgres_server.h"
#include "support/requirement.h"
#include "support/s3_gateway.h"
#include "support/sample_database.h"
#include "support/scripted_http_server.h"
#include "support/tcp_proxy.h"
#include "support/temp_dir.h"

namespace pgseal::test {
namespace {

using std::chrono::milliseconds;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

CommandResult curl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"curl", "--silent", "--show-error", "--max-time", "60"});
  return run(arguments);
}

std::string this_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

TEST(TempDir, GoesWithAllThatIsInIt) {
  std::string path;
  {
    const TempDir directory;
    path = directory.path();
    std::filesystem::create_directories(directory / "a/b");
    write_text(directory / "a/b/c", "text");
    EXPECT_EQ(read_text(directory / "a/b/c"), "text");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TempDir, IsRemovedLaterWhereItsTestWasKilled) {
  const std::string stale = run_ok(  // as a killed test would have left it: $$ is gone afterwards
      {"bash", "-c", "d=${TMPDIR:-/tmp}/pgseal-test-$$-XXXXXX; mkdir $d; echo -n $d"});
  ASSERT_TRUE(std::filesystem::exists(stale));
  // A process looks once, so it takes another one.
  run_ok({this_program(), "--gtest_filter=TempDir.GoesWithAllThatIsInIt"});
  EXPECT_FALSE(std::filesystem::exists(stale));
}

TEST(Command, TakesInputAndGivesBothOutputsAndTheExitCode) {
  const CommandResult result = run({"bash", "-c", "cat; echo $WORD >&2; exit 3"},
                                   {.environment = {{"WORD", "said"}}, .input = "given"});
  EXPECT_EQ(result.out, "given");
  EXPECT_EQ(result.err, "said\n");
  EXPECT_EQ(result.exit_code, 3);
}

TEST(Command, ChangesTheEnvironmentAsTold) {
  const CommandOptions nothing_kept = {.empty_environment = true};
  EXPECT_EQ(run({"env", "-0", "--unset=PATH", "--unset=HOME"}, nothing_kept).out, "");
  const CommandResult result = sh("echo ${PATH-none} ${PATHS-none} ${HOME-none} $ADDED",
                                  {.environment = {{"PATHS", "kept"}, {"ADDED", "added"}},
                                   .clear_environment = {"HO*", "PATHS"}});
  EXPECT_THAT(result.out, HasSubstr(" kept none added\n"));
}

TEST(Command, TellsAProgramThatIsMissing) {
  EXPECT_THROW((void)run({"no-such-program"}), std::runtime_error);
  EXPECT_FALSE(have_program("no-such-program"));
  EXPECT_TRUE(have_program("bash"));
}

TEST(Command, FailsAScriptWhosePipeFails) { EXPECT_EQ(sh("false | cat; echo on").exit_code, 1); }

TEST(RunningCommand, IsSignalledOnceItSaysThatItIsReady) {
  RunningCommand command(
      {"bash", "-c", "trap 'echo caught; exit 7' TERM; echo ready >&2; while :; do :; done"});
  ASSERT_TRUE(command.wait_for_error_text("ready"));
  command.send_signal(SIGTERM);
  const CommandResult result = command.join();
  EXPECT_EQ(result.exit_code, 7) << result.describe();
  EXPECT_EQ(result.out, "caught\n");
}

TEST(RunningCommand, IsKilledAfterItsDeadline) {
  RunningCommand command({"sleep", "1000"});
  EXPECT_EQ(command.join(milliseconds(20)).signal, SIGKILL);
}

TEST(ScriptedHttpServer, GivesCurlWhatTheTestWrites) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    return HttpReply{.status = 418,
                     .headers = {{"X-Path", request.path}},
                     .body = request.body + "|" + request.query.at("q")};
  });
  const CommandResult result = curl(
      {"--include", "--data", "sent", server.url() + "/a%20b?q=1%2B1", server.url() + "/c?q=2"});
  EXPECT_THAT(result.out, HasSubstr("HTTP/1.1 418"));
  EXPECT_THAT(result.out, HasSubstr("X-Path: /a b\r\n"));
  EXPECT_THAT(result.out, HasSubstr("sent|1+1"));
  EXPECT_THAT(server.requests(), SizeIs(2));
  EXPECT_EQ(server.connections(), 1);
}

TEST(ScriptedHttpServer, CutsAnAnswerShort) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.body = "0123456789", .truncate_at = 4}; });
  const CommandResult result = curl({server.url()});
  EXPECT_EQ(result.exit_code, 18);  // CURLE_PARTIAL_FILE
  EXPECT_EQ(result.out, "0123");
}

TEST(ScriptedHttpServer, DropsAndResets) {
  ScriptedHttpServer server([](const HttpRequest& request) {
    return HttpReply{.drop = true, .reset = request.path == "/reset"};
  });
  EXPECT_EQ(curl({server.url()}).exit_code, 52);             // CURLE_GOT_NOTHING
  EXPECT_EQ(curl({server.url() + "/reset"}).exit_code, 56);  // CURLE_RECV_ERROR
}

TEST(ScriptedHttpServer, HoldsAnAnswerUntilReleased) {
  ScriptedHttpServer server(
      [](const HttpRequest&) { return HttpReply{.body = "at last", .hold = true}; });
  RunningCommand client({"curl", "--silent", server.url()});
  ASSERT_TRUE(server.wait_for_requests(1));
  EXPECT_TRUE(client.running());
  server.release();
  EXPECT_EQ(client.join().out, "at last");
}

TEST(ScriptedHttpServer, EndsWhileAnAnswerHangs) {
  auto server = std::make_unique<ScriptedHttpServer>(
      [](const HttpRequest&) { return HttpReply{.hold = true}; });
  RunningCommand client({"curl", "--silent", server->url()});
  ASSERT_TRUE(server->wait_for_requests(1));
  server.reset();
  EXPECT_EQ(client.join().exit_code, 52);
}

TEST(ScriptedHttpServer, CountsABodyThatItDoesNotKeep) {
  const TempDir directory;
  write_text(directory / "big", "");
  std::filesystem::resize_file(directory / "big", 300'000'000);
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; },
                            {.keep_body_up_to = 1000});
  const CommandResult result = curl({"--upload-file", directory / "big", server.url()});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_EQ(server.requests().at(0).body_size, 300'000'000u);
  EXPECT_THAT(server.requests().at(0).body, IsEmpty());
}

TEST(ScriptedHttpServer, ResetsInTheMiddleOfARequest) {
  const TempDir directory;
  write_text(directory / "big", std::string(30'000'000, 'x'));
  ScriptedHttpServer server([](const HttpRequest&) { return HttpReply{}; },
                            {.cut_body_after = [](const HttpRequest&) { return 100'000; }});
  const CommandResult result = curl({"--upload-file", directory / "big", server.url()});
  EXPECT_THAT(result.exit_code, AnyOf(55, 56)) << result.describe();  // CURLE_SEND_, RECV_ERROR
  EXPECT_THAT(server.requests(), IsEmpty());
}

constexpr const char* kBoto3Round = R"py(
import boto3, io, sys
from boto3.s3.transfer import TransferConfig
s3 = boto3.client('s3', endpoint_url=sys.argv[1], region_name='us-east-1',
                  aws_access_key_id='id', aws_secret_access_key='secret')
s3.upload_fileobj(io.BytesIO(b'x' * 12000000), 'bucket', 'dir/big object',
                  Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
for i in range(5): s3.put_object(Bucket='bucket', Key=f'small&{i}', Body=b'%d' % i)
keys = [o['Key'] for page in s3.get_paginator('list_objects_v2').paginate(Bucket='bucket')
        for o in page['Contents']]
print(keys)
print(s3.get_object(Bucket='bucket', Key='small&3', Range='bytes=0-0')['Body'].read())
print(s3.head_object(Bucket='bucket', Key='dir/big object')['ContentLength'])
s3.delete_object(Bucket='bucket', Key='small&0')
upload = s3.create_multipart_upload(Bucket='bucket', Key='left')['UploadId']
s3.upload_part(Bucket='bucket', Key='left', PartNumber=1, UploadId=upload, Body=b'x')
print([u['Key'] for u in s3.list_multipart_uploads(Bucket='bucket')['Uploads']])
s3.abort_multipart_upload(Bucket='bucket', Key='left', UploadId=upload)
try: s3.get_object(Bucket='other', Key='k')
except s3.exceptions.ClientError as e: print(e.response['Error']['Code'])
)py";

TEST(FakeS3, SatisfiesBoto3) {
  FakeS3 s3({.max_keys = 2});
  EXPECT_EQ(run_ok({"/usr/bin/python3", "-c", kBoto3Round, s3.url()}),
            "['dir/big object', 'small&0', 'small&1', 'small&2', 'small&3', 'small&4']\n"
            "b'3'\n12000000\n['left']\nNoSuchBucket\n");
  EXPECT_THAT(s3.objects(), SizeIs(5));
  EXPECT_EQ(s3.objects().at("dir/big object").content, std::string(12'000'000, 'x'));
  EXPECT_THAT(s3.open_uploads(), IsEmpty());
  EXPECT_EQ(s3.aborted_uploads(), 1);
  EXPECT_THAT(s3.requests().at(0).header("authorization"), HasSubstr("Credential=id/"));
}

TEST(FakeS3, RefusesToOverwriteWhereAsked) {
  FakeS3 s3;
  s3.add_object("k", "old");
  const std::string put = curl({"--request", "PUT", "--header", "If-None-Match: *", "--data", "new",
                                s3.url() + "/bucket/k"})
                              .out;
  EXPECT_THAT(put, HasSubstr("<Code>PreconditionFailed</Code>"));
  EXPECT_EQ(s3.objects().at("k").content, "old");
}

TEST(FakeS3, ShowsTheFaultInsteadOfItsOwnAnswer) {
  FakeS3 s3;
  s3.set_fault([](const HttpRequest& request) -> std::optional<HttpReply> {
    if (s3_operation(request) != "PutObject") return std::nullopt;
    return FakeS3::error(503, "SlowDown");
  });
  EXPECT_THAT(curl({"--request", "PUT", "--data", "new", s3.url() + "/bucket/k"}).out,
              HasSubstr("SlowDown"));
  EXPECT_THAT(s3.objects(), IsEmpty());
}

TEST(PostgresServer, StopsStartsAndComesBackAfterBeingKilled) {
  PostgresServer server;
  server.create_database("odd \"name\"");
  server.psql("odd \"name\"", "CREATE TABLE t AS SELECT 1 AS a; CHECKPOINT");
  server.stop();
  EXPECT_FALSE(port_accepts(server.port()));
  server.start();
  EXPECT_EQ(server.psql("odd \"name\"", "SELECT a FROM t"), "1");
  server.kill_hard();
  EXPECT_FALSE(port_accepts(server.port()));
  server.start();
  EXPECT_EQ(server.psql("odd \"name\"", "SELECT a FROM t"), "1");
  EXPECT_THROW(server.psql("postgres", "SELECT nonsense"), std::runtime_error);
}

TEST(PostgresServer, AsksForPasswordsAndOffersTls) {
  const Certificates certificates("localhost");
  const PostgresServer server(
      {.auth = PostgresServer::Auth::scram, .host = "localhost", .tls = &certificates});
  server.psql("postgres", "ALTER ROLE postgres PASSWORD 'right'");
  const std::string target = server.conninfo("postgres") +
                             " sslmode=verify-full sslrootcert=" + certificates.ca_pem() +
                             " password=";
  const auto select = [&](const std::string& password) {
    return run({"psql", "-XAtqc", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
                target + password});
  };
  EXPECT_EQ(select("right").out, "t\n");
  EXPECT_THAT(select("wrong").err, HasSubstr("password authentication failed"));
}

// What a test would be that starts a server and is then killed; an exception ends it here.
[[noreturn]] void serve_until_killed(const TempDir& directory) noexcept {
  ::setenv("TMPDIR", directory.path().c_str(), 1);
  const PostgresServer server;
  write_text(directory / "new", std::to_string(server.pid()));
  std::filesystem::rename(directory / "new", directory / "pid");
  while (true) ::pause();
}

TEST(PostgresServer, DiesWithItsTest) {
  const TempDir directory;
  const pid_t test = ::fork();
  if (test == 0) serve_until_killed(directory);
  const bool started = wait_until([&] { return std::filesystem::exists(directory / "pid"); });
  ::kill(test, SIGKILL);
  ::waitpid(test, nullptr, 0);
  ASSERT_TRUE(started);
  const pid_t server = std::stoi(read_text(directory / "pid"));
  EXPECT_TRUE(wait_until([&] { return ::kill(server, 0) != 0; }));
}

TEST(SampleDatabase, IsComparedWithItsDumpAndTellsADifference) {
  const PostgresServer server;
  load_sample(server, "original");
  server.create_database("copy");
  const std::string at =
      " -h " + server.socket_dir() + " -p " + std::to_string(server.port()) + " -U postgres ";
  const CommandResult copied =
      sh(server.bin_dir() + "/pg_dump" + at +
         "original | psql -Xq -v ON_ERROR_STOP=1 -o /dev/null" + at + "copy");
  ASSERT_TRUE(copied.ok()) << copied.describe();
  expect_same_database(server, "original", server, "copy");

  const std::string before = fingerprint(server, "copy");
  EXPECT_THAT(before, HasSubstr("table orders_2024|366|"));
  server.psql("copy", "UPDATE texts SET plain = plain || ' ' WHERE id = 1");
  EXPECT_NE(fingerprint(server, "copy"), before);
}

TEST(TcpProxy, ForwardsCutsStallsAndRefuses) {
  const PostgresServer server;
  TcpProxy proxy(server.host(), server.port());
  const auto psql = [&](const std::string& sql) {
    return std::vector<std::string>{
        "psql", "-XAtqc", sql,
        "host=127.0.0.1 user=postgres dbname=postgres port=" + std::to_string(proxy.port())};
  };
  EXPECT_EQ(run(psql("SELECT sum(i) FROM generate_series(1, 1000000) i")).out, "500000500000\n");
  EXPECT_EQ(proxy.connections(), 1);

  RunningCommand sleeping(psql("SELECT pg_sleep(1000)"));
  const auto is_asleep = [&] {
    return server.psql("postgres",
                       "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1";
  };
  ASSERT_TRUE(wait_until(is_asleep));
  proxy.cut();
  EXPECT_THAT(sleeping.join().err, HasSubstr("connection to server was lost"));

  proxy.stall();
  RunningCommand stalled(psql("SELECT 'moved'"));
  ASSERT_TRUE(wait_until([&] { return proxy.connections() == 3; }));
  EXPECT_TRUE(stalled.running());
  proxy.resume();
  EXPECT_EQ(stalled.join().out, "moved\n");

  const std::uint64_t before = proxy.bytes_to_clients();
  proxy.cut_after_bytes(100'000);
  EXPECT_FALSE(run(psql("SELECT repeat('x', 1000000)")).ok());
  EXPECT_EQ(proxy.bytes_to_clients() - before, 100'000u);
  proxy.cut_no_more();

  proxy.refuse();
  EXPECT_FALSE(run(psql("SELECT 1")).ok());
  proxy.accept_again();
  EXPECT_EQ(run(psql("SELECT 1")).out, "1\n");
}

TEST(TcpProxy, ReachesAUnixSocket) {
  const PostgresServer server;
  const TcpProxy proxy(server.socket_dir() + "/.s.PGSQL." + std::to_string(server.port()));
  EXPECT_EQ(
      run_ok({"psql", "-XAtqc", "SELECT inet_server_addr() IS NULL",
              "host=127.0.0.1 user=postgres dbname=postgres port=" + std::to_string(proxy.port())}),
      "t\n");
}

/// Connects as RDS's users do, with a token that botocore makes.
class IamPostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(why_no_iam_postgres());
    server_ = std::make_unique<IamPostgres>();
  }

  [[nodiscard]] std::string token(const IamPostgres::Key& key,
                                  const std::string& user = "app") const {
    constexpr const char* kScript =
        "import boto3, sys; host, port, user, region = sys.argv[1:];"
        "print(boto3.client('rds', region_name=region).generate_db_auth_token(host, port, user), "
        "end='')";
    CommandOptions options;
    options.clear_environment = {"AWS_*"};
    options.environment = {{"AWS_ACCESS_KEY_ID", key.id}, {"AWS_SECRET_ACCESS_KEY", key.secret}};
    if (!key.session_token.empty()) options.environment["AWS_SESSION_TOKEN"] = key.session_token;
    return run_ok({"/usr/bin/python3", "-c", kScript, server_->host(),
                   std::to_string(server_->port()), user, server_->region()},
                  options);
  }

  [[nodiscard]] CommandResult connect(const std::string& password,
                                      const std::string& more = "") const {
    return run({"psql", "-XAtqc", "SELECT current_user",
                "host=" + server_->host() + " port=" + std::to_string(server_->port()) +
                    " user=app dbname=postgres sslmode=verify-full sslrootcert=" +
                    server_->ca_pem() + more},
               {.environment = {{"PGPASSWORD", password}}, .clear_environment = {"PG*"}});
  }

  std::unique_ptr<IamPostgres> server_;
};

TEST_F(IamPostgresTest, AcceptsBotocoresTokens) {
  for (const IamPostgres::Key& key :
       {IamPostgres::long_lived_key(), IamPostgres::temporary_key()}) {
    const CommandResult result = connect(token(key));
    EXPECT_EQ(result.out, "app\n") << result.describe();
  }
  EXPECT_THAT(server_->accepted(), SizeIs(2));
  EXPECT_THAT(server_->refused(), IsEmpty());
}

TEST_F(IamPostgresTest, RefusesEverythingElse) {
  IamPostgres::Key forged = IamPostgres::long_lived_key();
  forged.secret += "x";
  IamPostgres::Key other_session = IamPostgres::temporary_key();
  other_session.session_token += "x";
  const std::string right = token(IamPostgres::long_lived_key());
  EXPECT_THAT(connect(token(forged)).err, HasSubstr("PAM authentication failed"));
  EXPECT_FALSE(connect(token(other_session)).ok());
  EXPECT_FALSE(connect(token(IamPostgres::long_lived_key(), "postgres")).ok());
  EXPECT_FALSE(connect("password").ok());
  EXPECT_FALSE(connect(right, " sslmode=disable").ok());  // does not come as far as PAM
  server_->expect_token_for("elsewhere:5432");
  EXPECT_FALSE(connect(right).ok());
  EXPECT_THAT(server_->accepted(), IsEmpty());
  EXPECT_THAT(server_->refused(),
              ElementsAre("app wrong signature", "app wrong session token",
                          "app wrong user or action", "app wrong host", "app wrong host"));
}

TEST_F(IamPostgresTest, RefusesATokenAfterItsLife) {
  const std::string right = token(IamPostgres::long_lived_key());
  server_->set_token_life(std::chrono::seconds(0));
  EXPECT_FALSE(connect(right).ok());
  EXPECT_THAT(server_->refused(), ElementsAre("app expired"));
}

TEST(S3Gateway, LetsAWriterPutAndNothingElse) {
  PGSEAL_SKIP_BECAUSE(why_no_s3_gateway());
  const S3Gateway gateway;
  const TempDir directory;
  const S3Admin root = gateway.admin();
  root.create_bucket("backups");
  const S3Admin writer(gateway.endpoint(), root.create_writer_user("backups"));
  const std::string content(20'000'000, 'x');  // in several parts
  write_text(directory / "sent", content);
  writer.put_object("backups", "a/b", directory / "sent");
  EXPECT_THROW((void)writer.list_keys("backups"), std::runtime_error);
  EXPECT_THROW(writer.get_object("backups", "a/b", directory / "stolen"), std::runtime_error);
  EXPECT_THAT(root.list_keys("backups"), ElementsAre("a/b"));
  EXPECT_THAT(root.list_multipart_uploads("backups"), IsEmpty());
  root.get_object("backups", "a/b", directory / "received");
  EXPECT_EQ(read_text(directory / "received"), content);
}

}  // namespace
}  // namespace pgseal::test
