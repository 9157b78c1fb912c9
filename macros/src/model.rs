//! `#[derive(Model)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use whimbrel_schema::ast::{Model, Reference};
use whimbrel_schema::errors::{Errors, Spanned};
use whimbrel_schema::types::Canonical;
use whimbrel_schema::{attr, check, lower};

use crate::draft::Constant;
use crate::report;

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
    match &model {
        Some(model) if sound => {
            let (item, row) = (implement(model), from_row(model));
            quote! {
                #item
                #row

                ::whimbrel::__private::inventory::submit! {
                    ::whimbrel::registry::ModelEntry {
                        name: ::core::stringify!(#ident),
                        module: ::core::module_path!(),
                        table: <#ident as ::whimbrel::Model>::table,
                    }
                }
            }
        }
        Some(model) => {
            let row = from_row(model);
            let fallback = fallback(input);
            quote!(#errors #fallback #row)
        }
        None => {
            let fallback = fallback(input);
            quote!(#errors #fallback)
        }
    }
}

/// An impl without anything in it, so that an error here is no "trait bound not satisfied" elsewhere.
fn fallback(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, parameters, bounds) = input.generics.split_for_impl();
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[automatically_derived]
        impl #generics ::whimbrel::Model for #ident #parameters #bounds {
            const SCHEMA: &'static str = "";
            const TABLE: &'static str = "";
            const COLUMNS: &'static [&'static str] = &[];
            const PRIMARY_KEY: &'static [&'static str] = &[];

            fn table() -> ::whimbrel::__private::Table {
                ::whimbrel::__private::Table::new(<Self as ::whimbrel::Model>::qname())
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
    let draft = lower::table(model).constant();
    let infos = model.fields.iter().map(|field| {
        let ty = &field.ty;
        let Some(declared) = lower::declared_type(field) else {
            // The place of the type is where "cannot be a column" belongs.
            let span = whimbrel_schema::errors::Range::of(ty).start;
            let info = quote_spanned!(span=> ::whimbrel::__private::info::<#ty>);
            return quote!(#info());
        };
        let Canonical { element, array } = declared;
        quote! {
            ::whimbrel::__private::ColumnInfo {
                ty: ::whimbrel::__private::declared(#element, #array),
                nullable: ::whimbrel::__private::Probe::<#ty>::NULLABLE,
                references: ::whimbrel::__private::Probe::<#ty>::references(),
            }
        }
    });
    let (checks, targets): (Vec<_>, Vec<_>) = lower::targets(model).into_iter().map(target).unzip();
    quote! {
        #[automatically_derived]
        impl ::whimbrel::Model for #ident {
            const SCHEMA: &'static str = #schema;
            const TABLE: &'static str = #name;
            const COLUMNS: &'static [&'static str] = &[#(#columns),*];
            const FIELDS: &'static [&'static str] = &[#(#fields),*];
            const PRIMARY_KEY: &'static [&'static str] = &[#(#key),*];

            fn table() -> ::whimbrel::__private::Table {
                #[allow(unused_imports)]
                use ::whimbrel::__private::Unknown as _;
                #(#checks)*
                static DRAFT: ::whimbrel::__private::TableDraft = #draft;
                DRAFT.assemble(&[#(#infos),*], &[#(#targets),*])
            }
        }
    }
}

/// What a reference needs of the other model, checked while compiling, and its target.
fn target(reference: &Spanned<Reference>) -> (TokenStream, TokenStream) {
    let Reference { model, columns } = &reference.value;
    let written = quote!(#model).to_string().replace(' ', "");
    let names: Vec<_> = columns.iter().map(|field| syn::ext::IdentExt::unraw(field).to_string()).collect();
    let mut checks: TokenStream = columns
        .iter()
        .zip(&names)
        .map(|(field, name)| {
            let text = format!("`{written}` has no field `{name}`");
            quote_spanned!(field.span()=>
                const _: () = ::core::assert!(::whimbrel::__private::has_field::<#model>(#name), #text);
            )
        })
        .collect();
    if columns.is_empty() {
        let text = format!("`{written}` has no primary key to reference");
        checks = quote_spanned!(reference.range.start=>
            const _: () = ::core::assert!(::whimbrel::__private::has_key::<#model>(), #text);
        );
    }
    (checks, quote!(::whimbrel::__private::target::<#model>(&[#(#names),*])))
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
        impl<'whimbrel_row> ::whimbrel::__private::sqlx::FromRow<
            'whimbrel_row,
            ::whimbrel::__private::sqlx::postgres::PgRow,
        > for #ident
        where
            #(#bounds: ::whimbrel::__private::FromColumn<'whimbrel_row>,)*
        {
            fn from_row(
                row: &'whimbrel_row ::whimbrel::__private::sqlx::postgres::PgRow,
            ) -> ::core::result::Result<Self, ::whimbrel::__private::sqlx::Error> {
                ::core::result::Result::Ok(#ident {
                    #(#fields: <#types as ::whimbrel::__private::FromColumn<'whimbrel_row>>::from_column(
                        row, #columns,
                    )?,)*
                })
            }
        }
    }
}
