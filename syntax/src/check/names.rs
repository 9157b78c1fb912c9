//! Names that PostgreSQL can keep, each given once.

use std::collections::BTreeMap;

use crate::ast::Model;
use crate::errors::{Errors, SourceSpan, Spanned};
use crate::lower;
use crate::name;

/// Names of PostgreSQL's own.
const OWN_SCHEMAS: &[&str] = &["information_schema", "whimbrel"];

/// Every table has these columns; no other can be called so (PostgreSQL documentation, "System Columns").
const SYSTEM_COLUMNS: &[&str] = &["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// PostgreSQL cuts a longer name silently; then two names could become one, and a comparison would never end.
pub(super) fn fits(errors: &Errors, name: &str, span: SourceSpan) -> bool {
    match name::check(name) {
        Ok(()) => true,
        Err(error) => {
            let help = match error {
                name::NameError::TooLong { .. } => "give it a shorter name",
                name::NameError::Empty | name::NameError::Nul { .. } => "give it a name",
            };
            errors.add(span, error.to_string()).help(help);
            false
        }
    }
}

/// Writes what was derived into the help: the author did not write it and may not know it.
fn derived_fits(errors: &Errors, name: &str, span: SourceSpan, setting: &str) {
    if let Err(error) = name::check(name) {
        errors.add(span, error.to_string()).help(format!("give it another name: `{setting} = \"…\"`"));
    }
}

/// The table's name and schema, and its former name.
pub(super) fn table(errors: &Errors, model: &Model) {
    match &model.table {
        Some(table) => {
            if fits(errors, &table.value, table.span) && table.value.contains('.') && model.schema.is_none() {
                dotted(errors, table);
            }
        }
        None => derived_fits(errors, &lower::table_name(model).name, model.ident.span().into(), "table"),
    }
    if let Some(schema) = &model.schema {
        self::schema(errors, schema);
    }
    if let Some(old) = &model.renamed_from {
        let table = lower::table_name(model);
        renamed(errors, old, &table.name);
    }
    if let Some(comment) = &model.comment {
        text(errors, comment, "comment");
    }
}

/// `table = "crm.accounts"` would be a table whose name contains a dot; it is never what was meant.
fn dotted(errors: &Errors, table: &Spanned<String>) {
    let (schema, name) = table.value.split_once('.').unwrap_or_default();
    errors
        .add(table.span, format!("the table's name `{}` contains a dot", table.value))
        .help(format!("write `table = \"{name}\", schema = \"{schema}\"`"));
}

/// Schemas that belong to PostgreSQL or to the journal are not ours to change.
pub(super) fn schema(errors: &Errors, schema: &Spanned<String>) {
    if fits(errors, &schema.value, schema.span)
        && (schema.value.starts_with("pg_") || OWN_SCHEMAS.contains(&schema.value.as_str()))
    {
        errors
            .add(schema.span, format!("the schema `{}` is reserved", schema.value))
            .help("names that begin with `pg_`, `information_schema` and `whimbrel` are reserved");
    }
}

/// A rename to the same name is an error: it was meant to name the old one.
pub(super) fn renamed(errors: &Errors, old: &Spanned<String>, new: &str) {
    if fits(errors, &old.value, old.span) && old.value == new {
        errors
            .add(old.span, format!("`{new}` is already its name"))
            .help("`renamed_from` takes the name it had before");
    }
}

/// A PostgreSQL text cannot hold U+0000, and an empty expression or comment is an error.
pub(super) fn text(errors: &Errors, text: &Spanned<String>, what: &str) {
    if text.value.trim().is_empty() {
        errors.add(text.span, format!("`{what}` is empty")).help("write a value, or remove the setting");
    } else if text.value.contains('\0') {
        errors
            .add(text.span, format!("`{what}` contains U+0000"))
            .help("PostgreSQL cannot store this character");
    }
}

/// Every column has a name of its own that PostgreSQL can keep.
pub(super) fn columns(errors: &Errors, model: &Model) {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for field in &model.fields {
        let name = lower::column_name(model, field);
        let written = field.column.name.as_ref();
        let span = written.map_or(field.ident.span().into(), |name| name.span);
        match written {
            Some(name) => {
                fits(errors, &name.value, name.span);
            }
            None => derived_fits(errors, &name, span, "name"),
        }
        if SYSTEM_COLUMNS.contains(&name.as_str()) {
            errors
                .add(span, format!("every table has a system column `{name}`"))
                .help("give the column another name: `#[column(name = \"…\")]`");
        }
        if let Some(other) = taken.insert(name.clone(), field.name()) {
            errors
                .add(span, format!("two columns are named `{name}`: this one and that of field `{other}`"))
                .help("give one of them another name: `#[column(name = \"…\")]`");
        }
        // With `expand` the name is that of another column.
        if let Some(old) = &field.column.renamed_from
            && field.column.expand.is_none()
        {
            renamed(errors, old, &name);
        }
    }
}

/// Constraints of a table share one namespace, and indexes those of their schema; what is written twice in one
/// model is found here, what two models share in `link`.
pub(super) fn objects(errors: &Errors, model: &Model) {
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (kind, name) in model.object_names() {
        fits(errors, &name.value, name.span);
        if let Some(other) = taken.insert(&name.value, kind) {
            let message = format!("the name `{}` is already used by the {other} of that name", name.value);
            errors.add(name.span, message).help("give one of them another name");
        }
    }
}
