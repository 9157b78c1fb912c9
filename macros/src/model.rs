//! `#[derive(Model)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::DeriveInput;
use whimbrel_syntax::ast::{Model, Reference};
use whimbrel_syntax::case::Case;
use whimbrel_syntax::errors::{Errors, Spanned};
use whimbrel_syntax::{attr, check, lower};

use crate::{block, krate, report};

/// The impls, or the errors and what keeps them from causing others.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    // Errors in `#[source]` are those of `#[derive(Transform)]`.
    let (errors, source_errors) = (Errors::new(), Errors::new());
    let model = attr::model(&errors, &source_errors, input);
    let _ = source_errors.finish();
    if let Some(model) = &model {
        check::model(&errors, model);
    }
    let (sound, errors) = report(errors);
    let ident = &input.ident;
    let krate = model.as_ref().and_then(|model| model.krate.as_ref());
    let code = match &model {
        Some(model) if sound => {
            let (item, row) = (implement(model), from_row(model));
            quote! {
                #item
                #row

                _whimbrel::inventory::submit! {
                    _whimbrel::registry::ModelEntry {
                        name: ::core::stringify!(#ident),
                        module: ::core::module_path!(),
                        table: <#ident as _whimbrel::Model>::definition,
                    }
                }
            }
        }
        _ => {
            let (fallback, row) = (fallback(input), model.as_ref().map(from_row));
            quote!(#errors #fallback #row)
        }
    };
    let columns = model.as_ref().map(|model| columns(model, input));
    let code = block(krate, code);
    quote!(#code #columns)
}

/// An enum of the columns beside the model, for sea-query: what `whimbrel` was compiled with decides whether it is
/// there.
fn columns(model: &Model, input: &DeriveInput) -> TokenStream {
    let krate = krate(model.krate.as_ref());
    let (vis, ident, name) = (&input.vis, &model.ident, format_ident!("{}Column", model.ident));
    let mut taken = std::collections::BTreeSet::new();
    let columns = model.fields.iter().map(|field| {
        let pascal = Case::Pascal.apply(&field.name());
        // `a1` and `a_1` would both be `A1`, and `self_` cannot be a variant: such a field keeps its own name.
        let variant =
            syn::parse_str(&pascal).ok().filter(|variant: &syn::Ident| taken.insert(variant.clone()));
        let variant = variant.unwrap_or_else(|| field.ident.clone());
        let column = lower::column_name(model, field);
        quote!(#variant #column)
    });
    quote!(#krate::__private::columns! { #vis #name of #ident { #(#columns)* } })
}

/// An impl without anything in it, so that an error here is not a "trait bound not satisfied" elsewhere.
fn fallback(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, parameters, bounds) = input.generics.split_for_impl();
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl #generics _whimbrel::Model for #ident #parameters #bounds {
            const SCHEMA: &'static str = "";
            const TABLE: &'static str = "";
            const COLUMNS: &'static [&'static str] = &[];
            const PRIMARY_KEY: &'static [&'static str] = &[];

            fn definition() -> _whimbrel::Table {
                _whimbrel::Table::new(<Self as _whimbrel::Model>::qname())
            }
        }
    }
}

fn implement(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let table = lower::table_name(model);
    let (schema, name) = (&table.schema, &table.name);
    let fields = model.fields.iter().map(|field| field.name());
    let columns = model.fields.iter().map(|field| lower::column_name(model, field));
    let key = lower::primary_key(model).into_iter().map(|field| lower::column_name(model, field));
    let draft = lower::table(model).to_json();
    let infos = model.fields.iter().map(|field| {
        let ty = &field.ty;
        if lower::declared_type(field).is_none() {
            // The place of the type is where "cannot be a column" belongs.
            let span = whimbrel_syntax::errors::SourceSpan::of(ty).start;
            let info = quote_spanned!(span=> _whimbrel::info::<#ty>);
            return quote!(#info());
        }
        quote! {
            _whimbrel::ColumnInfo {
                ty: ::core::option::Option::None,
                nullable: _whimbrel::Probe::<#ty>::NULLABLE,
                references: _whimbrel::Probe::<#ty>::references(),
            }
        }
    });
    let (checks, targets): (Vec<_>, Vec<_>) =
        lower::targets(model).into_iter().enumerate().map(target).unzip();
    quote! {
        #[automatically_derived]
        impl _whimbrel::Model for #ident {
            const SCHEMA: &'static str = #schema;
            const TABLE: &'static str = #name;
            const COLUMNS: &'static [&'static str] = &[#(#columns),*];
            const FIELDS: &'static [&'static str] = &[#(#fields),*];
            const PRIMARY_KEY: &'static [&'static str] = &[#(#key),*];

            fn definition() -> _whimbrel::Table {
                #[allow(unused_imports)]
                use _whimbrel::Unknown as _;
                #(#checks)*
                _whimbrel::TableDraft::from_json(#draft).assemble(&[#(#infos),*], &[#(#targets),*])
            }
        }
    }
}

/// What a reference needs of the other model, checked while compiling, and its target.
fn target((at, reference): (usize, &Spanned<Reference>)) -> (TokenStream, TokenStream) {
    let Reference { model, columns } = &reference.value;
    // Named once, so that an unknown model is reported once.
    let alias = format_ident!("Target{at}", span = whimbrel_syntax::errors::SourceSpan::of(model).start);
    let written = quote!(#model).to_string().replace(' ', "");
    let names: Vec<_> = columns.iter().map(|field| syn::ext::IdentExt::unraw(field).to_string()).collect();
    let mut checks: TokenStream = columns
        .iter()
        .zip(&names)
        .map(|(field, name)| {
            let text = format!("`{written}` has no field `{name}`");
            quote_spanned!(field.span()=>
                const _: () = ::core::assert!(_whimbrel::has_field::<#alias>(#name), #text);
            )
        })
        .collect();
    if columns.is_empty() {
        let text = format!("`{written}` has no primary key to reference");
        checks = quote_spanned!(reference.span.start=>
            const _: () = ::core::assert!(_whimbrel::has_key::<#alias>(), #text);
        );
    }
    (quote!(type #alias = #model; #checks), quote!(_whimbrel::target::<#alias>(&[#(#names),*])))
}

/// `sqlx::FromRow`. Where a field is of a type that sqlx cannot read, it is this impl that is missing, not the
/// model; and an unknown type is reported once, by the model.
fn from_row(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let fields = model.fields.iter().map(|field| &field.ident);
    let columns = model.fields.iter().map(|field| lower::column_name(model, field));
    let types: Vec<_> = model.fields.iter().map(|field| &field.ty).collect();
    let mut seen = std::collections::BTreeSet::new();
    let bounds = types.iter().filter(|ty| seen.insert(quote!(#ty).to_string()));
    quote! {
        #[automatically_derived]
        #[allow(private_bounds)]
        impl<'whimbrel_row> _whimbrel::sqlx::FromRow<
            'whimbrel_row,
            _whimbrel::sqlx::postgres::PgRow,
        > for #ident
        where
            #(#bounds: _whimbrel::FromColumn<'whimbrel_row>,)*
        {
            fn from_row(
                row: &'whimbrel_row _whimbrel::sqlx::postgres::PgRow,
            ) -> ::core::result::Result<Self, _whimbrel::sqlx::Error> {
                ::core::result::Result::Ok(#ident {
                    #(#fields: <#types as _whimbrel::FromColumn<'whimbrel_row>>::from_column(
                        row, #columns,
                    )?,)*
                })
            }
        }
    }
}
