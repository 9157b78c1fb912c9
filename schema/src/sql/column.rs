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

fn identity_word(identity: Identity) -> &'static str {
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

pub(crate) fn rename(table: &QName, from: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME COLUMN {} TO {}", qualified(table), quote(from), quote(to))
}

/// `ALTER COLUMN … TYPE`, with the collation and, where no assignment cast exists, how to convert.
pub(crate) fn set_type(column: &Column, using: Option<&str>) -> String {
    let mut text = format!("ALTER COLUMN {} TYPE {}", quote(&column.name), type_name(&column.ty));
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {}", quote(collation)));
    }
    if let Some(using) = using {
        text.push_str(&format!(" USING {using}"));
    }
    text
}

pub(crate) fn set_default(column: &str, default: &Expr) -> String {
    format!("ALTER COLUMN {} SET DEFAULT {default}", quote(column))
}

pub(crate) fn drop_default(column: &str) -> String {
    format!("ALTER COLUMN {} DROP DEFAULT", quote(column))
}

pub(crate) fn set_not_null(column: &str) -> String {
    format!("ALTER COLUMN {} SET NOT NULL", quote(column))
}

pub(crate) fn drop_not_null(column: &str) -> String {
    format!("ALTER COLUMN {} DROP NOT NULL", quote(column))
}

pub(crate) fn drop_expression(column: &str) -> String {
    format!("ALTER COLUMN {} DROP EXPRESSION", quote(column))
}

pub(crate) fn add_identity(column: &str, identity: Identity) -> String {
    format!("ALTER COLUMN {} ADD GENERATED {} AS IDENTITY", quote(column), identity_word(identity))
}

pub(crate) fn set_identity(column: &str, identity: Identity) -> String {
    format!("ALTER COLUMN {} SET GENERATED {}", quote(column), identity_word(identity))
}

pub(crate) fn drop_identity(column: &str) -> String {
    format!("ALTER COLUMN {} DROP IDENTITY", quote(column))
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
