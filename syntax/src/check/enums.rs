//! Rules of enum types.

use std::collections::BTreeMap;

use super::names::{fits, renamed, schema, text};
use crate::ast::PgEnum;
use crate::errors::Errors;
use crate::lower;

pub fn pg_enum(errors: &Errors, item: &PgEnum) {
    has_labels(errors, item);
    let name = lower::enum_name(item);
    fits(errors, &name.name, item.name.as_ref().map_or(item.ident.span().into(), |name| name.span));
    if let Some(schema) = &item.schema {
        self::schema(errors, schema);
    }
    if let Some(old) = &item.renamed_from {
        renamed(errors, old, &name.name);
    }
    if let Some(comment) = &item.comment {
        text(errors, comment, "comment");
    }
    labels(errors, item);
}

/// An enum type without labels has no values.
fn has_labels(errors: &Errors, item: &PgEnum) {
    if item.variants.is_empty() {
        errors
            .add(item.ident.span(), format!("`{}` has no variants", item.ident))
            .help("an enum type needs at least one label");
    }
}

/// Labels are distinct, and PostgreSQL keeps them in 63 bytes.
fn labels(errors: &Errors, item: &PgEnum) {
    let mut taken = BTreeMap::new();
    for (variant, label) in item.variants.iter().zip(lower::labels(item)) {
        let span = variant.rename.as_ref().map_or(variant.ident.span().into(), |label| label.span);
        fits(errors, &label, span);
        if let Some(old) = &variant.renamed_from {
            renamed(errors, old, &label);
        }
        if let Some(other) = taken.insert(label.clone(), &variant.ident) {
            errors
                .add(span, format!("two variants have the label `{label}`: this one and `{other}`"))
                .help("give one of them another label: `#[pg(rename = \"…\")]`");
        }
    }
}
