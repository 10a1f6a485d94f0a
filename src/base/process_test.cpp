#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.h"

namespace pgseal {
namespace {

Process::Options shell(const std::string& script) {
  return {.arguments = {"sh", "-c", script}, .environment = {}};
}

TEST(Process, GivesOutputErrorsAndStatus) {
  const StopFd stop({});
  Process process(shell("echo out; echo first >&2; printf second >&2; exit 3"));
  Bytes buffer(100);
  std::string out;
  while (const std::size_t n = process.read(buffer, stop)) {
    out += as_text(ByteView(buffer).first(n));
  }
  const auto status = process.wait(stop);
  EXPECT_EQ(out, "out\n");
  EXPECT_EQ(status.exit_code, 3);
  EXPECT_EQ(status.describe(), "exit code 3");
  EXPECT_EQ(process.error_lines(), (std::vector<std::string>{"first", "second"}));
}

TEST(Process, TellsTheSignalThatEndedIt) {
  const StopFd stop({});
  Process process(shell("kill -KILL $$"));
  EXPECT_EQ(process.wait(stop).describe(), "signal 9 (Killed)");
}

TEST(Process, FeedsStandardInput) {
  const StopFd stop({});
  Process process(
      {.arguments = {"wc", "-c"}, .environment = {}, .standard_input = Process::Stdio::pipe});
  const Bytes data(300'000);
  EXPECT_TRUE(process.write(data, stop));
  process.close_input();
  Bytes buffer(100);
  const std::size_t n = process.read(buffer, stop);
  EXPECT_EQ(as_text(ByteView(buffer).first(n)), "300000\n");
  EXPECT_TRUE(process.wait(stop).ok());
}

TEST(Process, TellsThatTheChildClosedItsInput) {
  const StopFd stop({});
  Process process({.arguments = {"sh", "-c", "exec <&-; exit 0"},
                   .environment = {},
                   .standard_input = Process::Stdio::pipe});
  ::signal(SIGPIPE, SIG_IGN);
  const Bytes data(1 << 20);
  EXPECT_FALSE(process.write(data, stop));
}

TEST(Process, EndsByTheDefaultSignalWhereItsOutputIsClosed) {
  ::signal(SIGPIPE, SIG_IGN);  // which a child would inherit
  const StopFd stop({});
  Process process(shell("exec cat /dev/zero"));
  EXPECT_FALSE(process.ended_within(std::chrono::milliseconds(0), stop));
  process.close_output();
  EXPECT_TRUE(process.ended_within(std::chrono::seconds(20), stop));
  EXPECT_EQ(process.wait(stop).signal, SIGPIPE);
  EXPECT_TRUE(process.ended_within(std::chrono::milliseconds(0), stop));
}

TEST(Process, IsNoFurtherAheadThanItsPipe) {
  const StopFd stop({});
  Process::Options options = shell("head -c 20000 /dev/zero; echo done >&2");
  options.output_pipe_size = 4096;
  Process process(std::move(options));
  Bytes buffer(4096);
  EXPECT_GT(process.read(buffer, stop), 0u);
  EXPECT_FALSE(process.ended_within(std::chrono::milliseconds(0), stop));
  EXPECT_TRUE(process.error_lines().empty());
  while (process.read(buffer, stop) > 0) {
  }
  EXPECT_TRUE(process.wait(stop).ok());
}

TEST(Process, PassesEnvironmentOn) {
  const StopFd stop({});
  Process process({.arguments = {"sh", "-c", "printf '%s' \"$PGSEAL_TEST\""},
                   .environment = {{"PGSEAL_TEST", "value"}}});
  Bytes buffer(100);
  const std::size_t n = process.read(buffer, stop);
  EXPECT_EQ(as_text(ByteView(buffer).first(n)), "value");
}

TEST(Process, KeepsItsEnvironmentToItselfWhereThatIsWanted) {
  const StopFd stop({});
  Process process({.arguments = {"env"},
                   .environment = {{"PGSEAL_TEST", "value"}},
                   .inherits_environment = false});
  Bytes buffer(1000);
  const std::size_t n = process.read(buffer, stop);
  EXPECT_EQ(as_text(ByteView(buffer).first(n)), "PGSEAL_TEST=value\n");
}

TEST(Process, BecomesAnotherUserWhereWeAreRoot) {
  const auto nobody = find_user("nobody");
  ASSERT_TRUE(nobody);
  const StopFd stop({});
  Process::Options options = shell("id -u; id -G");
  options.user = nobody;
  if (!is_root()) {
    EXPECT_THROW(Process{std::move(options)}, Error);
    return;
  }
  Process process(std::move(options));
  Bytes buffer(100);
  std::string out;
  while (const std::size_t n = process.read(buffer, stop)) {
    out += as_text(ByteView(buffer).first(n));
  }
  EXPECT_EQ(out, std::to_string(nobody->uid) + "\n" + std::to_string(nobody->gid) + "\n");
}

TEST(Process, IsEndedByTheSignalThatItWants) {
  const StopFd stop({});
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd from(ends[0]), to(ends[1]);
  {
    Process::Options options = shell(
        "trap 'echo ended >&2; exit' INT; echo ready; "
        "while :; do sleep 1; done");
    options.end_signal = SIGINT;
    options.take_error_line = [&](const std::string& line) {
      [[maybe_unused]] const ssize_t n = ::write(to.get(), line.data(), line.size());
    };
    Process process(std::move(options));
    Bytes buffer(100);
    EXPECT_GT(process.read(buffer, stop), 0u);  // the trap is set
  }
  char said[100];
  EXPECT_EQ(std::string(said, static_cast<std::size_t>(::read(from.get(), said, sizeof said))),
            "ended");
}

TEST(Process, AMissingProgramIsAnError) {
  try {
    Process process({.arguments = {"/no/such/program"}, .environment = {}});
    FAIL() << "started";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot start \"/no/such/program\": No such file or directory");
  }
}

TEST(Process, HearsAStopAndEndsTheChild) {
  std::stop_source source;
  pid_t pid = 0;
  {
    const StopFd stop(source.get_token());
    Process process(shell("exec cat /dev/zero >/dev/null"));
    pid = process.pid();
    source.request_stop();
    EXPECT_THROW((void)process.wait(stop), Cancelled);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(Process, KillsAChildThatDoesNotListen) {
  pid_t pid = 0;
  {
    Process process(shell("trap '' TERM; echo ready; while :; do sleep 1; done"));
    pid = process.pid();
    const StopFd stop({});
    Bytes buffer(100);
    EXPECT_GT(process.read(buffer, stop), 0u);  // the trap is set
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

}  // namespace
}  // namespace pgseal
