//! The statements of a verification about the catalog and Whimbrel's own tables. All of them read.

/// One snapshot for all reads, and a guarantee that nothing is written.
pub const BEGIN: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// The foreign keys of a table: name, whether it is validated, referenced schema and table, referencing and
/// referenced columns. Bound: schema, table.
pub const FOREIGN_KEYS: &str = "\
SELECT k.conname, k.convalidated, rn.nspname, r.relname,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(num, at)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.at),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(num, at)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.at)
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
  JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
 WHERE k.contype = 'f' AND n.nspname = $1 AND c.relname = $2
 ORDER BY k.conname";

/// The names of a table's constraints and indexes. Bound: schema, table.
pub const OBJECTS: &str = "\
SELECT k.conname::text
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relname = $2
UNION
SELECT i.relname::text
  FROM pg_catalog.pg_index x
  JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
  JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relname = $2 AND x.indisvalid";

/// Rows that constraints refused: table and digest. Bound: the collections, the tables.
pub const REFUSED: &str = "\
SELECT \"table\", row_digest FROM whimbrel.rejects WHERE row_digest IS NOT NULL AND collection = ANY($1) \
   AND \"table\" = ANY($2)";

/// Rows and documents that could not be converted. Bound: the collections, the tables.
pub const REJECTS: &str = "\
SELECT collection, \"table\", ordinal, path, code, document
  FROM whimbrel.rejects WHERE row_digest IS NULL AND collection = ANY($1) AND (\"table\" IS NULL OR \"table\" = ANY($2))";
