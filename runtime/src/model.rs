//! What `#[derive(Model)]` implements.

use whimbrel_schema::model::{QName, Table};

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
    /// The columns of its primary key; empty if it has none.
    const PRIMARY_KEY: &'static [&'static str];

    /// The table as the macro understood it, types resolved through [`crate::column::Column`].
    fn table() -> Table;

    /// The table's name.
    fn qname() -> QName {
        QName::in_schema(Self::SCHEMA, Self::TABLE)
    }
}
