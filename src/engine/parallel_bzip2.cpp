#include "engine/parallel_bzip2.h"

#include <memory>

#include "base/queue.h"
#include "compress/bzip2_block.h"

namespace pgseal::engine {

namespace {

/// A block on its way: waiting for a worker, then for its turn to be written.
struct Slot {
  Bytes input;
  BoundedQueue<compress::Bzip2Block> result{1};
};

using SlotQueue = BoundedQueue<std::shared_ptr<Slot>>;

/// Fills `block` from `size` on; returns its new size, less than whole only at the end.
std::size_t fill(Source& source, ByteSpan block, std::size_t size, RateLimiter& limiter,
                 Progress& progress, const std::stop_token& stop) {
  while (size < block.size()) {
    const std::size_t n = source.read(block.subspan(size, limiter.step(block.size() - size)));
    if (n == 0) break;
    limiter.acquire(n, stop);
    progress.dumped += n;
    size += n;
  }
  return size;
}

void read_blocks(Source& source, SlotQueue& work, SlotQueue& order, RateLimiter& limiter,
                 Progress& progress, const std::stop_token& stop) {
  Bytes rest;  // what did not fit the block before
  for (;;) {
    auto slot = std::make_shared<Slot>();
    Bytes& block = slot->input;
    block = std::move(rest);
    const std::size_t carried = block.size();
    block.resize(compress::kBzip2BlockInput);
    block.resize(fill(source, block, carried, limiter, progress, stop));
    if (block.empty()) break;
    const auto length = static_cast<std::ptrdiff_t>(compress::bzip2_block_length(block));
    rest.assign(block.begin() + length, block.end());
    block.resize(static_cast<std::size_t>(length));
    order.push(slot, stop);
    work.push(slot, stop);
  }
  work.close();
  order.close();
}

void compress_blocks(SlotQueue& work, const std::stop_token& stop) {
  compress::Bzip2BlockCompressor compressor;
  while (const auto slot = work.pop(stop)) {
    (*slot)->result.push(compressor.compress((*slot)->input), stop);
    (*slot)->input = {};
  }
}

void write_blocks(SlotQueue& order, Sink& sink, Progress& progress, const std::stop_token& stop) {
  compress::Bzip2Joiner joiner;
  Bytes out;
  const auto write = [&] {
    sink.write(out);
    progress.compressed += out.size();
    out.clear();
  };
  while (const auto slot = order.pop(stop)) {
    joiner.add(*(*slot)->result.pop(stop), out);
    write();
  }
  joiner.finish(out);
  write();
}

}  // namespace

void compress_bzip2(Source& source, Sink& sink, unsigned jobs, RateLimiter& limiter,
                    Progress& progress, TaskGroup& group) {
  SlotQueue work(2 * jobs);
  SlotQueue order(2 * jobs);
  try {
    for (unsigned i = 0; i < jobs; ++i) {
      group.run([&](const std::stop_token& stop) { compress_blocks(work, stop); });
    }
    group.run([&](const std::stop_token& stop) { write_blocks(order, sink, progress, stop); });
    read_blocks(source, work, order, limiter, progress, group.token());
  } catch (...) {
    group.fail(std::current_exception());
  }
  group.wait();
}

}  // namespace pgseal::engine
