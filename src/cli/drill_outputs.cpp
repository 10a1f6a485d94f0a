#include "cli/drill_outputs.h"

#include "backupset/drill_store.h"
#include "base/format.h"
#include "base/log.h"
#include "cli/drill_page.h"
#include "cli/drill_text.h"
#include "cli/output.h"

namespace pgseal::cli {

namespace {

void write(Sink& sink, const std::string& text) {
  sink.write(as_bytes(text));
  sink.finish();
}

void print(const backupset::DrillReport& report) {
  const TableTotals totals = totals_of(report);
  const std::chrono::duration<double> took = report.finished - report.begun;
  if (log::current_format() == log::Format::text) print_output(drill_text(report));
  print_result(drill_line(report), {{"event", "drill"},
                                    {"backup", report.backup},
                                    {"verdict", backupset::verdict_name(report.passed())},
                                    {"tables", totals.tables},
                                    {"equal", totals.equal},
                                    {"rows", totals.rows},
                                    {"content_bytes", totals.content_size},
                                    {"differences", report.difference_count()},
                                    {"restore_errors", report.restore_errors.size()},
                                    {"left_out", report.left_out_count()},
                                    {"seconds", took.count()}});
}

/// Who may read the stored report: whoever may read the backup. Keys that anybody may have written
/// into the manifest are not trusted with names of tables.
std::vector<crypto::AgeRecipient> readers_of(const backupset::DrillReport& report) {
  std::vector<crypto::AgeRecipient> readers;
  if (report.authenticity != backupset::Authenticity::verified) {
    log::warning(
        "the verdict alone is stored: the report would be encrypted to the keys in the manifest of "
        "\"{}\", whose signature was not verified (--signer)",
        report.backup);
    return readers;
  }
  for (const std::string& recipient : report.recipients) {
    readers.push_back(crypto::AgeRecipient::parse(recipient));
  }
  return readers;
}

}  // namespace

void add_drill_output_options(Command command, DrillOutputFlags& output_flags, GivenFlags& flags) {
  command
      .add_text("--report-json", output_flags.json,
                "write the report as JSON, and its signature to FILE.minisig; - for standard "
                "output, in the place of the text")
      .type_name("FILE")
      .group("Report");
  command
      .add_text("--report-html", output_flags.html,
                "write the report as one page of HTML; - for standard output")
      .type_name("FILE")
      .group("Report");
  command
      .add_flag("--store-report", output_flags.store,
                "put the report beside the backup, encrypted to who can read the backup; its "
                "verdict, which `pgseal list` shows, is for everybody")
      .group("Report");
  add_settings(command, flags, "Report",
               {&setting::report_signing_key, &setting::report_signing_key_passphrase_file});
  add_object_settings(command, flags);
}

DrillOutputSettings resolve_drill_outputs(const DrillOutputFlags& flags,
                                          Configuration& configuration, TimePoint now) {
  if (flags.json == "-" && flags.html == "-") {
    configuration.problems().add("--report-json and --report-html cannot both be -");
  }
  DrillOutputSettings settings{.signing_key = resolve_report_signing_key(configuration),
                               .store = std::nullopt};
  if (flags.store) settings.store = resolve_store_to_write(configuration, now);
  return settings;
}

DrillOutputs::DrillOutputs(const DrillOutputFlags& flags, const DrillOutputSettings& settings,
                           const std::stop_token& stop)
    : stop_(stop), prints_(flags.json != "-" && flags.html != "-"), is_stored_(flags.store) {
  const bool is_signed = settings.signing_key && (flags.json || flags.store);
  if (is_signed) key_ = open_signing_key(*settings.signing_key, stop);
  if (flags.json) json_ = open_output(*flags.json, stop);
  if (flags.json && flags.json != "-" && is_signed) {
    signature_ = open_output(*flags.json + ".minisig", stop);
  }
  if (flags.html) html_ = open_output(*flags.html, stop);
}

Exit DrillOutputs::deliver(const backupset::DrillReport& report, store::ObjectStore& store) {
  if (json_) {
    const auto json = backupset::sign_drill(report.to_json(), report.backup, key());
    if (signature_) write(*signature_, *json.signature);
    write(*json_, json.text);
  }
  if (html_) write(*html_, drill_page(report));
  if (prints_) {
    print(report);
  } else {
    log::info("{}", drill_line(report));
  }
  try {
    if (is_stored_) store_report(report, store);
  } catch (const Cancelled&) {
    throw;
  } catch (const Error& error) {
    if (report.passed()) throw;
    log::error("{}", error.message());
  }
  return report.passed() ? Exit::ok : Exit::verification;
}

void DrillOutputs::store_report(const backupset::DrillReport& report,
                                store::ObjectStore& store) const {
  const backupset::StoredDrill drill{
      .place = backupset::BackupPlace::parse(report.backup).value(),
      .summary = report.summary(),
      .report = backupset::sign_drill(report.to_json(), report.backup, key()),
      .page = drill_page(report),
      .recipients = readers_of(report)};
  log::info("stored the report: {}", store.url(store_drill(store, drill, key(), stop_)));
}

}  // namespace pgseal::cli
