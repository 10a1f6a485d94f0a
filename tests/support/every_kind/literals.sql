-- Built-in types: a table for each that has literals here, and one with a column of every type.
CREATE SCHEMA literals;
CREATE TABLE literals.literal (type text, text text);
INSERT INTO literals.literal VALUES
  ('boolean', 't'), ('boolean', 'f'),
  ('smallint', '-32768'), ('smallint', '32767'), ('smallint', '0'),
  ('integer', '-2147483648'), ('integer', '2147483647'),
  ('bigint', '-9223372036854775808'), ('bigint', '9223372036854775807'),
  ('numeric', 'NaN'), ('numeric', 'Infinity'), ('numeric', '-Infinity'), ('numeric', '0.00'),
  ('numeric', '1e-16383'), ('numeric', '-1' || repeat('0', 5000)), ('numeric', '12345678901234567890.123456789'),
  ('numeric(7,-3)', '1234567'), ('numeric(3,5)', '0.00123'),
  ('real', 'NaN'), ('real', 'Infinity'), ('real', '-Infinity'), ('real', '-0'), ('real', '1.4e-45'),
  ('real', '3.4028235e38'), ('real', '1.17549435e-38'), ('real', '0.1'), ('real', '16777217'),
  ('double precision', 'NaN'), ('double precision', 'Infinity'), ('double precision', '-Infinity'),
  ('double precision', '-0'), ('double precision', '5e-324'), ('double precision', '1.7976931348623157e308'),
  ('double precision', '2.2250738585072014e-308'), ('double precision', '0.30000000000000004'),
  ('money', '-92233720368547758.08'), ('money', '92233720368547758.07'),
  ('text', ''), ('text', 'NULL'), ('text', '\N'), ('text', '\.'), ('text', E'tab\there, newline\nthere, return\r, back\\slash'),
  ('text', E'\\\n'), ('text', E'\x01\x02\x07\b\x1b\x7f\f\v'), ('text', 'Grüße, 世界, 🦭, e' || U&'\0301'),
  ('text', '"double" ''single'' $$dollar$$ %s :variable'), ('text', E'\n'), ('text', ' '), ('text', U&'\FFFE\+10FFFF'),
  ('text', '\restrict x'), ('text', '\connect postgres'), ('text', E'\\.\n\\.\n'), ('text', 'COPY x FROM stdin;'),
  ('character(6)', 'ab'), ('character(6)', 'é'), ('character', 'x'),
  ('character varying(30)', 'short  '), ('character varying', ''),
  ('name', 'a name'), ('name', repeat('n', 63)), ('"char"', 'c'), ('"char"', ''), ('"char"', '\377'), ('"char"', '\001'),
  ('bytea', ''), ('bytea', '\x00'), ('bytea', '\x5c2e0a'), ('bytea', '\x' || repeat('00ff', 3000)),
  ('bit(5)', '10101'), ('bit', '1'), ('bit varying(70)', ''), ('bit varying(70)', repeat('10', 35)), ('bit varying', '1'),
  ('date', 'infinity'), ('date', '-infinity'), ('date', '4713-01-01 BC'), ('date', '5874897-12-31'), ('date', '2024-02-29'),
  ('time', '00:00'), ('time', '24:00'), ('time(3)', '12:34:56.789'),
  ('time with time zone', '23:59:59.999999+14'), ('time with time zone', '00:00-12:30:15'),
  ('timestamp', 'infinity'), ('timestamp', '0001-01-01 BC'), ('timestamp', '294276-12-31 23:59:59.999999'), ('timestamp(0)', '2024-01-01 12:00:00.6'),
  ('timestamp with time zone', '-infinity'), ('timestamp with time zone', '2024-02-29 23:59:60+00'), ('timestamp with time zone', '1883-11-18 12:03:58+00'),
  ('interval', '1 year -2 months 3 days -04:05:06.789'), ('interval', '-178000000 years'), ('interval', '0'),
  ('interval', '2147483647 mons 2147483647 days'), ('interval year to month', '3 years 2 mons'), ('interval second(2)', '1.239'),
  ('uuid', '00000000-0000-0000-0000-000000000001'), ('uuid', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
  ('json', '{"b": 1,  "a": [1, 2], "b": 2}'), ('json', 'null'), ('json', E'"\\u00e9\\\\ \\n"'), ('json', E'[\n  1\n]'),
  ('jsonb', '{"z": null, "a": "\u00e9\\", "n": 1.50}'), ('jsonb', 'null'), ('jsonb', '[]'), ('jsonb', '"\"\n"'),
  ('jsonpath', '$.a[*] ? (@ > 1)'), ('jsonpath', 'strict $."odd key"'),
  ('xml', '<a b="c">d &amp; é</a>'), ('xml', 'content only'), ('xml', ''), ('xml', E'<?xml version="1.0"?>\n<a/>'),
  ('point', '(1.5,-2)'), ('point', '(NaN,Infinity)'), ('line', '{1,2,3}'), ('lseg', '[(0,0),(1,1)]'),
  ('box', '((0,0),(1,1))'), ('path', '[(0,0),(1,1)]'), ('path', '((0,0),(1,1))'), ('polygon', '((0,0),(1,0),(1,1))'), ('circle', '<(1,2),3>'),
  ('inet', '192.168.1.5/24'), ('inet', '::1'), ('inet', '::ffff:1.2.3.4/128'), ('cidr', '10.0.0.0/8'), ('cidr', '2001:db8::/32'),
  ('macaddr', '08:00:2b:01:02:03'), ('macaddr8', '08:00:2b:01:02:03:04:05'),
  ('tsvector', 'fat:2A cat:3'), ('tsvector', E'\'it\'\'s\':1 \'back\\\\slash\''), ('tsvector', ''),
  ('tsquery', 'fat & !rat'), ('tsquery', 'a:AB* <2> b'), ('tsquery', ''),
  ('int4range', '[1,5)'), ('int4range', 'empty'), ('int4range', '(,)'), ('int8range', '[,10]'), ('numrange', '(1.50,NaN]'),
  ('tsrange', '[2024-01-01 10:00,infinity]'), ('tstzrange', '(2024-01-01 00:00+00,)'), ('daterange', '[2024-01-01,2024-02-01)'),
  ('int4multirange', '{[1,2),[3,9)}'), ('int4multirange', '{}'), ('int8multirange', '{(,)}'), ('nummultirange', '{[1,2),[3,4.5]}'),
  ('tsmultirange', '{[2024-01-01,2024-01-02)}'), ('tstzmultirange', '{[2024-01-01 00:00+00,2024-01-02 00:00+00)}'), ('datemultirange', '{[2024-01-01,2024-02-01)}'),
  ('pg_lsn', '16/B374D848'), ('pg_lsn', 'FFFFFFFF/FFFFFFFF'), ('txid_snapshot', '10:20:10,14,15'), ('pg_snapshot', '10:20:'),
  ('xid', '4294967295'), ('xid8', '18446744073709551615'), ('cid', '7'), ('tid', '(4294967295,65535)'), ('oid', '4294967295'),
  ('regclass', 'pg_catalog.pg_class'), ('regclass', '4242'), ('regtype', 'timestamp with time zone'), ('regtype', '-'),
  ('regproc', 'now'), ('regprocedure', 'abs(integer)'), ('regoper', '||/'), ('regoperator', '+(integer,integer)'),
  ('regrole', 'ek_owner'), ('regnamespace', 'pg_catalog'), ('regconfig', 'english'), ('regdictionary', 'simple'), ('regcollation', '"C"'),
  ('int2vector', '1 2 3'), ('oidvector', '1 2 4294967295'), ('refcursor', 'a cursor'), ('aclitem', 'ek_owner=r*w/postgres');

DO $do$
DECLARE l literals.literal;
BEGIN
  FOR l IN SELECT * FROM literals.literal LOOP
    IF to_regclass(format('literals.%I', l.type)) IS NULL THEN
      EXECUTE format('CREATE TABLE literals.%1$I (value %1$s, list %1$s[], matrix %1$s[][])', l.type);
      EXECUTE format('INSERT INTO literals.%1$I VALUES (NULL, ''{}'', NULL)', l.type);
    END IF;
    EXECUTE format('INSERT INTO literals.%1$I SELECT v, ARRAY[v, NULL, v], ''[5:5][-1:-1]={{NULL}}'' FROM (SELECT %2$L::%1$s AS v) x',
                   l.type, l.text);
  END LOOP;
  -- Types without literals here, as pg_node_tree, whose input function always fails, hold NULL.
  EXECUTE (SELECT format('CREATE TABLE literals.every_type (%s)',
                         string_agg(format('%I %s', 'of ' || typname, oid::regtype), ', ' ORDER BY typname))
           FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'r', 'm')
             AND typname NOT LIKE '\_%');
  INSERT INTO literals.every_type DEFAULT VALUES;
END
$do$;
