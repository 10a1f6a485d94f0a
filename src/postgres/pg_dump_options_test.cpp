#include "postgres/pg_dump_options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "base/error.h"
#include "base/format.h"
#include "support/command.h"
#include "support/postgres_programs.h"
#include "support/requirement.h"

namespace pgseal::postgres {
namespace {

using Words = std::vector<std::string>;

std::string refusal(const Words& options) {
  try {
    [[maybe_unused]] const PgDumpOptions parsed = parse_pg_dump_options(options);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Exit::usage);
    return error.message();
  }
}

TEST(PgDumpOptions, AreReadInEveryFormThatPgDumpTakes) {
  const Words expected = {"--schema=foo", "--table=a.b", "--no-owner", "--exclude-table=x=y"};
  for (const Words& words :
       {Words{"--schema=foo", "--table=a.b", "--no-owner", "--exclude-table=x=y"},
        Words{"--schema", "foo", "--table", "a.b", "--no-owner", "--exclude-table", "x=y"},
        Words{"-n", "foo", "-t", "a.b", "-O", "-T", "x=y"}, Words{"-nfoo", "-ta.b", "-OTx=y"},
        Words{"-nfoo", "-ta.b", "-OT", "x=y"}}) {
    EXPECT_EQ(parse_pg_dump_options(words).arguments, expected);
  }
  EXPECT_TRUE(parse_pg_dump_options({}).arguments.empty());
  EXPECT_EQ(parse_pg_dump_options({"-n", "--odd"}).arguments, Words{"--schema=--odd"});
  EXPECT_EQ(parse_pg_dump_options({"-x", "--no-acl", "--no-privileges"}).arguments,
            Words(3, "--no-privileges"));
  EXPECT_EQ(parse_pg_dump_options({"-b", "--large-objects", "-B", "--no-large-objects"}).arguments,
            (Words{"--blobs", "--blobs", "--no-blobs", "--no-blobs"}));
}

TEST(PgDumpOptions, TellWhatTheRestOfABackupHasToFollow) {
  const PgDumpOptions none = parse_pg_dump_options({"-t", "x"});
  EXPECT_EQ(none.role + none.encoding + none.lock_wait_timeout, "");
  EXPECT_FALSE(none.extra_float_digits);
  EXPECT_FALSE(none.enable_row_security || none.quote_all_identifiers || none.schema_only ||
               none.no_owner || none.no_tablespaces || none.no_table_access_method);

  const PgDumpOptions all = parse_pg_dump_options(
      {"--role=reader", "-E", "LATIN1", "--lock-wait-timeout=5s", "--extra-float-digits=-3",
       "--enable-row-security", "--quote-all-identifiers", "-s", "-O", "--no-tablespaces",
       "--no-table-access-method"});
  EXPECT_EQ(all.role, "reader");
  EXPECT_EQ(all.encoding, "LATIN1");
  EXPECT_EQ(all.lock_wait_timeout, "5s");
  EXPECT_EQ(all.extra_float_digits, -3);
  EXPECT_TRUE(all.enable_row_security && all.quote_all_identifiers && all.schema_only &&
              all.no_owner && all.no_tablespaces && all.no_table_access_method);
}

TEST(PgDumpOptions, KnowWhenNoDataIsAskedFor) {
  EXPECT_TRUE(parse_pg_dump_options({"--no-data"}).schema_only);
  EXPECT_TRUE(parse_pg_dump_options({"--statistics-only"}).schema_only);
  EXPECT_TRUE(parse_pg_dump_options({"--section=pre-data", "--section=post-data"}).schema_only);
  EXPECT_FALSE(parse_pg_dump_options({"--section=pre-data", "--section", "data"}).schema_only);
  EXPECT_FALSE(parse_pg_dump_options({"--data-only"}).schema_only);
}

TEST(PgDumpOptions, AreRefusedWithTheReason) {
  const std::string begin = "cannot pass \"";
  const auto expect = [&](const Words& words, const std::string& option, const char* reason) {
    EXPECT_EQ(refusal(words), begin + option + "\" to pg_dump: " + reason);
  };
  expect({"--load-via-partition-root"}, "--load-via-partition-root",
         "each partition's data is a file of its own, which must go back into that partition");
  expect({"--inserts"}, "--inserts",
         "a backup holds rows as COPY has them, not as INSERT commands");
  expect({"-Fp"}, "-F", "a backup's output has options of its own");
  expect({"-h", "db"}, "-h", "a backup's connection has options of its own");
  expect({"--clean"}, "--clean", "it is chosen when a backup is restored");
  expect({"-C"}, "-C", "it is chosen when a backup is restored");
  expect({"--snapshot=1"}, "--snapshot",
         "a backup takes its own snapshot, for all its connections");
  expect({"--frobnicate"}, "--frobnicate", "it is no option that a backup knows");
  expect({"-k"}, "-k", "it is no option that a backup knows");
  expect({"--tab=x"}, "--tab", "it is no option that a backup knows");
  expect({"mydb"}, "mydb", "it is no option");
  expect({"--"}, "--", "it is no option");
  expect({"-"}, "-", "it is no option");
  expect({""}, "", "it is no option");
  expect({"--table"}, "--table", "it needs a value");
  expect({"-Ot"}, "-Ot", "it needs a value");
  expect({"--table="}, "--table=", "its value is empty");
  expect({"--no-owner=yes"}, "--no-owner=yes", "it takes no value");
  expect({"--section=all"}, "--section=all", "sections are pre-data, data and post-data");
  expect({"--extra-float-digits=4"}, "--extra-float-digits=4", "it is no number from -15 to 3");
  expect({"--filter=-"}, "--filter=-", "pg_dump has no standard input here");
}

TEST(PgDumpOptions, AreRefusedWherePgDumpIsTooOld) {
  const PgDumpOptions options = parse_pg_dump_options({"-t", "x", "--filter=file"});
  require_pg_dump(options, 17);
  try {
    require_pg_dump(options, 15);
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "cannot pass \"--filter=file\" to pg_dump 15: versions from 17 on know it");
  }
}

TEST(PgDumpOptions, TakeOwnersTablespacesAndAccessMethodsOutOfTheToc) {
  TocEntry entry;
  entry.owner = "app";
  entry.tablespace = "fast";
  entry.table_access_method = "heap";
  ArchiveToc toc;
  toc.entries = {entry};
  const ArchiveToc before = toc;
  apply_to(toc, parse_pg_dump_options({"-t", "x"}));
  EXPECT_EQ(toc, before);
  apply_to(toc, parse_pg_dump_options({"--no-owner"}));
  EXPECT_EQ(toc.entries[0].owner, "");
  EXPECT_EQ(toc.entries[0].tablespace, "fast");
  apply_to(toc, parse_pg_dump_options({"--no-tablespaces", "--no-table-access-method"}));
  EXPECT_FALSE(toc.entries[0].tablespace || toc.entries[0].table_access_method);
}

/// The long options in the --help of a real pg_dump.
std::vector<std::string> long_options(const std::string& help) {
  std::vector<std::string> names;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t dash = line.find_first_not_of(' ');
    const std::size_t at = line.find("--");
    if (dash == std::string::npos || line[dash] != '-' || at == std::string::npos) continue;
    const std::size_t end = line.find_first_of("= ", at);
    names.push_back(line.substr(at + 2, end == std::string::npos ? end : end - at - 2));
  }
  return names;
}

class PgDumpOptionsOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(PgDump, PgDumpOptionsOf, testing::Values(15, 17, 18));

TEST_P(PgDumpOptionsOf, AreAllEitherAllowedOrRefusedForAReason) {
  PGSEAL_SKIP_BECAUSE(test::why_no_postgres(GetParam()));
  const auto help = test::run_ok({test::postgres_bin_dir(GetParam()) + "/pg_dump", "--help"});
  const std::vector<std::string> names = long_options(help);
  ASSERT_GT(names.size(), 50u);
  for (const std::string& name : names) {
    EXPECT_EQ(refusal({"--" + name + "=x"}).find("no option that a backup knows"),
              std::string::npos)
        << name;
  }
  for (const PgDumpOption& option : pg_dump_option_table()) {
    const bool known = std::find(names.begin(), names.end(), option.name) != names.end();
    EXPECT_EQ(known, option.since <= GetParam()) << option.name;
    if (option.letter != 0) {
      EXPECT_NE(help.find(format("\n  -{}, --", option.letter)), std::string::npos);
    }
    const std::string with_value = format("--{}=", option.name);
    EXPECT_EQ(known && option.value != nullptr, help.find(with_value) != std::string::npos)
        << option.name;
  }
}

}  // namespace
}  // namespace pgseal::postgres
