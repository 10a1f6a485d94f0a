-- Owners, grants, default privileges, row security, settings of the database.
CREATE SCHEMA owned AUTHORIZATION ek_owner;
SET ROLE ek_owner;
CREATE TABLE owned.t (a integer GENERATED ALWAYS AS IDENTITY, b text, c text);
INSERT INTO owned.t (b) VALUES ('x'), ('y');
CREATE VIEW owned.v AS SELECT a FROM owned.t;
CREATE FUNCTION owned.f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TYPE owned.e AS ENUM ('x');
CREATE SEQUENCE owned.s;
GRANT SELECT ON owned.t TO ek_group WITH GRANT OPTION;
SET ROLE ek_group;
RESET ROLE;
GRANT USAGE ON SCHEMA owned TO ek_group;
SET ROLE ek_group;
GRANT SELECT ON owned.t TO ek_reader; -- granted by another than the owner
RESET ROLE;

GRANT SELECT (id, name), UPDATE (name), REFERENCES (id) ON tables.customer TO ek_reader;
GRANT INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON tables.customer TO "Odd ""role"", with é" WITH GRANT OPTION;
GRANT ALL ON ALL TABLES IN SCHEMA parts TO ek_group;
GRANT SELECT ON tables.node, views.plain, views.first_one, abroad.remote TO PUBLIC;
GRANT SELECT ON "it's"."it's", "new
line"."new
line" TO ek_reader;
REVOKE ALL ON tables.pair FROM postgres;
GRANT USAGE, SELECT ON SEQUENCE tables.countdown, owned.s TO ek_reader;
GRANT EXECUTE ON FUNCTION routines.plain(text), routines.total(integer), routines.returned(integer) TO ek_reader WITH GRANT OPTION;
REVOKE ALL ON FUNCTION routines.plain(text) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE routines.atomic(integer) TO ek_reader;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_logdir() TO ek_reader;
GRANT SELECT (oid, rolname) ON pg_catalog.pg_authid TO ek_reader;
REVOKE SELECT ON pg_catalog.pg_settings FROM PUBLIC;
GRANT USAGE ON TYPE types.mood, types.word, types.address TO ek_reader;
REVOKE ALL ON TYPE types.mood FROM PUBLIC;
GRANT USAGE ON LANGUAGE trusted_again TO ek_reader;
GRANT USAGE ON FOREIGN DATA WRAPPER "Bare Wrapper" TO ek_reader WITH GRANT OPTION;
GRANT USAGE ON FOREIGN SERVER loopback TO ek_group;
GRANT ALL ON SCHEMA tables, "dots.in.it" TO ek_owner WITH GRANT OPTION;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO ek_group;
\if :v17
GRANT MAINTAIN ON tables.customer, views.first_one TO ek_owner;
\endif

ALTER TABLE tables.egg OWNER TO ek_owner;
ALTER TABLE parts.range_2025 OWNER TO "Odd ""role"", with é";
ALTER FUNCTION routines.many(anyarray) OWNER TO ek_owner;
ALTER AGGREGATE routines.largest(integer) OWNER TO ek_owner;
ALTER OPERATOR routines.@#@ (NONE, integer) OWNER TO ek_owner;
ALTER OPERATOR CLASS routines.hash_ops USING hash OWNER TO ek_owner;
ALTER OPERATOR FAMILY routines.empty_family USING gin OWNER TO ek_owner;
ALTER TEXT SEARCH CONFIGURATION search.own OWNER TO ek_owner;
ALTER TEXT SEARCH DICTIONARY search.lower OWNER TO ek_owner;
ALTER COLLATION types.german OWNER TO ek_owner;
ALTER CONVERSION routines.to_latin OWNER TO ek_owner;
ALTER STATISTICS indexes.of_columns OWNER TO ek_owner;
ALTER SERVER loopback OWNER TO ek_owner;
ALTER PUBLICATION ek_nothing OWNER TO ek_owner;
ALTER LANGUAGE "Untrusted Language" OWNER TO ek_owner;
ALTER DOMAIN types.positive OWNER TO ek_owner;
ALTER MATERIALIZED VIEW views.of_a_view OWNER TO ek_owner;
GRANT SELECT ON views.on_top, views."Before the first" TO ek_owner; -- it is refreshed as its owner
GRANT USAGE ON SCHEMA views TO ek_owner;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE ek_owner IN SCHEMA owned GRANT SELECT ON TABLES TO ek_reader WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE ek_owner GRANT USAGE ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "Odd ""role"", with é" REVOKE USAGE ON TYPES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA "dots.in.it" GRANT ALL ON FUNCTIONS TO ek_group;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO ek_group;
\if :v18
ALTER DEFAULT PRIVILEGES FOR ROLE ek_owner GRANT SELECT ON LARGE OBJECTS TO ek_reader;
\endif

CREATE SCHEMA secured;
CREATE TABLE secured.t (id integer PRIMARY KEY, owner name);
INSERT INTO secured.t SELECT i, CASE WHEN i % 2 = 0 THEN 'ek_owner' ELSE 'nobody' END FROM generate_series(1, 50) i;
ALTER TABLE secured.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secured.t USING (owner = current_user) WITH CHECK (id > 0);
CREATE POLICY "Less ""still""" ON secured.t AS RESTRICTIVE FOR SELECT TO ek_reader, "Odd ""role"", with é" USING (id < 40);
CREATE POLICY ins ON secured.t FOR INSERT TO PUBLIC WITH CHECK (EXISTS (SELECT FROM tables.pair WHERE a = id));
CREATE POLICY upd ON secured.t FOR UPDATE USING (true);
CREATE POLICY del ON secured.t FOR DELETE USING (false);
CREATE TABLE secured.forced AS SELECT generate_series(1, 5) AS a;
ALTER TABLE secured.forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; -- and no policy: nobody sees a row
CREATE TABLE secured.only_policy (a integer);
CREATE POLICY inactive ON secured.only_policy USING (a > 0);

SELECT format(statement, current_database()) FROM unnest(ARRAY[
  'GRANT CREATE, TEMPORARY ON DATABASE %I TO ek_group WITH GRANT OPTION', 'REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC',
  'ALTER DATABASE %I CONNECTION LIMIT 77', 'ALTER DATABASE %I SET DateStyle = ''SQL, DMY''', 'ALTER DATABASE %I SET IntervalStyle = sql_standard',
  'ALTER DATABASE %I SET extra_float_digits = -15', 'ALTER DATABASE %I SET bytea_output = escape', 'ALTER DATABASE %I SET xmlbinary = hex',
  'ALTER DATABASE %I SET statement_timeout = ''100s''', 'ALTER DATABASE %I SET "ek.custom" = ''it''''s''',
  'ALTER ROLE ek_reader IN DATABASE %I SET work_mem = ''2MB''']) statement \gexec
