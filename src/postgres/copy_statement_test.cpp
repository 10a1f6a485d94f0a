#include <gtest/gtest.h>

#include "base/error.h"
#include "postgres/archive_toc.h"

namespace pgseal::postgres {
namespace {

struct Form {
  const char* statement;
  CopyTarget target;
};

TEST(CopyStatement, NamesTableAndColumnsAsPgDumpQuotesThem) {
  const Form forms[] = {
      {"COPY public.t (a, b_2) FROM stdin;\n", {"public.t", "a, b_2"}},
      {"COPY public.no_columns  FROM stdin;\n", {"public.no_columns", ""}},
      {"COPY public.one (a) FROM stdin;\n", {"public.one", "a"}},
      {R"x(COPY "Odd".")(" ("a)", "b ""q"" (", ", ") FROM stdin;)x"
       "\n",
       {R"x("Odd".")(")x", R"x("a)", "b ""q"" (", ", ")x"}},
      {R"x(COPY "a.b"."c"".""d" (".", """") FROM stdin;)x"
       "\n",
       {R"x("a.b"."c"".""d")x", R"x(".", """")x"}},
      {"COPY \"two\nlines\".\" FROM stdin;\n\" (\"x\n\", \"\t\r\\\") FROM stdin;\n",
       {"\"two\nlines\".\" FROM stdin;\n\"", "\"x\n\", \"\t\r\\\""}},
      {"COPY \"Ünï\".\"世界\" (\"é\", \"🦭\") FROM stdin;\n",
       {"\"Ünï\".\"世界\"", "\"é\", \"🦭\""}},
      {"COPY \"(x)\".\"(y)\"  FROM stdin;\n", {"\"(x)\".\"(y)\"", ""}},
  };
  for (const Form& form : forms) {
    EXPECT_EQ(parse_copy_statement(form.statement), form.target) << form.statement;
  }
}

TEST(CopyStatement, RefusesWhatPgDumpDoesNotWrite) {
  for (const char* statement : {
           "",
           "COPY",
           "COPY t (a) FROM stdin;\n",
           "COPY public.t (a) FROM stdin;",
           "COPY public.t (a) FROM stdin;\n\n",
           "COPY public.t FROM stdin;\n",
           "COPY public.t () FROM stdin;\n",
           "COPY public.t (a,b) FROM stdin;\n",
           "COPY public.t (a, ) FROM stdin;\n",
           "COPY public.t (a FROM stdin;\n",
           "COPY public.t (a) FROM '/etc/passwd';\n",
           "COPY public.t (a) FROM stdin WITH (FORMAT csv);\n",
           "COPY public.t (a) TO stdout;\n",
           "COPY public.\"t (a) FROM stdin;\n",
           "COPY public.\"\" (a) FROM stdin;\n",
           "COPY public.T (a) FROM stdin;\n",
           "COPY x.public.t (a) FROM stdin;\n",
           "COPY public.t; DROP TABLE x; -- (a) FROM stdin;\n",
           "INSERT INTO public.t VALUES (1);\n",
       }) {
    try {
      const CopyTarget target = parse_copy_statement(statement);
      ADD_FAILURE() << statement << " is " << target.table;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Exit::database);
      EXPECT_NE(error.message().find(statement), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace pgseal::postgres
