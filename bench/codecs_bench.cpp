// What a byte costs on its way, step by step, on one thread.

#include <benchmark/benchmark.h>

#include "base/format.h"
#include "base/stream.h"
#include "compress/bzip2_block.h"
#include "crypto/hash.h"
#include "crypto/openssl_enc.h"

namespace pgseal {
namespace {

/// Lines as COPY writes them, the same each time.
std::string copy_lines(std::size_t size) {
  std::string text;
  std::uint32_t state = 1;
  const auto random = [&](std::uint32_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % below;
  };
  for (int id = 1; text.size() < size; ++id) {
    text +=
        format("{}\t{}\t2024-01-{:02} 12:{:02}:{:02}+00\t{}.{:04}\t{}\t{{\"queue\": {}}}\t\\N\n",
               id, random(40'000), 1 + random(28), random(60), random(60), random(200),
               random(10'000), random(2) == 0 ? "pressure" : "temperature", random(61));
  }
  text.resize(size);
  return text;
}

const std::string& sql() {
  static const std::string text = copy_lines(32 * kMiB);
  return text;
}

ByteView one_block() {
  return as_bytes(sql()).first(compress::bzip2_block_length(as_bytes(sql())));
}

void count_bytes(benchmark::State& state, std::size_t each) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(each));
}

void FindBlockEnd(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(compress::bzip2_block_length(as_bytes(sql())));
  }
  count_bytes(state, one_block().size());
}
BENCHMARK(FindBlockEnd);

void CompressBlock(benchmark::State& state) {
  const ByteView input = one_block();
  compress::Bzip2BlockCompressor compressor;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(compressor.compress(input));
  }
  count_bytes(state, input.size());
}
BENCHMARK(CompressBlock)->Unit(benchmark::kMillisecond);

/// Bytes are those of the joined stream, which is several times shorter than the SQL. All but the
/// first block have to be shifted.
void JoinBlocks(benchmark::State& state) {
  const compress::Bzip2Block block = compress::Bzip2BlockCompressor().compress(one_block());
  Bytes out;
  for ([[maybe_unused]] auto _ : state) {
    compress::Bzip2Joiner joiner;
    out.clear();
    for (int i = 0; i < 32; ++i) joiner.add(block, out);
    joiner.finish(out);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, out.size());
}
BENCHMARK(JoinBlocks)->Unit(benchmark::kMillisecond);

void Encrypt(benchmark::State& state) {
  Bytes out(256 * kKiB);
  const ByteView input = as_bytes(sql()).first(out.size());
  crypto::OpensslEncryptor encryptor(Secret("correct horse battery staple"));
  for ([[maybe_unused]] auto _ : state) {
    ByteView rest = input;
    while (!rest.empty()) rest = rest.subspan(encryptor.update(rest, out).consumed);
    benchmark::DoNotOptimize(out.data());
  }
  count_bytes(state, input.size());
}
BENCHMARK(Encrypt);

void HashSha256(benchmark::State& state) {
  const ByteView input = as_bytes(sql()).first(256 * kKiB);
  crypto::Sha256 hash;
  for ([[maybe_unused]] auto _ : state) hash.update(input);
  benchmark::DoNotOptimize(hash.finish());
  count_bytes(state, input.size());
}
BENCHMARK(HashSha256);

}  // namespace
}  // namespace pgseal
