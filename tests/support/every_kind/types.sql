-- Types: enums, domains, composites, ranges, base and shell types.
CREATE SCHEMA types;
SET search_path = types;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy "quoted"', 'it''s', 'ünï', '');
ALTER TYPE mood ADD VALUE 'between' BEFORE 'ok';
CREATE TYPE no_labels AS ENUM ();

CREATE COLLATION case_blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION german (provider = icu, locale = 'de-DE');
CREATE COLLATION "C like" FROM "C";
CREATE COLLATION libc_c (lc_collate = 'C', lc_ctype = 'C.UTF-8');
\if :v17
CREATE COLLATION built_in (provider = builtin, locale = 'C.UTF-8');
CREATE COLLATION with_rules (provider = icu, locale = 'und', rules = '& V << w <<< W');
\endif

CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN small_positive AS positive DEFAULT 7 CONSTRAINT "at most 100" CHECK (VALUE <= 100);
CREATE DOMAIN word AS text COLLATE german NOT NULL DEFAULT 'it''s' CHECK (VALUE !~ '\s');
CREATE DOMAIN checked_later AS text;
ALTER DOMAIN checked_later ADD CONSTRAINT short CHECK (length(VALUE) < 10) NOT VALID;
CREATE DOMAIN four_integers AS integer[] CHECK (cardinality(VALUE) = 4);

CREATE TYPE address AS (street text COLLATE german, number integer, gone date);
ALTER TYPE address DROP ATTRIBUTE gone, ADD ATTRIBUTE "Flat ""No""" positive;
CREATE TYPE household AS (home address, moods mood[], "when" daterange);
CREATE TYPE no_attributes AS ();
CREATE DOMAIN full_address AS address CHECK ((VALUE).street <> '');

CREATE FUNCTION float8_difference(float8, float8) RETURNS float8
  LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1 - $2';
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = types.float8_difference,
                                  subtype_opclass = float8_ops, multirange_type_name = float_ranges);
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");
CREATE TYPE address_range AS RANGE (subtype = inet);

-- A base type over the functions of a built-in one, with all that can be said of it.
CREATE TYPE label;
CREATE FUNCTION label_in(cstring) RETURNS label LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION label_out(label) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION label_recv(internal) RETURNS label LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION label_send(label) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE label (INPUT = label_in, OUTPUT = label_out, RECEIVE = label_recv, SEND = label_send,
                   INTERNALLENGTH = variable, ALIGNMENT = int4, STORAGE = extended, CATEGORY = 'S',
                   PREFERRED = false, DEFAULT = 'none', DELIMITER = ';', COLLATABLE = true);
CREATE TYPE small_count;
CREATE FUNCTION small_count_in(cstring) RETURNS small_count LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION small_count_out(small_count) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE small_count (INPUT = small_count_in, OUTPUT = small_count_out, INTERNALLENGTH = 4,
                         PASSEDBYVALUE, LIKE = integer);
CREATE TYPE only_a_shell;

CREATE TABLE of_own_types (
  id integer PRIMARY KEY, mood mood, moods mood[][], positive positive, small small_positive,
  word word, short checked_later, four four_integers, home address, homes address[],
  household household, nothing no_attributes, full_home full_address, span float_range,
  spans float_ranges, texts text_range, hosts address_range, label label, labels label[],
  count small_count, counts small_count[], blind text COLLATE case_blind,
  domains small_positive[], tag ext.hstore, name ext.citext, path public.ltree, cube ext.cube
);
INSERT INTO of_own_types VALUES
  (1, 'happy "quoted"', '{{sad,ok},{"",NULL}}', 1, 100, 'wort', 'short', '{1,2,3,4}',
   ROW ('Main "St", (old)\', 12, 3), ARRAY[ROW (NULL, 1, NULL)::address, ROW ('', NULL, 2)::address],
   ROW (ROW ('x', 1, 2), '{sad,"it''s"}', '[2020-01-01,2021-01-01)'), ROW (), ROW ('y', NULL, NULL),
   '[-Infinity,1.5)', '{[1,2),[3,4)}', '["a b","c,d"]', '[10.0.0.1,10.0.0.9]', 'la;bel',
   '{"a;b";"c,d";NULL}', '5', '{1,NULL,-3}', 'CaSe', '{1,2}', 'a=>1, "b c"=>NULL', 'CiText',
   'Top.Science', '(1,2),(3,4)'),
  (2, '', '{}', NULL, NULL, 'w', NULL, NULL, NULL, '{}', ROW (NULL, NULL, NULL), NULL, NULL, 'empty', '{}',
   'empty', NULL, '', '{}', NULL, '{}', '', '{}', '', '', '', '0'),
  (3, NULL, NULL, NULL, NULL, DEFAULT, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
RESET search_path;
