// How much memory an upload takes that is larger than any buffer.

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "base/file.h"
#include "base/size.h"
#include "net/http_client.h"
#include "store/s3_store.h"
#include "support/fake_s3.h"
#include "support/static_credentials.h"

namespace pgseal::test {
namespace {

/// A FakeS3 in a process of its own, so that its memory is not ours. Has to be made before the
/// first thread.
class FakeS3Process final {
 public:
  FakeS3Process() {
    int url[2], end[2];
    if (::pipe(url) != 0 || ::pipe(end) != 0) throw std::runtime_error("cannot make a pipe");
    child_ = ::fork();
    if (child_ == 0) serve(url[1], end);
    ::close(url[1]);
    ::close(end[0]);
    end_ = UniqueFd(end[1]);
    const UniqueFd reader(url[0]);
    for (char c = 0; ::read(reader.get(), &c, 1) == 1;) url_ += c;
  }
  ~FakeS3Process() {
    end_.reset();
    ::waitpid(child_, nullptr, 0);
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  [[noreturn]] static void serve(int url, const int (&end)[2]) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(end[1]);
    {
      const FakeS3 s3({.keep_content = false});
      write_all(url, as_bytes(s3.url()), "the URL");
      ::close(url);
      char c = 0;
      [[maybe_unused]] const auto at_end = ::read(end[0], &c, 1);
    }
    ::_exit(0);
  }

  pid_t child_ = -1;
  UniqueFd end_;
  std::string url_;
};

TEST(UploadMemory, StaysBelowOneHundredMegabytesForThreeGigabytes) {
  constexpr std::uint64_t kSize = 3'000'000'000;
  const FakeS3Process s3;
  StaticCredentials credentials;
  net::HttpClient http;
  store::S3Store store({.bucket = "bucket", .endpoint = s3.url()}, credentials, http,
                       system_clock());
  const Bytes piece(1'000'000, std::byte{'x'});
  const auto sink = store.create("key", {});
  for (std::uint64_t written = 0; written < kSize; written += piece.size()) sink->write(piece);
  sink->finish();

  const auto objects = store.list("", {});
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_EQ(objects[0].size, kSize);
  rusage usage{};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &usage), 0);
  const std::uint64_t peak = static_cast<std::uint64_t>(usage.ru_maxrss) * kKiB;
  RecordProperty("peak", format_size(peak));
  EXPECT_LT(peak, 100'000'000u) << format_size(peak);
}

}  // namespace
}  // namespace pgseal::test
