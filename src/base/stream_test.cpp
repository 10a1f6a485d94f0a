#include "base/stream.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/secret.h"

namespace pgseal {
namespace {

/// Doubles each byte, and says at the end how many there were.
class Doubler final : public Transform {
 public:
  Progress update(ByteView in, ByteSpan out) override {
    Progress p;
    while (p.consumed < in.size() && p.produced + 2 <= out.size()) {
      out[p.produced++] = in[p.consumed];
      out[p.produced++] = in[p.consumed++];
      ++count_;
    }
    return p;
  }
  std::size_t finish(ByteSpan out) override {
    if (done_) return 0;
    done_ = true;
    out[0] = static_cast<std::byte>('0' + count_);
    return 1;
  }

 private:
  int count_ = 0;
  bool done_ = false;
};

class TextSink final : public Sink {
 public:
  void write(ByteView bytes) override { text += as_text(bytes); }
  void finish() override { finished = true; }
  std::string text;
  bool finished = false;
};

TEST(Stream, ATransformIsDrivenFromEitherSide) {
  ByteSource source(as_bytes("abcde"));
  Doubler reading;
  TransformSource transformed(source, reading, 2);
  EXPECT_EQ(as_text(read_all(transformed, 100, "test")), "aabbccddee5");

  Doubler writing;
  TextSink sink;
  TransformSink target(writing, sink, 4);
  target.write(as_bytes("ab"));
  target.write(as_bytes("cde"));
  target.finish();
  EXPECT_EQ(sink.text, "aabbccddee5");
  EXPECT_FALSE(sink.finished);  // publishing is for whoever owns the sink
}

TEST(Stream, ReadAllHasALimit) {
  ByteSource source(as_bytes("abcde"));
  EXPECT_THROW((void)read_all(source, 4, "test"), Error);
}

TEST(Stream, ReadToEndGoesToTheEndOrUntilAStopIsRequested) {
  const std::string text(1'000'000, 'x');
  ByteSource source(as_bytes(text));
  std::stop_source stop;
  read_to_end(source, stop.get_token());
  Bytes byte(1);
  EXPECT_EQ(source.read(byte), 0u);
  ByteSource other(as_bytes(text));
  stop.request_stop();
  EXPECT_THROW(read_to_end(other, stop.get_token()), Cancelled);
}

TEST(Secret, WipesWhatItMovesFrom) {
  Secret first(std::string("hunter2"));
  const Secret second(std::move(first));
  EXPECT_EQ(second.reveal(), "hunter2");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace pgseal
