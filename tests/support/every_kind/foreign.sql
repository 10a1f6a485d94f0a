-- Foreign data, publications, subscriptions.
CREATE SCHEMA abroad;
CREATE FUNCTION abroad.option_check(text[], oid) RETURNS void LANGUAGE sql AS '';
CREATE FOREIGN DATA WRAPPER "Bare Wrapper" OPTIONS (debug 'it''s', "Odd" 'b');
CREATE FOREIGN DATA WRAPPER checked HANDLER ext.postgres_fdw_handler VALIDATOR ext.postgres_fdw_validator;
CREATE SERVER loopback TYPE 'postgres' VERSION '1.0' FOREIGN DATA WRAPPER postgres_fdw
  OPTIONS (host '127.0.0.1', dbname 'elsewhere', fetch_size '100');
CREATE SERVER "Files" FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER bare FOREIGN DATA WRAPPER "Bare Wrapper";
CREATE USER MAPPING FOR PUBLIC SERVER loopback OPTIONS (user 'somebody');
CREATE USER MAPPING FOR ek_owner SERVER loopback OPTIONS (user 'owner', password 'it''s "secret"');
CREATE USER MAPPING FOR "Odd ""role"", with é" SERVER bare;
CREATE FOREIGN TABLE abroad.remote (
  id integer OPTIONS (column_name 'Id') NOT NULL, b text COLLATE "C" DEFAULT 'x', twice integer GENERATED ALWAYS AS (id * 2) STORED,
  CHECK (id > 0)) SERVER loopback OPTIONS (schema_name 'a', table_name 'it''s "b"');
CREATE FOREIGN TABLE abroad.hostname (line text) SERVER "Files" OPTIONS (filename '/etc/hostname', format 'text');
CREATE TABLE abroad.mixed (a integer, b text) PARTITION BY LIST (a);
CREATE TABLE abroad.here PARTITION OF abroad.mixed FOR VALUES IN (1);
CREATE FOREIGN TABLE abroad.there PARTITION OF abroad.mixed FOR VALUES IN (2) SERVER loopback;
INSERT INTO abroad.mixed VALUES (1, 'here');
CREATE FOREIGN TABLE abroad.child () INHERITS (parts.other_parent) SERVER bare;

CREATE PUBLICATION ek_everything FOR ALL TABLES WITH (publish_via_partition_root);
CREATE PUBLICATION ek_nothing WITH (publish = '');
CREATE PUBLICATION "ek Some" FOR TABLE tables.customer (id, name), tables.node WHERE (id > 10), ONLY parts.parent, parts.by_range
  WITH (publish = 'insert, delete');
CREATE PUBLICATION ek_schemas FOR TABLES IN SCHEMA indexes, "MixedCase", TABLE tables.pair;
\if :v18
CREATE PUBLICATION ek_generated FOR TABLE search.document WITH (publish_generated_columns = stored);
\endif
CREATE SUBSCRIPTION ek_subscription CONNECTION 'host=127.0.0.1 port=1 dbname=''it\''s'' password=x' PUBLICATION one, "Two"
  WITH (connect = false, slot_name = 'ek_slot', binary, streaming, two_phase, disable_on_error, synchronous_commit = 'off');
CREATE SUBSCRIPTION "ek No Slot" CONNECTION '' PUBLICATION one WITH (connect = false, slot_name = NONE);
\if :v17
CREATE SUBSCRIPTION ek_newer CONNECTION 'dbname=x' PUBLICATION one
  WITH (connect = false, slot_name = NONE, failover, run_as_owner, password_required = false, origin = none, streaming = parallel);
\endif
