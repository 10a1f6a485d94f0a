-- Large objects: of no bytes, around a page of theirs (2,048 bytes), some hundred KB, with holes.
SELECT lo_create(4240);
SELECT lo_from_bytea(4241, '\x0a');
SELECT lo_from_bytea((5000 + size)::oid, decode(repeat('5c', size), 'hex')) FROM unnest(ARRAY[2047, 2048, 2049, 4096, 16384]) size;
SELECT lo_from_bytea(4242, convert_to(E'\\.\nlines\n\\N\t', 'UTF8'));
SELECT lo_from_bytea(4243, decode(repeat('00ff0a5c5c2e', 60000), 'hex'));
SELECT lo_from_bytea(4244, string_agg(decode(md5(i::text), 'hex'), '' ORDER BY i)) FROM generate_series(1, 10000) i;
SELECT lo_create(4245);
SELECT lo_put(4245, 100000, 'after a hole');
SELECT lo_from_bytea(4294967295, 'highest');
SELECT lo_from_bytea((10000 + i)::oid, convert_to('number ' || i, 'UTF8')) FROM generate_series(1, 150) i;
ALTER LARGE OBJECT 4242 OWNER TO ek_owner;
ALTER LARGE OBJECT 4243 OWNER TO "Odd ""role"", with é";
GRANT SELECT ON LARGE OBJECT 4241, 4242 TO ek_reader;
GRANT ALL ON LARGE OBJECT 4241 TO ek_group WITH GRANT OPTION;
GRANT SELECT ON LARGE OBJECT 4240 TO PUBLIC;
