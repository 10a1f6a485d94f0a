#include "postgres/pg_restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::postgres {
namespace {

using testing::ElementsAre;

RestoreMessages read(const std::vector<std::string>& lines) {
  RestoreMessageReader reader;
  for (const std::string& line : lines) reader.add(line);
  return reader.messages();
}

// What pg_restore 15.18 writes; tests/cli/restore_archive_test.cpp asks the real one.
TEST(RestoreMessageReader, GivesErrorsToTheirEntries) {
  const RestoreMessages messages = read({
      "pg_restore: connecting to database for restore",
      "pg_restore: while INITIALIZING:",
      "pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "
      "\"x\"",
      "Command was: SET x = 0;",
      "pg_restore: creating TABLE \"public.two words\"",
      "pg_restore: while PROCESSING TOC:",
      "pg_restore: from TOC entry 215; 1259 16391 TABLE two words postgres",
      "pg_restore: error: could not execute query: ERROR:  relation \"t\" already exists",
      "Command was: CREATE TABLE public.t (",
      "    i integer",
      ");",
      "",
      "",
      "pg_restore: error: could not execute query: ERROR:  role \"r\" does not exist",
      "DETAIL:  None has that name.",
      "Command was: ALTER TABLE public.t OWNER TO r;",
      "",
      "pg_restore: WARNING:  no privileges could be revoked",
      "pg_restore: from TOC entry 3340; 0 16391 ACL TABLE t postgres",
      "pg_restore: error: could not execute query: ERROR:  no",
      "pg_restore: warning: errors ignored on restore: 4",
  });
  EXPECT_THAT(
      messages.errors,
      ElementsAre(
          RestoreMessage{0, "pg_restore", "ERROR:  unrecognized configuration parameter \"x\""},
          RestoreMessage{215, "TABLE two words postgres", "ERROR:  relation \"t\" already exists"},
          RestoreMessage{215, "TABLE two words postgres",
                         "ERROR:  role \"r\" does not exist DETAIL:  None has that name."},
          RestoreMessage{3340, "ACL TABLE t postgres", "ERROR:  no"}));
  EXPECT_EQ(messages.ignored, 4u);
  EXPECT_THAT(messages.warnings, ElementsAre("WARNING:  no privileges could be revoked"));
  EXPECT_EQ(messages.failure, "");
}

TEST(RestoreMessageReader, TellsWhatWasNoStatementsError) {
  EXPECT_EQ(read({"pg_restore: error: connection to server failed: no"}).failure,
            "connection to server failed: no");
}

TEST(RestoreOptions, AreNamedAsPgRestoreHasThem) {
  RestoreOptions options;
  options.tables = {"a b"};
  options.no_acl = options.clean = true;
  options.role = "r";
  EXPECT_THAT(options.selection(), ElementsAre("--table=a b", "--no-acl"));
  EXPECT_THAT(options.treatment(), ElementsAre("--clean", "--role=r"));
}

}  // namespace
}  // namespace pgseal::postgres
