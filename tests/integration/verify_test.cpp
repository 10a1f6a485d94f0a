// `pgseal verify`: every kind of damage is found and named, in both formats, and what is good
// passes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "engine/archive_verify.h"
#include "support/archive_forger.h"
#include "support/fake_s3.h"
#include "support/pgseal_program.h"

namespace pgseal {
namespace {

namespace fs = std::filesystem;
using backupset::Authenticity;
using engine::Defect;
using engine::Verification;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

auto finding(const std::string& object, const std::string& problem) {
  return AllOf(Field(&Defect::object, object), Field(&Defect::problem, HasSubstr(problem)));
}

/// A database and two backups of it, one in each format; each test damages a copy of theirs.
class Verify : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    test::PostgresServer server;
    server.create_database("shop");
    server.psql("shop",
                "CREATE TABLE orders AS SELECT g AS id, md5(g::text) || md5((-g)::text) AS note "
                "FROM generate_series(1, 4000) g;"
                "CREATE TABLE nothing (a int); CREATE SEQUENCE numbers; SELECT nextval('numbers');"
                "SELECT lo_from_bytea(1001, 'small');"
                "SELECT lo_from_bytea(1002, string_agg(sha256(g::text::bytea), '')) "
                "FROM generate_series(1, 5000) g");
    case_ = new test::ArchiveCase();
    auto options = case_->options(server.conninfo("shop"));
    options.shape = {.jobs = 1,
                     .chunk_size = 64 * kKiB,
                     .bundle_size = 80 * kKiB,
                     .segment_size = 128 * kKiB,
                     .zstd_level = 1};
    name_ = case_->backup(options).name;
    pair_ = test::make_key_pair(case_->directory().path());
    const auto classic = test::pgseal({"backup", "--quiet", "--format", "classic", "--dbname",
                                       server.conninfo("shop"), "--public-key", pair_.public_pem,
                                       "--store", "file://" + case_->store_directory()});
    if (!classic.ok()) throw std::runtime_error(classic.describe());
    for (const auto& entry : fs::directory_iterator(case_->store_directory())) {
      const std::string file = entry.path().filename().string();
      const std::size_t at = file.find(".manifest.json");
      if (at != std::string::npos) classic_name_ = file.substr(0, at);
    }
    test::write_text(case_->directory() / "identity",
                     std::string(case_->identity().secret_text().reveal()) + "\n");
  }
  static void TearDownTestSuite() {
    delete case_;
    case_ = nullptr;
  }

  void SetUp() override { restore_all(); }

  [[nodiscard]] std::string key(std::string_view object) const {
    return name_ + "/" + std::string(object);
  }
  [[nodiscard]] std::string path(const std::string& key) const { return directory_ + "/" + key; }
  [[nodiscard]] std::set<std::string> objects() const {
    std::set<std::string> keys;
    for (const auto& entry : fs::recursive_directory_iterator(directory_ + "/" + name_)) {
      if (entry.is_regular_file()) keys.insert(fs::relative(entry.path(), directory_).string());
    }
    return keys;
  }
  [[nodiscard]] std::set<std::string> bundles() const {
    std::set<std::string> keys;
    for (const std::string& key : objects()) {
      if (key.find("/data/") != std::string::npos) keys.insert(key);
    }
    return keys;
  }
  void flip_a_bit(const std::string& key) const {
    std::string content = test::read_text(path(key));
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 4);
    test::write_text(path(key), content);
  }
  void restore(const std::string& key) const {
    test::write_text(path(key), test::read_text(case_->store_directory() + "/" + key));
  }
  void restore_all() const {
    fs::remove_all(directory_);
    fs::copy(case_->store_directory(), directory_, fs::copy_options::recursive);
  }

  [[nodiscard]] static engine::ArchiveVerifyOptions without_key() {
    return {.signer = case_->signing_key().public_key(), .jobs = 2, .program_path = ""};
  }
  [[nodiscard]] static engine::ArchiveVerifyOptions with_key() {
    auto options = without_key();
    options.identities = {case_->identity()};
    return options;
  }
  [[nodiscard]] Verification verify(
      const engine::ArchiveVerifyOptions& options = with_key()) const {
    store::DirectoryStore store(directory_);
    engine::ArchiveProgress progress;
    return engine::verify_archive(options, store, backupset::BackupPlace::parse(name_).value(),
                                  progress, {});
  }
  /// What is found in a backup that somebody with the signing key has changed.
  [[nodiscard]] std::vector<Defect> forge(
      const std::function<void(test::ArchiveForger&)>& change) const {
    test::ArchiveForger forger(*case_, directory_, name_);
    change(forger);
    forger.commit();
    EXPECT_THAT(verify({.signer = case_->signing_key().public_key(), .deep = true}).findings,
                IsEmpty());
    return verify().findings;
  }
  /// The same for the content of a chunk of "orders", which `change` gets.
  [[nodiscard]] std::vector<Defect> forge_rows(
      const std::function<void(std::string&)>& change) const {
    return forge([&](test::ArchiveForger& forger) {
      const backupset::Chunk place = orders_chunk(forger.catalog);
      forger.rewrite_bundle(place.object, [&](auto& files) { change(files.at(place.file)); });
    });
  }
  /// Rows of the middle of the table, and so not the closing line.
  [[nodiscard]] static const backupset::Chunk& orders_chunk(const backupset::Catalog& catalog) {
    for (const auto& table : catalog.tables) {
      if (table.name == "orders") return table.segments.at(1).chunks.at(0).place;
    }
    throw std::runtime_error("no orders");
  }

  /// The program on the store, with all keys of the archive.
  [[nodiscard]] test::CommandResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "verify");
    arguments.insert(arguments.end(), {"--store", "file://" + directory_});
    return test::pgseal(arguments);
  }
  [[nodiscard]] std::vector<std::string> keys() const {
    return {"--identity", case_->directory() / "identity", "--signer",
            case_->signing_key().public_key().text()};
  }
  [[nodiscard]] test::CommandResult run_with_keys(std::vector<std::string> arguments) const {
    for (const std::string& argument : keys()) arguments.push_back(argument);
    return run(arguments);
  }

  static inline test::ArchiveCase* case_ = nullptr;
  static inline test::KeyPair pair_;
  static inline std::string name_, classic_name_;
  test::TempDir scratch_;
  const std::string directory_ = scratch_ / "store";
};

TEST_F(Verify, AGoodArchivePassesAsFarAsTheKeysGo) {
  auto options = without_key();
  options.signer.reset();
  EXPECT_THAT(verify(options).steps, ElementsAre("presence"));
  EXPECT_EQ(verify(options).authenticity, Authenticity::not_checked);

  options = without_key();
  options.deep = true;
  const Verification deep = verify(options);
  EXPECT_THAT(deep.findings, IsEmpty());
  EXPECT_THAT(deep.steps, ElementsAre("presence", "sha256"));
  EXPECT_EQ(deep.authenticity, Authenticity::verified);
  EXPECT_EQ(deep.objects, bundles().size() + 3);
  EXPECT_EQ(deep.rows, 0u);

  const Verification whole = verify();
  EXPECT_THAT(whole.findings, IsEmpty());
  EXPECT_THAT(whole.notes, IsEmpty());
  EXPECT_THAT(whole.steps, ElementsAre("presence", "sha256", "content"));
  EXPECT_EQ(whole.rows, 4000u);
  EXPECT_EQ(whole.read, deep.read);
}

TEST_F(Verify, EveryObjectThatIsMissingCutOrChangedIsNamed) {
  for (const std::string& key : objects()) {
    const bool is_signed_text = key.find("/manifest.json") != std::string::npos;
    const auto names_it = [&](const Defect& f) {
      return f.object == key || (is_signed_text && f.object.find("/manifest.json") != key.npos);
    };
    for (const auto& damage : std::vector<std::function<void()>>{
             [&] { fs::remove(path(key)); }, [&] { fs::resize_file(path(key), 100); },
             [&] { flip_a_bit(key); }}) {
      damage();
      const auto findings = verify().findings;
      EXPECT_FALSE(findings.empty()) << key;
      for (const Defect& found : findings) EXPECT_TRUE(names_it(found)) << found.problem;
      auto deep = without_key();
      deep.deep = true;
      const auto without_key = verify(deep).findings;
      EXPECT_FALSE(without_key.empty()) << key;
      for (const Defect& found : without_key) EXPECT_TRUE(names_it(found)) << found.problem;
      restore(key);
    }
  }
  EXPECT_THAT(verify().findings, IsEmpty());
}

TEST_F(Verify, AllDamageIsToldAndWhatItConcerns) {
  const std::string first = *bundles().begin(), last = *bundles().rbegin();
  fs::remove(path(first));
  flip_a_bit(last);
  flip_a_bit(key("globals.sql.zst.age"));
  const Verification result = verify();
  EXPECT_THAT(result.findings,
              UnorderedElementsAre(finding(first, "the object is missing"),
                                   finding(last, "another SHA-256"),
                                   finding(key("globals.sql.zst.age"), "another SHA-256")));
  for (const Defect& found : result.findings) {
    EXPECT_EQ(found.holds.empty(), found.object == key("globals.sql.zst.age")) << found.object;
  }
  EXPECT_GT(result.rows, 0u);
  EXPECT_LT(result.rows, 4000u);
}

TEST_F(Verify, BundlesInEachOthersPlaceAreBothNamed) {
  const std::string first = *bundles().begin(), last = *bundles().rbegin();
  fs::rename(path(first), path("kept"));
  fs::rename(path(last), path(first));
  fs::rename(path("kept"), path(last));
  EXPECT_THAT(verify(without_key()).findings,
              ElementsAre(Field(&Defect::object, first), Field(&Defect::object, last)));
}

TEST_F(Verify, AnotherSignerIsAMatterOfKeys) {
  auto options = with_key();
  options.signer = crypto::MinisignSecretKey::generate().public_key();
  const Verification result = verify(options);
  EXPECT_EQ(result.authenticity, Authenticity::refused);
  ASSERT_THAT(result.findings, Contains(Field(&Defect::object, key("manifest.json.minisig"))));
  EXPECT_EQ(result.findings.at(0).code, Exit::key);
  EXPECT_EQ(result.rows, 4000u);  // and all else was looked at

  fs::remove(path(key("manifest.json.minisig")));
  options.signer.reset();
  EXPECT_THAT(verify(options).findings,
              ElementsAre(finding(key("manifest.json.minisig"), "is missing")));
}

TEST_F(Verify, WithAnotherIdentityHashesAreProvedAllTheSame) {
  auto options = with_key();
  options.identities = {crypto::AgeIdentity::generate()};
  flip_a_bit(key("toc.tar.age"));
  const Verification result = verify(options);
  EXPECT_THAT(result.findings,
              UnorderedElementsAre(Field(&Defect::object, key("catalog.json.zst.age")),
                                   finding(key("toc.tar.age"), "another SHA-256")));
  EXPECT_EQ(result.findings.at(0).code, Exit::key);
  EXPECT_THAT(result.steps, ElementsAre("presence", "sha256"));
}

TEST_F(Verify, AChangedALostAndADoubledRowAreFoundInABackupThatIsRightlySigned) {
  const auto orders = [](const std::string& problem) {
    return ElementsAre(AllOf(Field(&Defect::problem, HasSubstr(problem)),
                             Field(&Defect::holds, ElementsAre("table public.orders"))));
  };
  const auto first_row = [](const std::string& rows) {
    return rows.substr(0, rows.find('\n') + 1);
  };
  EXPECT_THAT(forge_rows([](std::string& rows) { rows[0] = rows[0] == '1' ? '2' : '1'; }),
              orders("has other rows than the catalog says"));
  restore_all();
  EXPECT_THAT(forge_rows([&](std::string& rows) { rows.erase(0, first_row(rows).size()); }),
              orders(" rows, not "));
  restore_all();
  EXPECT_THAT(forge_rows([&](std::string& rows) { rows += first_row(rows); }),
              orders(" rows, not "));
  restore_all();
  EXPECT_THAT(forge_rows([](std::string& rows) { rows.pop_back(); }), orders("ends within a row"));
}

TEST_F(Verify, ALargeObjectsOtherContentIsFound) {
  for (const std::uint32_t oid : {1001u, 1002u}) {
    const auto findings = forge([&](test::ArchiveForger& forger) {
      const auto& objects = forger.catalog.large_objects.at(0).objects;
      const backupset::Chunk place = objects.at(oid - 1001).chunks.at(0);
      forger.rewrite_bundle(place.object, [&](auto& files) { files.at(place.file)[0] ^= 1; });
    });
    EXPECT_THAT(findings,
                ElementsAre(AllOf(
                    Field(&Defect::problem, HasSubstr("another content than the catalog says")),
                    Field(&Defect::holds, ElementsAre("large object " + std::to_string(oid))))));
    restore_all();
  }
}

TEST_F(Verify, NothingLiesInABundleButWhatTheCatalogNames) {
  EXPECT_THAT(
      forge([](test::ArchiveForger& forger) {
        forger.rewrite_bundle(orders_chunk(forger.catalog).object,
                              [](auto& files) { files["more"] = "text"; });
      }),
      ElementsAre(Field(&Defect::problem, HasSubstr("\"more\" that the catalog does not"))));
  restore_all();
  EXPECT_THAT(forge([](test::ArchiveForger& forger) {
                forger.rewrite_bundle(orders_chunk(forger.catalog).object,
                                      [](auto& files) { files.erase(std::prev(files.end())); });
              }),
              Contains(Field(&Defect::problem, HasSubstr("where the catalog says"))));
  restore_all();
  // A connection that was lost leaves the same chunk in two bundles.
  const auto copied_to_the_last = [this](const char* more) {
    return forge([&](test::ArchiveForger& forger) {
      const backupset::Chunk place = orders_chunk(forger.catalog);
      std::string content;
      forger.rewrite_bundle(place.object, [&](auto& files) { content = files.at(place.file); });
      forger.rewrite_bundle(*bundles().rbegin(),
                            [&](auto& files) { files[place.file] = content + more; });
    });
  };
  EXPECT_THAT(copied_to_the_last(""), IsEmpty());
  restore_all();
  EXPECT_THAT(copied_to_the_last("5\tfive\n"),
              ElementsAre(Field(&Defect::object, *bundles().rbegin())));
}

TEST_F(Verify, TheTableOfContentsAndTheCatalogHaveTheSameThings) {
  const auto wrong = [this](const std::string& problem) {
    return Contains(finding(key("toc.tar.age"), problem));
  };
  EXPECT_THAT(
      forge([](auto& forger) { forger.catalog.tables.erase(forger.catalog.tables.begin()); }),
      wrong("the catalog has no rows for entry"));
  restore_all();
  EXPECT_THAT(forge([](auto& forger) { forger.catalog.tables.at(0).columns += ", more"; }),
              wrong("is not what entry"));
  restore_all();
  EXPECT_THAT(forge([](auto& forger) { forger.catalog.sequences.at(0).definition += " "; }),
              wrong("the catalog does not have the sequence"));
  restore_all();
  const auto forge_toc = [this](const auto& change) {
    const auto findings = forge([&](test::ArchiveForger& forger) { forger.rewrite_toc(change); });
    restore_all();
    return findings;
  };
  const auto has_data = [](const auto& entry) { return entry.has_data; };
  EXPECT_THAT(forge_toc([&](auto& toc, auto&) { std::erase_if(toc.entries, has_data); }),
              AllOf(wrong("table public.orders is not in the table of contents"),
                    wrong("the catalog's large objects")));
  EXPECT_THAT(forge_toc([](auto& toc, auto&) { toc.entries.push_back(toc.entries.back()); }),
              wrong(" comes twice"));
  EXPECT_THAT(forge_toc([](auto&, auto& files) { files["blobs.toc"] = Bytes(3); }),
              wrong("\"blobs.toc\" does not name"));
  EXPECT_THAT(forge_toc([](auto&, auto& files) { files["more"] = Bytes(3); }),
              wrong("beside the table of contents"));
}

TEST_F(Verify, ASampleIsChosenByItsSeed) {
  flip_a_bit(*bundles().begin());
  const auto finds_it = [this](std::uint64_t seed) {
    auto options = with_key();
    options.sample = {0.3, seed};
    return !verify(options).good();
  };
  std::set<bool> outcomes;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const bool found = finds_it(seed);
    EXPECT_EQ(found, finds_it(seed));
    outcomes.insert(found);
  }
  EXPECT_EQ(outcomes.size(), 2u);  // some choose it, some do not
  auto options = without_key();
  options.deep = true;
  options.sample = {0.0001, 1};
  const Verification smallest = verify(options);
  EXPECT_THAT(smallest.notes, ElementsAre(HasSubstr(" 1 were looked into, chosen with --seed 1")));
  EXPECT_GT(smallest.read, fs::file_size(path(*bundles().rbegin())) / 2);
}

TEST_F(Verify, AClassicBackupIsProvedByItsKeyAndAllDamageIsNamed) {
  const auto verify_classic = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{classic_name_, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto result = run(arguments);
    return std::pair(result.exit_code, Json::parse(result.out).at(0));
  };
  const std::vector<std::string> with_key{"--identity", pair_.private_pem}, deep{"--deep"};
  const auto [code, good] = verify_classic(with_key);
  EXPECT_EQ(code, 0) << good;
  EXPECT_EQ(good.at("steps"), Json({"presence", "sha256", "content"}));
  EXPECT_EQ(verify_classic(deep).first, 0);
  for (const std::string suffix : {".key.txt.enc", ".sql.bz.enc", ".manifest.json"}) {
    const std::string object = classic_name_ + suffix;
    for (const auto& damage : std::vector<std::function<void()>>{
             [&] { fs::remove(path(object)); },
             [&] { fs::resize_file(path(object), fs::file_size(path(object)) - 16); },
             [&] { flip_a_bit(object); }}) {
      damage();
      const auto [found_code, found] = verify_classic(with_key);
      EXPECT_EQ(found_code, 7) << object << found;
      ASSERT_EQ(found.at("findings").size(), 1u) << found;
      // What the listing tells, it tells of the manifest.
      const std::string named = found.at("findings").at(0).at("object").get<std::string>();
      EXPECT_EQ(named, found.at("steps").size() > 1 ? object : classic_name_ + ".manifest.json");
      if (suffix != ".manifest.json") {
        EXPECT_EQ(verify_classic(deep).first, 7) << object;
      }
      restore(object);
    }
  }
}

TEST_F(Verify, OneDamagedBackupDoesNotStopTheOthers) {
  const std::string missing = key("catalog.json.zst.age");
  fs::remove(path(missing));
  const auto all = run({"--all", "--deep"});
  EXPECT_EQ(all.exit_code, 7) << all.describe();
  EXPECT_THAT(all.out, AllOf(testing::StartsWith("BACKUP "), HasSubstr(classic_name_),
                             HasSubstr(" DAMAGED\n"), HasSubstr(" ok\n"),
                             HasSubstr("\n" + missing + ": cannot read ")));
  EXPECT_EQ(run({"--deep", classic_name_}).exit_code, 0);

  // What has no manifest is no backup: by name that is wrong, among all it is only said.
  fs::remove(path(key("manifest.json")));
  const auto rest = run({"--all"});
  EXPECT_EQ(rest.exit_code, 0) << rest.describe();
  EXPECT_THAT(rest.err, HasSubstr("1 not verified: they have no manifest"));
  const auto named = run({name_, classic_name_});
  EXPECT_EQ(named.exit_code, 7) << named.describe();
  EXPECT_THAT(named.out, AllOf(HasSubstr("is no backup: it has no manifest"), HasSubstr(" ok\n")));
}

TEST_F(Verify, TheLatestIsTheNewestThatHasAManifestHoweverDamaged) {
  fs::create_directories(path("shop/20991231T000000Z-abcdefgh"));
  fs::copy(path(key("manifest.json")), path("shop/20991231T000000Z-abcdefgh/manifest.json"));
  const auto result = run({});
  EXPECT_EQ(result.exit_code, 7) << result.describe();
  EXPECT_THAT(result.out, HasSubstr("shop/20991231T000000Z-abcdefgh"));
}

TEST_F(Verify, TheProgramTellsClassesOfFailureApart) {
  const auto good = run_with_keys({name_});
  EXPECT_EQ(good.exit_code, 0) << good.describe();
  EXPECT_THAT(good.out,
              testing::ContainsRegex(" verified +presence, sha256, content .* 4000 +0 +ok"));
  const Json json = Json::parse(run_with_keys({name_, "--json"}).out);
  EXPECT_EQ(json.at(0).at("rows"), 4000);
  EXPECT_EQ(json.at(0).at("signature"), "verified");
  EXPECT_EQ(json.at(0).at("ok"), true);

  EXPECT_EQ(run({"shop/20200101T000000Z-aaaaaaaa"}).exit_code, 10);
  EXPECT_EQ(run({"--database", "other"}).exit_code, 10);
  EXPECT_EQ(run({"--all", "--database", "other"}).exit_code, 10);
  const auto other_key = crypto::AgeIdentity::generate();
  test::write_text(scratch_ / "other", std::string(other_key.secret_text().reveal()));
  EXPECT_EQ(run({name_, "--identity", scratch_ / "other"}).exit_code, 6);
  const auto other_signer = crypto::MinisignSecretKey::generate().public_key().text();
  EXPECT_EQ(run({name_, "--signer", other_signer}).exit_code, 7);
  for (const std::vector<std::string>& mistake :
       std::vector<std::vector<std::string>>{{"nonsense"},
                                             {"--all", name_},
                                             {"--sample", "5%"},
                                             {"--deep", "--sample", "5"},
                                             {"--deep", "--sample", "0%"},
                                             {"--deep", "--sample", "101%"},
                                             {"--deep", "--seed", "1"},
                                             {"--deep", "--sample", "5%", "--seed", "x"}}) {
    const auto result = run(mistake);
    EXPECT_EQ(result.exit_code, 2) << result.describe();
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(Verify, FromS3ItListsAndGetsAndNothingElse) {
  test::FakeS3 s3;
  for (const std::string& key : objects()) {
    s3.add_object("p/" + key, test::read_text(path(key)));
  }
  const auto result = test::pgseal(
      {"verify", name_, "--deep", "--store", "s3://bucket/p?region=eu-west-1&endpoint=" + s3.url(),
       "--signer", case_->signing_key().public_key().text()},
      {{"AWS_ACCESS_KEY_ID", "id"}, {"AWS_SECRET_ACCESS_KEY", "key"}});
  EXPECT_EQ(result.exit_code, 0) << result.describe();
  std::set<std::string> operations;
  for (const auto& request : s3.requests()) operations.insert(test::s3_operation(request));
  EXPECT_THAT(operations, UnorderedElementsAre("ListObjectsV2", "GetObject"));
}

}  // namespace
}  // namespace pgseal
