//! `#[derive(Transform)]`: a static plan of which field goes into which column, and its registration.
//!
//! Errors in `#[source(…)]` are reported here, those in `#[model(…)]` and `#[column(…)]` by `#[derive(Model)]`,
//! which reads the same struct.

mod column;
mod kind;
mod trie;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;
use whimbrel_syntax::ast::{Field, Model, Origin};
use whimbrel_syntax::errors::Errors;
use whimbrel_syntax::lower::{self, column_name};
use whimbrel_syntax::{attr, check};

use column::ColumnCode;
use trie::Trie;

use crate::{block, report};

pub fn derive(input: &DeriveInput) -> TokenStream {
    let (others, errors) = (Errors::new(), Errors::new());
    let model = attr::model(&others, &errors, input);
    // `#[derive(Model)]` reports them; what would follow from them is not reported.
    let others = others.finish();
    let Some(model) = model else {
        let _ = errors.finish();
        return TokenStream::new();
    };
    check::source(&errors, &model);
    let code = match others.is_empty() {
        true => expand(&errors, &model),
        false => fallback(&model),
    };
    let (sound, errors) = report(errors);
    let code = if sound { code } else { fallback(&model) };
    block(model.krate.as_ref(), quote!(#errors #code))
}

/// An impl that causes no further errors. It comes with a `compile_error!`, so that it never runs.
fn fallback(model: &Model) -> TokenStream {
    let ident = &model.ident;
    quote! {
        #[automatically_derived]
        impl _whimbrel::transform::Transform for #ident {
            fn spec() -> &'static _whimbrel::transform::TransformSpec {
                ::core::unreachable!()
            }
        }
    }
}

fn expand(errors: &Errors, model: &Model) -> TokenStream {
    let source = model.source.as_ref();
    let rename_all = source.and_then(|source| source.rename_all.as_ref()).map(|case| case.value);
    let each = source.and_then(|source| source.each.as_ref()).map(|each| each.value.as_str());
    let (mut document, mut element, mut takes) = (Trie::default(), Trie::default(), Trie::default());
    let none = || (quote!(::core::option::Option::None), quote!(::core::option::Option::None));
    let (each_code, each_path) = each.map_or_else(none, |path| {
        let slot = document.insert(path);
        let each = quote!(_whimbrel::transform::plan::Each { path: #path, slot: #slot });
        (quote!(::core::option::Option::Some(#each)), quote!(::core::option::Option::Some(#path)))
    });

    let fields: Vec<&Field> = model.fields.iter().filter(|field| is_loaded(field)).collect();
    let mut columns = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let plan = quote!(_whimbrel::transform::plan::ValueSource);
        let (from, path) = match field.origin(rename_all) {
            Origin::Field(path) if each.is_some() => {
                let slot = element.insert(&path);
                (quote!(#plan::Element(#slot)), path)
            }
            Origin::Field(path) | Origin::Parent(path) => {
                let slot = document.insert(&path);
                takes.insert(&path);
                (quote!(#plan::Document(#slot)), path)
            }
            Origin::Element => (quote!(#plan::Item), String::new()),
            Origin::Ordinal => (quote!(#plan::Ordinal), String::new()),
            Origin::Rest => (quote!(#plan::Rest), String::new()),
        };
        let name = column_name(model, field);
        columns.push(ColumnCode { model, field, at, name, from, path }.expand(errors));
    }
    let names: Vec<String> = fields.iter().map(|field| column_name(model, field)).collect();
    // Which of the loaded columns are the primary key.
    let key = lower::primary_key(model);
    let key = key.iter().filter_map(|key| fields.iter().position(|field| field.ident == key.ident));
    let collection =
        source.and_then(|source| source.collection.as_ref()).map_or("", |name| name.value.as_str());
    let mut takes = takes.paths();
    let rest = fields.iter().any(|field| field.source.rest.is_some());
    let ignore = source.and_then(|source| source.ignore.as_ref()).into_iter().flatten();
    let ignores: Vec<&str> = ignore.map(|path| path.value.as_str()).collect();
    let ignore_rest = source.is_some_and(|source| source.ignore_rest.is_some());
    if let Some(each) = each {
        if rest || fields.iter().any(|field| field.source.element.is_some()) {
            takes.push(each.to_owned());
        }
        takes.extend(element.paths().iter().map(|path| format!("{each}[].{path}")));
    }
    let covers_rest = rest || ignore_rest;
    let (document, element) = (document.expand(), element.expand());
    let ident = &model.ident;
    let model_name = ident.to_string();
    quote! {
        static PLAN: _whimbrel::transform::plan::Plan = _whimbrel::transform::plan::Plan {
            document: #document,
            element: #element,
            each: #each_code,
            columns: &[#(#columns),*],
        };

        fn encode(
            document: &_whimbrel::bson::RawDocument,
            context: &_whimbrel::transform::Context<'_>,
            out: &mut _whimbrel::copy::TupleBuffer,
            errors: &mut ::std::vec::Vec<_whimbrel::transform::RowError>,
        ) {
            _whimbrel::transform::run(&PLAN, document, context, out, errors)
        }

        const SPEC: _whimbrel::transform::TransformSpec = _whimbrel::transform::TransformSpec {
            model: #model_name,
            collection: #collection,
            each: #each_path,
            table: <#ident as _whimbrel::Model>::qname,
            columns: &[#(#names),*],
            key: &[#(#key),*],
            takes: &[#(#takes),*],
            ignores: &[#(#ignores),*],
            covers_rest: #covers_rest,
            encode,
        };

        #[automatically_derived]
        impl _whimbrel::transform::Transform for #ident {
            fn spec() -> &'static _whimbrel::transform::TransformSpec {
                static REGISTERED: _whimbrel::transform::TransformSpec = SPEC;
                &REGISTERED
            }
        }

        _whimbrel::inventory::submit! { SPEC }
    }
}

/// Generated columns are PostgreSQL's own; identity columns, too, unless `#[source]` gives them a value.
fn is_loaded(field: &Field) -> bool {
    let source = &field.source;
    let named = source.field.is_some() || source.parent.is_some() || source.with.is_some();
    let declared = named || source.element.is_some() || source.ordinal.is_some() || source.default.is_some();
    field.column.generated.is_none() && (field.column.identity.is_none() || declared)
}
