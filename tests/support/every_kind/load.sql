-- A database with every kind of object that pg_dump 15 to 18 knows, security labels left out, whose
-- providers are C modules that Debian does not have. All of it is deterministic.
SET client_min_messages = error;
SET TimeZone = 'UTC';
SELECT current_setting('server_version_num')::integer >= 170000 AS v17,
       current_setting('server_version_num')::integer >= 180000 AS v18 \gset

\ir extensions.sql
\ir types.sql
\ir literals.sql
\ir routines.sql
\ir text_search.sql
\ir tables.sql
\ir partitions.sql
\ir rows.sql
\ir names.sql
\ir indexes.sql
\ir views.sql
\ir triggers.sql
\ir foreign.sql
\ir large_objects.sql
\ir access.sql
\ir comments.sql
