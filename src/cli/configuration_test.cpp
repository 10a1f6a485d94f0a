#include "cli/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "cli/settings.h"
#include "support/command.h"
#include "support/configuration_case.h"

namespace pgseal::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using ConfigurationTest = test::ConfigurationCase;

// The order of strength.

TEST_F(ConfigurationTest, TheStrongestSourceOfEachKindWins) {
  struct Case {
    const Setting& setting;
    std::string in_profile, in_top;
  };
  const Case cases[] = {{setting::host, "'p'", "'t'"},
                        {setting::jobs, "7", "6"},
                        {setting::chunk_size, "'2M'", "1048576"},
                        {setting::recipients, "['p']", "['t', 'u']"}};
  for (const Case& c : cases) {
    const std::string& key = c.setting.key;
    const std::string toml = key + " = " + c.in_top + "\n[profiles.x]\n" + key + " = " +
                             c.in_profile + "\n[profiles.empty]\n";
    const GivenFlags flag{{key, {"11"}}};
    const Map variable{{c.setting.own_variable(), "10"}, {"PGSEAL_PROFILE", "x"}};
    const auto origin_of = [&](const GivenFlags& flags, const Map& variables) {
      return with_file(toml, flags, variables).in_force(c.setting)->origin;
    };
    EXPECT_EQ(origin_of(flag, variable), "flag " + c.setting.long_flag());
    EXPECT_EQ(origin_of({}, variable), "variable " + c.setting.own_variable());
    EXPECT_EQ(origin_of({}, {{"PGSEAL_PROFILE", "x"}}), "file " + file_ + ", profile x");
    EXPECT_EQ(origin_of({}, {{"PGSEAL_PROFILE", "empty"}}), "file " + file_);
    EXPECT_EQ(origin_of({}, {}), "file " + file_);
    EXPECT_EQ(message(), "");
    const auto by_default = configure({}, {}).in_force(c.setting);
    EXPECT_EQ(by_default ? by_default->text() : "", c.setting.default_value);
  }
}

TEST_F(ConfigurationTest, AListOfAStrongerSourceTakesThePlaceOfTheWeakerOne) {
  const std::string toml = "recipients = ['a', 'b']\n[profiles.x]\nrecipients = ['c']\n";
  EXPECT_THAT(with_file(toml).find(setting::recipients)->items, ElementsAre("a", "b"));
  EXPECT_THAT(with_file(toml, {{"profile", {"x"}}}).find(setting::recipients)->items,
              ElementsAre("c"));
  EXPECT_THAT(with_file(toml, {{"recipients", {"d", "e,f"}}}).find(setting::recipients)->items,
              ElementsAre("d", "e,f"));
}

TEST_F(ConfigurationTest, AListInAVariableHasLinesOrCommas) {
  EXPECT_THAT(configure({}, {{"PGSEAL_RECIPIENTS", "a, b,c"}}).find(setting::recipients)->items,
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(
      configure({}, {{"PGSEAL_RECIPIENTS", "a, b\n\n c\n"}}).find(setting::recipients)->items,
      ElementsAre("a, b", "c"));
}

TEST_F(ConfigurationTest, AnEmptyVariableHidesNothingAnEmptyFlagOrEntryDoes) {
  EXPECT_EQ(with_file("host = 'h'", {}, {{"PGSEAL_HOST", ""}}).text(setting::host), "h");
  EXPECT_EQ(with_file("host = 'h'", {{"host", {""}}}).text(setting::host), std::nullopt);
  EXPECT_EQ(
      with_file("host = 'h'\n[profiles.x]\nhost = ''", {{"profile", {"x"}}}).text(setting::host),
      std::nullopt);
}

TEST_F(ConfigurationTest, TheUsersFileIsFoundBeforeTheMachines) {
  const std::string folder = dir_ / ".config/pgseal";
  test::run_ok({"mkdir", "-p", folder});
  test::write_text(folder + "/config.toml", "jobs = 9\n");
  Configuration& found = configure({}, {{"HOME", dir_.path()}});
  EXPECT_EQ(found.text(setting::jobs), "9");
  EXPECT_EQ(found.file().path(), folder + "/config.toml");
  // Another is asked for.
  EXPECT_EQ(with_file("jobs = 8", {}, {{"HOME", dir_.path()}}).text(setting::jobs), "8");
  test::write_text(dir_ / "flagged.toml", "jobs = 7");
  EXPECT_EQ(with_file("jobs = 8", {{"config", {dir_ / "flagged.toml"}}}).text(setting::jobs), "7");
}

TEST_F(ConfigurationTest, TheDocumentationHasEachInItsTable) {
  std::istringstream page(test::read_text(PGSEAL_SOURCE_DIR "/doc/configuration.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| ")) rows.push_back(line);
  }
  for (const Setting* setting : all_settings()) {
    std::vector<std::string> words = setting->all_variables();
    if (!setting->flag.empty()) words.push_back(setting->long_flag());
    if (setting->in_files && setting != &setting::password) words.push_back(setting->key);
    EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [&](const std::string& row) {
      return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return row.find("`" + word + "`") != std::string::npos;
      });
    })) << setting->key;
  }
}

// What a file may not say.

TEST_F(ConfigurationTest, AllMistakesInAFileAreNamedAtOnceWithTheirLines) {
  (void)with_file(
      "jbos = 4\n"
      "jobs = 'four'\n"
      "recipients = 1\n"
      "host = 5\n"
      "chunk_size = true\n"
      "recipients_file = ['a', 3]\n"
      "profile = 'x'\n"
      "[store]\n"
      "url = 'file:///d'\n"
      "[profiles.other]\n"
      "portt = 1\n",
      {{"profile", {"prod"}}});
  const std::string at = file_ + ":";
  EXPECT_THAT(message(), AllOf(HasSubstr(at + "1: unknown key \"jbos\""),
                               HasSubstr(at + "2: \"jobs\" must be a whole number"),
                               HasSubstr(at + "3: \"recipients\" must be a list of texts"),
                               HasSubstr(at + "4: \"host\" must be text (in quotes)"),
                               HasSubstr(at + "5: \"chunk_size\" must be a number of bytes"),
                               HasSubstr(at + "6: \"recipients_file\" must be a list of texts"),
                               HasSubstr(at + "7: unknown key \"profile\""),
                               HasSubstr(at + "8: \"store\" must be text (in quotes)"),
                               HasSubstr(at + "11: unknown key \"portt\"")));
  EXPECT_THAT(message(), HasSubstr("there is no profile \"prod\" (profiles: \"other\")"));
}

TEST_F(ConfigurationTest, ABrokenFileIsNamedWithItsLine) {
  (void)with_file("jobs = 4\nhost = \n");
  EXPECT_THAT(message(), HasSubstr(file_ + ":2: "));
  (void)with_file("profiles = 3\n");
  EXPECT_THAT(message(), HasSubstr(file_ + ":1: \"profiles\" must be tables"));
  (void)with_file("[profiles]\nx = 3\n");
  EXPECT_THAT(message(), HasSubstr(file_ + ":2: \"x\" must be a table: [profiles.x]"));
}

TEST_F(ConfigurationTest, AFileThatIsNotThereIsAProblem) {
  (void)configure({{"config", {"/no/such/file"}}}, {});
  EXPECT_THAT(message(), HasSubstr("/no/such/file"));
}

TEST_F(ConfigurationTest, AProfileWithoutAFileIsAProblem) {
  if (::access("/etc/pgseal/config.toml", F_OK) == 0) GTEST_SKIP() << "this machine has a file";
  (void)configure({{"profile", {"prod"}}}, {});
  EXPECT_THAT(message(), HasSubstr("no configuration file that could have the profile \"prod\""));
}

TEST_F(ConfigurationTest, NoSecretIsTakenFromAFile) {
  const std::string key = "untrusted comment: minisign encrypted secret key\\nRWRTY0Iyhunter2";
  for (const std::string& line :
       {std::string("password = 'hunter2'"), std::string("db_password = 'hunter2'"),
        std::string("signing_key_passphrase = 'hunter2'"),
        std::string("aws_secret_access_key = 'hunter2'"),
        std::string("dbname = 'postgresql://u:hunter2@h/d'"), "signing_key = \"" + key + "\"",
        std::string("recipients = ['AGE-SECRET-KEY-1HUNTER2']"),
        std::string("public_key = '-----BEGIN PRIVATE KEY-----hunter2'")}) {
    (void)with_file(line + "\n");
    EXPECT_THAT(message(), AllOf(HasSubstr(file_ + ":1: "), HasSubstr("this file is no place for"),
                                 Not(HasSubstr("hunter2")), Not(HasSubstr("HUNTER2"))))
        << line;
  }
}

}  // namespace
}  // namespace pgseal::cli
