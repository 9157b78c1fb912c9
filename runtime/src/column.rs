//! Which Rust types can be a column's type.

use whimbrel_schema::model::{ColumnType, QName};

/// A Rust type that can be a column: the closed list of `whimbrel-schema`, `PgEnum`s and `Newtype`s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column",
    label = "Whimbrel does not know which PostgreSQL type this is",
    note = "derive PgEnum for an enum or Newtype for a one-field struct, or say `#[column(type = \"…\")]`"
)]
pub trait Column {
    /// Its PostgreSQL type.
    fn column_type() -> ColumnType;

    /// Whether the column may be NULL: `Option<_>`.
    const NULLABLE: bool = false;

    /// The table and column an `Id<T>` refers to.
    fn references() -> Option<(QName, String)> {
        None
    }
}
