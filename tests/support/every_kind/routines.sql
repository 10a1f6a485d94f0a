-- Routines, operators, casts, conversions, access methods, languages, transforms.
CREATE SCHEMA routines;
SET search_path = routines;

CREATE FUNCTION plain(a integer, b integer DEFAULT 1 + 1) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT a + b';
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql STABLE STRICT LEAKPROOF COST 7 AS 'SELECT $1 || $$x$$';
CREATE FUNCTION "Odd ""name"", $1"("In" text, OUT "select" text, OUT two integer) RETURNS record
  LANGUAGE plpgsql SECURITY DEFINER PARALLEL RESTRICTED
  SET search_path = routines, "odd, schema", '' SET work_mem = '1MB' SET "ek.custom" = 'a, ''b''' AS
$body$
BEGIN
  -- $$ and $_$ in a body, and a \. and a line that looks like COPY data:
  "select" := "In" || $$'$$ || $_$"$_$;
  two := 2;
END
$body$;
CREATE FUNCTION all_rows() RETURNS TABLE (id integer, name text) LANGUAGE sql ROWS 3
  BEGIN ATOMIC SELECT 1 AS id, 'one' AS name; SELECT g, 'it''s ' || g FROM generate_series(1, 3) g; END;
CREATE FUNCTION returned(a integer) RETURNS integer LANGUAGE sql RETURN a * 2;
CREATE FUNCTION many(VARIADIC list anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT list[1]';
CREATE FUNCTION same(anycompatible, anycompatible) RETURNS anycompatible LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION set_of() RETURNS SETOF types.address LANGUAGE sql AS $$SELECT 'a', 1, 2::types.positive$$;
CREATE FUNCTION row_number_again() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
CREATE FUNCTION with_support(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT
  SUPPORT textlike_support AS 'textlike';
CREATE PROCEDURE nothing(OUT b text, INOUT a integer DEFAULT 1) LANGUAGE plpgsql AS 'BEGIN b := a; END';
CREATE PROCEDURE atomic(a integer) LANGUAGE sql BEGIN ATOMIC SELECT a; END;

-- Aggregates: plain, moving, parallel, variadic, ordered set, hypothetical set.
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', PARALLEL = safe,
                                 COMBINEFUNC = int4pl);
CREATE AGGREGATE largest(integer) (SFUNC = int4larger, STYPE = integer, SORTOP = >, SSPACE = 8);
CREATE AGGREGATE mean(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, SSPACE = 128,
  FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine, SERIALFUNC = numeric_avg_serialize,
  DESERIALFUNC = numeric_avg_deserialize, MSFUNC = numeric_avg_accum, MINVFUNC = numeric_accum_inv,
  MSTYPE = internal, MSSPACE = 128, MFINALFUNC = numeric_avg, MFINALFUNC_MODIFY = shareable,
  FINALFUNC_MODIFY = read_only);
CREATE FUNCTION keep(state text, VARIADIC list text[]) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT state || list[1]';
CREATE AGGREGATE joined(VARIADIC list text[]) (SFUNC = keep, STYPE = text, INITCOND = 'it''s ');
CREATE AGGREGATE my_percentile(float8 ORDER BY float8)
  (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final, FINALFUNC_EXTRA = false);
CREATE AGGREGATE my_rank(VARIADIC "any" ORDER BY VARIADIC "any")
  (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
CREATE AGGREGATE count_all(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');

-- Operators, with classes and families of them.
CREATE FUNCTION near(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) < 2';
CREATE FUNCTION far(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT abs($1 - $2) >= 2';
CREATE OPERATOR ~~~ (FUNCTION = near, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = ~~~,
                     NEGATOR = !~~~, RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR !~~~ (FUNCTION = far, LEFTARG = integer, RIGHTARG = integer, NEGATOR = ~~~);
CREATE OPERATOR @#@ (FUNCTION = int4abs, RIGHTARG = integer);
CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = ===,
                     RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR <<< (FUNCTION = int4lt, LEFTARG = integer, RIGHTARG = integer);
CREATE OPERATOR <<= (FUNCTION = int4le, LEFTARG = integer, RIGHTARG = integer);
CREATE OPERATOR >>= (FUNCTION = int4ge, LEFTARG = integer, RIGHTARG = integer);
CREATE OPERATOR >>> (FUNCTION = int4gt, LEFTARG = integer, RIGHTARG = integer);
CREATE OPERATOR FAMILY numbers USING btree;
CREATE OPERATOR CLASS own_int4_ops FOR TYPE integer USING btree FAMILY numbers AS
  OPERATOR 1 <<<, OPERATOR 2 <<=, OPERATOR 3 ===, OPERATOR 4 >>=, OPERATOR 5 >>>,
  FUNCTION 1 btint4cmp(integer, integer);
ALTER OPERATOR FAMILY numbers USING btree ADD
  OPERATOR 1 < (integer, bigint), OPERATOR 2 <= (integer, bigint), OPERATOR 3 = (integer, bigint),
  OPERATOR 4 >= (integer, bigint), OPERATOR 5 > (integer, bigint),
  FUNCTION 1 (integer, bigint) btint48cmp(integer, bigint);
CREATE OPERATOR FAMILY empty_family USING gin;
CREATE OPERATOR CLASS default_label_ops DEFAULT FOR TYPE types.address USING btree AS
  FUNCTION 1 btrecordcmp(record, record);
CREATE OPERATOR CLASS hash_ops FOR TYPE integer USING hash AS OPERATOR 1 ===, FUNCTION 1 hashint4(integer);

-- Casts.
CREATE FUNCTION mood_of(integer) RETURNS types.mood LANGUAGE sql IMMUTABLE AS $$SELECT 'ok'::types.mood$$;
CREATE CAST (integer AS types.mood) WITH FUNCTION mood_of(integer) AS ASSIGNMENT;
CREATE CAST (types.label AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (text AS types.label) WITH INOUT;

CREATE CONVERSION to_latin FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
CREATE DEFAULT CONVERSION from_latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;

CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD gist_again TYPE INDEX HANDLER gisthandler;
CREATE OPERATOR CLASS again_box_ops DEFAULT FOR TYPE box USING gist_again AS
  OPERATOR 1 <<, OPERATOR 3 &&, OPERATOR 8 <@, FUNCTION 1 gist_box_consistent(internal, box, smallint, oid, internal),
  FUNCTION 2 gist_box_union(internal, internal), FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal), FUNCTION 7 gist_box_same(box, box, internal);

CREATE FUNCTION call_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION inline_handler(internal) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION validator(oid) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE trusted_again HANDLER call_handler INLINE inline_handler VALIDATOR validator;
CREATE LANGUAGE "Untrusted Language" HANDLER call_handler;
CREATE FUNCTION in_own_language() RETURNS integer LANGUAGE trusted_again AS 'BEGIN RETURN 1; END';

CREATE FUNCTION from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'prsd_lextype';
CREATE FUNCTION to_sql(internal) RETURNS types.label LANGUAGE internal IMMUTABLE STRICT AS 'textrecv';
CREATE TRANSFORM FOR types.label LANGUAGE trusted_again
  (FROM SQL WITH FUNCTION from_sql(internal), TO SQL WITH FUNCTION to_sql(internal));
CREATE FUNCTION transformed(types.label) RETURNS integer TRANSFORM FOR TYPE types.label
  LANGUAGE trusted_again AS 'BEGIN RETURN 1; END';
RESET search_path;
