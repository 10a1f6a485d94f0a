-- Inheritance and partitions.
CREATE SCHEMA parts;
SET search_path = parts;

CREATE TABLE parent (a integer NOT NULL, b text DEFAULT 'parent', CONSTRAINT positive CHECK (a > 0),
                     CONSTRAINT only_here CHECK (a < 100) NO INHERIT);
CREATE TABLE other_parent (a integer, z date);
CREATE TABLE child (c integer DEFAULT 3) INHERITS (parent);
CREATE TABLE child_of_two (b text DEFAULT 'own', CHECK (a <> 13)) INHERITS (parent, other_parent);
CREATE TABLE grandchild () INHERITS (child);
CREATE TABLE joined_later (a integer NOT NULL, b text, x integer, CONSTRAINT positive CHECK (a > 0));
ALTER TABLE joined_later INHERIT parent;
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (3, 'c', 4);
INSERT INTO child_of_two VALUES (5, DEFAULT, '2020-01-01');
INSERT INTO grandchild VALUES (6, 'g', 7);
INSERT INTO joined_later VALUES (8, 'j', 9);
INSERT INTO other_parent VALUES (10, NULL);

-- By range, with a default partition, a gap, sub-partitions, and one attached whose columns differ.
CREATE TABLE by_range (id bigserial, at date NOT NULL, amount numeric(10, 2) DEFAULT 1, note text,
                       PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE range_2022 PARTITION OF by_range FOR VALUES FROM (MINVALUE) TO ('2023-01-01') WITH (fillfactor = 70);
CREATE TABLE range_2023 PARTITION OF by_range (amount DEFAULT 2023, CONSTRAINT fine CHECK (amount > 0))
  FOR VALUES FROM ('2023-01-01') TO ('2024-01-01') PARTITION BY RANGE (id);
CREATE TABLE range_2023_a PARTITION OF range_2023 FOR VALUES FROM (1) TO (700) TABLESPACE ek_space;
CREATE TABLE range_2023_b PARTITION OF range_2023 DEFAULT;
CREATE TABLE range_2025 (note text, gone integer, at date NOT NULL, id bigint NOT NULL, amount numeric(10, 2) DEFAULT 2025);
ALTER TABLE range_2025 DROP gone;
CREATE UNIQUE INDEX range_2025_own_index ON range_2025 (id, at);
ALTER TABLE range_2025 ADD CONSTRAINT range_2025_key PRIMARY KEY USING INDEX range_2025_own_index;
ALTER TABLE by_range ATTACH PARTITION range_2025 FOR VALUES FROM ('2025-01-01') TO (MAXVALUE);
CREATE TABLE range_rest PARTITION OF by_range DEFAULT;
INSERT INTO by_range (at, note) SELECT date '2021-06-01' + i, CASE WHEN i % 10 = 0 THEN E'tab\t' || i END
  FROM generate_series(1, 1800) i;
CREATE INDEX by_note ON by_range (note, at) WHERE amount > 0;
CREATE INDEX only_on_root ON ONLY by_range (amount); -- invalid until partitions have it too

CREATE TABLE by_list (kind text, value integer) PARTITION BY LIST (lower(kind));
CREATE TABLE list_ab PARTITION OF by_list FOR VALUES IN ('a', 'it''s', NULL);
CREATE UNLOGGED TABLE list_c PARTITION OF by_list FOR VALUES IN ('c');
INSERT INTO by_list VALUES ('A', 1), ('it''s', 2), (NULL, 3), ('C', 4);
CREATE TABLE by_hash (id integer, name text, UNIQUE (id, name)) PARTITION BY HASH (id, name);
SELECT format('CREATE TABLE hash_%1$s PARTITION OF by_hash FOR VALUES WITH (MODULUS 3, REMAINDER %1$s)', i)
FROM generate_series(0, 2) i \gexec
INSERT INTO by_hash SELECT i, 'name ' || i FROM generate_series(1, 500) i;
-- Hashes of an enum differ from database to database, so pg_dump loads this one via its root. There is
-- one partition only, so that copies are equal all the same.
CREATE TABLE by_mood (mood types.mood, value integer) PARTITION BY HASH (mood);
CREATE TABLE of_any_mood PARTITION OF by_mood FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO by_mood SELECT mood, i FROM unnest(enum_range(NULL::types.mood)) mood, generate_series(1, 20) i;
CREATE TABLE no_partitions (a integer) PARTITION BY RANGE (a);
CREATE TABLE refers_to_range (id bigint, at date, FOREIGN KEY (id, at) REFERENCES by_range ON DELETE SET NULL)
  PARTITION BY HASH (id);
CREATE TABLE refers_0 PARTITION OF refers_to_range FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO refers_to_range SELECT id, at FROM by_range WHERE id % 100 = 0;
CREATE TABLE by_columns (a integer, b integer) PARTITION BY RANGE (a, (b + 1));
CREATE TABLE columns_low PARTITION OF by_columns FOR VALUES FROM (MINVALUE, MINVALUE) TO (5, MAXVALUE);
INSERT INTO by_columns VALUES (1, 2), (5, 1000);
\if :v17
CREATE TABLE by_identity (id integer GENERATED ALWAYS AS IDENTITY, b text) PARTITION BY RANGE (id);
CREATE TABLE identity_low PARTITION OF by_identity FOR VALUES FROM (1) TO (1000);
INSERT INTO by_identity (b) SELECT 'b' FROM generate_series(1, 10);
\endif
RESET search_path;
