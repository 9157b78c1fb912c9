//! Columns that a table has from a parent: a partition, or a table that inherits. They change with the parent's column;
//! what can be set for them alone is set after that. Those that the table does not declare, too, come and go with it.

use serde::{Deserialize, Serialize};

use super::column::{Column, Storage};
use crate::kind::{Alter, Object};
use crate::name::QName;
use crate::step::Step;

/// The column of the parent, as far as that of the child can differ from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inherited {
    pub table: QName,
    /// The child declares it, too, and keeps it when the parent's goes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// The type's own storage, then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_storage: Option<Storage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<i32>,
}

/// How values are stored, in words.
macro_rules! storage {
    ($column:literal) => {
        concat!(
            "CASE ",
            $column,
            " WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END"
        )
    };
}

pub(super) use storage;

/// The JSON of [`Inherited`] for a `pg_attribute a` with the type `t` of a table `c`.
macro_rules! column_of_parent {
    () => {
        concat!(
            "CASE WHEN a.attinhcount > 0 THEN (SELECT json_build_object('table', json_build_array(pn.nspname, pc.relname),
            'local', a.attislocal, 'not_null', pa.attnotnull, 'default', CASE WHEN pa.attgenerated = '' THEN pg_get_expr(pd.adbin, pd.adrelid) END,
            'storage', CASE WHEN pa.attstorage <> t.typstorage THEN ",
            storage!("pa.attstorage"),
            " END, 'type_storage', CASE WHEN pa.attstorage <> t.typstorage THEN ",
            storage!("t.typstorage"),
            " END,
            'compression', CASE pa.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
            'statistics', nullif(pa.attstattarget, -1))
        FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class pc ON pc.oid = i.inhparent
        JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
        JOIN pg_catalog.pg_attribute pa ON pa.attrelid = pc.oid AND pa.attname = a.attname AND NOT pa.attisdropped
        LEFT JOIN pg_catalog.pg_attrdef pd ON pd.adrelid = pa.attrelid AND pd.adnum = pa.attnum
        WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1) END"
        )
    };
}

pub(super) use column_of_parent;

/// What is to be said of a column that came with its parent's.
pub(super) fn create(column: &Column, of: &Inherited) -> Vec<Step> {
    // These come with the column only if the parent's was added later, or earlier, than the child.
    let compression = if column.compression.is_some() { None } else { of.compression.clone() };
    let statistics = if column.statistics.is_some() { None } else { of.statistics };
    let came = Column {
        not_null: of.not_null,
        default: of.default.clone(),
        storage: of.storage,
        type_storage: of.type_storage,
        compression,
        statistics,
        options: Vec::new(),
        ..column.clone()
    };
    steps(came, column)
}

/// What is changed of the parent's column is changed of this one, too, but for its compression and options.
pub(super) fn alter(prev: &Column, next: &Column, prev_of: &Inherited, of: &Inherited) -> Alter {
    let mut came = prev.clone();
    if prev_of.not_null != of.not_null {
        came.not_null = of.not_null;
    }
    if prev_of.default != of.default {
        came.default.clone_from(&of.default);
    }
    let retyped = (&prev.ty, &prev.collation) != (&next.ty, &next.collation);
    // Another type brings its own storage and compression.
    if retyped {
        came.compression = None;
    }
    if retyped || prev_of.storage != of.storage {
        came.storage = of.storage;
        came.type_storage = of.type_storage;
    }
    if prev_of.statistics != of.statistics {
        came.statistics = of.statistics;
    }
    let steps = steps(came, next);
    if retyped { Alter::Around(Vec::new(), steps) } else { Alter::steps(steps) }
}

fn steps(came: Column, next: &Column) -> Vec<Step> {
    let next = Column { inherited: None, ..next.clone() };
    let came = Column {
        ty: next.ty.clone(),
        collation: next.collation.clone(),
        generated: next.generated.clone(),
        identity: next.identity.clone(),
        inherited: None,
        ..came
    };
    match came.alter(&next) {
        Alter::InPlace(steps) | Alter::Around(_, steps) | Alter::Split(steps, _) => steps,
        Alter::Same | Alter::Joined(..) | Alter::Replace => Vec::new(),
    }
}
