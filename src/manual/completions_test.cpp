#include "manual/completions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "cli/program.h"
#include "support/command.h"
#include "support/requirement.h"
#include "support/temp_dir.h"

namespace pgseal::manual {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// The shells themselves complete, in a directory with a file "key one" and a directory "keys".
class Completions : public testing::Test {
 protected:
  Completions() {
    test::write_text(dir_ / "key one", "");
    std::filesystem::create_directory(dir_ / "keys");
    test::write_text(dir_ / "bash", bash_completion(program_));
    test::write_text(dir_ / "_pgseal", zsh_completion(program_));
    test::write_text(dir_ / "pgseal.fish", fish_completion(program_));
  }

  /// What bash offers for the last of the words, a line each.
  std::string bash(const std::vector<std::string>& words) {
    std::string quoted;
    for (const std::string& word : words) quoted += " " + test::shell_quoted(word);
    // compopt, which would be told to quote names, is for readline only.
    return test::run_ok({"bash", "-euo", "pipefail", "-c",
                         "compopt() { :; }; source ./bash; COMP_WORDS=(" + quoted +
                             "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _pgseal; "
                             "printf '%s\\n' \"${COMPREPLY[@]}\""},
                        {.directory = dir_.path()});
  }

  /// What fish offers for the last word of the line, a line each: the word, a tab, the help.
  std::string fish(const std::string& line) {
    return test::run_ok({"fish", "--no-config", "-c",
                         "source pgseal.fish; complete -C " + test::shell_quoted(line)},
                        {.environment = {{"HOME", dir_.path()}}, .directory = dir_.path()});
  }

  const cli::CommandDescription program_ = cli::Arguments().line.description();
  test::TempDir dir_;
};

TEST_F(Completions, OfBashOfferCommandsOptionsAndValues) {
  EXPECT_EQ(bash({"pgseal", "verif"}), "verify\n");
  EXPECT_EQ(bash({"pgseal", "--profile", "verify", "decr"}), "decrypt\n");
  EXPECT_EQ(bash({"pgseal", "backup", "--zstd"}), "--zstd-level\n");
  EXPECT_EQ(bash({"pgseal", "restore", "--log-f"}), "--log-format\n");
  EXPECT_EQ(bash({"pgseal", "backup", "--format", ""}), "classic\narchive\n");
  EXPECT_EQ(bash({"pgseal", "backup", "--format", "=", "ar"}), "archive\n");
  EXPECT_EQ(bash({"pgseal", "backup", "-h", ""}), "\n");  // a host's name
  EXPECT_EQ(bash({"pgseal", "keygen", "-h", ""}), bash({"pgseal", "keygen", ""}));
}

TEST_F(Completions, OfBashOfferFilesWhereFilesBelong) {
  EXPECT_THAT(bash({"pgseal", "decrypt", "-o", "ke"}),
              AllOf(HasSubstr("key one\n"), HasSubstr("keys\n")));
  EXPECT_EQ(bash({"pgseal", "encrypt", "key"}), bash({"pgseal", "decrypt", "-o", "ke"}));
  EXPECT_EQ(bash({"pgseal", "drill", "--directory", "ke"}), "keys\n");
}

TEST_F(Completions, OfFishOfferCommandsOptionsAndValues) {
  if (!test::have_program("fish")) PGSEAL_SKIP_BECAUSE("fish is not installed");
  EXPECT_THAT(fish("pgseal verif"), StartsWith("verify\tProve what lies in a store"));
  EXPECT_THAT(fish("pgseal backup --zstd"), HasSubstr("--zstd-level\t1 is fast, 19 is small\n"));
  EXPECT_THAT(fish("pgseal backup --format "),
              AllOf(HasSubstr("classic\t"), HasSubstr("archive\t"), Not(HasSubstr("key"))));
  EXPECT_THAT(fish("pgseal decrypt -o ke"), AllOf(HasSubstr("key one"), HasSubstr("keys/")));
  EXPECT_EQ(fish("pgseal drill --directory ke").find("key one"), std::string::npos);
}

// zsh completes only where somebody types. Control-U takes a line back.
constexpr const char* kTypeInZsh = R"(
  set timeout 20
  proc want {text} {
    expect {
      -ex $text { }
      default { puts "no $text"; exit 1 }
    }
  }
  spawn zsh -f -i
  send "PROMPT='rea''dy> '; fpath=(\$PWD \$fpath); autoload -Uz compinit; compinit -u -D\r"
  want "ready> "
  foreach {typed completed} {
    "verif" "y "
    "backup --zstd" "-level="
    "restore --log-format j" "son "
    "backup --format ar" "chive "
    "drill --directory k" "eys/"
    "encrypt key\\ o" "ne "
  } {
    send "pgseal $typed\t"
    want $completed
    send "\025"
  }
  send "exit\r"
  expect eof
)";

TEST_F(Completions, OfZshCompleteCommandsOptionsValuesAndFiles) {
  for (const char* program : {"zsh", "expect"}) {
    if (!test::have_program(program)) {
      PGSEAL_SKIP_BECAUSE(std::string(program) + " is not installed");
    }
  }
  const auto result =
      test::run({"expect", "-f", "-"},
                {.environment = {{"TERM", "dumb"}}, .input = kTypeInZsh, .directory = dir_.path()});
  EXPECT_TRUE(result.ok()) << result.describe();
}

}  // namespace
}  // namespace pgseal::manual
