-- Names: everything that has one gets each of these, and then columns of all key words.
DO $do$
DECLARE n text;
BEGIN
  FOREACH n IN ARRAY ARRAY[
    'double " quote', 'two "" of them"', 'it''s', 'dots.in.it', 'spa ce', ' leading and trailing ', E'new\nline', E'\r\nreturn',
    E'tab\t', 'back\slash', '\.', '\restrict', '--', '/* comment */', '$$', '$1', '%s', ':variable', ':"quoted"', '*', '?', '/../etc',
    'semi; DROP SCHEMA public;', 'MixedCase', 'select', 'user', '1st', 'ünï', '世界 🦭', repeat('n', 63), repeat('é', 31), '{a,b}',
    '(x)', '<&>', '=+-@', '`tick`', '#', '"', '''', ',', '~', '[0]', '^$'] LOOP
    EXECUTE format('CREATE SCHEMA %I', n);
    EXECUTE format('CREATE TABLE %1$I.%1$I (%1$I serial PRIMARY KEY, "%%" text DEFAULT %1$L CHECK ("%%" <> ''''))', n);
    EXECUTE format('INSERT INTO %1$I.%1$I ("%%") VALUES (%1$L), (NULL)', n);
    EXECUTE format('CREATE INDEX ON %1$I.%1$I ("%%")', n);
    EXECUTE format('CREATE VIEW %1$I.view AS SELECT %1$I, "%%" AS %2$I FROM %1$I.%1$I', n, left(n || ' %', 60));
    EXECUTE format('CREATE TYPE %1$I.type AS ENUM (%1$L)', n);
    EXECUTE format('CREATE FUNCTION %1$I.%1$I(%1$I %1$I.type) RETURNS text LANGUAGE sql RETURN %1$L', n);
  END LOOP;
  EXECUTE (SELECT format('CREATE TABLE public.key_words (%s)', string_agg(format('%I integer', word), ', ' ORDER BY word))
           FROM pg_get_keywords());
  INSERT INTO public.key_words DEFAULT VALUES;
END
$do$;
