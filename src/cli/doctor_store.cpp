#include "cli/doctor_store.h"

#include "engine/doctor_directory.h"
#include "engine/doctor_last_backup.h"
#include "engine/doctor_s3.h"

namespace pgseal::cli {

namespace {

/// A person waits.
constexpr int kTries = 3;

bool check_directory(const StoreSettings& settings, store::ObjectStore& store,
                     const BackupToStore& backup, bool probe, const Context& context,
                     engine::Checks& checks) {
  engine::DirectorySubject subject{settings.url.directory, store, backup.expected_size,
                                   context.stop};
  return engine::check_directory(subject, probe, checks);
}

bool check_s3(const StoreSettings& settings, store::ObjectStore& store, const BackupToStore& backup,
              bool probe, AwsAccess& access, const Context& context, engine::Checks& checks) {
  store::S3Options options = s3_options(settings);
  options.retry.tries = kTries;
  store::S3Bucket bucket(options, access.for_store(), access.http(), context.clock);
  engine::S3Subject subject{.options = options,
                            .store = store,
                            .bucket = bucket,
                            .credentials = access.for_store(),
                            .chain = access.chain(),
                            .ca_bundle = context.configuration.text_or_empty(setting::ca_bundle),
                            .makes_parts = backup.is_classic,
                            .clock = context.clock,
                            .stop = context.stop};
  return engine::check_s3(subject, probe, checks);
}

}  // namespace

void check_store(const StoreSettings& settings, const BackupToStore& backup, bool probe,
                 AwsAccess& access, const Context& context, engine::Checks& checks) {
  const auto store = open_store(settings, access, context.clock);
  const bool answers = settings.url.kind == store::StoreUrl::Kind::directory
                           ? check_directory(settings, *store, backup, probe, context, checks)
                           : check_s3(settings, *store, backup, probe, access, context, checks);
  if (!answers) return;
  engine::LastBackupSubject last{.store = *store,
                                 .database = backup.database,
                                 .recipients = backup.recipients,
                                 .clock = context.clock,
                                 .stop = context.stop};
  checks.run("store", Exit::storage, engine::last_backup_checks(), last);
}

}  // namespace pgseal::cli
