//! Models, enums and transforms register themselves here, so that a program that links a crate of models knows
//! them all without a list.

use whimbrel_syntax::model::{Enum, Schema, Table};

#[derive(Debug, Clone, Copy)]
pub struct ModelEntry {
    pub name: &'static str,
    /// The module it stands in, as `module_path!()` says.
    pub module: &'static str,
    pub table: fn() -> Table,
}
inventory::collect!(ModelEntry);

#[derive(Debug, Clone, Copy)]
pub struct EnumEntry {
    pub name: &'static str,
    pub module: &'static str,
    pub definition: fn() -> Enum,
}
inventory::collect!(EnumEntry);

#[cfg(feature = "transform")]
inventory::collect!(crate::transform::TransformSpec);

/// All models that are linked into this program, sorted by table name.
pub fn models() -> Vec<&'static ModelEntry> {
    let mut all: Vec<_> = inventory::iter::<ModelEntry>.into_iter().collect();
    all.sort_by_key(|entry| ((entry.table)().name, entry.module));
    all
}

/// All enum types that are linked into this program, sorted by type name.
pub fn enums() -> Vec<&'static EnumEntry> {
    let mut all: Vec<_> = inventory::iter::<EnumEntry>.into_iter().collect();
    all.sort_by_key(|entry| ((entry.definition)().name, entry.module));
    all
}

/// All transforms that are linked into this program, sorted by collection, table and struct.
#[cfg(feature = "transform")]
pub fn transforms() -> Vec<&'static crate::transform::TransformSpec> {
    let mut all: Vec<_> = inventory::iter::<crate::transform::TransformSpec>.into_iter().collect();
    all.sort_by_key(|spec| (spec.collection, (spec.table)(), spec.model));
    all
}

/// The schema of all models and enums that are linked into this program: the one the command line finds by
/// reading their sources.
pub fn schema() -> Schema {
    let tables = inventory::iter::<ModelEntry>.into_iter().map(|entry| (entry.table)());
    let enums = inventory::iter::<EnumEntry>.into_iter().map(|entry| (entry.definition)());
    whimbrel_syntax::draft::schema(tables, enums)
}
