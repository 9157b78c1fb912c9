//! Parses `#[model] #[column] #[source] #[pg] #[newtype]`; a setting made twice is found by its setter.
//!
//! An error costs one setting: the parser goes on after the next comma, so that all errors of an item are
//! reported at once.

/// The settings of an attribute: a list of their names, and a function that reads them into an item.
macro_rules! settings {
    (
        $(#[$doc:meta])* $names:ident of $attribute:literal;
        fn $read:ident($reader:ident, $item:ident: $Item:ty, $name:ident, $meta:ident) {
            $($text:literal => $set:expr,)*
        }
    ) => {
        $(#[$doc])*
        pub const $names: &[&str] = &[$($text),*];

        pub(super) fn $read($reader: Reader<'_>, $item: &mut $Item, metas: Vec<Meta>) {
            for $meta in &metas {
                let Some($name) = $meta.name() else {
                    $reader.unknown($meta, $attribute, $names);
                    continue;
                };
                match crate::ast::unraw($name).as_str() {
                    $($text => $set,)*
                    _ => $reader.unknown($meta, $attribute, $names),
                }
            }
        }
    };
}

mod column;
mod model;
mod pg;
pub(crate) mod relation;
mod source;

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Lit, LitStr, Meta as SynMeta, Path, Token};

pub use column::{COLUMN_NAMES, EXPAND_NAMES};
pub use model::{FOREIGN_KEY_NAMES, INDEX_KEY_NAMES, INDEX_NAMES, MODEL_NAMES, UNIQUE_NAMES, model};
pub use pg::{NEWTYPE_NAMES, PG_ENUM_NAMES, PG_VARIANT_NAMES, newtype, pg_enum};
pub use relation::{
    GRANT_NAMES, MATERIALIZED_NAMES, PARTITION_NAMES, POLICY_NAMES, SOFT_DELETE_NAMES, VIEW_NAMES,
};
pub use source::{SOURCE_FIELD_NAMES, SOURCE_STRUCT_NAMES};

use crate::ast::unraw;
use crate::errors::{Errors, SourceSpan, Spanned, list, unknown};

/// One element of an attribute's list.
enum Meta {
    /// `unique`
    Flag(Ident),
    /// `table = "accounts"`
    Value(Ident, Expr),
    /// `columns(a, b)`
    List(Ident, TokenStream, SourceSpan),
    /// `"lower(name)"`
    Text(LitStr),
    /// `("lower(name)", desc)`
    Tuple(TokenStream, SourceSpan),
}

impl Meta {
    fn parse(input: ParseStream) -> syn::Result<Meta> {
        if input.peek(LitStr) {
            return Ok(Meta::Text(input.parse()?));
        }
        if input.peek(syn::token::Paren) {
            let content;
            let parenthesis = syn::parenthesized!(content in input);
            return Ok(Meta::Tuple(content.parse()?, parenthesis.span.join().into()));
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected a name"));
        }
        let name = input.call(Ident::parse_any)?;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(Meta::Value(name, input.parse()?));
        }
        if input.peek(syn::token::Paren) {
            let content;
            let parenthesis = syn::parenthesized!(content in input);
            let span = SourceSpan { start: name.span(), end: parenthesis.span.close() };
            return Ok(Meta::List(name, content.parse()?, span));
        }
        Ok(Meta::Flag(name))
    }

    fn span(&self) -> SourceSpan {
        match self {
            Meta::Flag(name) => name.span().into(),
            Meta::Value(name, value) => SourceSpan { start: name.span(), end: SourceSpan::of(value).end },
            Meta::List(_, _, span) | Meta::Tuple(_, span) => *span,
            Meta::Text(text) => text.span().into(),
        }
    }

    fn name(&self) -> Option<&Ident> {
        match self {
            Meta::Flag(name) | Meta::Value(name, _) | Meta::List(name, _, _) => Some(name),
            Meta::Text(_) | Meta::Tuple(..) => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'e> {
    errors: &'e Errors,
}

impl Reader<'_> {
    /// The elements of all attributes of that name, in order.
    fn attributes(self, attributes: &[Attribute], name: &str) -> Vec<Meta> {
        let mut metas = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
            match &attribute.meta {
                SynMeta::List(content) => metas.extend(self.metas(content.tokens.clone())),
                SynMeta::Path(_) | SynMeta::NameValue(_) => self
                    .errors
                    .add(&attribute.meta, format!("`{name}` needs a list of settings"))
                    .help(format!("write `#[{name}(…)]`")),
            }
        }
        metas
    }

    fn metas(self, tokens: TokenStream) -> Vec<Meta> {
        self.separated(tokens, Meta::parse)
    }

    /// Elements between commas; after an error it goes on after the next comma.
    fn separated<T>(self, tokens: TokenStream, element: fn(ParseStream) -> syn::Result<T>) -> Vec<T> {
        let mut elements = Vec::new();
        let parser = |input: ParseStream| {
            while !input.is_empty() {
                match element(input) {
                    Ok(_) if !input.is_empty() && !input.peek(Token![,]) => {
                        self.errors.push(input.error("expected `,`"));
                        skip(input)?;
                    }
                    Ok(value) => elements.push(value),
                    Err(error) => {
                        self.errors.push(error);
                        skip(input)?;
                    }
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            self.errors.push(error);
        }
        elements
    }

    /// `name(a, b)`: the names of fields.
    fn columns(self, meta: &Meta) -> Option<Spanned<Vec<Ident>>> {
        let (tokens, span) = self.list(meta)?;
        let names = self.separated(tokens, |input| match input.peek(Ident::peek_any) {
            true => input.call(Ident::parse_any),
            false => Err(input.error("expected the name of a field")),
        });
        Some(Spanned::new(names, span))
    }

    fn set<T>(self, slot: &mut Option<T>, at: &Ident, value: Option<T>) {
        if slot.is_some() {
            self.errors
                .add(at.span(), format!("`{}` is set twice", at.unraw()))
                .label("set before")
                .help("remove one of the two");
        } else if value.is_some() {
            *slot = value;
        }
    }

    /// `name = "text"`.
    fn text(self, meta: &Meta) -> Option<Spanned<String>> {
        if let Meta::Value(_, value) = meta
            && let Some(text) = as_text(value)
        {
            return Some(Spanned::new(text.value(), text.span()));
        }
        self.wrong(meta, "needs a string", " = \"…\"");
        None
    }

    /// `name = "path::to"`, or the path without quotes.
    fn path(self, meta: &Meta, of: &str) -> Option<Spanned<Path>> {
        let path = match meta {
            Meta::Value(_, value) => match as_text(value) {
                Some(text) => text.parse_with(Path::parse_mod_style).ok(),
                None => path_expr(value),
            }
            .map(|path| Spanned::new(path, SourceSpan::of(value))),
            _ => None,
        };
        if path.is_none() {
            let written = format!(" = \"path::to::{}\"", of.trim_start_matches("a "));
            self.wrong(meta, &format!("needs the path of {of}"), &written);
        }
        path
    }

    /// `name`, alone.
    fn flag(self, meta: &Meta) -> Option<SourceSpan> {
        match meta {
            Meta::Flag(name) => Some(name.span().into()),
            _ => {
                self.wrong(meta, "takes no value", "");
                None
            }
        }
    }

    /// `name(…)`.
    fn list(self, meta: &Meta) -> Option<(TokenStream, SourceSpan)> {
        match meta {
            Meta::List(_, tokens, span) => Some((tokens.clone(), *span)),
            _ => {
                self.wrong(meta, "needs a list", "(…)");
                None
            }
        }
    }

    /// `name = "one of a few"`.
    fn choice<T: Copy>(self, meta: &Meta, choices: &[(&str, T)]) -> Option<Spanned<T>> {
        self.text(meta).and_then(|text| self.one_of(meta, text, choices))
    }

    fn one_of<T: Copy>(
        self,
        meta: &Meta,
        text: Spanned<String>,
        choices: &[(&str, T)],
    ) -> Option<Spanned<T>> {
        let found = choices.iter().find(|(known, _)| *known == text.value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            let what = meta.name().map_or_else(String::new, |name| format!("value of `{}`:", name.unraw()));
            self.errors.push(unknown(&text.value, text.span, &what, &names));
        }
        found.map(|(_, value)| Spanned::new(*value, text.span))
    }

    /// What a setting needs, and what is written after its name.
    fn wrong(self, meta: &Meta, needs: &str, written: &str) {
        let name = meta.name().map_or_else(String::new, unraw);
        self.errors.add(meta.span(), format!("`{name}` {needs}")).help(format!("write `{name}{written}`"));
    }

    /// A name that is not allowed here.
    fn unknown(self, meta: &Meta, attribute: &str, allowed: &[&str]) {
        match meta.name() {
            Some(name) => {
                let what = format!("setting in `{attribute}`:");
                self.errors.push(unknown(&unraw(name), name.span(), &what, allowed));
            }
            None => self
                .errors
                .add(meta.span(), format!("`{attribute}` takes named settings only"))
                .help(format!("allowed here: {}", list(allowed))),
        }
    }
}

fn skip(input: ParseStream) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn as_text(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text),
            _ => None,
        },
        Expr::Group(group) => as_text(&group.expr),
        _ => None,
    }
}

fn path_expr(value: &Expr) -> Option<Path> {
    match value {
        Expr::Path(path) => Some(path.path.clone()),
        _ => None,
    }
}

/// An SQL expression as text, or a number or a truth value, which need no quotes.
fn as_sql(value: &Expr) -> Option<Spanned<String>> {
    let span = SourceSpan::of(value);
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(Spanned::new(text.value(), span)),
            Lit::Int(number) if number.suffix().is_empty() => {
                Some(Spanned::new(number.base10_digits().to_owned(), span))
            }
            Lit::Float(number) if number.suffix().is_empty() => {
                Some(Spanned::new(number.base10_digits().to_owned(), span))
            }
            Lit::Bool(truth) => Some(Spanned::new(truth.value.to_string(), span)),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => match &*unary.expr {
            Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_) | Lit::Float(_)) => {
                as_sql(&unary.expr).map(|number| Spanned::new(format!("-{}", number.value), span))
            }
            _ => None,
        },
        Expr::Group(group) => as_sql(&group.expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
