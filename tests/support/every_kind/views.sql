-- Views, materialized views, rules.
CREATE SCHEMA views;
SET search_path = views;

CREATE VIEW plain AS SELECT id, name, id % 2 AS odd FROM tables.customer WHERE id < 300;
ALTER VIEW plain ALTER odd SET DEFAULT 1;
CREATE VIEW options WITH (security_barrier, security_invoker, check_option = local) AS SELECT * FROM plain WHERE id > 5;
CREATE VIEW checked AS SELECT id, name FROM tables.customer WHERE id > 0 WITH CASCADED CHECK OPTION;
CREATE RECURSIVE VIEW ancestors (id, depth) AS
  SELECT id, 0 FROM tables.node WHERE parent IS NULL UNION ALL
  SELECT n.id, depth + 1 FROM tables.node n JOIN ancestors a ON n.parent = a.id WHERE depth < 5;
-- Depends on the primary key, which comes after the data; so does what depends on it.
CREATE VIEW needs_key AS SELECT c.id, c.name, count(*) FROM tables.customer c GROUP BY c.id;
CREATE VIEW on_top AS SELECT * FROM needs_key n LEFT JOIN LATERAL (SELECT n.id AS "Other Id") x ON true;
-- A circle of a view and a function that returns its rows.
CREATE VIEW circular AS SELECT 1 AS a;
CREATE FUNCTION of_circular() RETURNS SETOF circular LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE VIEW circular AS SELECT a FROM of_circular();
CREATE VIEW no_columns AS SELECT FROM tables.customer;

CREATE MATERIALIZED VIEW first_one WITH (fillfactor = 80) TABLESPACE ek_space AS
  SELECT id, name, name_length FROM tables.customer WITH DATA;
CREATE UNIQUE INDEX first_one_id ON first_one (id);
ALTER MATERIALIZED VIEW first_one CLUSTER ON first_one_id, ALTER name SET STATISTICS 77, ALTER name SET STORAGE external;
CREATE MATERIALIZED VIEW "Before the first" AS SELECT count(*) AS rows, sum(length(name)) FROM first_one;
CREATE MATERIALIZED VIEW of_a_view AS SELECT * FROM on_top, "Before the first";
CREATE MATERIALIZED VIEW without_data AS SELECT * FROM of_a_view WITH NO DATA;
CREATE MATERIALIZED VIEW on_without_data AS SELECT id FROM without_data WITH NO DATA;
CREATE STATISTICS of_materialized ON id, name FROM first_one;

CREATE TABLE ruled (a integer, b text);
INSERT INTO ruled VALUES (1, 'one');
CREATE TABLE log (line text);
CREATE RULE no_delete AS ON DELETE TO ruled DO INSTEAD NOTHING;
CREATE RULE "also ""log""" AS ON UPDATE TO ruled WHERE new.a <> old.a
  DO ALSO (INSERT INTO log VALUES ('changed'); UPDATE log SET line = 'it''s' || old.b);
CREATE RULE tells AS ON UPDATE TO ruled DO ALSO NOTIFY changed, 'it''s';
CREATE RULE switched_off AS ON INSERT TO ruled DO ALSO DELETE FROM log;
ALTER TABLE ruled DISABLE RULE switched_off;
CREATE RULE into_plain AS ON INSERT TO needs_key DO INSTEAD INSERT INTO log VALUES (new.name) RETURNING 1, line, 1::bigint;
ALTER TABLE ruled ENABLE ALWAYS RULE no_delete;
RESET search_path;
