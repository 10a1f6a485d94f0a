-- :rows small tables of some hundred rows each, with keys, a sequence and an index: what most
-- databases of applications look like.

SELECT format($sql$
    CREATE TABLE t%1$s (id serial PRIMARY KEY, name text NOT NULL, at timestamptz, amount numeric);
    INSERT INTO t%1$s (name, at, amount)
    SELECT md5(i::text), timestamptz '2026-01-01' + i * interval '1 hour', i / 7.0
      FROM generate_series(1, 100 + %1$s %% 400) AS i;
    CREATE INDEX ON t%1$s (name);
  $sql$, n)
  FROM generate_series(1, :rows) AS n
\gexec
