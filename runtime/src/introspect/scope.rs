//! Which parts of the catalog are looked at.

/// A condition on `pg_namespace n`: not the system's, not Whimbrel's, and among the schemas of parameter 1, if it
/// names any.
macro_rules! in_scope {
    () => {
        "n.nspname <> ALL (ARRAY['pg_catalog', 'information_schema', 'pg_toast', 'whimbrel']) \
         AND n.nspname !~ '^pg_(toast_)?temp_' AND (cardinality($1::text[]) = 0 OR n.nspname = ANY ($1::text[]))"
    };
}

/// A condition that an object of a catalog belongs to no extension.
macro_rules! not_of_extension {
    ($catalog:literal, $oid:literal) => {
        concat!(
            "NOT EXISTS (SELECT FROM pg_catalog.pg_depend ext WHERE ext.classid = '",
            $catalog,
            "'::regclass AND ext.objid = ",
            $oid,
            " AND ext.deptype = 'e')"
        )
    };
}

/// A condition on `pg_class c`: an ordinary table that is not a partition.
macro_rules! is_table {
    () => {
        concat!("c.relkind = 'r' AND NOT c.relispartition AND ", not_of_extension!("pg_class", "c.oid"))
    };
}

pub(super) use {in_scope, is_table, not_of_extension};
