#include "store/directory_store.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "support/requirement.h"
#include "support/store_conformance.h"
#include "support/temp_dir.h"

namespace fs = std::filesystem;

namespace pgseal::test {

struct DirectoryPlace {
  static std::string why_not() { return ""; }
  store::ObjectStore& store() { return store_; }
  std::vector<std::string> leftovers() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.') && name.ends_with(".tmp")) names.push_back(name);
    }
    return names;
  }

 private:
  TempDir directory_;
  store::DirectoryStore store_{directory_.path()};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Directory, StoreConformance, DirectoryPlace);

}  // namespace pgseal::test

namespace pgseal::store {
namespace {

using test::Keys;
using test::keys_of;
using test::storage_error;
using test::TempDir;

TEST(DirectoryStore, NeverMakesItsDirectory) {
  const TempDir parent;
  DirectoryStore store(parent / "missing");
  for (const std::string& message : {storage_error([&] { (void)store.create("key", {}); }),
                                     storage_error([&] { store.put("key", {}, {}); }),
                                     storage_error([&] { (void)store.open("key", {}); }),
                                     storage_error([&] { (void)store.list("", {}); })}) {
    EXPECT_NE(message.find("no such directory"), std::string::npos) << message;
  }
  EXPECT_FALSE(fs::exists(parent / "missing"));
  try {
    (void)store.create("key", {});
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "mount or make it: mkdir -p '" + (parent / "missing") + "'");
  }
}

TEST(DirectoryStore, RefusesAFileInPlaceOfItsDirectory) {
  const TempDir parent;
  test::write_text(parent / "file", "");
  DirectoryStore store(parent / "file");
  const std::string message = storage_error([&] { store.put("key", {}, {}); });
  EXPECT_EQ(message, "cannot put \"file://" + (parent / "file/key") + "\": not a directory");
}

TEST(DirectoryStore, WritesLargePiecesWhereverInTheFileTheyBegin) {
  const TempDir dir;
  store::DirectoryStore store(dir.path());
  Bytes content(9 * kMiB + 321);
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<std::byte>(i ^ i >> 12 ^ i >> 20);
  }
  for (const std::size_t first : {std::size_t{10}, std::size_t{4096}, 2 * kMiB, 3 * kMiB + 1}) {
    const std::string key = std::to_string(first);
    const auto sink = store.create(key, {});
    sink->write(ByteView(content).first(first));
    sink->write(ByteView(content).subspan(first));
    sink->finish();
    EXPECT_TRUE(test::read_object(store, key) == as_text(content)) << key;
  }
}

TEST(DirectoryStore, RefusesATakenNameBeforeAnythingIsWritten) {
  const TempDir directory;
  DirectoryStore store(directory.path());
  store.put("key", {}, {});
  const std::string message = storage_error([&] { (void)store.create("key", {}); });
  EXPECT_NE(message.find("File exists"), std::string::npos) << message;
}

TEST(DirectoryStore, DoesNotListWhatAKilledProcessLeft) {
  const TempDir directory;
  DirectoryStore store(directory.path());
  test::write_text(directory / ".key.0123456789abcdef.tmp", "half");
  store.put("key", {}, {});
  EXPECT_EQ(keys_of(store.list("", {})), Keys{"key"});
  storage_error([&] { store.put(".key.0123456789abcdef.tmp", {}, {}); });
}

TEST(DirectoryStore, ListsFilesOnly) {
  const TempDir directory;
  fs::create_directories(directory / "empty/deep");
  fs::create_symlink("nowhere", directory / "dangling");
  DirectoryStore store(directory.path());
  store.put("key", {}, {});
  EXPECT_EQ(keys_of(store.list("", {})), Keys{"key"});
  EXPECT_EQ(store.open("empty", {}), nullptr);
}

TEST(DirectoryStore, KeepsNamesOf255Bytes) {
  const TempDir directory;
  DirectoryStore store(directory.path());
  const std::string key(255, 'k');
  test::write_object(store, key, as_bytes("content"));
  EXPECT_EQ(test::read_object(store, key), "content");
  storage_error([&] { store.put(std::string(256, 'k'), {}, {}); });
}

/// Runs `test` on a thread that alone sees a tmpfs of 1 MiB at `directory`; it goes with the
/// thread.
template <typename Test>
void with_small_file_system(const std::string& directory, Test test) {
  std::thread([&] {
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    // A root that is no mount point (chroot) has nothing to be made private.
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      ASSERT_EQ(errno, EINVAL);
    }
    ASSERT_EQ(::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=1m"), 0);
    test();
  }).join();
}

TEST(DirectoryStore, SaysThatItIsFullAndLeavesNothing) {
  PGSEAL_SKIP_BECAUSE(::geteuid() == 0 ? "" : "only root can mount a small file system");
  const TempDir directory;
  with_small_file_system(directory.path(), [&] {
    DirectoryStore store(directory.path());
    const Bytes content = test::noise(2 * kMiB);
    const std::string message =
        storage_error([&] { test::write_object(store, "key", content, 100'000); });
    EXPECT_EQ(message, "cannot put \"" + store.url("key") + "\": No space left on device");
    EXPECT_TRUE(fs::is_empty(directory.path()));
    store.put("small", as_bytes("fits"), {});
    EXPECT_EQ(test::read_object(store, "small"), "fits");
  });
}

}  // namespace
}  // namespace pgseal::store
