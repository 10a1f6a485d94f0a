#include "postgres/pg_restore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgseal::postgres {
namespace {

using testing::ElementsAre;

// What pg_restore 15.18 writes.
TEST(PgRestoreMessages, BelongToTheirEntries) {
  const RestoreMessages messages = parse_restore_messages({
      "pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "
      "\"x\"",
      "Command was: SET x = 0;",
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
      "NOTICE:  something",
      "pg_restore: from TOC entry 3340; 0 16391 ACL TABLE t postgres",
      "pg_restore: error: could not execute query: ERROR:  no",
      "pg_restore: warning: errors ignored on restore: 5",
  });
  EXPECT_THAT(
      messages.errors,
      ElementsAre(
          RestoreMessage{0, "pg_restore", "ERROR:  unrecognized configuration parameter \"x\""},
          RestoreMessage{215, "TABLE two words postgres", "ERROR:  relation \"t\" already exists"},
          RestoreMessage{215, "TABLE two words postgres",
                         "ERROR:  role \"r\" does not exist DETAIL:  None has that name."},
          RestoreMessage{3340, "ACL TABLE t postgres", "ERROR:  no"}));
  EXPECT_EQ(messages.ignored, 5u);
  EXPECT_TRUE(messages.warnings.empty());
}

TEST(PgRestoreMessages, AreWarningsWhereNothingFailed) {
  const RestoreMessages messages = parse_restore_messages(
      {"WARNING:  no privileges could be revoked", "pg_restore: implied data-only restore"});
  EXPECT_THAT(messages.warnings,
              ElementsAre("WARNING:  no privileges could be revoked", "implied data-only restore"));
  EXPECT_TRUE(messages.errors.empty());
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
