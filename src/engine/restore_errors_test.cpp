#include "engine/restore_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/restore_check.h"

namespace pgseal::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

postgres::TocEntry entry(const std::string& description, const std::string& tag,
                         const std::string& definition = "") {
  postgres::TocEntry made;
  made.dump_id = 7;
  made.description = description;
  made.tag = tag;
  made.definition = definition;
  return made;
}

TEST(WhyHarmless, KnowsWhatManagedServersRefuse) {
  const auto comment = entry("COMMENT", "EXTENSION pg_trgm");
  EXPECT_NE(why_harmless(&comment, "ERROR:  must be owner of extension pg_trgm"), "");
  const auto schema = entry("SCHEMA", "public");
  EXPECT_NE(why_harmless(&schema, "ERROR:  schema \"public\" already exists"), "");
  const auto privileges =
      entry("DEFAULT ACL", "DEFAULT PRIVILEGES FOR TABLES",
            "ALTER DEFAULT PRIVILEGES FOR ROLE rdsadmin REVOKE ALL ON TABLES FROM rdsadmin;\n");
  EXPECT_NE(why_harmless(&privileges, "ERROR:  permission denied to change default privileges"),
            "");
  EXPECT_NE(why_harmless(nullptr, "ERROR:  unrecognized configuration parameter \"x\""), "");
}

TEST(WhyHarmless, TakesNothingElseForHarmless) {
  const auto comment = entry("COMMENT", "TABLE extension");
  EXPECT_EQ(why_harmless(&comment, "ERROR:  must be owner of table extension"), "");
  const auto schema = entry("SCHEMA", "other");
  EXPECT_EQ(why_harmless(&schema, "ERROR:  schema \"other\" already exists"), "");
  const auto privileges = entry("DEFAULT ACL", "DEFAULT PRIVILEGES FOR TABLES",
                                "ALTER DEFAULT PRIVILEGES FOR ROLE seller GRANT ...;\n");
  EXPECT_EQ(why_harmless(&privileges, "ERROR:  permission denied"), "");
  const auto table = entry("TABLE", "t");
  EXPECT_EQ(why_harmless(&table, "ERROR:  unrecognized configuration parameter \"x\""), "");
}

TEST(RestoreErrors, AreCountedAlsoWhereTheyAreNotNamed) {
  postgres::ArchiveToc toc;
  toc.entries = {entry("COMMENT", "EXTENSION x")};
  RestoreErrors errors(toc);
  postgres::RestoreMessages messages;
  messages.errors = {{7, "COMMENT EXTENSION x", "ERROR:  must be owner of extension x"},
                     {8, "TABLE t", "ERROR:  no"}};
  messages.ignored = 5;
  errors.add(messages);
  EXPECT_EQ(errors.left_out().size(), 1u);
  EXPECT_EQ(errors.errors().size(), 1u);
  EXPECT_EQ(errors.count(), 4u);
}

TEST(RolesInAcl, AreThoseWhoGetAndLose) {
  EXPECT_THAT(roles_in_acl("REVOKE ALL ON SCHEMA public FROM PUBLIC;\n"
                           "GRANT SELECT ON TABLE \"a TO b\".t TO reader;\n"
                           "GRANT ALL ON TABLE s.t TO \"odd \"\" role\" WITH GRANT OPTION;\n"
                           "REVOKE GRANT OPTION FOR ALL ON TABLE s.t FROM writer;\n"),
              ElementsAre("odd \" role", "reader", "writer"));
  EXPECT_THAT(roles_in_acl("SET SESSION AUTHORIZATION boss;\nGRANT USAGE ON SCHEMA s TO a;\n"
                           "RESET SESSION AUTHORIZATION;\n"),
              ElementsAre("a"));
  EXPECT_THAT(roles_in_acl("ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT SELECT ON TABLES "
                           " TO b;\n"),
              ElementsAre("b"));
  EXPECT_THAT(roles_in_acl(""), IsEmpty());
}

}  // namespace
}  // namespace pgseal::engine
