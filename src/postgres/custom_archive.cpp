#include "postgres/custom_archive.h"

#include <algorithm>
#include <array>

namespace pgseal::postgres {

namespace {
constexpr int kRows = 1, kObjects = 3;  // kinds of blocks
constexpr std::size_t kMostAtOnce = 256 * kKiB;
}  // namespace

CustomArchiveWriter::CustomArchiveWriter(Sink& sink, const ArchiveToc& toc) : sink_(sink) {
  sink_.write(write_custom_toc(toc));
}

void CustomArchiveWriter::integer(std::uint32_t magnitude) {
  std::array<std::byte, 5> bytes{};  // a sign, then the least significant first
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i + 1] = static_cast<std::byte>(magnitude >> (8 * i) & 0xffU);
  }
  sink_.write(bytes);
}

void CustomArchiveWriter::block(int kind, int dump_id) {
  const auto byte = static_cast<std::byte>(kind);
  sink_.write(ByteView(&byte, 1));
  integer(static_cast<std::uint32_t>(dump_id));
}

void CustomArchiveWriter::begin_rows(int dump_id) { block(kRows, dump_id); }

void CustomArchiveWriter::begin_objects(int dump_id) { block(kObjects, dump_id); }

void CustomArchiveWriter::begin_object(std::uint32_t oid) { integer(oid); }

void CustomArchiveWriter::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ByteView piece = bytes.first(std::min(bytes.size(), kMostAtOnce));
    integer(static_cast<std::uint32_t>(piece.size()));
    sink_.write(piece);
    bytes = bytes.subspan(piece.size());
  }
}

void CustomArchiveWriter::end() { integer(0); }

}  // namespace pgseal::postgres
