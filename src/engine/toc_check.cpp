#include "engine/toc_check.h"

#include <algorithm>

#include "base/format.h"
#include "engine/archive_plan.h"
#include "engine/archive_toc_file.h"

namespace pgseal::engine {

using backupset::Catalog;
using backupset::LargeObjects;
using backupset::Table;
using postgres::ArchiveToc;
using postgres::TocEntry;

namespace {

/// What `check_toc()` is doing.
class TocCheck final {
 public:
  TocCheck(const ArchiveToc& toc, const std::map<std::string, Bytes>& files, const Catalog& catalog,
           const std::function<void(const Error&)>& report)
      : toc_(toc), files_(files), report_(report) {
    for (const Table& table : catalog.tables) tables_[table.dump_id] = &table;
    for (const LargeObjects& group : catalog.large_objects) groups_[group.dump_id] = &group;
    for (const auto& sequence : catalog.sequences) {
      sequences_[{sequence.schema, sequence.name}] = sequence.definition;
    }
    if (catalog.encoding != toc.encoding()) {
      wrong(format("the catalog says encoding \"{}\", the table of contents \"{}\"",
                   catalog.encoding, toc.encoding()));
    }
  }

  void run() {
    for (const TocEntry& entry : toc_.entries) {
      try {
        check_entry(entry);
      } catch (const Error& error) {  // what has no such form as pg_dump writes
        wrong(format("{}: {}", describe(entry), error.message()));
      }
    }
    check_rest();
  }

 private:
  void wrong(const std::string& text) { report_(Error(Exit::verification, text)); }

  [[nodiscard]] static std::string describe(const TocEntry& entry) {
    return format("entry {} of the table of contents, {} \"{}\"", entry.dump_id,
                  entry.description.value_or(""), entry.tag.value_or(""));
  }

  void check_entry(const TocEntry& entry) {
    if (is_table_data(entry)) {
      check_table(entry);
    } else if (is_large_object_data(entry)) {
      check_large_objects(entry);
    } else if (entry.has_data) {
      wrong(format("{} has data of an unknown kind", describe(entry)));
    } else if (entry.description == "SEQUENCE SET") {
      check_sequence(entry);
    }
  }

  void check_table(const TocEntry& entry) {
    const auto found = tables_.extract(entry.dump_id);
    if (!found) return wrong(format("the catalog has no rows for {}", describe(entry)));
    const Table& table = *found.mapped();
    const auto columns = postgres::parse_copy_statement(entry.copy_statement.value_or("")).columns;
    if (table.schema == entry.schema.value_or("") && table.name == entry.tag.value_or("") &&
        table.oid == table_oid(entry) && table.columns == columns &&
        table.data_file == data_file_name(toc_, entry)) {
      return;
    }
    wrong(format("the catalog's table {}.{} is not what {} says", table.schema, table.name,
                 describe(entry)));
  }

  void check_large_objects(const TocEntry& entry) {
    const auto found = groups_.extract(entry.dump_id);
    if (!found) return wrong(format("the catalog has no large objects for {}", describe(entry)));
    const LargeObjects& group = *found.mapped();
    std::vector<std::uint32_t> wanted = postgres::large_objects_of(toc_, entry);
    std::sort(wanted.begin(), wanted.end());
    std::vector<std::uint32_t> oids;
    for (const auto& object : group.objects) oids.push_back(object.oid);
    if (oids != wanted || group.toc_file != data_file_name(toc_, entry)) {
      wrong(format("the catalog's large objects are not those of {}", describe(entry)));
    }
    const auto file = files_.find(group.toc_file);
    if (file == files_.end() || as_text(file->second) != blobs_toc_text(group)) {
      wrong(format("\"{}\" does not name the large objects of the catalog", group.toc_file));
    }
    ++blobs_tocs_;
  }

  void check_sequence(const TocEntry& entry) {
    const auto found = sequences_.extract({entry.schema.value_or(""), entry.tag.value_or("")});
    if (!found || found.mapped() != entry.definition.value_or("")) {
      wrong(format("the catalog does not have the sequence of {}", describe(entry)));
    }
  }

  /// What the catalog has and the table of contents has not.
  void check_rest() {
    for (const auto& [id, table] : tables_) {
      wrong(format("the catalog's table {}.{} is not in the table of contents", table->schema,
                   table->name));
    }
    for (const auto& [id, group] : groups_) {
      wrong(format("the catalog's large objects {} are not in the table of contents", id));
    }
    for (const auto& [name, definition] : sequences_) {
      wrong(format("the catalog's sequence {}.{} is not in the table of contents", name.first,
                   name.second));
    }
    if (files_.size() != 1 + blobs_tocs_) {
      wrong("there are files beside the table of contents that no entry of it names");
    }
  }

  const ArchiveToc& toc_;
  const std::map<std::string, Bytes>& files_;
  const std::function<void(const Error&)>& report_;
  // What the table of contents has not named yet.
  std::map<int, const Table*> tables_;
  std::map<int, const LargeObjects*> groups_;
  std::map<std::pair<std::string, std::string>, std::string> sequences_;
  std::size_t blobs_tocs_ = 0;
};

}  // namespace

void check_toc(const ArchiveToc& toc, const std::map<std::string, Bytes>& files,
               const Catalog& catalog, const std::function<void(const Error&)>& report) {
  TocCheck(toc, files, catalog, report).run();
}

}  // namespace pgseal::engine
