//! `#[derive(PgEnum)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;
use whimbrel_syntax::ast::PgEnum;
use whimbrel_syntax::errors::Errors;
use whimbrel_syntax::model::Enum;
use whimbrel_syntax::{attr, check, lower};

use crate::{block, report};

/// The impls, or the errors and what keeps them from causing others.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let errors = Errors::new();
    let item = attr::pg_enum(&errors, input);
    if let Some(item) = &item {
        check::pg_enum(&errors, item);
    }
    let (sound, errors) = report(errors);
    let ident = &input.ident;
    let krate = item.as_ref().and_then(|item| item.krate.as_ref());
    let code = match &item {
        Some(item) if sound => {
            let (own, foreign) = (labels(item), others(item));
            quote! {
                #own
                #foreign

                _whimbrel::inventory::submit! {
                    _whimbrel::registry::EnumEntry {
                        name: ::core::stringify!(#ident),
                        module: ::core::module_path!(),
                        definition: <#ident as _whimbrel::PgEnum>::definition,
                    }
                }
            }
        }
        Some(item) => {
            let (fallback, foreign) = (fallback(item), others(item));
            quote!(#errors #fallback #foreign)
        }
        None => errors,
    };
    block(krate, code)
}

/// An enum without labels, so that an error here is not a "trait bound not satisfied" elsewhere.
fn fallback(item: &PgEnum) -> TokenStream {
    let ident = &item.ident;
    quote! {
        #[automatically_derived]
        impl _whimbrel::PgEnum for #ident {
            const LABELS: &'static [&'static str] = &[];

            fn definition() -> _whimbrel::Enum {
                _whimbrel::Enum {
                    name: _whimbrel::schema::QName::public(""),
                    labels: ::std::vec::Vec::new(),
                    comment: ::core::option::Option::None,
                }
            }

            fn label(&self) -> &'static str {
                ""
            }

            fn from_label(_: &str) -> ::core::option::Option<Self> {
                ::core::option::Option::None
            }
        }
    }
}

fn labels(item: &PgEnum) -> TokenStream {
    let ident = &item.ident;
    let Enum { name, labels, comment } = lower::enumeration(item);
    let (schema, name) = (&name.schema, &name.name);
    let variants: Vec<_> = item.variants.iter().map(|variant| &variant.ident).collect();
    let comment = match comment {
        Some(comment) => quote!(::core::option::Option::Some(#comment.to_owned())),
        None => quote!(::core::option::Option::None),
    };
    quote! {
        #[automatically_derived]
        impl _whimbrel::PgEnum for #ident {
            const LABELS: &'static [&'static str] = &[#(#labels),*];

            fn definition() -> _whimbrel::Enum {
                _whimbrel::Enum {
                    name: _whimbrel::schema::QName::new(#schema, #name),
                    labels: <Self as _whimbrel::PgEnum>::LABELS.iter().map(|label| (*label).to_owned()).collect(),
                    comment: #comment,
                }
            }

            fn label(&self) -> &'static str {
                match self {
                    #(Self::#variants => #labels,)*
                }
            }

            fn from_label(label: &str) -> ::core::option::Option<Self> {
                match label {
                    #(#labels => ::core::option::Option::Some(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// What other crates' traits need; all of it goes through `PgEnum`.
fn others(item: &PgEnum) -> TokenStream {
    let ident = &item.ident;
    let name = lower::enum_name(item).type_sql();
    let sqlx = quote!(_whimbrel::sqlx);
    let serde = quote!(_whimbrel::serde);
    quote! {
        #[automatically_derived]
        impl _whimbrel::column::Column for #ident {
            type Kind = _whimbrel::column::kind::Enum;

            fn column_type() -> _whimbrel::schema::model::ColumnType {
                _whimbrel::schema::model::ColumnType::enumeration(
                    <Self as _whimbrel::PgEnum>::definition().name,
                )
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(<Self as _whimbrel::PgEnum>::label(self))
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #ident {
            type Err = _whimbrel::UnknownLabel;

            fn from_str(label: &str) -> ::core::result::Result<Self, _whimbrel::UnknownLabel> {
                _whimbrel::parse_label(label)
            }
        }

        #[automatically_derived]
        impl #sqlx::Type<#sqlx::Postgres> for #ident {
            fn type_info() -> #sqlx::postgres::PgTypeInfo {
                #sqlx::postgres::PgTypeInfo::with_name(#name)
            }
        }

        #[automatically_derived]
        impl #sqlx::postgres::PgHasArrayType for #ident {
            fn array_type_info() -> #sqlx::postgres::PgTypeInfo {
                #sqlx::postgres::PgTypeInfo::array_of(#name)
            }
        }

        #[automatically_derived]
        impl<'q> #sqlx::Encode<'q, #sqlx::Postgres> for #ident {
            fn encode_by_ref(
                &self,
                buffer: &mut #sqlx::postgres::PgArgumentBuffer,
            ) -> ::core::result::Result<#sqlx::encode::IsNull, #sqlx::error::BoxDynError> {
                <&str as #sqlx::Encode<'q, #sqlx::Postgres>>::encode(
                    <Self as _whimbrel::PgEnum>::label(self),
                    buffer,
                )
            }
        }

        #[automatically_derived]
        impl<'r> #sqlx::Decode<'r, #sqlx::Postgres> for #ident {
            fn decode(
                value: #sqlx::postgres::PgValueRef<'r>,
            ) -> ::core::result::Result<Self, #sqlx::error::BoxDynError> {
                _whimbrel::decode_label(value)
            }
        }

        #[automatically_derived]
        impl #serde::Serialize for #ident {
            fn serialize<S: #serde::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(<Self as _whimbrel::PgEnum>::label(self))
            }
        }

        #[automatically_derived]
        impl<'de> #serde::Deserialize<'de> for #ident {
            fn deserialize<D: #serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                _whimbrel::deserialize_label(deserializer)
            }
        }
    }
}
