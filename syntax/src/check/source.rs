//! Rules of `#[source(…)]`.

use super::{Looks, in_option, last_part, looks, two_of};
use crate::ast::{Field, FieldSource, Model, Origin, Source};
use crate::case::Case;
use crate::errors::{Errors, SourceSpan};

/// Checks where the rows of a model come from. For `#[derive(Transform)]`, which cannot be without `#[source]`.
pub fn source(errors: &Errors, model: &Model) {
    let Some(source) = &model.source else {
        let message = format!("`{}` derives `Transform` without a collection to read from", model.ident);
        errors
            .add(model.ident.span(), message)
            .help("write `#[source(collection = \"…\")]`, or do not derive `Transform`");
        return;
    };
    if let Some(view) = &model.relation.view {
        errors
            .add(view.query.span, format!("`{}` is a view, and nothing can be written into one", model.ident))
            .help("derive `Transform` for the tables that it reads");
    }
    collection(errors, source);
    rest(errors, model);
    let case = source.rename_all.as_ref().map(|case| case.value);
    for field in &model.fields {
        one_origin(errors, field);
        paths(errors, field);
        elements(errors, field, source);
        ordinal(errors, field);
        missing(errors, field);
        rest_stands_alone(errors, &field.source);
        id(errors, field);
        generated(errors, field, case);
    }
    if let Some(each) = &source.each {
        path(errors, &each.value, each.span, "each");
    }
    for ignored in source.ignore.iter().flatten() {
        path(errors, &ignored.value, ignored.span, "ignore");
    }
}

/// A transform reads one collection.
fn collection(errors: &Errors, source: &Source) {
    match &source.collection {
        None => errors
            .add(source.span, "`source` has no `collection`")
            .help("write `#[source(collection = \"…\")]`, or `table = \"…\"`"),
        Some(name) if name.value.is_empty() => {
            errors.add(name.span, "the collection's name is empty").help("name a collection");
        }
        Some(_) => {}
    }
}

/// What is left over can be kept once only.
fn rest(errors: &Errors, model: &Model) {
    let rests: Vec<_> = model.fields.iter().filter(|field| field.source.rest.is_some()).collect();
    for field in rests.iter().skip(1) {
        let span = field.source.rest.unwrap_or(field.ident.span().into());
        errors.add(span, "another field has `rest` already").help("keep one of the two");
    }
    let ignored = model.source.as_ref().and_then(|source| source.ignore_rest);
    if let (Some(span), false) = (ignored, rests.is_empty()) {
        errors
            .add(span, "`ignore_rest` and `rest` contradict each other")
            .help("what no other column takes is kept by `rest`, or left out; remove one of the two");
    }
    for field in rests {
        let name = last_part(in_option(&field.ty).unwrap_or(&field.ty)).map(|part| part.ident.to_string());
        let sure = looks(&field.ty) != Looks::Unknown;
        if sure && !matches!(name.as_deref(), Some("Json" | "Value")) {
            errors
                .add(&field.ty, "`rest` needs a field that can hold any document")
                .help("give it the type `Json`");
        }
    }
}

/// A value comes from one place.
fn one_origin(errors: &Errors, field: &Field) {
    let source = &field.source;
    let given = [
        ("field", source.field.as_ref().map(|value| value.span)),
        ("parent", source.parent.as_ref().map(|value| value.span)),
        ("element", source.element),
        ("ordinal", source.ordinal),
        ("rest", source.rest),
    ];
    if let Some((first, second, span)) = two_of(&given) {
        errors
            .add(span, format!("`{first}` and `{second}` contradict each other"))
            .help("a value comes from one of `field`, `parent`, `element`, `ordinal` and `rest`");
    }
}

/// `a..b` names nothing.
fn path(errors: &Errors, path: &str, span: SourceSpan, what: &str) {
    if path.split('.').any(str::is_empty) {
        errors
            .add(span, format!("`{what}`: `{path}` is not the path of a field"))
            .help("write names with dots between them: `address.city`");
    }
}

fn paths(errors: &Errors, field: &Field) {
    for (what, value) in [("field", &field.source.field), ("parent", &field.source.parent)] {
        if let Some(value) = value {
            path(errors, &value.value, value.span, what);
        }
    }
}

/// Elements there are only in an array.
fn elements(errors: &Errors, field: &Field, source: &Source) {
    if source.each.is_some() {
        return;
    }
    let given = [
        ("parent", field.source.parent.as_ref().map(|value| value.span)),
        ("element", field.source.element),
        ("ordinal", field.source.ordinal),
    ];
    for (what, span) in given {
        if let Some(span) = span {
            errors.add(span, format!("`{what}` without an array")).help(
                "name the array that gives one row per element: `#[source(each = \"…\")]` on the struct",
            );
        }
    }
}

/// An index is always an integer, so it is never missing or converted.
fn ordinal(errors: &Errors, field: &Field) {
    let Some(span) = field.source.ordinal else { return };
    if !matches!(looks(&field.ty), Looks::Scalar("integer" | "bigint") | Looks::Unknown) {
        errors.add(&field.ty, "`ordinal` gives a whole number").help("give the field the type `i32`");
    }
    if field.source.with.is_some() || field.source.default.is_some() {
        errors
            .add(span, "`ordinal` is always there and needs no conversion")
            .help("remove `with` and `default`");
    }
}

/// A missing value is an error, NULL or a default: one of them.
fn missing(errors: &Errors, field: &Field) {
    let source = &field.source;
    let nullable = in_option(&field.ty).is_some();
    if let (Some(required), Some(_)) = (source.required, &source.default) {
        errors
            .add(required, "`required` and `default` contradict each other")
            .help("a missing value is an error, or it has a default");
    } else if let Some(required) = source.required
        && !nullable
        && looks(&field.ty) != Looks::Unknown
    {
        errors
            .add(required, "`required` on a field that cannot be missing anyway")
            .help("remove it: it is for fields of type `Option<…>`");
    }
}

/// The rest has no path, is never missing and is not a key.
fn rest_stands_alone(errors: &Errors, source: &FieldSource) {
    if source.rest.is_none() {
        return;
    }
    for (what, span) in [
        ("with", source.with.as_ref().map(|value| value.span)),
        ("default", source.default.as_ref().map(|value| value.span)),
        ("required", source.required),
        ("id", source.id.as_ref().map(|value| value.span)),
    ] {
        if let Some(span) = span {
            errors
                .add(span, format!("`{what}` cannot be combined with `rest`"))
                .help(format!("remove `{what}`"));
        }
    }
}

/// A strategy is for keys; a function decides for itself.
fn id(errors: &Errors, field: &Field) {
    let Some(id) = &field.source.id else { return };
    // `rest` with a strategy has its error already.
    if field.source.rest.is_some() {
        return;
    }
    if field.source.with.is_some() {
        errors
            .add(id.span, "`id` and `with` contradict each other")
            .help("the function makes the key; remove one of the two");
    }
    let ty = looks(&field.ty);
    if matches!(ty, Looks::Scalar(sql) if sql != "uuid") {
        errors
            .add(id.span, "`id` on a column that is not a key")
            .help("it is for fields of type `Id<Model>` or `Uuid`");
    }
}

/// PostgreSQL computes the value; nothing can be loaded into the column.
fn generated(errors: &Errors, field: &Field, case: Option<Case>) {
    let source = &field.source;
    if field.column.generated.is_none() {
        return;
    }
    let given = source.field.is_some() || source.with.is_some() || source.default.is_some();
    if given || !matches!(field.origin(case), Origin::Field(_)) {
        let message = format!("`{}` is generated: nothing can be loaded into it", field.name());
        errors.add(field.ident.span(), message).help("remove `#[source(…)]` from this field");
    }
}
