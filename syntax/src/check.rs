//! Rules between the attributes of one item: one function each, its reason above it.
//!
//! What only other items know (which type an alias is, whether a model exists) is checked in `link`.

mod columns;
mod enums;
mod expand;
mod keys;
mod names;
mod relation;
mod source;
mod sql;

use syn::{GenericArgument, PathArguments, Type};

pub(crate) use columns::not_a_key;
pub use enums::pg_enum;
pub use source::source;

use crate::ast::Model;
use crate::errors::{Errors, SourceSpan};
use crate::model::ColumnType;
use crate::types;

/// Checks a model: `#[model]` and `#[column]`. `#[source]` has its own [`source`].
pub fn model(errors: &Errors, model: &Model) {
    has_columns(errors, model);
    names::table(errors, model);
    names::columns(errors, model);
    names::objects(errors, model);
    columns::each(errors, model);
    expand::each(errors, model);
    keys::primary_key(errors, model);
    keys::uniques(errors, model);
    keys::indexes(errors, model);
    keys::foreign_keys(errors, model);
    keys::checks(errors, model);
    relation::each(errors, model);
}

/// PostgreSQL has tables without columns, but nothing could be written into one or read from it.
fn has_columns(errors: &Errors, model: &Model) {
    if model.fields.is_empty() {
        errors
            .add(model.ident.span(), format!("`{}` has no fields", model.ident))
            .help("a model needs at least one column");
    }
}

/// The last part of a type's path: `String` of `std::string::String`.
pub(crate) fn last_part(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_part(&group.elem),
        Type::Paren(inner) => last_part(&inner.elem),
        _ => None,
    }
}

/// The only parameter of a type such as `Option<T>`.
pub(crate) fn parameter(part: &syn::PathSegment) -> Option<&Type> {
    match &part.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
            _ => None,
        },
        _ => None,
    }
}

/// What `Option<…>` is around, if it is an `Option` as it is written here.
pub(crate) fn in_option(ty: &Type) -> Option<&Type> {
    last_part(ty).filter(|part| part.ident == "Option").and_then(parameter)
}

/// What a type looks like without knowing any other item. An alias can be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// `Id<_>`.
    Id,
    /// `Vec<_>`, but not `Vec<u8>`.
    Array,
    /// A type of the closed list that stands for itself, by its PostgreSQL type.
    Scalar(&'static str),
    /// Anything else.
    Unknown,
}

fn looks(ty: &Type) -> Looks {
    let Some(part) = last_part(ty) else { return Looks::Unknown };
    if let Some(inner) = in_option(ty) {
        return looks(inner);
    }
    let name = part.ident.to_string();
    let inner = parameter(part);
    let inner_name = inner.and_then(last_part).map(|part| part.ident.to_string());
    match (name.as_str(), inner_name.as_deref()) {
        ("Id", Some(_)) => Looks::Id,
        ("Vec", Some("u8")) => Looks::Scalar("bytea"),
        ("Vec", Some(_)) => Looks::Array,
        ("Json", _) => Looks::Scalar("jsonb"),
        ("DateTime", Some("Utc")) => Looks::Scalar("timestamp with time zone"),
        // `Value` is a common name; only with its crate.
        (_, None) if name != "Value" => types::scalar(&name).map_or(Looks::Unknown, Looks::Scalar),
        _ => Looks::Unknown,
    }
}

/// The column's type that a type stands for, as far as it can be told without knowing any other item.
fn own_type(ty: &Type) -> Option<ColumnType> {
    match looks(ty) {
        Looks::Id => Some(ColumnType::sql("uuid")),
        Looks::Scalar(sql) => Some(ColumnType::sql(sql)),
        Looks::Array => {
            let element = last_part(in_option(ty).unwrap_or(ty)).and_then(parameter).and_then(own_type)?;
            (!element.array).then(|| element.array_of())
        }
        Looks::Unknown => None,
    }
}

/// The first two of some settings that are given, and where the second is.
fn two_of<'n>(settings: &[(&'n str, Option<SourceSpan>)]) -> Option<(&'n str, &'n str, SourceSpan)> {
    let mut given = settings.iter().filter_map(|(name, span)| Some((*name, (*span)?)));
    let ((first, _), (second, span)) = (given.next()?, given.next()?);
    Some((first, second, span))
}

#[cfg(test)]
mod tests;
