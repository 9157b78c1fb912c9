//! Primary keys, unique constraints, indexes, foreign keys and checks of a table.

use std::collections::BTreeSet;

use proc_macro2::Ident;

use super::sql::{Place, sql};
use super::{Looks, in_option, looks};
use crate::ast::{Field, ForeignKey, Index, IndexOn, Model, unraw};
use crate::errors::{Error, Errors, SourceSpan, list, nearest};
use crate::lower;
use crate::model::Action;

/// A name in `columns(…)` must be a field. The error lists all fields, since there are few.
fn known<'m>(errors: &Errors, model: &'m Model, name: &Ident) -> Option<&'m Field> {
    let found = lower::field(model, name);
    if found.is_none() {
        let fields: Vec<String> = model.fields.iter().map(Field::name).collect();
        let name = (unraw(name), name.span());
        let error = Error::new(name.1, format!("`{}` has no field `{}`", model.ident, name.0));
        errors.push(match nearest(&name.0, fields.iter().map(String::as_str)) {
            Some(near) => error
                .label(format!("did you mean `{near}`?"))
                .help(format!("did you mean `{near}`? The fields are {}", list(&fields))),
            None => error.label("no such field").help(format!("the fields are {}", list(&fields))),
        });
    }
    found
}

/// A list of columns names at least one, only fields, and each once.
pub(super) fn columns<'m>(
    errors: &Errors,
    model: &'m Model,
    names: &[Ident],
    what: &str,
    span: SourceSpan,
) -> Vec<&'m Field> {
    if names.is_empty() {
        errors
            .add(span, format!("`{what}` has no columns"))
            .help("name fields of the struct, with commas between them");
    }
    let mut fields: Vec<&Field> = Vec::new();
    for name in names {
        let Some(field) = known(errors, model, name) else { continue };
        if fields.iter().any(|other| other.ident == field.ident) {
            errors
                .add(name.span(), format!("`{name}` is named twice in `{what}`"))
                .help("remove one of the two");
        } else {
            fields.push(field);
        }
    }
    fields
}

/// A table has one primary key, and no part of it is ever NULL.
pub(super) fn primary_key(errors: &Errors, model: &Model) {
    let marked: Vec<_> = model
        .fields
        .iter()
        .filter_map(|field| field.column.primary_key.map(|span| (field.name(), span)))
        .collect();
    if let Some(declared) = &model.primary_key {
        columns(errors, model, &declared.value, "primary_key", declared.span);
        for (_, span) in &marked {
            errors
                .add(*span, "the primary key is declared twice")
                .help("remove it here, or remove `primary_key(…)` from `#[model]`");
        }
    } else if let [_, (_, second), ..] = marked.as_slice() {
        let names: Vec<_> = marked.iter().map(|(name, _)| name.as_str()).collect();
        errors.add(*second, "the primary key is declared twice").help(format!(
            "for a key of several columns write `#[model(primary_key({}))]`: their order matters",
            names.join(", ")
        ));
    }
    for field in lower::primary_key(model) {
        if in_option(&field.ty).is_some() {
            errors.add(&field.ty, format!("`{}` is in the primary key and is never NULL", field.name())).help("take the `Option` off the field, or choose another primary key with `#[model(primary_key(…))]`");
        }
    }
}

/// Unique constraints; the primary key is unique already, and the same constraint twice only costs.
pub(super) fn uniques(errors: &Errors, model: &Model) {
    let key: Vec<String> = lower::primary_key(model).iter().map(|field| field.name()).collect();
    let mut seen: BTreeSet<Vec<String>> = model
        .fields
        .iter()
        .filter(|field| field.column.unique.is_some())
        .map(|field| vec![field.name()])
        .collect();
    for unique in &model.uniques {
        let fields = columns(errors, model, &unique.columns, "unique", unique.span);
        let names: Vec<String> = fields.iter().map(|field| field.name()).collect();
        if fields.len() != unique.columns.len() || names.is_empty() {
            continue;
        }
        if names == key {
            errors
                .add(unique.span, "these columns are the primary key, which is unique")
                .help("remove this constraint");
        } else if !seen.insert(names) {
            errors
                .add(unique.span, "these columns are unique already")
                .help("remove one of the two constraints");
        }
    }
}

/// Rules that PostgreSQL has for every index.
pub(super) fn indexes(errors: &Errors, model: &Model) {
    for index in &model.indexes {
        let names: Vec<Ident> = index
            .keys
            .iter()
            .filter_map(|key| match &key.on {
                IndexOn::Column(name) => Some(name.clone()),
                IndexOn::Expr(expr) => {
                    sql(errors, expr, "columns", Place::Expression);
                    None
                }
            })
            .collect();
        if index.keys.is_empty() {
            columns(errors, model, &[], "index", index.span);
        }
        for name in &names {
            known(errors, model, name);
        }
        if !index.include.is_empty() {
            let include = columns(errors, model, &index.include, "include", index.span);
            included(errors, &include, &names, index);
        }
        if let Some(predicate) = &index.predicate {
            sql(errors, predicate, "where", Place::Expression);
        }
        for opclass in index.keys.iter().filter_map(|key| key.opclass.as_ref()) {
            sql(errors, opclass, "opclass", Place::Expression);
        }
        method(errors, index);
    }
}

/// A column that is a key need not be carried along, too.
fn included(errors: &Errors, include: &[&Field], keys: &[Ident], index: &Index) {
    for field in include {
        if keys.contains(&field.ident) {
            errors
                .add(index.span, format!("`{}` is a key of this index and included, too", field.name()))
                .help("remove it from `include`");
        }
    }
}

/// What each access method of PostgreSQL can do (documentation, "Index Types"). Methods of extensions are left to
/// the server.
fn method(errors: &Errors, index: &Index) {
    const OWN: &[&str] = &["btree", "hash", "gist", "spgist", "gin", "brin"];
    let Some(method) = &index.method else { return };
    let name = method.value.as_str();
    if name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    {
        let near = nearest(name, OWN.iter().copied()).unwrap_or("gin");
        errors
            .add(method.span, format!("`{name}` is not an access method"))
            .help(format!("write it in lower case: `method = \"{near}\"`; PostgreSQL has {}", list(OWN)));
        return;
    }
    if !OWN.contains(&name) {
        return;
    }
    let refuse = |span: SourceSpan, what: &str, who: &str| {
        errors
            .add(span, format!("an index of method `{name}` cannot {what}"))
            .help(format!("{who} can; leave `method` out for `btree`"));
    };
    if let Some(unique) = index.unique
        && name != "btree"
    {
        refuse(unique, "be unique", "only `btree`");
    }
    if !index.include.is_empty() && !["btree", "gist", "spgist"].contains(&name) {
        refuse(method.span, "include columns", "`btree`, `gist` and `spgist`");
    }
    if name == "hash" && index.keys.len() > 1 {
        refuse(method.span, "have several keys", "every other method");
    }
    for key in &index.keys {
        let order = key.descending.as_ref().map(|order| order.span);
        if let Some(span) = order.or(key.nulls_first.as_ref().map(|nulls| nulls.span))
            && name != "btree"
        {
            refuse(span, "be ordered", "only `btree`");
        }
    }
}

/// Foreign keys of the table: as many columns here as there, and actions that can succeed.
pub(super) fn foreign_keys(errors: &Errors, model: &Model) {
    for key in &model.foreign_keys {
        let fields = columns(errors, model, &key.columns, "foreign_key", key.span);
        let there = key.references.value.columns.len();
        if there != 0 && there != key.columns.len() {
            errors
                .add(key.references.span, format!("{} columns reference {there}", key.columns.len()))
                .help("name the same number of columns on both sides");
        }
        set_null(errors, key, &fields);
        for field in fields {
            if key.columns.len() == 1 && field.column.references.is_some() {
                errors
                    .add(key.span, format!("`{}` has `references` of its own", field.name()))
                    .help("remove one of the two foreign keys");
            }
        }
    }
    for field in &model.fields {
        let Some(reference) = &field.column.references else { continue };
        if reference.value.columns.len() > 1 {
            errors
                .add(reference.span, "one column cannot reference several")
                .help("declare the key on the struct: `#[model(foreign_key(columns(…), references(…)))]`");
        }
        if field.column.ty.is_none() && looks(&field.ty) == Looks::Array {
            errors
                .add(reference.span, "an array cannot be a foreign key")
                .help("PostgreSQL has no foreign keys of array elements: use a separate table");
        }
    }
}

/// As for a column: NULL must be possible where it would be set.
fn set_null(errors: &Errors, key: &ForeignKey, fields: &[&Field]) {
    for (name, action) in key.actions.actions() {
        if action.value != Action::SetNull {
            continue;
        }
        for field in fields {
            if in_option(&field.ty).is_none() && matches!(looks(&field.ty), Looks::Id | Looks::Scalar(_)) {
                let message = format!("`{name} = \"set_null\"`, but `{}` is never NULL", field.name());
                errors.add(action.span, message).help("make the field an `Option`, or choose another action");
            }
        }
    }
}

/// A check without a condition checks nothing.
pub(super) fn checks(errors: &Errors, model: &Model) {
    for check in &model.checks {
        sql(errors, &check.expr, "check", Place::Expression);
    }
}
