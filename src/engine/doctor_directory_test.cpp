#include "engine/doctor_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <map>

#include "store/directory_store.h"
#include "support/temp_dir.h"

namespace pgseal::engine {
namespace {

using std::filesystem::perms;

class DoctorDirectory : public testing::Test {
 protected:
  DoctorDirectory() { std::filesystem::permissions(directory_.path(), perms(0755)); }

  std::map<std::string, Finding> look(const std::string& directory, const std::string& store,
                                      std::optional<std::uint64_t> expected_size = {}) {
    store::DirectoryStore place(store);
    DirectorySubject subject{directory, place, expected_size, {}};
    Checks checks;
    answers_ = check_directory(subject, true, checks);
    std::map<std::string, Finding> findings;
    for (const Check& check : checks.all()) findings[check.name] = check.finding;
    return findings;
  }
  std::map<std::string, Finding> look(std::optional<std::uint64_t> expected_size = {}) {
    return look(directory_.path(), directory_.path(), expected_size);
  }

  test::TempDir directory_;
  bool answers_ = false;
};

TEST_F(DoctorDirectory, IsFineWhereABackupFits) {
  for (const auto& [name, finding] : look(1)) {
    EXPECT_EQ(finding.state, State::ok) << name << ": " << finding.reason;
  }
  EXPECT_TRUE(answers_);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(DoctorDirectory, HasToBeThere) {
  test::write_text(directory_ / "file", "");
  for (const std::string& path : {directory_ / "file", directory_ / "isn't there"}) {
    auto found = look(path, path);
    EXPECT_EQ(found["directory"].state, State::failure);
    EXPECT_EQ(found.size(), 1u);
    EXPECT_FALSE(answers_);
  }
  EXPECT_THAT(look(directory_ / "isn't there", "")["directory"].remedy,
              testing::MatchesRegex(R"(mkdir -p '.*/isn'\\''t there')"));
}

TEST_F(DoctorDirectory, IsNotEverybodys) {
  std::filesystem::permissions(directory_.path(), perms(0777));
  const Finding found = look()["directory-mode"];
  EXPECT_EQ(found.state, State::warning);
  EXPECT_EQ(found.remedy, "chmod o-w '" + directory_.path() + "'");
}

TEST_F(DoctorDirectory, HasRoom) {
  EXPECT_EQ(look()["space"].state, State::ok);
  EXPECT_EQ(look(std::numeric_limits<std::uint64_t>::max())["space"].state, State::warning);
}

TEST_F(DoctorDirectory, FailsWhereItTakesNoObject) {
  const auto found = look(directory_.path(), directory_ / "gone");
  EXPECT_EQ(found.at("put").state, State::failure);
}

}  // namespace
}  // namespace pgseal::engine
