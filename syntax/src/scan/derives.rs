//! The items that derive something of ours.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Meta, Token};

use super::cfg::{self, Compiled, Conditional};
use super::items::{Candidate, Crates, Def, Found, Place};
use crate::ast::{self, unraw};
use crate::errors::{Error, Errors};
use crate::{attr, check};

impl Crates {
    /// Parses and checks what derives something of ours.
    pub(super) fn read_items(&mut self) {
        for Candidate { place, mut input, conditional } in std::mem::take(&mut self.candidates) {
            let Place { module, file, .. } = place;
            let derives = self.derives(module, input.attrs.iter().map(|attribute| &attribute.meta));
            let possible = self.derives(module, conditional.iter().map(|(meta, _)| meta));
            if !derives.iter().chain(&possible).any(|derive| is_derive(derive)) {
                continue;
            }
            self.compiled_parts(&mut input, &place, conditional);
            let name = unraw(&input.ident);
            let errors = &self.files[file].errors;
            let is = |derive: &str| derives.contains(derive);
            let has_transform = is("Transform");
            let def = if is("Model") || has_transform {
                let ignored = Errors::new();
                let source_errors = if has_transform { errors } else { &ignored };
                let item = attr::model(errors, source_errors, &input).inspect(|model| {
                    check::model(errors, model);
                    if has_transform {
                        check::source(errors, model);
                    }
                    if !is("Model") {
                        errors.push(without_model(model));
                    }
                });
                let _ = ignored.finish();
                item.map(|item| Def::Model(push(&mut self.models, item, &place, has_transform)))
            } else if is("PgEnum") {
                let item = attr::pg_enum(errors, &input).inspect(|item| check::pg_enum(errors, item));
                item.map(|item| Def::Enum(push(&mut self.enums, item, &place, false)))
            } else if is("Newtype") {
                let item = attr::newtype(errors, &input);
                item.map(|item| Def::Newtype(push(&mut self.newtypes, item, &place, false)))
            } else {
                None
            };
            if let Some(def) = def {
                self.modules[module].names.insert(name, def);
            }
        }
    }

    /// Takes the fields or variants away that are not compiled. What is unknown about a model is an error.
    fn compiled_parts(&self, input: &mut DeriveInput, place: &Place, mut conditional: Conditional) {
        let errors = &self.files[place.file].errors;
        if let Some((file, span)) = place.unknown {
            self.files[file].errors.push(cfg::unknown(span));
        }
        let mut is_compiled = |attributes: &mut Vec<Attribute>| {
            let (compiled, more) = place.cfg.expand(attributes);
            conditional.extend(more);
            if let Compiled::Unknown(span) = compiled {
                errors.push(cfg::unknown(span));
            }
            !matches!(compiled, Compiled::No)
        };
        match &mut input.data {
            Data::Struct(data) => match &mut data.fields {
                Fields::Named(fields) => retain(&mut fields.named, |field| is_compiled(&mut field.attrs)),
                Fields::Unnamed(fields) => retain(&mut fields.unnamed, |field| is_compiled(&mut field.attrs)),
                Fields::Unit => {}
            },
            Data::Enum(data) => retain(&mut data.variants, |variant| is_compiled(&mut variant.attrs)),
            Data::Union(_) => {}
        }
        let ours = ["model", "column", "source", "pg", "cfg_attr"];
        let is_ours = |meta: &Meta| {
            ours.iter().any(|name| meta.path().is_ident(name))
                || self.derives(place.module, std::iter::once(meta)).iter().any(|derive| is_derive(derive))
        };
        let spans = conditional.into_iter().filter(|(meta, _)| is_ours(meta)).map(|(_, span)| span);
        spans.for_each(|span| errors.push(cfg::unknown(span)));
    }

    /// The derives of an item by their own names, also through renamed imports.
    fn derives<'m>(&self, module: usize, attributes: impl Iterator<Item = &'m Meta>) -> BTreeSet<String> {
        let paths = attributes.filter_map(|meta| match meta {
            Meta::List(list) if list.path.is_ident("derive") => {
                list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated).ok()
            }
            _ => None,
        });
        let last = |path: syn::Path| {
            let path: Vec<_> = path.segments.iter().map(|part| unraw(&part.ident)).collect();
            match self.resolve(module, &path) {
                super::Resolved::External(path) => path.last().cloned(),
                super::Resolved::Local(_) => path.last().cloned(),
            }
        };
        paths.flatten().filter_map(last).collect()
    }
}

/// The index at which an item is kept.
pub(super) fn push<T>(list: &mut Vec<Found<T>>, item: T, place: &Place, has_transform: bool) -> usize {
    list.push(Found { item, module: place.module, file: place.file, has_transform });
    list.len() - 1
}

/// Whether a derive is one of ours.
fn is_derive(name: &str) -> bool {
    ["Model", "PgEnum", "Newtype", "Transform"].contains(&name)
}

/// The first of our derives that is written among the tokens of a macro.
pub(super) fn derive_in(tokens: proc_macro2::TokenStream) -> Option<Span> {
    use proc_macro2::TokenTree;
    let mut after_derive = false;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                after_derive = name == "derive";
                continue;
            }
            TokenTree::Group(group) if after_derive => {
                let ours = |token: &TokenTree| is_derive(&token.to_string());
                if let Some(derive) = group.stream().into_iter().find(ours) {
                    return Some(derive.span());
                }
            }
            TokenTree::Group(group) => {
                if let Some(span) = derive_in(group.stream()) {
                    return Some(span);
                }
            }
            _ => {}
        }
        after_derive = false;
    }
    None
}

fn retain<T, P: Default>(list: &mut Punctuated<T, P>, keep: impl FnMut(&mut T) -> bool) {
    let kept: Vec<bool> = list.iter_mut().map(keep).collect();
    if kept.contains(&false) {
        let all = std::mem::take(list).into_iter().zip(kept);
        *list = all.filter_map(|(item, kept)| kept.then_some(item)).collect();
    }
}

/// A transform fills a table, so there must be one.
fn without_model(model: &ast::Model) -> Error {
    Error::new(model.ident.span(), format!("`{}` derives `Transform` without `Model`", model.ident))
        .help("write `#[derive(Model, Transform)]`")
}
