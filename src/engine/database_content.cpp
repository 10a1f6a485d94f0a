#include "engine/database_content.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/format.h"
#include "base/log.h"
#include "base/task_group.h"
#include "engine/archive_backup.h"
#include "engine/archive_toc_file.h"
#include "engine/copy_worker.h"
#include "postgres/identifiers.h"
#include "postgres/programs.h"

namespace pgseal::engine {

using backupset::LargeObject;
using backupset::Segment;
using backupset::Table;

namespace {

/// Keeps of what is copied nothing but its fingerprint. One thread at a time.
class FingerprintTaker final : public CopyTaker {
 public:
  FingerprintTaker(ArchiveProgress& progress, std::size_t worker)
      : progress_(progress), worker_(worker) {}

  void begin_segment(const Table&, Segment& segment) override { segment_ = &segment; }

  void take_rows(postgres::CopyOut& rows) override {
    constexpr std::size_t kStep = 64 * kKiB;  // of the progress
    backupset::RowsChunk all;
    std::size_t untold = 0;
    while (const auto row = rows.next()) {
      all.rows.add(row->first(row->size() - 1));
      all.place.content_size += row->size();
      untold += row->size();
      if (untold >= kStep) progress_.add(worker_, std::exchange(untold, 0));
    }
    progress_.add(worker_, untold);
    segment_->chunks = {std::move(all)};
  }

  void begin_large_object(LargeObject& object) override {
    object_ = &object;
    object_->size = 0;
    content_.emplace();
  }
  void take_piece(ByteView piece) override {
    content_->add(piece);
    object_->size += piece.size();
    progress_.add(worker_, piece.size());
  }
  void end_large_object() override { object_->fingerprint = content_->finish(); }

 private:
  ArchiveProgress& progress_;
  const std::size_t worker_;
  Segment* segment_ = nullptr;
  LargeObject* object_ = nullptr;
  std::optional<backupset::ContentFingerprint> content_;
};

/// The options that a dump of the same form has, as far as they are known.
postgres::PgDumpOptions options_like(const DatabaseContent& like) {
  const std::vector<std::string>& names = like.pg_dump_options;
  if (std::count(names.begin(), names.end(), "--extra-float-digits") > 0) {
    log::warning(
        "\"{}\" was made with a value of --extra-float-digits that it does not tell: numbers may "
        "differ in their digits",
        like.name);
  }
  postgres::PgDumpOptions options = postgres::options_without_value(names);
  if (const std::string encoding = like.toc.encoding(); !encoding.empty()) {
    options.encoding = encoding;
    options.arguments.push_back("--encoding=" + encoding);
  }
  return options;
}

/// A restored table may have its columns in another order, where it inherits them.
void order_columns(ArchivePlan& plan, const backupset::Catalog& like) {
  std::map<std::pair<std::string, std::string>, std::string> wanted;
  for (const Table& table : like.tables) wanted[{table.schema, table.name}] = table.columns;
  const auto sorted_names = [](const std::string& columns) {
    auto names = postgres::names_in_list(columns);
    std::sort(names.begin(), names.end());
    return names;
  };
  for (std::size_t i = 0; i < plan.sources.size(); ++i) {
    Table& table = plan.catalog.tables[i];
    const auto found = wanted.find({table.schema, table.name});
    if (found == wanted.end() || sorted_names(found->second) != sorted_names(table.columns)) {
      continue;
    }
    table.columns = plan.sources[i].columns = found->second;
  }
}

void copy_all(DumpSource& source, ArchivePlan& plan, unsigned jobs, ArchiveProgress& progress,
              const std::stop_token& stop) {
  std::atomic<std::uint64_t> locks_refused{0}, reconnects{0};
  WorkList work(plan.units);
  const CopyJob job{.source = source,
                    .plan = plan,
                    .work = work,
                    .progress = progress,
                    .locks_refused = locks_refused,
                    .reconnects = reconnects};
  progress.planned += plan.size();
  TaskGroup group(stop);
  for (std::size_t i = 0; i < std::min<std::size_t>(plan.units.size(), jobs); ++i) {
    group.run([&, i](const std::stop_token& token) {
      FingerprintTaker taker(progress, i);
      CopyWorker(job, i, source.join(token), taker, token).run();
    });
  }
  group.wait();
}

}  // namespace

DatabaseContent read_content(const backupset::ArchiveReader& reader, const std::stop_token& stop) {
  return {.name = reader.place().name(),
          .toc = read_archive_toc(reader, stop),
          .catalog = reader.catalog(),
          .pg_dump_options = reader.manifest().pg_dump_options};
}

DatabaseContent read_content(const ContentOptions& options, const DatabaseContent& like,
                             ArchiveProgress& progress, const Clock& clock,
                             const std::stop_token& stop) {
  try {
    const postgres::PgDumpOptions pg_dump = options_like(like);
    DumpSource source(
        {.database = options.database,
         .pg_dump = pg_dump,
         .program_path = options.program_path,
         .like_pg_dump = postgres::parse_version(like.toc.pg_dump_version.value_or(""))},
        clock, stop);
    for (const std::string& line : source.warnings()) log::warning("{}", line);
    ArchivePlan plan = make_plan(source.toc(), source.facts(), kDefaultSegmentSize);
    order_columns(plan, like.catalog);
    copy_all(source, plan, options.jobs, progress, stop);
    source.finish();
    return {.name = source.database(), .toc = source.toc(), .catalog = std::move(plan.catalog)};
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    throw postgres::with_replica_hint(error);
  }
}

}  // namespace pgseal::engine
