//! `#[derive(Newtype)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Member};
use whimbrel_syntax::attr;
use whimbrel_syntax::errors::Errors;

use crate::{block, report};

/// Everything a column needs, by what the newtype wraps.
pub(crate) fn expand(input: &DeriveInput) -> TokenStream {
    let errors = Errors::new();
    let item = attr::newtype(&errors, input);
    let (_, errors) = report(errors);
    let Some(item) = item else { return errors };
    let (ident, inner) = (&item.ident, &item.inner);
    let member = match &item.field {
        Some(field) => Member::Named(field.clone()),
        None => Member::Unnamed(0.into()),
    };
    let sqlx = quote!(_whimbrel::sqlx);
    let code = quote! {
        #errors

        #[automatically_derived]
        impl _whimbrel::column::Column for #ident {
            type Kind = <#inner as _whimbrel::column::Column>::Kind;

            const NULLABLE: bool = <#inner as _whimbrel::column::Column>::NULLABLE;

            fn column_type() -> _whimbrel::schema::model::ColumnType {
                <#inner as _whimbrel::column::Column>::column_type()
            }

            fn references() -> ::core::option::Option<(_whimbrel::schema::QName, ::std::string::String)> {
                <#inner as _whimbrel::column::Column>::references()
            }
        }

        #[automatically_derived]
        impl #sqlx::Type<#sqlx::Postgres> for #ident
        where
            for<'w> _whimbrel::Of<'w, #inner>: _whimbrel::HasType,
        {
            fn type_info() -> #sqlx::postgres::PgTypeInfo {
                <_whimbrel::Of<'_, #inner> as _whimbrel::HasType>::type_info()
            }

            fn compatible(ty: &#sqlx::postgres::PgTypeInfo) -> bool {
                <_whimbrel::Of<'_, #inner> as _whimbrel::HasType>::compatible(ty)
            }
        }

        #[automatically_derived]
        impl #sqlx::postgres::PgHasArrayType for #ident
        where
            for<'w> _whimbrel::Of<'w, #inner>: _whimbrel::HasArray,
        {
            fn array_type_info() -> #sqlx::postgres::PgTypeInfo {
                <_whimbrel::Of<'_, #inner> as _whimbrel::HasArray>::array_type_info()
            }

            fn array_compatible(ty: &#sqlx::postgres::PgTypeInfo) -> bool {
                <_whimbrel::Of<'_, #inner> as _whimbrel::HasArray>::array_compatible(ty)
            }
        }

        #[automatically_derived]
        impl<'q> #sqlx::Encode<'q, #sqlx::Postgres> for #ident
        where
            #inner: #sqlx::Encode<'q, #sqlx::Postgres>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut #sqlx::postgres::PgArgumentBuffer,
            ) -> ::core::result::Result<#sqlx::encode::IsNull, #sqlx::error::BoxDynError> {
                <#inner as #sqlx::Encode<'q, #sqlx::Postgres>>::encode_by_ref(&self.#member, buffer)
            }

            fn produces(&self) -> ::core::option::Option<#sqlx::postgres::PgTypeInfo> {
                <#inner as #sqlx::Encode<'q, #sqlx::Postgres>>::produces(&self.#member)
            }
        }

        #[automatically_derived]
        impl<'r> #sqlx::Decode<'r, #sqlx::Postgres> for #ident
        where
            #inner: #sqlx::Decode<'r, #sqlx::Postgres>,
        {
            fn decode(
                value: #sqlx::postgres::PgValueRef<'r>,
            ) -> ::core::result::Result<Self, #sqlx::error::BoxDynError> {
                let value = <#inner as #sqlx::Decode<'r, #sqlx::Postgres>>::decode(value)?;
                ::core::result::Result::Ok(#ident { #member: value })
            }
        }

        _whimbrel::newtype_transform!(#ident, #inner, #member);
    };
    block(item.krate.as_ref(), code)
}
