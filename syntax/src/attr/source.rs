//! `#[source(…)]`, on a struct and on a field.

use syn::{Attribute, LitStr};

use super::{Meta, Reader};
use crate::ast::{FieldSource, Source, SourceDefault};
use crate::case::Case;
use crate::errors::{SourceSpan, Spanned};
use crate::id::IdStrategy;

/// Reads the attributes of a struct; `None` when it has none.
pub(super) fn of_struct(reader: Reader<'_>, attributes: &[Attribute]) -> Option<Source> {
    let first = attributes.iter().find(|attribute| attribute.path().is_ident("source"))?;
    let mut source = Source {
        span: SourceSpan::of(&first.meta),
        collection: None,
        rename_all: None,
        each: None,
        ignore: None,
        ignore_rest: None,
    };
    on_struct(reader, &mut source, reader.attributes(attributes, "source"));
    Some(source)
}

settings! {
    /// What `#[source(…)]` takes on a struct.
    SOURCE_STRUCT_NAMES of "source";
    fn on_struct(reader, source: Source, name, meta) {
        "collection" => reader.set(&mut source.collection, name, reader.text(meta)),
        "table" => reader.set(&mut source.collection, name, reader.text(meta)),
        "rename_all" => reader.set(&mut source.rename_all, name, reader.choice(meta, Case::ALL)),
        "each" => reader.set(&mut source.each, name, reader.text(meta)),
        "ignore" => reader.set(&mut source.ignore, name, ignore(reader, meta)),
        "ignore_rest" => reader.set(&mut source.ignore_rest, name, reader.flag(meta)),
    }
}

/// `ignore("phone", "meta.tmp")`.
fn ignore(reader: Reader<'_>, meta: &Meta) -> Option<Vec<Spanned<String>>> {
    let (tokens, span) = reader.list(meta)?;
    let paths = reader.separated(tokens, |input| input.parse::<LitStr>());
    if paths.is_empty() {
        reader
            .errors
            .add(span, "`ignore` needs the paths of fields")
            .help("write `ignore(\"phone\", \"meta.tmp\")`");
    }
    Some(paths.iter().map(|path| Spanned::new(path.value(), path.span())).collect())
}

settings! {
    /// What `#[source(…)]` takes on a field.
    SOURCE_FIELD_NAMES of "source";
    fn on_field(reader, source: FieldSource, name, meta) {
        "field" => reader.set(&mut source.field, name, reader.text(meta)),
        "parent" => reader.set(&mut source.parent, name, reader.text(meta)),
        "element" => reader.set(&mut source.element, name, reader.flag(meta)),
        "ordinal" => reader.set(&mut source.ordinal, name, reader.flag(meta)),
        "with" => reader.set(&mut source.with, name, reader.path(meta, "a function")),
        "default" => reader.set(&mut source.default, name, default(reader, meta)),
        "rest" => reader.set(&mut source.rest, name, reader.flag(meta)),
        "required" => reader.set(&mut source.required, name, reader.flag(meta)),
        "id" => reader.set(&mut source.id, name, reader.choice(meta, IdStrategy::NAMES)),
    }
}

/// `default`, or `default = <expression>`.
fn default(reader: Reader<'_>, meta: &Meta) -> Option<Spanned<SourceDefault>> {
    match meta {
        Meta::Flag(name) => Some(Spanned::new(SourceDefault::Trait, name.span())),
        Meta::Value(_, value) => {
            Some(Spanned::new(SourceDefault::Expr(Box::new(value.clone())), SourceSpan::of(value)))
        }
        _ => {
            reader
                .errors
                .add(meta.span(), "`default` takes a value or nothing")
                .help("write `default` for the type's own, or `default = <a Rust expression>`");
            None
        }
    }
}
