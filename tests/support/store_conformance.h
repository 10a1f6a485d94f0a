#pragma once
// What every store has to do. A test of a store instantiates it with a type like this:
//
//     struct Place {
//       store::ObjectStore& store();
//       /// What lies there besides objects: temporary files, open uploads.
//       std::vector<std::string> leftovers();
//       /// Why it cannot be had here, "" where it can; asked before anything else.
//       static std::string why_not();
//     };
//     INSTANTIATE_TYPED_TEST_SUITE_P(Directory, StoreConformance, Place);

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/format.h"
#include "store/object_store.h"
#include "support/requirement.h"

namespace pgseal::test {

/// Bytes in which no part equals another, the same in each run.
inline Bytes noise(std::size_t size) {
  std::minstd_rand generator(1);
  Bytes bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(generator() >> 8);
  return bytes;
}

/// Creates an object by writes of `step` bytes.
inline void write_object(store::ObjectStore& store, const std::string& key, ByteView content,
                         std::size_t step = kMiB) {
  const auto sink = store.create(key, {});
  for (std::size_t at = 0; at < content.size(); at += step) {
    sink->write(content.subspan(at, std::min(step, content.size() - at)));
  }
  sink->finish();
}

/// The content of an object, or "(missing)".
inline std::string read_object(store::ObjectStore& store, const std::string& key) {
  const auto source = store.open(key, {});
  if (!source) return "(missing)";
  return std::string(as_text(read_all(*source, kGiB, key.c_str())));
}

inline std::vector<std::string> keys_of(const std::vector<store::ObjectInfo>& objects) {
  std::vector<std::string> keys;
  for (const store::ObjectInfo& object : objects) keys.push_back(object.key);
  return keys;
}

/// Expects an Error of `Exit::storage` and returns it.
template <typename Action>
Error storage_error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::storage) << error.message();
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {Exit::ok, ""};
}
/// The same of its message.
template <typename Action>
std::string storage_error(Action action) {
  return storage_error_of(action).message();
}

template <typename Place>
class StoreConformance : public testing::Test {
 protected:
  void SetUp() override {
    PGSEAL_SKIP_BECAUSE(Place::why_not());
    place_.emplace();
  }
  store::ObjectStore& store() { return place_->store(); }
  std::vector<std::string> leftovers() { return place_->leftovers(); }

 private:
  std::optional<Place> place_;
};

using Keys = std::vector<std::string>;

TYPED_TEST_SUITE_P(StoreConformance);

TYPED_TEST_P(StoreConformance, IsEmptyInTheBeginning) {
  EXPECT_TRUE(this->store().list("", {}).empty());
}

TYPED_TEST_P(StoreConformance, GivesBackWhatWasWritten) {
  const Bytes content = noise(20 * kMiB);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}, 8 * kMiB - 1,
                                 8 * kMiB, 8 * kMiB + 1, 20 * kMiB}) {
    const std::string key = "object-" + std::to_string(size);
    const ByteView part = ByteView(content).first(size);
    write_object(this->store(), key, part, 777'777);
    EXPECT_TRUE(read_object(this->store(), key) == as_text(part)) << key;
    const auto objects = this->store().list(key, {});
    ASSERT_EQ(keys_of(objects), Keys{key});
    EXPECT_EQ(objects[0].size, size);
  }
  EXPECT_EQ(this->leftovers(), Keys{});
}

TYPED_TEST_P(StoreConformance, TakesSmallObjectsInOneStep) {
  this->store().put("empty", {}, {});
  this->store().put("small", as_bytes("content"), {});
  EXPECT_EQ(read_object(this->store(), "empty"), "");
  EXPECT_EQ(read_object(this->store(), "small"), "content");
  EXPECT_EQ(this->leftovers(), Keys{});
}

TYPED_TEST_P(StoreConformance, ReadsRanges) {
  const Bytes content = noise(17 * kMiB);
  write_object(this->store(), "key", content);
  const auto read = [&](std::uint64_t offset, std::uint64_t size) {
    return this->store().read_range("key", offset, size, {});
  };
  struct Range {
    std::size_t offset, size;
  };
  for (const Range range : {Range{0, 1}, Range{5, 10}, Range{8 * kMiB - 1, 2}, Range{0, 8 * kMiB},
                            Range{3, 8 * kMiB + 1}, Range{1, 17 * kMiB - 1}, Range{0, 17 * kMiB},
                            Range{17 * kMiB - 1, 1}}) {
    const ByteView expected = ByteView(content).subspan(range.offset, range.size);
    EXPECT_TRUE(as_text(read(range.offset, range.size)) == as_text(expected))
        << range.offset << " " << range.size;
  }
  EXPECT_TRUE(read(5, 0).empty());
  EXPECT_EQ(this->leftovers(), Keys{});
}

TYPED_TEST_P(StoreConformance, ReadsNoRangeThatIsNotWholeThere) {
  this->store().put("key", as_bytes("0123456789"), {});
  this->store().put("empty", {}, {});
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  struct Range {
    const char* key;
    std::uint64_t offset, size;
  };
  for (const Range& range :
       {Range{"key", 0, 11}, Range{"key", 9, 2}, Range{"key", 10, 1}, Range{"key", 11, 1},
        Range{"key", 1000, 10}, Range{"key", 5, kMax}, Range{"key", kMax, 5}, Range{"empty", 0, 1},
        Range{"missing", 0, 1}, Range{"missing/deeper", 0, 1}}) {
    const std::string message = storage_error(
        [&] { (void)this->store().read_range(range.key, range.offset, range.size, {}); });
    EXPECT_NE(message.find(this->store().url(range.key)), std::string::npos) << message;
  }
}

TYPED_TEST_P(StoreConformance, ShowsAnObjectOnlyWhenItIsFinished) {
  const Bytes content = noise(9 * kMiB);
  const auto sink = this->store().create("key", {});
  sink->write(content);
  EXPECT_TRUE(this->store().list("", {}).empty());
  EXPECT_EQ(this->store().open("key", {}), nullptr);
  sink->finish();
  EXPECT_EQ(keys_of(this->store().list("", {})), Keys{"key"});
}

TYPED_TEST_P(StoreConformance, LeavesNothingOfAnUnfinishedSink) {
  const Bytes content = noise(9 * kMiB);
  {
    const auto sink = this->store().create("key", {});
    sink->write(content);
    EXPECT_EQ(this->leftovers().size(), 1u);
  }
  { const auto untouched = this->store().create("key", {}); }
  EXPECT_TRUE(this->store().list("", {}).empty());
  EXPECT_EQ(this->leftovers(), Keys{});
}

TYPED_TEST_P(StoreConformance, NeverOverwrites) {
  this->store().put("key", as_bytes("first"), {});
  const std::string put = storage_error([&] { this->store().put("key", as_bytes("second"), {}); });
  const std::string written =
      storage_error([&] { write_object(this->store(), "key", as_bytes("third")); });
  EXPECT_NE(put.find(this->store().url("key")), std::string::npos) << put;
  EXPECT_NE(written.find(this->store().url("key")), std::string::npos) << written;
  EXPECT_EQ(read_object(this->store(), "key"), "first");
  EXPECT_EQ(this->leftovers(), Keys{});
}

TYPED_TEST_P(StoreConformance, KeepsTheFirstOfTwoThatAreWrittenAtOnce) {
  {
    const auto one = this->store().create("key", {});
    const auto two = this->store().create("key", {});
    one->write(as_bytes("one"));
    two->write(as_bytes("two"));
    two->finish();
    storage_error([&] { one->finish(); });
  }
  EXPECT_EQ(read_object(this->store(), "key"), "two");
  EXPECT_EQ(this->leftovers(), Keys{});
}

TYPED_TEST_P(StoreConformance, KeepsOddNames) {
  const Keys keys = {"a b",
                     "a+b",
                     "a%20b",
                     "a%2Fb",
                     "a=b&c=d",
                     "a?b#c",
                     "~tilde'quote\"",
                     "<xml>",
                     "日本語",
                     "größe.sql",
                     "deep/er/key",
                     "back\\slash",
                     "semi;colon,comma",
                     "db_2026-11-24T04:15:00Z.sql.bz.enc",
                     ".hidden",
                     "a@b$c!(d)*"};
  for (const std::string& key : keys) write_object(this->store(), key, as_bytes("of " + key));
  for (const std::string& key : keys) {
    EXPECT_EQ(read_object(this->store(), key), "of " + key);
    EXPECT_EQ(keys_of(this->store().list(key, {})), Keys{key});
  }
  Keys sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(keys_of(this->store().list("", {})), sorted);
  this->store().remove(keys.front(), {});
  this->store().remove_all(keys, {});
  EXPECT_TRUE(this->store().list("", {}).empty());
}

TYPED_TEST_P(StoreConformance, ListsByPrefixInTheOrderOfBytes) {
  for (const char* key : {"x/b", "xb", "x.b", "x-b", "Xb", "x/a/c", "éb", "y"}) {
    this->store().put(key, {}, {});
  }
  EXPECT_EQ(keys_of(this->store().list("", {})),
            (Keys{"Xb", "x-b", "x.b", "x/a/c", "x/b", "xb", "y", "éb"}));
  EXPECT_EQ(keys_of(this->store().list("x", {})), (Keys{"x-b", "x.b", "x/a/c", "x/b", "xb"}));
  EXPECT_EQ(keys_of(this->store().list("x/", {})), (Keys{"x/a/c", "x/b"}));
  EXPECT_EQ(keys_of(this->store().list("z", {})), Keys{});
}

TYPED_TEST_P(StoreConformance, RemovesAnObject) {
  this->store().put("key", as_bytes("old"), {});
  this->store().put("key2", as_bytes("other"), {});
  this->store().remove("key", {});
  EXPECT_EQ(this->store().open("key", {}), nullptr);
  EXPECT_EQ(keys_of(this->store().list("", {})), Keys{"key2"});
  this->store().put("key", as_bytes("new"), {});
  EXPECT_EQ(read_object(this->store(), "key"), "new");
}

/// Around the length of S3's pages and batches.
TYPED_TEST_P(StoreConformance, ListsAndRemovesAThousand) {
  for (const int count : {999, 1000, 1001}) {
    Keys keys;
    for (int i = 0; i < count; ++i) keys.push_back(format("a thousand/<&>{:04}", i));
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < 4; ++first) {
      threads.emplace_back([&, first] {
        for (std::size_t i = first; i < keys.size(); i += 4) this->store().put(keys[i], {}, {});
      });
    }
    threads.clear();
    this->store().put("other", {}, {});
    EXPECT_EQ(keys_of(this->store().list("a thousand/", {})), keys);
    this->store().remove_all(keys, {});
    EXPECT_EQ(keys_of(this->store().list("", {})), Keys{"other"});
    this->store().remove_all({"missing", "other"}, {});
  }
  this->store().remove_all({}, {});
  EXPECT_TRUE(this->store().list("", {}).empty());
}

TYPED_TEST_P(StoreConformance, FindsAMissingObjectMissing) {
  EXPECT_EQ(this->store().open("missing", {}), nullptr);
  EXPECT_EQ(this->store().open("missing/deeper", {}), nullptr);
  EXPECT_NO_THROW(this->store().remove("missing", {}));
  EXPECT_NO_THROW(this->store().remove("missing/deeper", {}));
}

TYPED_TEST_P(StoreConformance, RefusesKeysThatAreNone) {
  for (const std::string key : {"", ".", "..", "/a", "a/", "a//b", "a/./b", "../a", "a/.."}) {
    storage_error([&] { (void)this->store().create(key, {}); });
    storage_error([&] { this->store().put(key, {}, {}); });
    storage_error([&] { (void)this->store().open(key, {}); });
    storage_error([&] { (void)this->store().read_range(key, 0, 1, {}); });
    storage_error([&] { this->store().remove(key, {}); });
    storage_error([&] { this->store().remove_all({key}, {}); });
  }
  storage_error([&] { this->store().put(std::string("a\0b", 3), {}, {}); });
}

TYPED_TEST_P(StoreConformance, LeavesNothingAfterAStop) {
  const Bytes content = noise(20 * kMiB);
  std::stop_source stop;
  {
    const auto writing = this->store().create("writing", stop.get_token());
    const auto finishing = this->store().create("finishing", stop.get_token());
    writing->write(ByteView(content).first(9 * kMiB));
    finishing->write(content);
    stop.request_stop();
    EXPECT_THROW(writing->write(content), Cancelled);
    EXPECT_THROW(finishing->finish(), Cancelled);
  }
  EXPECT_TRUE(this->store().list("", {}).empty());
  EXPECT_EQ(this->leftovers(), Keys{});
}

TYPED_TEST_P(StoreConformance, DoesNothingWhenStopped) {
  this->store().put("key", as_bytes("content"), {});
  std::stop_source stop;
  const auto source = this->store().open("key", stop.get_token());
  stop.request_stop();
  const std::stop_token stopped = stop.get_token();
  EXPECT_THROW((void)this->store().create("new", stopped), Cancelled);
  EXPECT_THROW(this->store().put("new", {}, stopped), Cancelled);
  EXPECT_THROW((void)this->store().open("key", stopped), Cancelled);
  EXPECT_THROW((void)this->store().read_range("key", 0, 1, stopped), Cancelled);
  EXPECT_THROW((void)this->store().list("", stopped), Cancelled);
  EXPECT_THROW(this->store().remove("key", stopped), Cancelled);
  EXPECT_THROW(this->store().remove_all({"key"}, stopped), Cancelled);
  EXPECT_EQ(keys_of(this->store().list("", {})), Keys{"key"});
}

REGISTER_TYPED_TEST_SUITE_P(StoreConformance, IsEmptyInTheBeginning, GivesBackWhatWasWritten,
                            TakesSmallObjectsInOneStep, ReadsRanges,
                            ReadsNoRangeThatIsNotWholeThere, ShowsAnObjectOnlyWhenItIsFinished,
                            LeavesNothingOfAnUnfinishedSink, NeverOverwrites,
                            KeepsTheFirstOfTwoThatAreWrittenAtOnce, KeepsOddNames,
                            ListsByPrefixInTheOrderOfBytes, RemovesAnObject,
                            ListsAndRemovesAThousand, FindsAMissingObjectMissing,
                            RefusesKeysThatAreNone, LeavesNothingAfterAStop,
                            DoesNothingWhenStopped);

}  // namespace pgseal::test
