//! Rules between the settings of `#[source(…)]`, one function each.

use whimbrel_schema::ast::{Field, FieldSource, Model};
use whimbrel_schema::errors::{Errors, Problem, Range};

/// Checks them all.
pub fn source(errors: &Errors, model: &Model) {
    has_a_collection(errors, model);
    has_one_rest(errors, model);
    let each = model.source.as_ref().and_then(|source| source.each.as_ref());
    if let Some(each) = each {
        is_a_path(errors, &each.value, each.range);
    }
    for field in &model.fields {
        has_one_origin(errors, field);
        is_in_an_array(errors, field, each.is_some());
        rest_stands_alone(errors, &field.source);
        with_stands_alone(errors, &field.source);
        default_or_required(errors, &field.source);
        for path in [&field.source.field, &field.source.parent].into_iter().flatten() {
            is_a_path(errors, &path.value, path.range);
        }
    }
}

/// A transform reads documents: of which collection, nothing but the author knows.
fn has_a_collection(errors: &Errors, model: &Model) {
    let source = model.source.as_ref();
    if source.is_some_and(|source| source.collection.is_some()) {
        return;
    }
    let range = source.map_or_else(|| model.ident.span().into(), |source| source.range);
    errors.push(
        Problem::new(range, format!("`{}` does not say which collection it is read from", model.ident))
            .help("add `#[source(collection = \"…\")]` to the struct"),
    );
}

/// The rest is one object: two columns would both hold it.
fn has_one_rest(errors: &Errors, model: &Model) {
    for rest in model.fields.iter().filter_map(|field| field.source.rest).skip(1) {
        errors.push(Problem::new(rest, "another field already takes the rest").help("keep one of them"));
    }
}

/// A value comes from one place.
fn has_one_origin(errors: &Errors, field: &Field) {
    let source = &field.source;
    let origins = [
        ("field", source.field.as_ref().map(|path| path.range)),
        ("parent", source.parent.as_ref().map(|path| path.range)),
        ("element", source.element),
        ("ordinal", source.ordinal),
        ("rest", source.rest),
    ];
    let mut found = origins.iter().filter_map(|(name, range)| range.map(|range| (name, range)));
    let Some((first, _)) = found.next() else { return };
    for (name, range) in found {
        errors.push(
            Problem::new(range, format!("`{name}` and `{first}` both say where the value comes from"))
                .help("keep one of them"),
        );
    }
}

/// Without an array there is neither an element nor a document around it.
fn is_in_an_array(errors: &Errors, field: &Field, each: bool) {
    if each {
        return;
    }
    let source = &field.source;
    let settings = [
        ("parent", source.parent.as_ref().map(|path| path.range)),
        ("element", source.element),
        ("ordinal", source.ordinal),
    ];
    for (name, range) in settings {
        if let Some(range) = range {
            let help = match name {
                "parent" => {
                    "a document's own fields are read with `field`; or add `each = \"…\"` to the struct"
                }
                _ => "add `#[source(each = \"…\")]` with the path of the array to the struct",
            };
            errors
                .push(Problem::new(range, format!("`{name}` needs a model that reads an array")).help(help));
        }
    }
}

/// The rest has no path, is never missing and is no key.
fn rest_stands_alone(errors: &Errors, source: &FieldSource) {
    if source.rest.is_none() {
        return;
    }
    let settings = [
        ("with", source.with.as_ref().map(|with| with.range)),
        ("default", source.default.as_ref().map(|default| default.range)),
        ("required", source.required),
        ("id", source.id.as_ref().map(|id| id.range)),
    ];
    for (name, range) in settings {
        refuse(errors, range, &format!("`{name}` says nothing about the rest of a document"));
    }
}

/// A function gets the value as it is.
fn with_stands_alone(errors: &Errors, source: &FieldSource) {
    if source.with.is_some() {
        let id = source.id.as_ref().map(|id| id.range);
        refuse(errors, id, "`id` chooses a conversion, but `with` already does");
    }
}

/// What must be there is never replaced.
fn default_or_required(errors: &Errors, source: &FieldSource) {
    if source.default.is_some() {
        refuse(errors, source.required, "`required` refuses what `default` would replace");
    }
}

fn refuse(errors: &Errors, range: Option<Range>, message: &str) {
    if let Some(range) = range {
        errors.push(Problem::new(range, message).help("remove one of them"));
    }
}

/// `a.b.c`: names between points.
fn is_a_path(errors: &Errors, path: &str, range: Range) {
    if path.is_empty() || path.split('.').any(str::is_empty) {
        errors.push(
            Problem::new(range, format!("`{path}` is no path of a field"))
                .help("write the names with one point between them: `address.zip`"),
        );
    }
}
