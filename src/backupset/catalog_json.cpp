// The catalog's JSON. Objects' keys are long and chunks many, so a chunk is an array, and names its
// object by a place in one table of keys.

#include <map>
#include <set>

#include "backupset/archive_layout.h"
#include "backupset/catalog.h"
#include "backupset/strict_json.h"
#include "base/format.h"

namespace pgseal::backupset {

namespace {

constexpr const char* kFormat = "pgseal-archive-catalog";
constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kMaxBlocks = 1ull << 32;
constexpr std::uint64_t kMaxOid = 0xFFFF'FFFF;
constexpr std::uint64_t kMaxDumpId = 0x7FFF'FFFF;

// --- writing

/// The chunks' objects, sorted, and their places.
class KeyTable final {
 public:
  explicit KeyTable(const Catalog& catalog) {
    for (const Table& table : catalog.tables) {
      for (const Segment& segment : table.segments) {
        for (const RowsChunk& chunk : segment.chunks) places_[chunk.place.object] = 0;
      }
    }
    for (const LargeObjects& entry : catalog.large_objects) {
      for (const LargeObject& object : entry.objects) {
        for (const Chunk& chunk : object.chunks) places_[chunk.object] = 0;
      }
    }
    std::size_t next = 0;
    for (auto& [key, place] : places_) place = next++;
  }
  [[nodiscard]] std::size_t place_of(const std::string& key) const { return places_.at(key); }
  [[nodiscard]] const std::map<std::string_view, std::size_t>& places() const { return places_; }

 private:
  std::map<std::string_view, std::size_t> places_;  // views into the catalog
};

/// Appends an array element by element: a catalog is long, and JSON values take many times the
/// memory of their text.
template <typename Elements, typename Append>
void append_array(std::string& text, const Elements& elements, Append append) {
  char separator = '[';
  for (const auto& element : elements) {
    text += separator;
    append(element);
    separator = ',';
  }
  text += separator == '[' ? "[]" : "]";
}

Json chunk_to_json(const Chunk& chunk, const KeyTable& keys) {
  return Json::array(
      {keys.place_of(chunk.object), chunk.file, chunk.offset, chunk.size, chunk.content_size});
}

Json segment_to_json(const Segment& segment, const KeyTable& keys) {
  Json chunks = Json::array();
  for (const RowsChunk& chunk : segment.chunks) {
    Json json = chunk_to_json(chunk.place, keys);
    json.push_back(chunk.rows.rows());
    json.push_back(chunk.rows.hex());
    chunks.push_back(std::move(json));
  }
  return {{"number", segment.number},
          {"first_block", segment.first_block},
          {"end_block", segment.end_block ? Json(*segment.end_block) : Json()},
          {"chunks", std::move(chunks)}};
}

void append_table(std::string& text, const Table& table, const KeyTable& keys) {
  const Json head = {{"columns", text_to_json(table.columns)},
                     {"data_file", table.data_file},
                     {"dump_id", table.dump_id},
                     {"file_node", table.file_node},
                     {"name", text_to_json(table.name)},
                     {"oid", table.oid},
                     {"schema", text_to_json(table.schema)}};
  text += head.dump();
  text.back() = ',';
  text += "\"segments\":";
  append_array(text, table.segments,
               [&](const Segment& segment) { text += segment_to_json(segment, keys).dump(); });
  text += "}";
}

Json large_object_to_json(const LargeObject& object, const KeyTable& keys) {
  Json chunks = Json::array();
  for (const Chunk& chunk : object.chunks) chunks.push_back(chunk_to_json(chunk, keys));
  return Json::array({object.oid, object.size, object.fingerprint, std::move(chunks)});
}

void append_large_objects(std::string& text, const LargeObjects& entry, const KeyTable& keys) {
  text += format("{{\"dump_id\":{},\"objects\":", entry.dump_id);
  append_array(text, entry.objects, [&](const LargeObject& object) {
    text += large_object_to_json(object, keys).dump();
  });
  text += format(",\"toc_file\":{}}}", Json(entry.toc_file).dump());
}

Json sequence_to_json(const Sequence& sequence) {
  return {{"schema", text_to_json(sequence.schema)},
          {"name", text_to_json(sequence.name)},
          {"definition", text_to_json(sequence.definition)}};
}

// --- reading

using Keys = std::vector<std::string>;

template <typename T>
T number_from(const JsonReader& json, std::uint64_t max) {
  return static_cast<T>(json.number(max));
}

std::string file_from(const JsonReader& json, bool (*is_name)(std::string_view)) {
  if (!is_name(json.string())) throw json.fail("is no such file's name");
  return json.string();
}

Keys keys_from(const JsonReader& json) {
  Keys keys;
  std::set<std::string_view> known;
  keys.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const JsonReader key = json.element(i);
    if (!ObjectPlace::parse(key.string())) throw key.fail("is no key of a backup's object");
    if (!known.insert(key.string()).second) throw key.fail("is there twice");
    keys.push_back(key.string());
  }
  return keys;
}

/// The first five elements of `json`.
Chunk chunk_from(const JsonReader& json, const Keys& keys) {
  const JsonReader object = json.element(0);
  const std::uint64_t place = object.number();
  if (place >= keys.size()) throw object.fail("is no place in \"objects\"");
  return {.object = keys[place],
          .file = file_from(json.element(1), is_chunk_name),
          .offset = json.element(2).number(kMaxObjectSize),
          .size = json.element(3).number(kMaxObjectSize),
          .content_size = json.element(4).number(kMaxObjectSize)};
}

RowsChunk rows_chunk_from(const JsonReader& json, const Keys& keys) {
  json.require_size(7);
  const Chunk place = chunk_from(json, keys);
  // Each row has a newline at least.
  const std::uint64_t rows = json.element(5).number(place.content_size);
  const auto fingerprint = RowsFingerprint::from(rows, json.element(6).string());
  if (!fingerprint) throw json.element(6).fail("is no fingerprint of so many rows");
  if (rows == 0 && place.content_size != kCopyTerminator.size()) {
    throw json.element(5).fail("is 0, but the chunk is no terminator");
  }
  return {.place = place, .rows = *fingerprint};
}

/// `end` is where the segment before ends, and becomes where this one does; nothing: at the table's
/// own end.
Segment segment_from(const JsonReader& json, const Keys& keys, std::optional<std::uint64_t>& end) {
  json.require_only({"number", "first_block", "end_block", "chunks"});
  Segment segment;
  segment.number = number_from<std::uint32_t>(json.member("number"), kMaxSegmentNumber);
  segment.first_block = json.member("first_block").number(kMaxBlocks);
  if (segment.first_block != end) {
    throw json.member("first_block").fail("is not where the segment before ends");
  }
  const JsonReader end_block = json.member("end_block");
  if (!end_block.is_null()) segment.end_block = end_block.number(kMaxBlocks);
  if (segment.end_block && *segment.end_block <= segment.first_block) {
    throw end_block.fail("is not behind the first");
  }
  end = segment.end_block;
  const JsonReader chunks = json.member("chunks");
  segment.chunks.reserve(chunks.size());
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    segment.chunks.push_back(rows_chunk_from(chunks.element(i), keys));
  }
  return segment;
}

void require_terminator(const Table& table, const JsonReader& json) {
  std::size_t terminators = 0;
  for (const Segment& segment : table.segments) {
    for (const RowsChunk& chunk : segment.chunks) terminators += chunk.rows.rows() == 0;
  }
  const auto& last = table.segments.back().chunks;
  if (terminators != 1 || last.empty() || last.back().rows.rows() != 0) {
    throw json.fail("do not end with the only terminator");
  }
}

std::vector<Segment> segments_from(const JsonReader& json, const Keys& keys) {
  std::vector<Segment> segments;
  std::optional<std::uint64_t> end = 0;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const JsonReader element = json.element(i);
    Segment segment = segment_from(element, keys, end);
    if (!segments.empty() && segment.number <= segments.back().number) {
      throw element.member("number").fail("is not larger than the one before");
    }
    segments.push_back(std::move(segment));
  }
  if (end) throw json.fail("do not reach to the table's end");
  return segments;
}

Table table_from(const JsonReader& json, const Keys& keys) {
  json.require_only(
      {"dump_id", "schema", "name", "oid", "file_node", "columns", "data_file", "segments"});
  Table table;
  table.dump_id = number_from<int>(json.member("dump_id"), kMaxDumpId);
  table.schema = json.member("schema").text();
  table.name = json.member("name").text();
  table.oid = number_from<std::uint32_t>(json.member("oid"), kMaxOid);
  table.file_node = number_from<std::uint32_t>(json.member("file_node"), kMaxOid);
  table.columns = json.member("columns").text();
  const JsonReader data_file = json.member("data_file");
  table.data_file = data_file.string();
  if (table.data_file != format("{}.dat", table.dump_id)) {
    throw data_file.fail("is not the data file of that dump id");
  }
  const JsonReader segments = json.member("segments");
  table.segments = segments_from(segments, keys);
  require_terminator(table, segments);
  return table;
}

LargeObject large_object_from(const JsonReader& json, const Keys& keys) {
  json.require_size(4);
  LargeObject object;
  object.oid = number_from<std::uint32_t>(json.element(0), kMaxOid);
  object.size = json.element(1).number(kMaxObjectSize);
  object.fingerprint = json.element(2).string();
  if (!ContentFingerprint::is_hex(object.fingerprint)) {
    throw json.element(2).fail("is no fingerprint");
  }
  const JsonReader chunks = json.element(3);
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const JsonReader element = chunks.element(i);
    element.require_size(5);
    object.chunks.push_back(chunk_from(element, keys));
    size += object.chunks.back().content_size;
  }
  if (object.chunks.empty() || size != object.size) {
    throw chunks.fail("do not have the object's size together");
  }
  return object;
}

LargeObjects large_objects_from(const JsonReader& json, const Keys& keys) {
  json.require_only({"dump_id", "toc_file", "objects"});
  LargeObjects entry;
  entry.dump_id = number_from<int>(json.member("dump_id"), kMaxDumpId);
  entry.toc_file = file_from(json.member("toc_file"), is_blobs_toc_name);
  const JsonReader objects = json.member("objects");
  entry.objects.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const JsonReader element = objects.element(i);
    LargeObject object = large_object_from(element, keys);
    if (!entry.objects.empty() && object.oid <= entry.objects.back().oid) {
      throw element.element(0).fail("is not larger than the one before");
    }
    entry.objects.push_back(std::move(object));
  }
  return entry;
}

Sequence sequence_from(const JsonReader& json) {
  json.require_only({"schema", "name", "definition"});
  return {.schema = json.member("schema").text(),
          .name = json.member("name").text(),
          .definition = json.member("definition").text()};
}

/// All elements of an array, each with a dump id of its own.
template <typename Entry, typename Read>
std::vector<Entry> entries_from(const JsonReader& json, std::set<int>& dump_ids, Read read) {
  std::vector<Entry> entries;
  entries.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const JsonReader element = json.element(i);
    entries.push_back(read(element));
    if (!dump_ids.insert(entries.back().dump_id).second) {
      throw element.member("dump_id").fail("is there twice");
    }
  }
  return entries;
}

std::string backup_from(const JsonReader& json) {
  if (!BackupPlace::parse(json.string())) throw json.fail("is no backup's name");
  return json.string();
}

}  // namespace

// Members in the order of their names, as Json writes them.
std::string Catalog::to_json() const {
  const KeyTable keys(*this);
  std::string text =
      format(R"({{"backup":{},"encoding":{},"format":{},"large_objects":)", Json(backup).dump(),
             text_to_json(encoding).dump(), Json(kFormat).dump());
  append_array(text, large_objects,
               [&](const LargeObjects& entry) { append_large_objects(text, entry, keys); });
  text += ",\"objects\":";
  append_array(text, keys.places(),
               [&](const auto& key_and_place) { text += Json(key_and_place.first).dump(); });
  text += ",\"sequences\":";
  append_array(text, sequences,
               [&](const Sequence& sequence) { text += sequence_to_json(sequence).dump(); });
  text += ",\"tables\":";
  append_array(text, tables, [&](const Table& table) { append_table(text, table, keys); });
  return text + format(",\"version\":{}}}\n", kVersion);
}

Catalog Catalog::parse(std::string_view text) {
  const Json document = parse_strict_json(text, "catalog");
  const JsonReader json(document, "catalog");
  require_format(json, kFormat, kVersion);
  json.require_only({"format", "version", "backup", "encoding", "objects", "tables",
                     "large_objects", "sequences"});
  Catalog catalog;
  catalog.backup = backup_from(json.member("backup"));
  catalog.encoding = json.member("encoding").text();
  const JsonReader objects = json.member("objects"), tables = json.member("tables"),
                   large_objects = json.member("large_objects"),
                   sequences = json.member("sequences");
  const Keys keys = keys_from(objects);
  std::set<int> dump_ids;
  catalog.tables = entries_from<Table>(
      tables, dump_ids, [&](const JsonReader& entry) { return table_from(entry, keys); });
  catalog.large_objects = entries_from<LargeObjects>(
      large_objects, dump_ids,
      [&](const JsonReader& entry) { return large_objects_from(entry, keys); });
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    catalog.sequences.push_back(sequence_from(sequences.element(i)));
  }
  return catalog;
}

}  // namespace pgseal::backupset
