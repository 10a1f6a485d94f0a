-- Indexes of every method, constraints that have one, statistics objects, clustering, identity.
CREATE SCHEMA indexes;
SET search_path = indexes, ext;

CREATE TABLE t (id integer NOT NULL, a integer, b text, box box, words tsvector, tags text[], doc jsonb, span int4range, host inet,
                name text);
INSERT INTO t SELECT i, i % 10, 'b' || i, box(point(i, i), point(i + 1, i + 1)), to_tsvector('simple', 'word' || i), ARRAY['t' || i],
                     jsonb_build_object('k', i), int4range(i, i + 1), inet '10.0.0.0' + i, 'name ' || i
  FROM generate_series(1, 200) i;
CREATE UNIQUE INDEX unique_id ON t (id) INCLUDE (a, b);
CREATE INDEX "Mixed ""case"" index" ON t (b DESC NULLS LAST, a ASC NULLS FIRST) WITH (fillfactor = 60, deduplicate_items = off);
CREATE INDEX of_expression ON t (lower(b), (a + 1)) WHERE a > 3 AND b IS NOT NULL;
ALTER INDEX of_expression ALTER COLUMN 2 SET STATISTICS 300;
CREATE INDEX with_collation ON t (b COLLATE "C" text_pattern_ops, b COLLATE types.german);
CREATE UNIQUE INDEX nulls_equal ON t (id, b) NULLS NOT DISTINCT;
CREATE INDEX by_hash ON t USING hash (b);
CREATE INDEX by_gist ON t USING gist (box, span) WITH (buffering = on);
CREATE INDEX by_spgist ON t USING spgist (box);
CREATE INDEX by_spgist_host ON t USING spgist (host inet_ops);
CREATE INDEX by_gin ON t USING gin (words, tags, doc jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX by_brin ON t USING brin (id int4_minmax_multi_ops (values_per_range = 16), a) WITH (pages_per_range = 4);
CREATE INDEX by_bloom ON t USING bloom (a, id) WITH (length = 80);
CREATE INDEX by_trigram ON t USING gist (name gist_trgm_ops (siglen = 32));
CREATE INDEX by_own_method ON t USING gist_again (box);
CREATE INDEX by_own_class ON t (a routines.own_int4_ops);
CREATE INDEX elsewhere ON t (a) TABLESPACE ek_space;
ALTER TABLE t CLUSTER ON unique_id, REPLICA IDENTITY USING INDEX unique_id;

CREATE TABLE constraints (
  id integer CONSTRAINT "the key" PRIMARY KEY DEFERRABLE INITIALLY IMMEDIATE, a integer, b text, span daterange,
  CONSTRAINT together UNIQUE NULLS NOT DISTINCT (a, b) INCLUDE (span) WITH (fillfactor = 80) USING INDEX TABLESPACE ek_space,
  CONSTRAINT no_overlap EXCLUDE USING gist (a WITH =, span WITH &&) WHERE (a > 0) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT by_expression EXCLUDE USING btree ((lower(b)) WITH =)
);
INSERT INTO constraints VALUES (1, 1, 'x', '[2024-01-01,2024-02-01)'), (2, 1, 'y', '[2024-02-01,)'), (3, NULL, NULL, NULL);
ALTER TABLE constraints REPLICA IDENTITY FULL;
CREATE TABLE identity_nothing (a integer PRIMARY KEY);
ALTER TABLE identity_nothing REPLICA IDENTITY NOTHING;
CLUSTER constraints USING "the key";

CREATE STATISTICS of_columns ON a, b, id FROM t;
CREATE STATISTICS "Only Some" (ndistinct, dependencies) ON a, b FROM t;
CREATE STATISTICS of_expressions (mcv) ON (a % 3), lower(b) FROM t;
CREATE STATISTICS types.one_expression ON (a * 2) FROM t;
ALTER STATISTICS of_columns SET STATISTICS 50;
RESET search_path;
