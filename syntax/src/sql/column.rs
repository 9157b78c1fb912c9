//! Columns: their definition, and the clauses of `ALTER TABLE` that change them.

use crate::model::*;
use crate::name::{literal, qualified, quote};

/// A type as it stands in a statement.
pub(crate) fn type_name(ty: &ColumnType) -> String {
    let mut text = match &ty.element {
        ElementType::Sql(name) => name.clone(),
        ElementType::Enum(name) => qualified(name),
    };
    if ty.array {
        text.push_str("[]");
    }
    text
}

/// A column in `CREATE TABLE` and after `ADD COLUMN`.
pub(crate) fn definition(column: &Column) -> String {
    let mut text = format!("{} {}", quote(&column.name), type_name(&column.ty));
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {}", quote(collation)));
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    if let Some(identity) = column.identity {
        text.push_str(&format!(" GENERATED {} AS IDENTITY", identity_word(identity)));
    }
    if let Some(expr) = &column.generated {
        text.push_str(&format!(" GENERATED ALWAYS AS ({expr}) STORED"));
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    text
}

pub(crate) fn identity_word(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    }
}

pub(crate) fn add(column: &Column) -> String {
    format!("ADD COLUMN {}", definition(column))
}

pub(crate) fn drop(name: &str) -> String {
    format!("DROP COLUMN {}", quote(name))
}

/// `ALTER COLUMN …`.
pub(crate) fn alter(column: &str, clause: &str) -> String {
    format!("ALTER COLUMN {} {clause}", quote(column))
}

/// `TYPE …`, with the collation and, where no assignment cast exists, how to convert.
pub(crate) fn set_type(column: &Column, using: Option<&str>) -> String {
    let mut text = format!("TYPE {}", type_name(&column.ty));
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {}", quote(collation)));
    }
    if let Some(using) = using {
        text.push_str(&format!(" USING {using}"));
    }
    text
}

pub(crate) fn comment_on(table: &QName, column: &str, text: Option<&str>) -> String {
    super::comment_on("COLUMN", &format!("{}.{}", qualified(table), quote(column)), text)
}

/// Sets the sequence of a new identity to continue after the existing values.
pub(crate) fn continue_identity(table: &QName, column: &str) -> String {
    let from = qualified(table);
    format!(
        "SELECT setval(pg_get_serial_sequence({}, {}), greatest(max({}), 0) + 1, false) FROM {from}",
        literal(&from),
        literal(column),
        quote(column),
    )
}
