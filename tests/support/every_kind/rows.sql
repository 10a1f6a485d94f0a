-- Rows in amounts: many heap pages with holes, wide rows, compressed and uncompressed values.
CREATE SCHEMA "rows";
SET search_path = "rows";

CREATE TABLE many (id integer PRIMARY KEY, name text, at timestamptz, doc jsonb);
ALTER TABLE many SET (autovacuum_enabled = false);
INSERT INTO many SELECT i, repeat(md5(i::text), i % 5), timestamptz '2020-01-01 00:00+00' + i * interval '1 minute',
                        jsonb_build_object('i', i, 'list', ARRAY[i, i + 1]) FROM generate_series(1, 20000) i;
DELETE FROM many WHERE id BETWEEN 3000 AND 6000; -- whole pages
DELETE FROM many WHERE id % 11 = 0;
UPDATE many SET name = name || ' updated' WHERE id % 7 = 0;
VACUUM many;
INSERT INTO many SELECT i, 'in a hole', NULL, NULL FROM generate_series(3000, 3500) i;
UPDATE many SET doc = NULL WHERE id % 13 = 0;
BEGIN;
INSERT INTO many SELECT i, 'never committed' FROM generate_series(30000, 30200) i;
ROLLBACK;
DELETE FROM many WHERE id > 19500; -- the last pages are empty

CREATE TABLE wide (id integer, text text, binary_value bytea);
INSERT INTO wide SELECT i, repeat('a long line ' || chr(9) || i || chr(10), 5000 * i), decode(repeat('deadbeef5c2e0a', 4000 * i), 'hex')
  FROM generate_series(1, 4) i;
INSERT INTO wide SELECT 10 + i, string_agg(md5((i * 1000 + j)::text), ''), NULL
  FROM generate_series(1, 10) i, generate_series(1, 300) j GROUP BY i; -- hardly compressible
ALTER TABLE wide ALTER text SET STORAGE external;
INSERT INTO wide SELECT 100, repeat('stored as it is ', 6000), NULL;
CREATE TABLE one_row_a_page (id integer, filler text);
ALTER TABLE one_row_a_page ALTER filler SET STORAGE plain;
INSERT INTO one_row_a_page SELECT i, repeat('p', 5000) FROM generate_series(1, 60) i;
DELETE FROM one_row_a_page WHERE id % 2 = 0;
CREATE TABLE all_deleted AS SELECT generate_series(1, 3000) AS i;
DELETE FROM all_deleted;
CREATE TABLE duplicates AS SELECT i % 3 AS a, NULL::text AS b FROM generate_series(1, 999) i;
SELECT format('CREATE TABLE hundreds_of_columns (%s)', string_agg(format('%I integer', 'column ' || i), ', '))
FROM generate_series(1, 400) i \gexec
INSERT INTO hundreds_of_columns VALUES (1, 2, NULL, 4);
RESET search_path;
