//! Settings of one column that contradict each other or its type.

use super::names::text;
use super::sql::{Place, sql};
use super::{Looks, in_option, last_part, looks, own_type, parameter, two_of};
use crate::ast::{Field, Model};
use crate::errors::Errors;
use crate::model::{Action, ColumnType};
use crate::types;

/// All rules of a column, for each column.
pub(super) fn each(errors: &Errors, model: &Model) {
    for field in &model.fields {
        texts(errors, field);
        ty(errors, field);
        nested_option(errors, field);
        no_column(errors, field);
        one_value(errors, field);
        identity(errors, field);
        generated(errors, field);
        collate(errors, field);
        reference(errors, field);
        contradiction(errors, field);
        actions(errors, field, model);
        redundant(errors, field);
    }
}

/// Expressions, comments and collations.
fn texts(errors: &Errors, field: &Field) {
    let column = &field.column;
    for (value, what, place) in [
        (&column.default, "default", Place::Default),
        (&column.check, "check", Place::Expression),
        (&column.generated, "generated", Place::Expression),
    ] {
        value.iter().for_each(|value| sql(errors, value, what, place));
    }
    for (value, what) in [(&column.comment, "comment"), (&column.collate, "collate")] {
        value.iter().for_each(|value| text(errors, value, what));
    }
}

/// A type is compared as the server prints it, so it must be one that has such a spelling; and sqlx must read it as the
/// field's type, as far as that can be told here.
fn ty(errors: &Errors, field: &Field) {
    let Some(ty) = &field.column.ty else { return };
    let own = own_type(&field.ty);
    let fits = types::canonical(&ty.value).and_then(|declared| {
        own.map_or(Ok(()), |own| types::read_as(&declared.to_string(), &own.to_string()))
    });
    if let Err(error) = fits {
        errors.add(ty.span, error.to_string()).help(error.hint);
    }
}

/// There is only one NULL.
fn nested_option(errors: &Errors, field: &Field) {
    if in_option(&field.ty).and_then(in_option).is_some() {
        errors
            .add(&field.ty, "an `Option` in an `Option`")
            .help("a column is NULL or not: write `Option<…>` once");
    }
}

/// What can never be a column, whatever other items there are: with a clearer message than the compiler's.
fn no_column(errors: &Errors, field: &Field) {
    if field.column.ty.is_some() {
        return;
    }
    let mut ty = in_option(&field.ty).unwrap_or(&field.ty);
    if let Some(part) = last_part(ty).filter(|part| part.ident == "Vec")
        && let Some(element) = parameter(part)
        && looks(ty) == Looks::Array
    {
        if looks(element) == Looks::Array {
            errors.add(&field.ty, "an array of arrays cannot be a column").help(
                    "PostgreSQL does not keep the number of dimensions: use `Json`, or write `#[column(type = \"…\")]`",
                );
            return;
        }
        ty = in_option(element).unwrap_or(element);
    }
    if let Some(help) = types::instead_of(ty) {
        let written = last_part(ty).map_or("this type".to_owned(), |part| format!("`{}`", part.ident));
        errors
            .add(&field.ty, format!("{written} cannot be a column"))
            .help(format!("{help}, or write `#[column(type = \"…\")]`"));
    }
}

/// A value comes from one place: PostgreSQL refuses two of these on one column.
fn one_value(errors: &Errors, field: &Field) {
    let column = &field.column;
    let given = [
        ("default", column.default.as_ref().map(|value| value.span)),
        ("generated", column.generated.as_ref().map(|value| value.span)),
        ("identity", column.identity.as_ref().map(|value| value.span)),
    ];
    if let Some((first, second, span)) = two_of(&given) {
        errors
            .add(span, format!("`{first}` and `{second}` contradict each other"))
            .help("a column's value comes from one of `default`, `generated` and `identity`");
    }
}

/// PostgreSQL numbers rows with whole numbers only, and never with NULL.
fn identity(errors: &Errors, field: &Field) {
    let Some(identity) = &field.column.identity else { return };
    if in_option(&field.ty).is_some() {
        errors.add(identity.span, "an identity column is never NULL").help("take the `Option` off the field");
    }
    let declared = field.column.ty.as_ref().and_then(|ty| types::canonical(&ty.value).ok());
    let ty = match (&declared, looks(&field.ty)) {
        (Some(ColumnType { array: true, .. }), _) => "an array",
        (Some(ty), _) => &ty.to_string(),
        (None, Looks::Scalar(ty)) => ty,
        (None, Looks::Array) => "an array",
        (None, Looks::Id) => "uuid",
        (None, Looks::Unknown) => return,
    };
    if !["smallint", "integer", "bigint"].contains(&ty) {
        errors
            .add(identity.span, format!("an identity column cannot be {ty}"))
            .help("use `i16`, `i32` or `i64`");
    }
}

/// PostgreSQL computes the value, so nothing a foreign key does could change it.
fn generated(errors: &Errors, field: &Field) {
    let column = &field.column;
    let Some(generated) = &column.generated else { return };
    for (name, action) in column.actions.actions() {
        if matches!(action.value, Action::SetNull | Action::SetDefault) {
            errors
                .add(action.span, format!("`{name}` cannot set a generated column"))
                .help("use `cascade`, `restrict` or `no_action`");
        }
    }
    if column.default.is_none() && generated.value.to_lowercase().contains("generated always") {
        errors
            .add(generated.span, "`generated` takes the expression only")
            .help("write `generated = \"price * quantity\"`");
    }
}

/// Only texts have a collation.
fn collate(errors: &Errors, field: &Field) {
    let Some(collate) = &field.column.collate else { return };
    if field.column.ty.is_none()
        && let Looks::Scalar(ty) = looks(&field.ty)
        && ty != "text"
    {
        errors
            .add(collate.span, format!("a column of type {ty} has no collation"))
            .help("`collate` is for text types");
    }
}

/// What happens to references needs a reference; without one the author believes in a key that is not there.
fn reference(errors: &Errors, field: &Field) {
    let column = &field.column;
    if column.references.is_some() || column.no_reference.is_some() {
        return;
    }
    if matches!(looks(&field.ty), Looks::Scalar(_) | Looks::Array) {
        not_a_key(errors, field);
    }
}

/// The errors of a column that is not a foreign key.
pub(crate) fn not_a_key(errors: &Errors, field: &Field) {
    for (name, span) in field.column.actions.written() {
        errors
            .add(span, format!("`{name}` on a column that is not a foreign key"))
            .help("give the field the type `Id<Model>`, or write `references(Model)`");
    }
}

/// `no_reference` means that there is no foreign key.
fn contradiction(errors: &Errors, field: &Field) {
    let column = &field.column;
    let Some(no_reference) = column.no_reference else { return };
    let references = column.references.as_ref().map(|_| "references");
    for name in references.into_iter().chain(column.actions.written().map(|(name, _)| name)) {
        errors
            .add(no_reference, format!("`no_reference` and `{name}` contradict each other"))
            .help("remove one of the two");
    }
    if matches!(looks(&field.ty), Looks::Scalar(_)) {
        errors
            .add(no_reference, "`no_reference` on a column that is not a foreign key anyway")
            .help("remove it: it is for fields of type `Id<Model>`");
    }
}

/// A key that would set NULL where NULL cannot be, or a default that is not there, fails when it is needed.
fn actions(errors: &Errors, field: &Field, model: &Model) {
    let column = &field.column;
    let in_key = || crate::lower::in_primary_key(model, field);
    for (name, action) in column.actions.actions() {
        let nullable = in_option(&field.ty).is_some();
        let surely_not = in_key() || matches!(looks(&field.ty), Looks::Id | Looks::Scalar(_));
        if action.value == Action::SetNull && !nullable && surely_not {
            errors
                .add(action.span, format!("`{name} = \"set_null\"` on a column that is never NULL"))
                .help("make the field an `Option`, or choose another action");
        }
        if action.value == Action::SetDefault && column.default.is_none() && !nullable {
            errors
                .add(action.span, format!("`{name} = \"set_default\"` on a column without a default"))
                .help("give the column a `default`, or choose another action");
        }
    }
}

/// PostgreSQL keeps an index for each primary key and unique constraint; a second one only costs.
fn redundant(errors: &Errors, field: &Field) {
    let column = &field.column;
    let given = [("primary_key", column.primary_key), ("unique", column.unique), ("index", column.index)];
    if let Some((first, second, span)) = two_of(&given) {
        let why = match first {
            "primary_key" => "a primary key is unique and has an index",
            _ => "a unique constraint has an index",
        };
        errors
            .add(span, format!("`{second}` is implied by `{first}`"))
            .help(format!("remove `{second}`: {why}"));
    }
}
