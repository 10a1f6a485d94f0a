-- A database whose dump is about 240 bytes times :rows, the same each time: the log of a fleet of
-- machines in one wide table, and some smaller ones.

SET TimeZone = 'UTC';
SELECT setseed(0.42);

CREATE TABLE words AS
SELECT i AS id, array_agg(word ORDER BY n) AS words
  FROM generate_series(0, 1999) AS i, generate_series(1, 3 + i % 7) AS n,
       LATERAL (SELECT (string_to_array(
         'pump valve filter pressure temperature high low replaced checked leaking by the at of in'
         ' operator shift night maintenance scheduled unexpected vibration bearing oil changed'
         ' sensor calibrated again since yesterday customer reported noise from motor no fault'
         ' found test run', ' '))[1 + floor(random() * 40 + 0 * i * n)::integer] AS word) AS w
 GROUP BY i;
ALTER TABLE words ADD PRIMARY KEY (id);

CREATE TABLE machines (
  id integer PRIMARY KEY,
  serial uuid NOT NULL UNIQUE,
  model text NOT NULL,
  place point,
  bought date NOT NULL
);
INSERT INTO machines
SELECT i, md5('machine ' || i)::uuid, 'MX-' || i % 37, point(i % 180, i % 90),
       date '2015-01-01' + i % 3000
  FROM generate_series(1, greatest(:rows / 100, 10)) AS i;

CREATE TABLE readings (
  id bigint NOT NULL,
  machine integer NOT NULL,
  at timestamptz NOT NULL,
  received timestamptz NOT NULL,
  kind text NOT NULL,
  value numeric(14, 4),
  deviation double precision,
  ok boolean NOT NULL,
  from_address inet,
  trace uuid,
  details jsonb NOT NULL,
  remark text
);
INSERT INTO readings
SELECT i, 1 + (i * 7919) % greatest(:rows / 100, 10), at, at + random() * interval '5 s',
       (ARRAY['pressure', 'temperature', 'vibration', 'flow'])[1 + i % 4],
       round((100 + 50 * sin(i / 1000.0) + random() * 5)::numeric, 4), random(), random() < 0.98,
       inet '10.0.0.0' + i * 31 % 60000, CASE WHEN i % 4 = 0 THEN md5(i::text)::uuid END,
       jsonb_build_object('firmware', '4.' || i % 12, 'queue', i % 61,
                          'battery', round(random()::numeric, 3),
                          'codes', jsonb_build_array(i % 17, i * 13 % 97)),
       CASE WHEN i % 3 > 0 THEN array_to_string(words || (i % 1000)::text, ' ') END
  FROM generate_series(1, :rows::bigint) AS i
  CROSS JOIN LATERAL (SELECT timestamptz '2024-01-01' + i * interval '7.3 s') AS t (at)
  JOIN words ON words.id = i * 7 % 2000;
ALTER TABLE readings ADD PRIMARY KEY (id);

CREATE TABLE daily AS
SELECT machine, at::date AS day, count(*) AS readings, avg(value) AS mean, max(deviation) AS worst
  FROM readings GROUP BY 1, 2;
