#pragma once
// The last word on a backup, one line on standard output, and the plan of one.

#include "base/retry.h"
#include "engine/archive_backup.h"
#include "engine/classic_backup.h"
#include "store/object_store.h"

namespace pgseal::cli {

/// `retries` are those of requests to the store, and to STS.
void report_classic(const engine::ClassicBackupReport& done, const store::ObjectStore& store,
                    const RetryCounts& retries);
void report_archive(const engine::ArchiveBackupReport& done, const store::ObjectStore& store,
                    const RetryCounts& retries);

enum class PlanForm { text, json };
void print_plan(const engine::ArchivePlanReport& plan, PlanForm form);

}  // namespace pgseal::cli
