-- A comment on everything that can have one, as the catalogs name it themselves.
CREATE TEMPORARY TABLE named AS
SELECT o.type, o.identity, o.object_names, o.object_args, c.classid, c.objid
FROM (
  SELECT 'pg_namespace'::regclass AS classid, oid AS objid FROM pg_namespace UNION ALL
  SELECT 'pg_extension'::regclass, oid FROM pg_extension UNION ALL
  SELECT 'pg_type'::regclass, t.oid FROM pg_type t LEFT JOIN pg_class r ON r.oid = t.typrelid
    WHERE typcategory <> 'A' AND typtype <> 'm' AND (t.typrelid = 0 OR r.relkind = 'c') UNION ALL
  SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I') UNION ALL
  SELECT 'pg_proc'::regclass, oid FROM pg_proc UNION ALL
  SELECT 'pg_operator'::regclass, oid FROM pg_operator WHERE oprcode <> 0 UNION ALL
  SELECT 'pg_opclass'::regclass, oid FROM pg_opclass UNION ALL
  SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily UNION ALL
  SELECT 'pg_cast'::regclass, oid FROM pg_cast UNION ALL
  SELECT 'pg_collation'::regclass, oid FROM pg_collation UNION ALL
  SELECT 'pg_conversion'::regclass, oid FROM pg_conversion UNION ALL
  SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conislocal AND contype <> 't' UNION ALL
  SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE rulename <> '_RETURN' UNION ALL
  SELECT 'pg_trigger'::regclass, oid FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0 UNION ALL
  SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger UNION ALL
  SELECT 'pg_policy'::regclass, oid FROM pg_policy UNION ALL
  SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext UNION ALL
  SELECT 'pg_am'::regclass, oid FROM pg_am UNION ALL
  SELECT 'pg_language'::regclass, oid FROM pg_language UNION ALL
  SELECT 'pg_transform'::regclass, oid FROM pg_transform UNION ALL
  SELECT 'pg_ts_parser'::regclass, oid FROM pg_ts_parser UNION ALL
  SELECT 'pg_ts_template'::regclass, oid FROM pg_ts_template UNION ALL
  SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict UNION ALL
  SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, oid FROM pg_foreign_data_wrapper UNION ALL
  SELECT 'pg_foreign_server'::regclass, oid FROM pg_foreign_server UNION ALL
  SELECT 'pg_publication'::regclass, oid FROM pg_publication UNION ALL
  SELECT 'pg_subscription'::regclass, oid FROM pg_subscription UNION ALL
  SELECT 'pg_largeobject'::regclass, oid FROM pg_largeobject_metadata WHERE oid < 10000 OR oid > 10100
) c, pg_identify_object(classid, objid, 0) i, pg_identify_object_as_address(classid, objid, 0) a,
LATERAL (SELECT i.type, i.identity, a.object_names, a.object_args) o
WHERE objid >= CASE WHEN classid = 'pg_largeobject'::regclass THEN 0 ELSE 16384 END
  AND coalesce(i.schema, '') NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND i.identity NOT LIKE 'pg\_temp%'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = c.classid AND d.objid = c.objid AND d.deptype IN ('e', 'i')
                  AND c.classid NOT IN ('pg_rewrite'::regclass, 'pg_class'::regclass, 'pg_constraint'::regclass));

SELECT format('COMMENT ON %s IS %L',
  CASE type
    WHEN 'table constraint' THEN 'CONSTRAINT ' || identity
    WHEN 'domain constraint' THEN regexp_replace('CONSTRAINT ' || identity, '(.*) on ', '\1 ON DOMAIN ')
    WHEN 'statistics object' THEN 'STATISTICS ' || identity
    WHEN 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER ' || identity
    WHEN 'aggregate' THEN 'ROUTINE ' || identity
    WHEN 'transform' THEN replace('TRANSFORM ' || identity, ' on language ', ' LANGUAGE ')
    ELSE upper(type) || ' ' || identity
  END, 'On ' || type || ' ' || identity)
FROM named ORDER BY type, identity \gexec

SELECT format('COMMENT ON COLUMN %s.%I IS %L', attrelid::regclass, attname, E'a column;\n-- on two lines: ' || attname)
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
WHERE relnamespace IN ('tables'::regnamespace, 'types'::regnamespace, 'views'::regnamespace, '"it''s"'::regnamespace)
  AND relkind IN ('r', 'v', 'm', 'c') AND attnum > 0 AND NOT attisdropped ORDER BY 1 \gexec
SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), E'it''s\na database') \gexec
