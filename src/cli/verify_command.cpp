#include <charconv>
#include <cmath>

#include "base/format.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/backup_choice.h"
#include "cli/commands.h"
#include "cli/key_settings.h"
#include "cli/progress_pictures.h"
#include "cli/store_settings.h"
#include "cli/verify_report.h"
#include "crypto/hash.h"
#include "engine/archive_verify.h"
#include "engine/classic_verify.h"

namespace pgseal::cli {

namespace {

struct VerifyFlags {
  std::vector<std::string> backups;  ///< none: the latest
  bool all = false, deep = false, json = false;
  std::optional<std::string> sample, seed;
};

/// "5%", "0.5%": a share of 1; nothing where it is no such text, or not in (0, 100].
std::optional<double> parse_percentage(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc() || end - rest != 1 || *rest != '%') return std::nullopt;
  return value > 0 && value <= 100 ? std::optional(value / 100) : std::nullopt;
}

std::optional<std::uint64_t> parse_seed(const std::string& text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end ? std::optional(value) : std::nullopt;
}

std::uint64_t random_seed() {
  std::uint32_t seed = 0;  // short enough to be typed again
  crypto::random_bytes(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

std::optional<engine::Sample> resolve_sample(const VerifyFlags& flags, bool is_read,
                                             Problems& problems) {
  if (!flags.sample) return std::nullopt;
  const auto share = parse_percentage(*flags.sample);
  if (!share) {
    problems.add(format("--sample is a percentage, \"5%\" or \"0.5%\", not \"{}\"", *flags.sample));
  }
  const auto seed = flags.seed ? parse_seed(*flags.seed) : random_seed();
  if (!seed) problems.add(format("--seed is a number, not \"{}\"", *flags.seed));
  if (!is_read) problems.add("--sample is for --deep, or for an identity: else nothing is read");
  return engine::Sample{share.value_or(1), seed.value_or(0)};
}

/// What is verified with, of which identities are opened when the first backup needs them.
class Verifier final {
 public:
  Verifier(const VerifyFlags& flags, const Context& context) : context_(context) {
    Configuration& configuration = context.configuration;
    options_.signer = resolve_signer(configuration);
    identity_ = resolve_identity(configuration);
    options_.deep = flags.deep;
    options_.jobs = configuration.number(setting::jobs, 1, kMostJobs);
    options_.sample = resolve_sample(flags, flags.deep || identity_, configuration.problems());
    options_.program_path = context.environment.text("PATH");
  }

  engine::Verification verify(const backupset::ClassicEntry& entry, store::ObjectStore& store) {
    if (identity_ && !rsa_key_) rsa_key_.emplace(open_identity(*identity_, context_.stop));
    engine::Progress progress;
    TransferPicture picture(progress, {"verified", nullptr, "read"});
    const ProgressView view(picture, context_.clock);
    auto result = engine::verify_classic(entry, rsa_key_ ? &*rsa_key_ : nullptr, options_.deep,
                                         store, progress, context_.stop);
    if (options_.signer) result.notes.emplace_back("the format has no signature to verify");
    return result;
  }

  engine::Verification verify(const backupset::BackupPlace& place, store::ObjectStore& store) {
    if (identity_ && options_.identities.empty()) {
      options_.identities = open_identities(*identity_, context_.stop);
    }
    engine::ArchiveProgress progress;
    WorkersPicture picture(progress, {"verified", "the backup's", "read"});
    const ProgressView view(picture, context_.clock);
    return engine::verify_archive(options_, store, place, progress, context_.stop);
  }

 private:
  const Context& context_;
  std::optional<IdentityFile> identity_;
  engine::ArchiveVerifyOptions options_;
  std::optional<crypto::RsaPrivateKey> rsa_key_;
};

ChosenBackup to_choice(const ListedBackup& backup) {
  if (const auto* archive = std::get_if<backupset::ArchiveEntry>(&backup.entry())) {
    return archive->place;
  }
  return std::get<backupset::ClassicEntry>(backup.entry());
}

/// Those that are named, in their order, or all. To have looked at none proves nothing, and is an
/// Error of `Exit::not_found`.
std::vector<ChosenBackup> choose(const VerifyFlags& flags, store::ObjectStore& store,
                                 const std::string& database, const std::stop_token& stop) {
  std::vector<ChosenBackup> chosen;
  if (!flags.all) {
    const std::vector<std::string> latest{"latest"};
    for (const std::string& name : flags.backups.empty() ? latest : flags.backups) {
      chosen.push_back(choose_backup(store, name, database, engine::Trust::none, stop));
    }
    return chosen;
  }
  std::size_t without = 0;
  for (const ListedBackup& backup : list_backups(store, database, stop)) {
    if (backup.has_manifest()) {
      chosen.push_back(to_choice(backup));
    } else {
      ++without;
    }
  }
  if (without > 0) {
    log::warning("{} not verified: they have no manifest, and so are no backups; see list --all",
                 without);
  }
  if (chosen.empty()) {
    throw Error(Exit::not_found,
                database.empty() ? format("no backup is in {}", store.url(""))
                                 : format("no backup of \"{}\" is in {}", database, store.url("")));
  }
  return chosen;
}

Exit run(const VerifyFlags& flags, const Context& context) {
  Configuration& configuration = context.configuration;
  if (flags.all && !flags.backups.empty()) {
    configuration.problems().add("either --all or the names of backups");
  }
  const auto url = resolve_store(configuration);
  Verifier verifier(flags, context);
  configuration.problems().throw_if_any();
  AwsAccess access(context.configuration, context.clock);
  const auto store = open_store(*url, access, context.clock);

  VerifyReport report;
  const auto verify = [&](const auto& backup) {
    try {
      report.add(backup, verifier.verify(backup, *store));
    } catch (const Error& error) {
      if (error.code() != Exit::key) throw;
      // The identity cannot be opened, or is none for this format: others may be of the other one.
      report.add(backup,
                 engine::Verification{.findings = {{"identity", error.message(), error.code()}}});
    }
  };
  const auto chosen =
      choose(flags, *store, configuration.text_or_empty(setting::wanted_database), context.stop);
  try {
    for (const ChosenBackup& backup : chosen) std::visit(verify, backup);
  } catch (...) {
    report.print(flags.json);  // what is known so far
    throw;
  }
  report.print(flags.json);
  return report.exit_code();
}

}  // namespace

void add_verify_command(Command program, GivenFlags& flags, Action& chosen) {
  const auto own = std::make_shared<VerifyFlags>();
  Command command = program.add_command(
      "verify", "Prove what lies in a store, as far as the keys at hand allow, without a database");
  command
      .add_list("backups", own->backups,
                "backups that `pgseal list` shows, latest (the default), or times: the newest not "
                "after it")
      .type_name("BACKUP");
  command.add_flag("--all", own->all, "all backups of the store, or of --database");
  command.add_flag("--deep", own->deep,
                   "without an identity: read every object, and compare its SHA-256");
  const Option sample = command.add_text("--sample", own->sample,
                                         "of an archive's bundles read only so many, chosen at "
                                         "random; at least one");
  Option(sample).type_name("PERCENT");
  command.add_text("--seed", own->seed, "choose those that an earlier run chose, which logged this")
      .type_name("NUMBER")
      .needs(sample);
  command.add_flag("--json", own->json, "as a JSON array");
  add_archive_settings(command, flags);
  add_store_settings(command, flags);
  command.set_callback(
      [own, &chosen] { chosen = [own](const Context& context) { return run(*own, context); }; });
}

}  // namespace pgseal::cli
