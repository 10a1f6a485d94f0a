#include "backupset/tar.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/format.h"

namespace pgseal::backupset {

namespace {

constexpr std::size_t kMaxName = 100;
constexpr std::uint64_t kMaxNumber = (1ull << 33) - 1;  // eleven octal digits

/// A field of the header. Source: IEEE 1003.1-1988, "ustar Interchange Format".
struct Field {
  std::size_t offset, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12},
    kTime{136, 12}, kChecksum{148, 8}, kType{156, 1}, kMagic{257, 8}, kUserName{265, 32},
    kGroupName{297, 32}, kDeviceMajor{329, 8}, kDeviceMinor{337, 8};
// What a reader does not mind.
constexpr std::array kOwnerModeAndTime{kMode, kUid, kGid, kTime, kUserName, kGroupName};
// GNU tar writes the device of a plain file as zeros, from 1.35 on as nothing.
constexpr std::array kDevice{kDeviceMajor, kDeviceMinor};

using Header = std::array<std::byte, kTarBlock>;

std::string_view text_of(ByteView header, Field field) {
  return as_text(header.subspan(field.offset, field.size));
}

void put(ByteSpan header, Field field, std::string_view text) {
  const ByteView bytes = as_bytes(text);
  std::copy(bytes.begin(), bytes.end(), header.begin() + static_cast<std::ptrdiff_t>(field.offset));
}

/// The sum of all bytes, the checksum itself taken as spaces.
std::string checksum_of(ByteView header) {
  unsigned sum = kChecksum.size * ' ';
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool own = i >= kChecksum.offset && i < kChecksum.offset + kChecksum.size;
    if (!own) sum += std::to_integer<unsigned>(header[i]);
  }
  std::string text = format("{:06o}", sum);
  text.append({'\0', ' '});
  return text;
}

/// Names that can be made a file anywhere, and that lead nowhere else.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

Error damaged(std::uint64_t offset, const std::string& why) {
  return {Exit::verification, format("cannot read the tar file: {} at byte {}", why, offset)};
}

/// Eleven octal digits and a NUL.
std::uint64_t parse_size(ByteView header, std::uint64_t offset) {
  const std::string_view text = text_of(header, kSize);
  std::uint64_t size = 0;
  for (const char c : text.substr(0, kSize.size - 1)) {
    if (c < '0' || c > '7') throw damaged(offset, "the size is not octal");
    size = size * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return size;
}

bool is_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

Bytes tar_header(const std::string& name, std::uint64_t size, std::int64_t mtime) {
  if (!is_file_name(name) || size > kMaxNumber || mtime < 0 ||
      static_cast<std::uint64_t>(mtime) > kMaxNumber) {
    throw Error(
        Exit::internal,
        format("cannot put \"{}\" into a tar file: its name, size or time does not fit", name));
  }
  Bytes header(kTarBlock);
  put(header, kName, name);
  put(header, kMode, "0000600");
  put(header, kUid, "0000000");
  put(header, kGid, "0000000");
  put(header, kSize, format("{:011o}", size));
  put(header, kTime, format("{:011o}", mtime));
  put(header, kType, "0");
  put(header, kMagic, std::string_view("ustar\00000", kMagic.size));
  put(header, kDeviceMajor, "0000000");
  put(header, kDeviceMinor, "0000000");
  put(header, kChecksum, checksum_of(header));
  return header;
}

std::size_t tar_padding(std::uint64_t size) {
  return static_cast<std::size_t>((kTarBlock - size % kTarBlock) % kTarBlock);
}

void append_tar_file(Bytes& tar, const std::string& name, ByteView content, std::int64_t mtime) {
  const Bytes header = tar_header(name, content.size(), mtime);
  tar.insert(tar.end(), header.begin(), header.end());
  tar.insert(tar.end(), content.begin(), content.end());
  tar.resize(tar.size() + tar_padding(content.size()));
}

Bytes tar_end() { return Bytes(2 * kTarBlock); }

bool TarReader::read_block(ByteSpan block) {
  std::size_t filled = 0;
  while (filled < block.size()) {
    const std::size_t n = source_.read(block.subspan(filled));
    if (n == 0) break;
    filled += n;
  }
  offset_ += filled;
  if (filled != 0 && filled != block.size()) throw damaged(offset_, "it is truncated");
  return filled != 0;
}

void TarReader::skip_rest() {
  std::array<std::byte, 64 * kKiB> buffer;
  while (read(buffer) != 0) continue;
}

bool TarReader::next(Entry& entry) {
  skip_rest();
  Header block;
  if (at_end_) return false;
  const std::uint64_t begin = offset_;
  if (!read_block(block)) throw damaged(offset_, "it is truncated");
  if (is_zero(block)) {
    read_end();
    return false;
  }
  if (text_of(block, kChecksum) != checksum_of(block)) {
    throw damaged(begin, "a header's checksum is wrong");
  }
  const std::string_view name = text_of(block, kName);
  entry.name = name.substr(0, name.find('\0'));
  entry.size = parse_size(block, begin);
  entry.offset = offset_;
  if (!is_file_name(entry.name)) throw damaged(begin, "a name is none of a file");
  Bytes expected = tar_header(entry.name, entry.size, 0);
  for (const Field& field : kOwnerModeAndTime) put(expected, field, text_of(block, field));
  for (const Field& field : kDevice) {
    const std::string nothing(field.size, '\0');
    if (text_of(block, field) == nothing) put(expected, field, nothing);
  }
  put(expected, kChecksum, text_of(block, kChecksum));
  if (!std::equal(block.begin(), block.end(), expected.begin())) {
    throw damaged(begin, format("\"{}\" is no plain file in ustar format", entry.name));
  }
  left_ = entry.size;
  padding_ = tar_padding(entry.size);
  return true;
}

/// After the first zero block: another, and any number more, since tar fills up to its record size.
void TarReader::read_end() {
  at_end_ = true;
  Header block;
  if (!read_block(block)) throw damaged(offset_, "it is truncated");
  do {
    if (!is_zero(block)) throw damaged(offset_ - block.size(), "something follows the end");
  } while (read_block(block));
}

std::size_t TarReader::read(ByteSpan out) {
  if (left_ == 0) {
    read_padding();
    return 0;
  }
  const std::size_t n =
      source_.read(out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_))));
  if (n == 0 && !out.empty()) throw damaged(offset_, "it is truncated");
  offset_ += n;
  left_ -= n;
  return n;
}

void TarReader::read_padding() {
  if (padding_ == 0) return;
  Header block;
  const ByteSpan padding = ByteSpan(block).first(padding_);
  padding_ = 0;
  if (!read_block(padding)) throw damaged(offset_, "it is truncated");
  if (!is_zero(padding)) throw damaged(offset_ - padding.size(), "the padding is not zero");
}

}  // namespace pgseal::backupset
