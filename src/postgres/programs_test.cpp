#include "postgres/programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace pgseal::postgres {
namespace {

using testing::HasSubstr;

TEST(ChooseServer, TakesTheBackupsMajorVersionElseTheNextNewer) {
  const std::vector<Program> installed{{"/18/postgres", 180001, "18.1"},
                                       {"/16/postgres", 160004, "16.4"},
                                       {"/15/postgres", 150010, "15.10"}};
  EXPECT_EQ(choose_server(installed, 150018, "15.18").version, 150010);
  EXPECT_EQ(choose_server(installed, 160001, "16.1").version, 160004);
  EXPECT_EQ(choose_server(installed, 170001, "17.1").version, 180001);
}

TEST(ChooseServer, SaysWhyNoneFitsAndWhatToDo) {
  const auto failure = [](const std::vector<Program>& installed) {
    try {
      std::ignore = choose_server(installed, 170001, "17.1");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::database);
      EXPECT_THAT(error.hint(), HasSubstr("apt-get install postgresql-17, or name an empty"));
      return error.message();
    }
    return std::string("it took one");
  };
  EXPECT_THAT(failure({}), HasSubstr("of version 17.1: none is installed"));
  EXPECT_THAT(failure({{"/15/postgres", 150010, "15.10"}}), HasSubstr("is older (15.10"));
}

}  // namespace
}  // namespace pgseal::postgres
