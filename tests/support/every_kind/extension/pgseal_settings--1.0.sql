-- All of `every_row` belongs into a dump, of `own_rows` what the condition says, and of
-- `never_dumped` nothing, since it comes with the extension.
CREATE TABLE every_row (name text PRIMARY KEY, value text);
CREATE TABLE own_rows (id serial PRIMARY KEY, name text, "built in" boolean NOT NULL DEFAULT false);
CREATE TABLE never_dumped (name text);
CREATE SEQUENCE counter;
INSERT INTO own_rows (name, "built in") VALUES ('comes with it', true), ('this too', true);
INSERT INTO never_dumped VALUES ('part of the extension');
SELECT pg_catalog.pg_extension_config_dump('every_row', '');
SELECT pg_catalog.pg_extension_config_dump('own_rows', 'WHERE NOT "built in"');
SELECT pg_catalog.pg_extension_config_dump('own_rows_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('counter', '');
