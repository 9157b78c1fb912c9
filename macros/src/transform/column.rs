//! One column's `ColumnPlan`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use whimbrel_syntax::ast::{Field, Model, SourceDefault};
use whimbrel_syntax::errors::Errors;
use whimbrel_syntax::id::IdStrategy;

use super::kind::Kind;

pub struct ColumnCode<'m> {
    pub model: &'m Model,
    pub field: &'m Field,
    pub at: usize,
    pub name: String,
    pub from: TokenStream,
    pub path: String,
}

impl ColumnCode<'_> {
    /// The plan; errors of types are reported by rustc, at the field's type.
    pub fn expand(&self, errors: &Errors) -> TokenStream {
        let Self { field, name, from, path, .. } = self;
        let source = &field.source;
        let kind = match &field.column.ty {
            None => None,
            Some(written) => match Kind::parse(&written.value) {
                Some(kind) => Some(kind),
                None if source.with.is_some() => None,
                None => {
                    errors.add(written.span,
                            format!("no value of a document can be converted to `{}`", written.value)).label("no conversion into this type")
                        .help("convert it to a type that sqlx can encode: `#[source(with = \"path::to::function\")]`");
                    return quote!();
                }
            },
        };
        let ty = &field.ty;
        let span = ty.span();
        let unknown = kind.is_none() && field.column.ty.is_some();
        let marker = match &kind {
            Some(kind) => kind.path(),
            None => quote_spanned!(span=> <#ty as _whimbrel::column::Column>::Kind),
        };
        // What a value is converted by: for the column that the type itself names, or for the declared one.
        let by = match &kind {
            Some(_) => quote_spanned!(span=> _whimbrel::copy::FromSource<#marker>),
            None => quote_spanned!(span=> _whimbrel::transform::support::Field),
        };
        let convert = self.convert(&marker, &by, unknown);
        let shape = self.shape(kind.as_ref());
        let nullable = match source.with {
            Some(_) => quote!(false),
            None => quote_spanned!(span=> <#ty as #by>::NULLABLE),
        };
        let required = source.required.is_some();
        let default = self.default(&marker);
        quote! {
            _whimbrel::transform::plan::ColumnPlan {
                name: #name,
                path: #path,
                from: #from,
                shape: #shape,
                nullable: #nullable,
                required: #required,
                convert: #convert,
                default: #default,
            }
        }
    }

    fn convert(&self, marker: &TokenStream, by: &TokenStream, unknown: bool) -> TokenStream {
        let ty = &self.field.ty;
        let span = ty.span();
        let plan = quote!(_whimbrel::transform::plan::Convert);
        if self.field.source.rest.is_some() {
            return quote_spanned!(span=> #plan::Rest(<#marker as _whimbrel::transform::plan::RestKind>::FORM));
        }
        let Some(with) = &self.field.source.with else {
            return quote_spanned! {span=>
                #plan::Value(<#ty as #by>::from_source)
            };
        };
        let path = &with.value;
        // A function of another signature is an error at its path.
        let call = quote_spanned!(path.span()=> #path(value));
        let function = format_ident!("with_{}", self.at);
        let write = match unknown {
            true => quote_spanned!(span=> _whimbrel::transform::support::with_sqlx::<#ty, _>(made, out)),
            false => quote_spanned! {span=>
                _whimbrel::transform::support::with::<#marker, #ty, _>(made, shape, out)
            },
        };
        quote! {{
            #[allow(unused_variables)]
            fn #function(
                value: ::core::option::Option<_whimbrel::bson::RawBsonRef<'_>>,
                shape: &_whimbrel::copy::Shape,
                out: &mut _whimbrel::copy::Writer<'_>,
            ) -> ::core::result::Result<_whimbrel::copy::Written, _whimbrel::transform::ValueError> {
                let made = #call;
                #write
            }
            #plan::With(#function)
        }}
    }

    fn shape(&self, kind: Option<&Kind>) -> TokenStream {
        let shape = kind.map_or_else(|| quote!(_whimbrel::copy::Shape::PLAIN), Kind::shape);
        let Some(strategy) = &self.field.source.id else { return shape };
        let variant = format_ident!("{}", format!("{:?}", strategy.value));
        let strategy_code = quote!(_whimbrel::id::IdStrategy::#variant);
        if !matches!(strategy.value, IdStrategy::Integer | IdStrategy::Text) {
            return quote!(_whimbrel::copy::Shape { id: #strategy_code, ..#shape });
        }
        let (ty, ident) = (&self.field.ty, &self.model.ident);
        let support = quote!(_whimbrel::transform::support);
        let namespace = match &self.field.column.references {
            Some(reference) => {
                let model = &reference.value.model;
                quote!(#support::namespace_of::<#model>())
            }
            None if self.field.column.ty.is_some() => quote!(#support::namespace_of::<#ident>()),
            None => quote!(#support::namespace_of_column::<#ty, #ident>()),
        };
        let function = format_ident!("namespace_{}", self.at);
        quote! {{
            fn #function() -> _whimbrel::Uuid {
                static NAMESPACE: ::std::sync::LazyLock<_whimbrel::Uuid> =
                    ::std::sync::LazyLock::new(|| #namespace);
                *NAMESPACE
            }
            _whimbrel::copy::Shape {
                id: #strategy_code,
                namespace: ::core::option::Option::Some(#function),
                ..#shape
            }
        }}
    }

    fn default(&self, marker: &TokenStream) -> TokenStream {
        let ty = &self.field.ty;
        let span = ty.span();
        let value = match self.field.source.default.as_ref().map(|default| &default.value) {
            None => return quote!(::core::option::Option::None),
            Some(SourceDefault::Trait) => {
                quote_spanned!(span=> <#ty as ::core::default::Default>::default())
            }
            Some(SourceDefault::Expr(expr)) => match &**expr {
                // A text is written as it is in Rust, whatever kind of text the field holds.
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                    quote_spanned!(text.span()=> ::core::convert::From::from(#text))
                }
                expr => quote!(#expr),
            },
        };
        let function = format_ident!("default_{}", self.at);
        quote! {{
            fn #function(
                shape: &_whimbrel::copy::Shape,
                out: &mut _whimbrel::copy::Writer<'_>,
            ) -> ::core::result::Result<_whimbrel::copy::Written, _whimbrel::transform::ValueError> {
                let value: #ty = #value;
                _whimbrel::copy::ToCopy::<#marker>::to_copy(&value, shape, out)
            }
            ::core::option::Option::Some(#function)
        }}
    }
}
