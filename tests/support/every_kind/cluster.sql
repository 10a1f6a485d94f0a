-- What the database refers to and pg_dump leaves out: roles and a tablespace. May be run again.
SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY['ek_owner', 'ek_reader', 'ek_group', 'Odd "role", with é']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SET client_min_messages = error;
SET allow_in_place_tablespaces = on;
SELECT 'CREATE TABLESPACE ek_space OWNER ek_owner LOCATION '''''
WHERE NOT EXISTS (SELECT FROM pg_tablespace WHERE spcname = 'ek_space') \gexec
GRANT CREATE ON TABLESPACE ek_space TO ek_group;
GRANT ek_group TO ek_reader;
