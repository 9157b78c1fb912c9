//! Attributes of the compiler that decide what is read.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Lit, Meta, Token};

/// `#[path = "…"]`.
pub(super) fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

type Metas = Punctuated<Meta, Token![,]>;

/// The derives of an attribute, those behind a `cfg_attr` that may hold included.
pub(super) fn collect_derives(meta: &Meta, paths: &mut Vec<syn::Path>) {
    let Meta::List(list) = meta else { return };
    if list.path.is_ident("derive") {
        let parsed = list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
        paths.extend(parsed.into_iter().flatten());
    } else if list.path.is_ident("cfg_attr")
        && let Ok(metas) = list.parse_args_with(Metas::parse_terminated)
    {
        let mut metas = metas.iter();
        if metas.next().is_some_and(|condition| holds(condition) != Some(false)) {
            metas.for_each(|meta| collect_derives(meta, paths));
        }
    }
}

/// Whether an item is compiled for tests only.
pub(super) fn only_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<Meta>().is_ok_and(|condition| holds(&condition) == Some(false))
    })
}

/// Whether a `cfg` holds outside of tests; `None` when only the build knows.
fn holds(condition: &Meta) -> Option<bool> {
    let Meta::List(list) = condition else {
        return condition.path().is_ident("test").then_some(false);
    };
    let parts = list.parse_args_with(Metas::parse_terminated).ok()?;
    let parts: Vec<_> = parts.iter().map(holds).collect();
    if list.path.is_ident("not") {
        parts.first().copied().flatten().map(|holds| !holds)
    } else if list.path.is_ident("all") {
        if parts.contains(&Some(false)) {
            Some(false)
        } else {
            parts.iter().all(|part| *part == Some(true)).then_some(true)
        }
    } else if list.path.is_ident("any") {
        if parts.contains(&Some(true)) {
            Some(true)
        } else {
            parts.iter().all(|part| *part == Some(false)).then_some(false)
        }
    } else {
        None
    }
}
