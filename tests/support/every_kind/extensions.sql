-- Extensions: in a schema of their own, in public, with a configuration table, changed afterwards.
CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE EXTENSION ltree SCHEMA public;
CREATE EXTENSION pgcrypto SCHEMA ext;
CREATE EXTENSION postgres_fdw SCHEMA ext;
CREATE EXTENSION file_fdw SCHEMA ext;
CREATE EXTENSION bloom SCHEMA ext;
CREATE EXTENSION unaccent SCHEMA ext;
CREATE EXTENSION tsm_system_rows SCHEMA ext;
CREATE EXTENSION cube SCHEMA ext;
CREATE EXTENSION earthdistance SCHEMA ext; -- requires cube

CREATE SCHEMA settings;
CREATE EXTENSION pgseal_settings;
INSERT INTO settings.every_row VALUES ('a', '1'), ('b', E'two\nlines\t\\.'), ('null', NULL);
INSERT INTO settings.own_rows (name) VALUES ('ours'), ('also "ours"');
UPDATE settings.own_rows SET name = 'changed, and not dumped' WHERE "built in" AND id = 1;
UPDATE settings.own_rows SET name = 'comes with it' WHERE id = 1;
SELECT nextval('settings.counter'), nextval('settings.counter');
-- A grant on a member is dumped, a table that refers to one too.
GRANT SELECT ON settings.every_row TO ek_reader;
REVOKE ALL ON FUNCTION ext.digest(text, text) FROM PUBLIC;
CREATE TABLE settings.refers_to_member (name text REFERENCES settings.every_row);
INSERT INTO settings.refers_to_member VALUES ('a');
