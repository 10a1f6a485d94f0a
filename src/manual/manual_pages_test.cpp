#include "manual/manual_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "cli/program.h"
#include "manual/roff.h"
#include "support/command.h"
#include "support/pgseal_program.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal::manual {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// What a reader of the page sees.
std::string rendered(const std::string& page) {
  const std::string text =
      test::run_ok({"mandoc", "-T", "ascii", "-O", "width=400"}, {.input = page});
  return std::regex_replace(text, std::regex(".\b"), "");  // bold, as typewriters have it
}

class ManualPages : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* program : {"mandoc", "groff"}) {
      if (!test::have_program(program)) {
        PGSEAL_SKIP_BECAUSE(std::string(program) + " is not installed");
      }
    }
  }

  [[nodiscard]] std::string page_of(const std::string& name) const {
    for (const GeneratedFile& page : pages_) {
      if (page.path == "man1/" + name + ".1") return page.text;
    }
    throw std::runtime_error("no page of " + name);
  }

  const cli::CommandDescription program_ = cli::Arguments().line.description();
  const std::vector<GeneratedFile> pages_ = manual_pages(program_, {"1.2.3", "2026-01-31"});
};

TEST_F(ManualPages, AreAcceptedByMandocAndGroff) {
  EXPECT_EQ(pages_.size(), 1 + program_.commands.size());
  for (const GeneratedFile& page : pages_) {
    const auto mandoc = test::run({"mandoc", "-T", "lint", "-W", "style"}, {.input = page.text});
    EXPECT_EQ(mandoc.out + mandoc.err, "") << page.path;
    const auto groff =
        test::run({"groff", "-man", "-ww", "-z", "-T", "utf8"}, {.input = page.text});
    EXPECT_EQ(groff.out + groff.err, "") << page.path;
  }
}

TEST_F(ManualPages, HaveEveryOptionThatTheHelpHas) {
  const std::regex option("\n  (-[^ ]+)");
  for (const cli::CommandDescription& command : program_.commands) {
    const std::string page = rendered(page_of("pgseal-" + command.name));
    const std::string help = test::pgseal({command.name, "--help"}).out;
    int count = 0;
    for (auto at = std::sregex_iterator(help.begin(), help.end(), option);
         at != std::sregex_iterator(); ++at) {
      const std::string names = std::regex_replace((*at)[1].str(), std::regex(","), ", ");
      EXPECT_THAT(page, HasSubstr("\n       " + names)) << command.name;
      ++count;
    }
    EXPECT_GT(count, 0) << command.name;
  }
}

TEST_F(ManualPages, OfTheProgramHasCommandsExitCodesVariablesAndFiles) {
  EXPECT_THAT(rendered(page_of("pgseal")),
              AllOf(HasSubstr("pgseal-restore(1)\n"), HasSubstr("     130 "),
                    HasSubstr("POSTGRES_PORT, PGPORT, PGSEAL_PORT\n"), HasSubstr("PGPASSWORD\n"),
                    HasSubstr("/etc/pgseal/config.toml\n"), HasSubstr("pgseal 1.2.3"),
                    HasSubstr("2026-01-31"), HasSubstr("--to 'host=db2.example.com dbname=shop'")));
}

TEST(Roff, PrintsAnyTextAsItIs) {
  if (!test::have_program("mandoc")) PGSEAL_SKIP_BECAUSE("mandoc is not installed");
  const std::string text = R"(.TH 'a' \fB "b" `c` ^~ --d \(em)";
  RoffPage page({"x", "2026-01-31", "x 1"});
  page.heading("NAME");
  page.paragraph(plain(text));
  page.entry(bold(text), italic(text));
  const std::string seen = rendered(page.take());
  std::size_t count = 0;
  for (auto at = seen.find(text); at != std::string::npos; at = seen.find(text, at + 1)) ++count;
  EXPECT_EQ(count, 3) << seen;
}

}  // namespace
}  // namespace pgseal::manual
