//! The statements of a verification about types and Whimbrel's own tables. All of them read.

/// One snapshot for all reads, and a guarantee that nothing is written.
pub const BEGIN: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// The types of columns: identifier and category (`pg_type.typcategory`: S for strings, E for enums, A for arrays, …).
/// Bound: the table's name in SQL, the columns.
pub const TYPES: &str = "\
SELECT a.atttypid, t.typcategory FROM unnest($2::text[]) WITH ORDINALITY AS w (name, at)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::text::regclass AND a.attname = w.name
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
 ORDER BY w.at";

/// Rows that constraints refused: table and digest. Bound: the collections, the tables.
pub const REFUSED: &str = "\
SELECT \"table\", row_digest FROM whimbrel.rejects WHERE row_digest IS NOT NULL AND collection = ANY($1) \
   AND \"table\" = ANY($2)";

/// Rows and documents that could not be converted. Bound: the collections, the tables.
pub const REJECTS: &str = "\
SELECT collection, \"table\", ordinal, path, code, document
  FROM whimbrel.rejects WHERE row_digest IS NULL AND collection = ANY($1) AND (\"table\" IS NULL OR \"table\" = ANY($2))";
