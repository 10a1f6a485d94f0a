#include "cli/drill_page.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/size.h"
#include "base/text.h"
#include "cli/drill_text.h"
#include "cli/html.h"

namespace pgseal::cli {

namespace {

using backupset::DrillFinding;
using backupset::DrillReport;
using backupset::DrillTable;
using backupset::TableMatch;

constexpr std::size_t kChartedTables = 12;

/// "12,345,678".
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

/// "2026-11-24 04:15:00 UTC".
std::string moment(TimePoint time) {
  std::string text = format_utc(time);
  text.replace(10, 1, " ");
  text.replace(19, 1, " UTC");
  return text;
}

std::string width(std::uint64_t part, std::uint64_t whole) {
  const double share =
      whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
  return format("width:{:.2f}%", share);
}

/// Tables as people want to find them: what is wrong first, then the largest.
std::vector<const DrillTable*> in_order(const DrillReport& report) {
  std::vector<const DrillTable*> tables;
  for (const DrillTable& table : report.tables) tables.push_back(&table);
  const auto rank = [](const DrillTable& table) {
    const TableMatch match = table.match();
    return match == TableMatch::equal ? 2 : match == TableMatch::left_out ? 1 : 0;
  };
  std::stable_sort(tables.begin(), tables.end(), [&](const DrillTable* a, const DrillTable* b) {
    return std::pair(rank(*a), b->content_size) < std::pair(rank(*b), a->content_size);
  });
  return tables;
}

/// The parts of the page, in their order.
class Page final {
 public:
  explicit Page(const DrillReport& report)
      : report_(report), totals_(totals_of(report)), tables_(in_order(report)) {}

  std::string write() {
    html_.element("html", {{"lang", "en"}}, [&] {
      html_.element("head", {}, [&] { write_head(); });
      html_.element("body", {}, [&] {
        write_verdict();
        write_findings("What is wrong", "bad", what_is_wrong());
        write_findings("Left out, and why", "left", left_out_of(report_));
        html_.element("div", {{"class", "charts"}}, [&] {
          write_phases();
          write_sizes();
        });
        write_tables();
        write_facts();
        write_footer();
      });
    });
    return html_.take();
  }

 private:
  void write_head() {
    html_.open("meta", {{"charset", "utf-8"}});
    html_.open("meta", {{"http-equiv", "Content-Security-Policy"},
                        {"content", "default-src 'none'; style-src 'unsafe-inline'"}});
    html_.open("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
    html_.element(
        "title",
        format("Drill of {}, {}: {}", report_.database, format_utc(report_.begun).substr(0, 10),
               backupset::verdict_text(report_.passed(), report_.left_out_count())));
    html_.element("style", {}, [&] { html_.raw(kDrillPageStyle); });
  }

  void write_verdict() {
    const bool passed = report_.passed();
    html_.element("header", {{"class", backupset::verdict_name(passed)}}, [&] {
      html_.element("p", {{"class", "verdict"}}, verdict());
      html_.element("h1", passed ? format("The backup of {} can be restored", report_.database)
                                 : format("The drill of {} failed", report_.database));
      html_.element("p", lead());
      html_.element("div", {{"class", "tiles"}}, [&] { write_tiles(); });
    });
  }

  [[nodiscard]] std::string verdict() const {
    if (!report_.passed()) return "✗ Failed";
    const std::uint64_t left_out = report_.left_out_count();
    return left_out == 0 ? "✓ Passed" : format("✓ Passed, {} left out", grouped(left_out));
  }

  [[nodiscard]] std::string lead() const {
    const std::string taken = moment(report_.taken);
    if (!report_.failure.empty()) {
      return format("The backup of {} was to be restored into {}, but: {}.", taken,
                    target_text(report_), report_.failure);
    }
    const std::string restored = format(
        "The backup of {} was restored into {} and read back: ", taken, target_text(report_));
    if (!report_.passed()) return restored + why_failed(report_) + ".";
    if (totals_.tables == 0) return restored + "nothing went wrong.";
    return restored + (totals_.equal == totals_.tables ? "every table" : "what had to be equal") +
           " has exactly the rows that were backed up.";
  }

  void write_tile(const std::string& value, const std::string& what) {
    html_.element("p", {}, [&] {
      html_.element("b", value);
      html_.text(what);
    });
  }

  void write_tiles() {
    if (!tables_.empty()) write_table_tiles();
    write_tile(format_duration(report_.finished - report_.begun), "from beginning to end");
    write_tile(grouped(report_.difference_count()), "differences");
    write_tile(grouped(report_.left_out_count()), "left out");
  }

  void write_table_tiles() {
    write_tile(format("{} of {}", grouped(totals_.equal), grouped(totals_.tables)),
               "tables are equal");
    write_tile(grouped(totals_.rows), "rows in the backup");
    write_tile(format_size(totals_.content_size),
               format("of rows, {} in the store", format_size(report_.stored_size)));
  }

  [[nodiscard]] std::vector<DrillFinding> what_is_wrong() const {
    std::vector<DrillFinding> all = differences_of(report_);
    for (const DrillFinding& error : report_.restore_errors) {
      all.push_back({error.object, "could not be restored: " + error.text});
    }
    return all;
  }

  void write_heading(const std::string& heading, const std::string& more) {
    html_.element("h2", {}, [&] {
      html_.text(heading);
      html_.element("small", more);
    });
  }

  void write_findings(const std::string& heading, const std::string& style,
                      const std::vector<DrillFinding>& findings) {
    if (findings.empty()) return;
    html_.element("section", {{"class", "long"}}, [&] {
      write_heading(heading, grouped(findings.size()));
      html_.element("table", {{"class", "findings"}}, [&] {
        for (const DrillFinding& finding : findings) {
          html_.element("tr", {}, [&] {
            html_.element("td", {{"class", "object " + style}}, finding.object);
            html_.element("td", finding.text);
          });
        }
      });
    });
  }

  /// `bars` appends what fills the track.
  template <typename Bars>
  void write_bar(const std::string& name, const std::string& value, Bars bars) {
    html_.element("div", {{"class", "bar"}}, [&] {
      html_.element("span", {{"title", name}}, name);
      html_.element("span", value);
      html_.element("span", {{"class", "track"}}, bars);
    });
  }

  void write_phases() {
    std::chrono::milliseconds longest{0};
    for (const auto& phase : report_.phases) longest = std::max(longest, phase.duration);
    html_.element("section", {}, [&] {
      write_heading("Time", format_duration(report_.finished - report_.begun));
      for (const auto& phase : report_.phases) {
        write_bar(phase.name, phase_text(phase), [&] {
          html_.element("i",
                        {{"style", width(static_cast<std::uint64_t>(phase.duration.count()),
                                         static_cast<std::uint64_t>(longest.count()))}},
                        "");
        });
      }
    });
  }

  void write_sizes() {
    if (tables_.empty()) return;
    std::vector<const DrillTable*> largest = tables_;
    const std::size_t shown = std::min(largest.size(), kChartedTables);
    std::partial_sort(
        largest.begin(), largest.begin() + static_cast<std::ptrdiff_t>(shown), largest.end(),
        [](const DrillTable* a, const DrillTable* b) { return a->content_size > b->content_size; });
    html_.element("section", {}, [&] {
      write_heading("Size", shown < largest.size() ? format("the {} largest tables", shown) : "");
      for (std::size_t i = 0; i < shown; ++i) {
        const DrillTable& table = *largest[i];
        write_bar(table_name(table), format_size(table.content_size), [&] {
          html_.element(
              "i",
              {{"class", "soft"}, {"style", width(table.content_size, largest[0]->content_size)}},
              [&] {
                html_.element("i", {{"style", width(table.stored_size, table.content_size)}}, "");
              });
        });
      }
      html_.element("p", {{"class", "soft key"}}, [&] {
        html_.element("i", {{"class", "soft"}}, "");
        html_.element("span", "COPY text");
        html_.element("i", "");
        html_.element("span", "the same compressed");
      });
    });
  }

  void write_tables() {
    if (tables_.empty()) return;
    html_.element("section", {{"class", "long"}}, [&] {
      write_heading("Tables", grouped(tables_.size()));
      html_.element("table", {{"class", "tables"}}, [&] {
        html_.element("thead", {}, [&] {
          html_.element("tr", {}, [&] {
            html_.element("th", "Table");
            html_.element("th", {{"class", "n"}}, "Rows");
            html_.element("th", {{"class", "n wide"}}, "Found");
            html_.element("th", {{"class", "n"}}, "Size");
            html_.element("th", {{"class", "n wide"}}, "Stored");
            html_.element("th", {{"class", "m"}}, "Match");
          });
        });
        for (const DrillTable* table : tables_) write_table(*table);
      });
    });
  }

  void write_table(const DrillTable& table) {
    const auto rows = [](const auto& side) { return side ? grouped(side->rows()) : "–"; };
    const std::string match = backupset::match_name(table.match());
    html_.element("tr", {}, [&] {
      html_.element("td", table_name(table));
      html_.element("td", {{"class", "n"}}, rows(table.expected));
      html_.element("td", {{"class", "n wide"}}, rows(table.found));
      html_.element("td", {{"class", "n"}}, format_size(table.content_size));
      html_.element("td", {{"class", "n wide"}}, format_size(table.stored_size));
      // "left out" is two words, and so the class "left".
      html_.element("td", {{"class", "m " + match}}, match);
    });
  }

  void write_fact(const std::string& name, const std::string& value) {
    html_.element("dt", name);
    html_.element("dd", value);
  }

  void write_facts() {
    html_.element("section", {}, [&] {
      html_.element("h2", "This drill");
      html_.element("dl", {}, [&] {
        write_fact("Backup", report_.backup);
        write_fact("Taken", format("{} from PostgreSQL {} with pg_dump {}", moment(report_.taken),
                                   report_.server_version, report_.pg_dump_version));
        write_fact("Signature", authenticity_text(report_));
        write_fact("Restored into", target_text(report_));
        write_fact("Began", moment(report_.begun));
        write_fact("Ended", moment(report_.finished));
        write_fact(
            "Compared too",
            format("{}, {}, {} of the schema", count_text(report_.sequences.compared, "sequence"),
                   count_text(report_.large_objects.compared, "large object"),
                   count_text(report_.schema.compared, "object")));
        write_fact("What was left out",
                   report_.strict ? "fails the drill (--strict)" : "does not fail the drill");
        write_fact("pgseal", report_.pgseal_version);
      });
    });
  }

  void write_footer() {
    html_.element("footer", {}, [&] {
      html_.text(
          "A table is equal where it has as many rows as were counted in the snapshot of the "
          "backup itself, and the same fingerprint of all of them. This page is for people, and "
          "nobody signs it: the report that can be signed is the JSON beside it.");
    });
  }

  const DrillReport& report_;
  const TableTotals totals_;
  const std::vector<const DrillTable*> tables_;
  HtmlWriter html_;
};

}  // namespace

std::string drill_page(const DrillReport& report) { return Page(report).write(); }

}  // namespace pgseal::cli
