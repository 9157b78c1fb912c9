//! What `#[derive(Model)]` and `#[derive(PgEnum)]` implement.

use whimbrel_schema::model::{Enum, QName, Table};

/// A struct that is a table.
///
/// Derived; the derive also registers the model (see [`crate::registry`]).
pub trait Model: Sized + 'static {
    /// The table's PostgreSQL schema, `public` unless the model says otherwise.
    const SCHEMA: &'static str;
    /// The table's name, unquoted.
    const TABLE: &'static str;
    /// The names of its columns, unquoted, in the order of declaration.
    const COLUMNS: &'static [&'static str];
    /// The names of its fields, in the same order.
    const FIELDS: &'static [&'static str] = Self::COLUMNS;
    /// The columns of its primary key; empty if it has none.
    const PRIMARY_KEY: &'static [&'static str];

    /// The table as the macro understood it, types resolved through [`crate::column::Column`].
    fn table() -> Table;

    /// The table's name.
    fn qname() -> QName {
        QName::in_schema(Self::SCHEMA, Self::TABLE)
    }
}

/// An enum whose variants are the labels of a PostgreSQL enum type.
///
/// Derived; the derive also registers the enum (see [`crate::registry`]).
pub trait PgEnum: Sized + 'static {
    /// The labels, in the order of the variants, which is the type's sort order.
    const LABELS: &'static [&'static str];

    /// The type as the macro understood it.
    fn definition() -> Enum;

    /// This variant's label.
    fn label(&self) -> &'static str;

    /// The variant of that label.
    fn from_label(label: &str) -> Option<Self>;
}

/// A text that is none of an enum's labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{label}` is none of the labels {}", .labels.join(", "))]
pub struct UnknownLabel {
    /// The text.
    pub label: String,
    /// What would be allowed.
    pub labels: &'static [&'static str],
}
