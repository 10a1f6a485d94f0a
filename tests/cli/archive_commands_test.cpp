// The archive format as people meet it: backup, list, show, export, and what refuses it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "base/json.h"
#include "support/pgseal_program.h"
#include "support/postgres_server.h"
#include "support/temp_dir.h"

namespace pgseal {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

/// A server, keys, and a store with one archive backup, signed.
class ArchiveCommands : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new test::PostgresServer();
    server_->create_database("shop");
    server_->psql("shop",
                  "CREATE TABLE orders AS SELECT g AS id, md5(g::text) AS text "
                  "FROM generate_series(1, 100000) g");
    server_->psql("shop", "CREATE TABLE \"odd\nname\" (a int)");
    server_->psql("shop", "SELECT lo_from_bytea(0, '\\x616263')");
    dir_ = new test::TempDir();
    std::filesystem::create_directory(*dir_ / "store");
    const auto made = test::pgseal({"keygen", "--output", *dir_ / "identity"});
    const auto signer = test::pgseal({"keygen", "--signing", "--output", *dir_ / "signer"});
    if (!made.ok() || !signer.ok()) throw std::runtime_error("cannot make keys: " + made.err);
    recipient_ = made.err.substr(made.err.find("age1"), 62);
    const auto backup = backup_to(*dir_ / "store", {"--signing-key", *dir_ / "signer"});
    if (!backup.ok()) throw std::runtime_error(backup.describe());
    name_ = listing(*dir_ / "store").at(0).at("backup").get<std::string>();
  }
  static void TearDownTestSuite() {
    delete dir_;
    delete server_;
  }

  static test::CommandResult backup_to(const std::string& store, const Arguments& more = {}) {
    Arguments arguments{"backup",  "--dbname",        server_->conninfo("shop"),
                        "--store", "file://" + store, "--recipient",
                        recipient_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::pgseal(arguments);
  }
  static Json listing(const std::string& store) {
    return Json::parse(test::pgseal({"list", "--json", "--store", "file://" + store}).out);
  }
  /// A command on the fixed store.
  static test::CommandResult on_store(Arguments arguments) {
    arguments.insert(arguments.end(), {"--store", "file://" + (*dir_ / "store")});
    return test::pgseal(arguments);
  }

  static inline test::PostgresServer* server_ = nullptr;
  static inline test::TempDir* dir_ = nullptr;
  static inline std::string recipient_, name_;
  std::string identity_ = *dir_ / "identity", signer_ = *dir_ / "signer.pub";
};

TEST_F(ArchiveCommands, TheLastLineOfABackupSaysWhatWasDone) {
  const test::TempDir store;
  const auto unsigned_one = backup_to(store.path());
  ASSERT_TRUE(unsigned_one.ok()) << unsigned_one.describe();
  EXPECT_THAT(unsigned_one.out,
              testing::MatchesRegex("backed up \"shop\": file://.*/shop/[0-9TZ]*-[a-z]* "
                                    "\\([0-9.]* [KM]iB in [0-9]* objects, unsigned\\); 100000 rows "
                                    "in 2 tables, 1 large objects, [0-9.]* MiB in [0-9.]* s, "
                                    "[0-9.]* [KM]iB/s, ratio [0-9.]*\n"));
  EXPECT_THAT(unsigned_one.err, HasSubstr(" warning the backup is not signed"));

  const auto signed_one =
      backup_to(store.path(), {"--signing-key", *dir_ / "signer", "--log-format", "json"});
  ASSERT_TRUE(signed_one.ok()) << signed_one.describe();
  EXPECT_THAT(signed_one.err, Not(HasSubstr("not signed")));
  const Json line = Json::parse(signed_one.out);
  EXPECT_EQ(line.at("event"), "backup");
  EXPECT_EQ(line.at("format"), "archive");
  EXPECT_EQ(line.at("rows"), 100000);
  EXPECT_EQ(line.at("tables"), 2);
  EXPECT_EQ(line.at("large_objects"), 1);
  EXPECT_EQ(line.at("signer").get<std::string>().size(), 16u);
  EXPECT_GT(line.at("ratio"), 1.0);
  for (const char* field : {"content_bytes", "compressed_bytes", "stored_bytes", "segments",
                            "objects", "seconds", "bytes_per_second"}) {
    EXPECT_GT(line.at(field), 0) << field;
  }
  for (const char* field : {"reconnects", "retries", "locks_refused", "pg_dump_warnings"}) {
    EXPECT_EQ(line.at(field), 0) << field;
  }
  EXPECT_EQ(line.at("retries_by_cause"), Json::object());
}

TEST_F(ArchiveCommands, ExplainPrintsThePlanAndStoresNothing) {
  const test::TempDir store;
  const auto text = backup_to(store.path(), {"--explain", "--segment-size", "1M"});
  ASSERT_TRUE(text.ok()) << text.describe();
  EXPECT_THAT(text.out, AllOf(HasSubstr("public.orders"), HasSubstr("odd?name"),
                              HasSubstr("2 tables in "), HasSubstr("memory: at most ")));
  const auto json = test::pgseal(
      {"backup", "--dbname", server_->conninfo("shop"), "--explain", "--json", "-T", "odd*"});
  ASSERT_TRUE(json.ok()) << json.describe();
  const Json plan = Json::parse(json.out);
  ASSERT_EQ(plan.at("tables").size(), 1u);
  EXPECT_EQ(plan.at("tables").at(0).at("name"), "public.orders");
  EXPECT_GT(plan.at("most_memory_bytes"), 0);
  EXPECT_TRUE(std::filesystem::is_empty(store.path()));
  const auto classic = test::pgseal({"backup", "--explain", "--format", "classic"});
  EXPECT_EQ(classic.exit_code, 2) << classic.describe();
}

TEST_F(ArchiveCommands, SelectionOptionsAreHandedOnInEveryForm) {
  const test::TempDir store;
  const auto result = backup_to(store.path(), {"-t", "orders", "--no-owner", "-x"});
  ASSERT_TRUE(result.ok()) << result.describe();
  const auto show = test::pgseal(
      {"show", "--json", "--identity", identity_, "--store", "file://" + store.path()});
  const Json json = Json::parse(show.out);
  ASSERT_EQ(json.at("tables").size(), 1u) << show.describe();
  EXPECT_EQ(json.at("pg_dump_options").size(), 3u);
}

TEST_F(ArchiveCommands, ListKnowsBothFormats) {
  const test::TempDir store;
  const test::KeyPair pair = test::make_key_pair(store.path());
  const auto archive = backup_to(store.path());
  ASSERT_TRUE(archive.ok()) << archive.describe();
  const auto classic =
      test::pgseal({"backup", "--format", "classic", "--dbname", server_->conninfo("shop"),
                    "--store", "file://" + store.path(), "--public-key", pair.public_pem});
  ASSERT_TRUE(classic.ok()) << classic.describe();
  const Json json = listing(store.path());
  ASSERT_EQ(json.size(), 2u);
  std::set<std::string> formats;
  for (const Json& entry : json) {
    formats.insert(entry.at("format").get<std::string>());
    EXPECT_EQ(entry.at("signed"), false);
    EXPECT_EQ(entry.at("database"), "shop");
    EXPECT_EQ(entry.at("committed"), true);
  }
  EXPECT_EQ(formats, (std::set<std::string>{"archive", "classic"}));
  const auto table = test::pgseal({"list", "--store", "file://" + store.path()});
  EXPECT_THAT(table.out, testing::StartsWith("BACKUP "));
  for (const char* words : {" FORMAT ", " SIGNED ", " archive ", " classic ", " ok\n"}) {
    EXPECT_THAT(table.out, HasSubstr(words));
  }
  // A manifest that goes away takes the backup with it.
  for (const Json& entry : json) {
    if (entry.at("format") == "archive") {
      std::filesystem::remove(store.path() + "/" + entry.at("backup").get<std::string>() +
                              "/manifest.json");
    }
  }
  EXPECT_EQ(listing(store.path()).size(), 1u);
  const auto all = test::pgseal({"list", "--all", "--store", "file://" + store.path()});
  EXPECT_THAT(all.out, HasSubstr(" archive "));
}

TEST_F(ArchiveCommands, ShowTellsThePublicPartWithoutAKey) {
  const auto text = on_store({"show", name_});
  ASSERT_TRUE(text.ok()) << text.describe();
  EXPECT_THAT(text.out,
              AllOf(HasSubstr(name_), HasSubstr(recipient_), HasSubstr("archive 1."),
                    HasSubstr("not checked (--signer)"), HasSubstr("catalog.json.zst.age")));
  EXPECT_THAT(text.out, Not(HasSubstr("orders")));
  const Json json = Json::parse(on_store({"show", "--json"}).out);  // the latest
  EXPECT_EQ(json.at("backup"), name_);
  EXPECT_EQ(json.at("database"), "shop");
  EXPECT_EQ(json.at("recipients"), Json({recipient_}));
  EXPECT_EQ(json.at("signature"), "not checked");
  EXPECT_GE(json.at("objects").size(), 4u);
  EXPECT_FALSE(json.contains("tables"));
}

TEST_F(ArchiveCommands, ShowVerifiesTheSignature) {
  const Json json = Json::parse(on_store({"show", "--json", "--signer", signer_}).out);
  EXPECT_EQ(json.at("signature"), "verified");
  std::istringstream file(test::read_text(signer_));
  std::string comment, key;
  std::getline(file, comment);
  std::getline(file, key);
  EXPECT_THAT(on_store({"show", "--signer", key}).out, HasSubstr("signature:  good, by "));

  const test::TempDir other;
  ASSERT_TRUE(test::pgseal({"keygen", "--signing", "--output", other / "key"}).ok());
  const auto wrong = on_store({"show", "--signer", other / "key.pub"});
  EXPECT_EQ(wrong.exit_code, 6) << wrong.describe();
  EXPECT_EQ(wrong.out, "");
  EXPECT_EQ(on_store({"show", "--signer", "no key"}).exit_code, 6);
}

TEST_F(ArchiveCommands, ShowTellsTheTablesToWhoCanRead) {
  const auto text = on_store({"show", "--identity", identity_});
  ASSERT_TRUE(text.ok()) << text.describe();
  EXPECT_THAT(text.out, AllOf(HasSubstr("public.orders"), HasSubstr("100000"),
                              HasSubstr("public.odd?name"), HasSubstr("1 large objects, 3 B")));
  const Json json = Json::parse(on_store({"show", "--json", "--identity", identity_}).out);
  for (const Json& table : json.at("tables")) {
    const bool orders = table.at("name") == "orders";
    EXPECT_EQ(table.at("rows"), orders ? 100000 : 0);
    EXPECT_EQ(table.at("fingerprint").get<std::string>().size(), 32u);
  }
  const test::TempDir other;
  ASSERT_TRUE(test::pgseal({"keygen", "--output", other / "key"}).ok());
  EXPECT_EQ(on_store({"show", "--identity", other / "key"}).exit_code, 6);
}

TEST_F(ArchiveCommands, ShowKnowsAClassicBackupToo) {
  const test::TempDir store;
  const test::KeyPair pair = test::make_key_pair(store.path());
  ASSERT_TRUE(test::pgseal({"backup", "--format", "classic", "--dbname", server_->conninfo("shop"),
                            "--store", "file://" + store.path(), "--public-key", pair.public_pem})
                  .ok());
  const auto text = test::pgseal({"show", "--store", "file://" + store.path()});
  ASSERT_TRUE(text.ok()) << text.describe();
  EXPECT_THAT(text.out, AllOf(HasSubstr("classic"), HasSubstr(".sql.bz.enc"), HasSubstr("of SQL"),
                              HasSubstr("SHA-256 ")));
  const auto json = test::pgseal({"show", "--json", "--store", "file://" + store.path()});
  EXPECT_EQ(Json::parse(json.out).at("format"), "classic");
}

TEST_F(ArchiveCommands, ExportWritesWhatPgRestoreReads) {
  const test::TempDir out;
  const auto result = on_store(
      {"export", name_, out / "dump", "--identity", identity_, "--signer", signer_, "--jobs", "2"});
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out, AllOf(HasSubstr("exported \"" + name_ + "\" to "),
                                HasSubstr("100000 rows in 2 tables, 1 large objects")));
  EXPECT_THAT(result.err, Not(HasSubstr("warning")));
  server_->create_database("target");
  test::run_ok(
      {server_->bin_dir() + "/pg_restore", "-j2", "-d", server_->conninfo("target"), out / "dump"});
  const char* sum = "SELECT count(*), md5(string_agg(text, ',' ORDER BY id)) FROM orders";
  EXPECT_EQ(server_->psql("target", sum), server_->psql("shop", sum));

  const auto unchecked =
      on_store({"export", name_, out / "plain", "--identity", identity_, "--plain"});
  ASSERT_TRUE(unchecked.ok()) << unchecked.describe();
  EXPECT_THAT(unchecked.err, HasSubstr(" warning the signature of "));
  const auto in_the_way = on_store({"export", name_, out / "plain", "--identity", identity_});
  EXPECT_EQ(in_the_way.exit_code, 2) << in_the_way.describe();
  EXPECT_EQ(on_store({"export", name_, out / "none"}).exit_code, 2);  // no identity
}

TEST_F(ArchiveCommands, ADrillIsReportedSignedStoredAndListed) {
  const test::TempDir out;
  ASSERT_TRUE(test::pgseal({"keygen", "--signing", "--output", out / "driller"}).ok());
  EXPECT_FALSE(listing(*dir_ / "store").at(0).contains("drilled"));
  const auto drill = on_store({"drill", name_, "--identity", identity_, "--signer", signer_,
                               "--report-json", out / "report", "--report-html", out / "page",
                               "--report-signing-key", out / "driller", "--store-report"});
  ASSERT_TRUE(drill.ok()) << drill.describe();
  EXPECT_THAT(drill.out, testing::ContainsRegex("\npublic\\.orders +100000 +100000 .* equal\n"));
  EXPECT_THAT(drill.out, HasSubstr("\ndrilled \"" + name_ + "\": restored into a throw-away "));
  test::run_ok({"minisign", "-Vm", out / "report", "-p", out / "driller.pub"});
  EXPECT_THAT(test::read_text(out / "page"), HasSubstr(">public.odd?name</td>"));

  const auto stored = test::sh("age -d -i " + test::shell_quoted(identity_) + " " +
                               test::shell_quoted(*dir_ / "store") + "/" + name_ +
                               "/drill/*.tar.age | tar xO report.json");
  EXPECT_EQ(stored.out, test::read_text(out / "report")) << stored.describe();
  const Json entry = listing(*dir_ / "store").at(0);
  EXPECT_EQ(entry.at("drilled").at("verdict"), "ok");
  EXPECT_EQ(entry.at("committed"), true);
  EXPECT_THAT(on_store({"list"}).out, testing::ContainsRegex("20[0-9-]+ ok +ok\n"));
}

TEST_F(ArchiveCommands, DecryptSaysWhatToUseInstead) {
  const test::KeyPair pair = test::make_key_pair(dir_->path());
  for (const Arguments& command : {Arguments{"decrypt", name_}, Arguments{"decrypt"}}) {
    Arguments arguments = command;
    arguments.insert(arguments.end(), {"--identity", pair.private_pem});
    const auto result = on_store(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.describe();
    EXPECT_THAT(result.err,
                AllOf(HasSubstr("cannot decrypt \"" + name_ + "\": it is in the archive format"),
                      HasSubstr("hint: pgseal export "), HasSubstr("--to-stdout")));
  }
}

TEST_F(ArchiveCommands, WhatIsNotThereIsNotFound) {
  for (const char* command : {"show", "export"}) {
    Arguments arguments{command, "shop/20200101T000000Z-aaaaaaaa"};
    if (arguments[0] == "export") {
      arguments.insert(arguments.end(), {*dir_ / "none", "--identity", identity_});
    }
    EXPECT_EQ(on_store(arguments).exit_code, 10) << command;
  }
  EXPECT_EQ(on_store({"show", "--database", "other"}).exit_code, 10);
  EXPECT_EQ(on_store({"show", "nonsense"}).exit_code, 2);
}

TEST_F(ArchiveCommands, ATerminalSeesABarAndALineForEachWorker) {
  const test::TempDir store;
  std::string script =
      "set timeout 60\nset stty_init {columns 60 rows 20}\nspawn " + std::string(PGSEAL_PROGRAM);
  for (const std::string& word :
       {std::string("backup"), std::string("--dbname"), server_->conninfo("shop"),
        std::string("--store"), "file://" + store.path(), std::string("--recipient"), recipient_,
        std::string("--jobs"), std::string("2"), std::string("--segment-size"), std::string("1M"),
        std::string("--rate-limit"), std::string("3M")}) {
    script += " {" + word + "}";
  }
  script +=
      "\nexpect {eof {} timeout {exit 99}}\nlassign [wait] pid spawnid os_error code\n"
      "exit $code";
  const auto result = test::run({"expect", "-c", script}, test::pgseal_environment({}));
  ASSERT_TRUE(result.ok()) << result.describe();
  EXPECT_THAT(result.out,
              testing::ContainsRegex("\r\033\\[J\\[[#-]{20}\\] +[0-9]+% of [0-9.]+ MiB, "));
  EXPECT_THAT(result.out, testing::ContainsRegex("\n  [12] +[0-9.]+ [KM]?i?B/s  public.orders "
                                                 "[0-9]+/[0-9]+"));
  EXPECT_THAT(result.out, HasSubstr("\033[2A\r"));
}

}  // namespace
}  // namespace pgseal
