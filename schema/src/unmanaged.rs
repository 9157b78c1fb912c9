//! What a database can hold and a [`State`](crate::State) does not.

use crate::catalog::NAMESPACES;
use crate::name::literal;
use crate::object::QUERIES;

/// What a database can hold: kind, name, schema (0: none), owner (0: not named), class and oid. Of a managed kind without
/// privileges the owner is not managed.
const OBJECTS: &str = "SELECT CASE WHEN c.relkind IN ('r', 'p') THEN 'table' WHEN c.relkind = 'v' THEN 'view'
        WHEN c.relkind = 'm' THEN 'materialized view' WHEN c.relkind = 'S' THEN 'sequence' WHEN c.relkind = 'f' THEN 'foreign table'
        ELSE 'relation' END AS kind,
    c.relname::text AS name, c.relnamespace AS namespace, c.relowner AS owner, 'pg_class'::regclass AS class, c.oid
FROM pg_catalog.pg_class c WHERE c.relkind NOT IN ('c', 'i', 'I', 't')
UNION ALL SELECT CASE t.typtype WHEN 'e' THEN 'enum type' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type'
        WHEN 'c' THEN 'composite type' WHEN 'b' THEN 'base type' ELSE 'shell type' END,
    t.typname, t.typnamespace, t.typowner, 'pg_type'::regclass, t.oid
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE t.typtype IN ('e', 'd', 'r', 'p') OR (t.typtype = 'c' AND c.relkind = 'c')
    OR (t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid))
UNION ALL SELECT 'range type with a canonical function', t.typname, t.typnamespace, 0, 'pg_type'::regclass, t.oid
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid WHERE r.rngcanonical <> 0
UNION ALL SELECT 'schema', nspname, oid, CASE nspowner WHEN 6171 /* pg_database_owner */ THEN 0 ELSE nspowner END,
    'pg_namespace'::regclass, oid FROM pg_catalog.pg_namespace
UNION ALL SELECT 'function', proname || '(' || oidvectortypes(proargtypes) || ')', pronamespace, proowner, 'pg_proc'::regclass, oid
FROM pg_catalog.pg_proc
UNION ALL SELECT CASE oprcode WHEN 0 THEN 'shell operator' ELSE 'operator' END,
    oprname || ' (' || coalesce(format_type(nullif(oprleft, 0), NULL), 'NONE') || ', ' || format_type(oprright, NULL) || ')',
    oprnamespace, oprowner, 'pg_operator'::regclass, oid FROM pg_catalog.pg_operator
UNION ALL SELECT 'operator class', opcname, opcnamespace, opcowner, 'pg_opclass'::regclass, oid FROM pg_catalog.pg_opclass
UNION ALL SELECT 'operator family', opfname, opfnamespace, opfowner, 'pg_opfamily'::regclass, oid FROM pg_catalog.pg_opfamily
UNION ALL SELECT 'collation', collname, collnamespace, collowner, 'pg_collation'::regclass, oid FROM pg_catalog.pg_collation
UNION ALL SELECT 'conversion', conname, connamespace, conowner, 'pg_conversion'::regclass, oid FROM pg_catalog.pg_conversion
UNION ALL SELECT 'text search configuration', cfgname, cfgnamespace, cfgowner, 'pg_ts_config'::regclass, oid
FROM pg_catalog.pg_ts_config
UNION ALL SELECT 'text search dictionary', dictname, dictnamespace, dictowner, 'pg_ts_dict'::regclass, oid FROM pg_catalog.pg_ts_dict
UNION ALL SELECT 'text search parser', prsname, prsnamespace, 0, 'pg_ts_parser'::regclass, oid FROM pg_catalog.pg_ts_parser
UNION ALL SELECT 'text search template', tmplname, tmplnamespace, 0, 'pg_ts_template'::regclass, oid FROM pg_catalog.pg_ts_template
UNION ALL SELECT CASE c.relkind WHEN 'f' THEN 'statistics of a foreign table' ELSE 'statistics object' END,
    s.stxname, s.stxnamespace, s.stxowner, 'pg_statistic_ext'::regclass, s.oid
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
UNION ALL SELECT 'extension', extname, 0, extowner, 'pg_extension'::regclass, oid FROM pg_catalog.pg_extension
UNION ALL SELECT 'event trigger', evtname, 0, evtowner, 'pg_event_trigger'::regclass, oid FROM pg_catalog.pg_event_trigger
UNION ALL SELECT 'publication', pubname, 0, pubowner, 'pg_publication'::regclass, oid FROM pg_catalog.pg_publication
UNION ALL SELECT 'subscription', s.subname, 0, s.subowner, 'pg_subscription'::regclass, s.oid
FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid AND d.datname = current_database()
UNION ALL SELECT 'foreign-data wrapper', fdwname, 0, fdwowner, 'pg_foreign_data_wrapper'::regclass, oid
FROM pg_catalog.pg_foreign_data_wrapper
UNION ALL SELECT 'foreign server', srvname, 0, srvowner, 'pg_foreign_server'::regclass, oid FROM pg_catalog.pg_foreign_server
UNION ALL SELECT 'user mapping', s.srvname || ' for ' || CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(m.umuser) END,
    0, 0, 'pg_user_mapping'::regclass, m.umid
FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
UNION ALL SELECT 'cast', format('(%s AS %s)', format_type(castsource, NULL), format_type(casttarget, NULL)),
    0, 0, 'pg_cast'::regclass, oid FROM pg_catalog.pg_cast
UNION ALL SELECT 'transform', format('for %s in %s', format_type(t.trftype, NULL), l.lanname), 0, 0, 'pg_transform'::regclass, t.oid
FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_language l ON l.oid = t.trflang
UNION ALL SELECT 'language', lanname, 0, lanowner, 'pg_language'::regclass, oid FROM pg_catalog.pg_language
UNION ALL SELECT 'access method', amname, 0, 0, 'pg_am'::regclass, oid FROM pg_catalog.pg_am
UNION ALL SELECT 'default privileges for class', defaclobjtype::text, 0, 0, 'pg_default_acl'::regclass, oid
FROM pg_catalog.pg_default_acl WHERE defaclobjtype NOT IN ('r', 'S', 'f', 'T', 'n', 'L')";

/// Properties of relations: kind, name and the relation. What newer servers know is read by way of `to_jsonb`, since
/// older ones lack the columns.
const PROPERTIES: &str = "SELECT 'invalid index' AS kind, c.relname::text AS name, i.indrelid AS relation
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND i.indrelid >= 16384 AND (c.relkind <> 'I' OR c.relispartition
    OR EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conindid = i.indexrelid))
UNION ALL SELECT 'tablespace', s.spcname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace WHERE c.oid >= 16384
UNION ALL SELECT 'access method', m.amname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE c.relkind IN ('r', 'p', 'm') AND m.amname <> 'heap'
UNION ALL SELECT 'typed table', format_type(c.reloftype, NULL), c.oid FROM pg_catalog.pg_class c WHERE c.reloftype <> 0
UNION ALL SELECT 'name of a NOT NULL constraint', o.conname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_constraint o ON o.conrelid = c.oid AND o.contype = 'n'
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.conkey[1]
WHERE c.relkind IN ('r', 'p') AND o.conparentid = 0 AND o.conislocal
    AND o.conname <> left(c.relname || '_' || a.attname || '_not_null', 63)
UNION ALL SELECT CASE WHEN o.convalidated THEN 'NOT NULL that is not inherited' ELSE 'NOT NULL that is not validated' END,
    o.conname, o.conrelid FROM pg_catalog.pg_constraint o
WHERE o.contype = 'n' AND o.conrelid >= 16384 AND (NOT o.convalidated OR o.connoinherit)
UNION ALL SELECT 'expression of an inherited column', a.attname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attislocal AND a.attgenerated <> ''
JOIN pg_catalog.pg_attribute pa ON pa.attrelid = i.inhparent AND pa.attname = a.attname
JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
JOIN pg_catalog.pg_attrdef pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum
WHERE pg_get_expr(d.adbin, d.adrelid) <> pg_get_expr(pd.adbin, pd.adrelid)
UNION ALL SELECT 'state of an inherited trigger', t.tgname, t.tgrelid
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_trigger p ON p.oid = t.tgparentid WHERE p.tgenabled <> t.tgenabled
UNION ALL SELECT DISTINCT 'state of the triggers of a foreign key', o.conname, t.tgrelid
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_constraint o ON o.oid = t.tgconstraint
WHERE t.tgisinternal AND t.tgenabled <> 'O'
UNION ALL SELECT 'comment on a constraint', o.conname, o.conrelid
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = o.oid
WHERE o.contype = 'n' OR (o.contype <> 't' AND (o.conparentid <> 0 OR NOT o.conislocal))
UNION ALL SELECT 'settings of a column', a.attname, c.oid
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE c.relkind = 'm' AND (a.attstattarget >= 0 OR a.attstorage <> t.typstorage OR a.attcompression <> '' OR a.attoptions IS NOT NULL)
UNION ALL SELECT 'comment on an index', c.relname, i.indrelid
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = 0
WHERE c.relispartition
UNION ALL SELECT 'name or storage parameters of an index partition', c.relname, i.indrelid
FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class pc ON pc.oid = h.inhparent AND pc.relkind = 'I'
JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
LEFT JOIN pg_catalog.pg_constraint o ON o.conindid = c.oid AND o.contype IN ('p', 'u', 'x')
CROSS JOIN LATERAL (SELECT CASE o.contype WHEN 'p' THEN '_pkey' WHEN 'u' THEN '_key' WHEN 'x' THEN '_excl' ELSE '_idx' END AS label,
    CASE WHEN o.contype = 'p' THEN '' ELSE (SELECT '_' || string_agg(a.attname, '_' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid) END AS columns) n
WHERE c.reloptions IS DISTINCT FROM pc.reloptions OR CASE WHEN octet_length(t.relname::text || n.columns || n.label) < 63
    THEN rtrim(c.relname, '0123456789') <> t.relname::text || n.columns || n.label
    -- A name that is too long is cut.
    ELSE rtrim(c.relname, '0123456789') NOT LIKE '%' || n.label OR left(c.relname, 25) <> left(t.relname || n.columns, 25) END
UNION ALL SELECT 'security label', l.provider, l.objoid
FROM pg_catalog.pg_seclabel l WHERE l.classoid = 'pg_class'::regclass";

/// What has privileges and may be of an extension: kind, name, class, oid, privileges, their class and the owner.
const GRANTED: &str =
    "SELECT 'relation' AS kind, c.oid::regclass::text AS name, 'pg_class'::regclass AS class, c.oid,
    c.relacl AS acl, CASE c.relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r' END AS acl_type, c.relowner AS owner
FROM pg_catalog.pg_class c WHERE c.relacl IS NOT NULL
UNION ALL SELECT 'function', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid, p.proacl, 'f', p.proowner
FROM pg_catalog.pg_proc p WHERE p.proacl IS NOT NULL
UNION ALL SELECT 'type', t.oid::regtype::text, 'pg_type'::regclass, t.oid, t.typacl, 'T', t.typowner
FROM pg_catalog.pg_type t WHERE t.typacl IS NOT NULL
UNION ALL SELECT 'schema', n.nspname, 'pg_namespace'::regclass, n.oid, n.nspacl, 'n', n.nspowner
FROM pg_catalog.pg_namespace n WHERE n.nspacl IS NOT NULL";

/// What is of the database or of the server's libraries: versions that are not those which the server would choose now, the
/// database's settings, comment and privileges. PostgreSQL 14 and 15 do not say which version of the library the database has.
const DATABASE: &str = "SELECT 'version of an extension', x.extname || ' ' || x.extversion, NULL::text
FROM pg_catalog.pg_extension x JOIN pg_catalog.pg_available_extensions a ON a.name = x.extname
WHERE x.extversion <> a.default_version
UNION ALL SELECT 'version of a collation', c.oid::regcollation || ' ' || c.collversion, NULL FROM pg_catalog.pg_collation c
WHERE c.collversion <> pg_collation_actual_version(c.oid) AND (c.oid >= 16384
    OR EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_collation'::regclass AND d.refobjid = c.oid))
UNION ALL SELECT 'version of a collation', 'of the database ' || (to_jsonb(d) ->> 'datcollversion'), NULL FROM pg_catalog.pg_database d
WHERE d.datname = current_database() AND to_jsonb(d) ->> 'datcollversion' <> pg_collation_actual_version(100)
UNION ALL SELECT 'setting', split_part(v.setting, '=', 1)
    || CASE s.setrole WHEN 0 THEN ' of' ELSE ' of role ' || pg_get_userbyid(s.setrole) || ' in' END || ' the database', NULL
FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
CROSS JOIN LATERAL unnest(s.setconfig) v (setting)
UNION ALL SELECT 'comment', 'on the database', NULL FROM pg_catalog.pg_database d
JOIN pg_catalog.pg_shdescription c ON c.classoid = 'pg_database'::regclass AND c.objoid = d.oid
WHERE d.datname = current_database() AND c.description <> 'default administrative connection database'
UNION ALL SELECT 'privileges', 'of the database', NULL FROM pg_catalog.pg_database d
CROSS JOIN LATERAL acldefault('d', d.datdba) had (acl)
WHERE d.datname = current_database() AND NOT (d.datacl @> had.acl AND d.datacl <@ had.acl)";

/// Lists them: kind, name, and what it is of, a table where nothing else is said; names are qualified unless they are in `public`.
/// What an extension made, or another object, is not among them. Parameter 1 is as that of [`queries`](crate::catalog::queries).
pub fn query() -> String {
    let made =
        "SELECT FROM pg_catalog.pg_depend e WHERE e.deptype IN ('e', 'i') AND e.objsubid = 0 AND e.classid";
    let managed: Vec<String> = QUERIES.iter().map(|(kind, _)| literal(&kind.to_string())).collect();
    let managed = managed.join(", ");
    // An owner is read with the privileges.
    let owned = QUERIES.iter().filter(|(_, query)| query.acl).map(|(kind, _)| literal(&kind.to_string()));
    let owned = owned.collect::<Vec<_>>().join(", ");
    format!(
        "WITH n AS (SELECT oid, CASE WHEN nspname = 'public' THEN '' ELSE nspname || '.' END AS prefix FROM ({NAMESPACES}) n),
o AS (SELECT o.*, coalesce(CASE WHEN o.namespace <> o.oid THEN n.prefix END, '') || o.name AS full_name, o.kind IN ({managed}) AS managed
    FROM ({OBJECTS}) o LEFT JOIN n ON n.oid = o.namespace
    WHERE o.oid >= 16384 AND (o.namespace = 0 OR n.oid IS NOT NULL) AND NOT EXISTS ({made} = o.class AND e.objid = o.oid))
SELECT o.kind, o.full_name, NULL::text FROM o WHERE NOT o.managed
UNION ALL SELECT 'owner', pg_get_userbyid(o.owner), o.kind || ' ' || o.full_name
FROM o WHERE o.managed AND o.kind NOT IN ({owned}) AND o.owner NOT IN (0, current_user::regrole)
UNION ALL SELECT p.kind, p.name, n.prefix || c.relname
FROM ({PROPERTIES}) p JOIN pg_catalog.pg_class c ON c.oid = p.relation JOIN n ON n.oid = c.relnamespace
WHERE NOT EXISTS ({made} = 'pg_class'::regclass AND e.objid = c.oid)
UNION ALL SELECT 'security label', l.provider || ' on ' || l.objtype || ' ' || l.objname, NULL
FROM pg_catalog.pg_seclabels l WHERE l.classoid <> 'pg_class'::regclass
UNION ALL SELECT 'comment on a constraint', o.conname, n.prefix || t.typname
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_type t ON t.oid = o.contypid JOIN n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_description d ON d.classoid = 'pg_constraint'::regclass AND d.objoid = o.oid
UNION ALL SELECT 'name of a NOT NULL constraint', o.conname, n.prefix || t.typname
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_type t ON t.oid = o.contypid JOIN n ON n.oid = t.typnamespace
WHERE o.contype = 'n' AND o.conname <> left(t.typname, 54) || '_not_null'
UNION ALL {DATABASE}
UNION ALL SELECT 'privileges', g.kind || ' ' || g.name, 'extension ' || x.extname
FROM ({GRANTED}) g JOIN pg_catalog.pg_depend e ON e.classid = g.class AND e.objid = g.oid AND e.deptype = 'e'
JOIN pg_catalog.pg_extension x ON x.oid = e.refobjid
LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = g.class AND i.objoid = g.oid AND i.objsubid = 0
CROSS JOIN LATERAL (SELECT coalesce(i.initprivs, acldefault(g.acl_type, g.owner)) AS acl) had
WHERE NOT (had.acl @> g.acl AND had.acl <@ g.acl)
ORDER BY 1, 3, 2"
    )
}
