-- :rows orders of a shop in one wide table, some 545 bytes of COPY text each, the same each time:
-- timestamps, numerics, jsonb and text, keys and tokens at random among words that repeat.

SET TimeZone = 'UTC';
SELECT setseed(0.42) \g /dev/null

CREATE TABLE orders (
  id bigint NOT NULL,
  number uuid NOT NULL,
  customer uuid NOT NULL,
  session text NOT NULL,
  created timestamptz NOT NULL,
  updated timestamptz NOT NULL,
  paid timestamptz,
  shipped timestamptz,
  price numeric(12, 2) NOT NULL,
  tax numeric(12, 4) NOT NULL,
  discount numeric(6, 4),
  weight numeric(10, 3) NOT NULL,
  latitude numeric(9, 6) NOT NULL,
  longitude numeric(9, 6) NOT NULL,
  currency text NOT NULL,
  status text NOT NULL,
  email text NOT NULL,
  address inet,
  agent text NOT NULL,
  details jsonb NOT NULL,
  tags text[],
  note text
);
INSERT INTO orders
SELECT i, md5('number ' || i)::uuid, md5('customer ' || i % 90001)::uuid, md5('session ' || i),
       created, created + random() * interval '3 days',
       CASE WHEN i % 10 > 0 THEN created + random() * interval '1 day' END,
       CASE WHEN i % 4 > 0 THEN created + random() * interval '9 days' END,
       round((random() * 900)::numeric, 2), round((random() * 170)::numeric, 4),
       CASE WHEN i % 5 = 0 THEN round(random()::numeric, 4) END,
       round((random() * 40)::numeric, 3), round((40 + random() * 15)::numeric, 6),
       round((random() * 25)::numeric, 6),
       (ARRAY['EUR', 'EUR', 'EUR', 'CHF', 'SEK'])[1 + i % 5],
       (ARRAY['open', 'paid', 'shipped', 'shipped', 'returned'])[1 + i * 7 % 5],
       'customer' || i % 90001 || '@' || (ARRAY['example.org', 'example.com'])[1 + i % 2],
       inet '10.0.0.0' + (random() * 16000000)::bigint,
       (ARRAY['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1)',
              'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'])[1 + i * 3 % 3],
       jsonb_build_object('payment', md5('payment ' || i), 'score', round(random()::numeric, 6),
                          'items', jsonb_build_array(
                            jsonb_build_object('sku', i * 7919 % 60013, 'count', 1 + i % 4,
                                               'price', round((random() * 300)::numeric, 2)),
                            jsonb_build_object('sku', i * 104729 % 60013, 'count', 1 + i % 3,
                                               'price', round((random() * 300)::numeric, 2)))),
       CASE WHEN i % 3 = 0 THEN ARRAY['gift', 'week ' || i % 52] END,
       CASE WHEN i % 2 = 0 THEN 'leave it with ' || (ARRAY['the neighbour', 'the porter',
         'reception', 'nobody'])[1 + i % 4] || ', code ' || left(md5('code ' || i), 12) END
  FROM generate_series(1, :rows::bigint) AS i
  CROSS JOIN LATERAL (SELECT timestamptz '2024-01-01' + i * interval '31.4 s') AS t (created);
ALTER TABLE orders ADD PRIMARY KEY (id);
