//! `cfg` and `cfg_attr`: which items and attributes of the sources are compiled.

use std::collections::BTreeSet;
use std::env::consts::{ARCH, FAMILY, OS};

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Lit, LitBool, LitStr, Meta, Token};

use crate::errors::{Error, SourceSpan};

/// What the predicates of `cfg` are evaluated with.
///
/// - `feature = "…"` holds for the features given to [`Cfg::new`];
/// - `unix`, `windows`, `target_os`, `target_family`, `target_arch`, `target_pointer_width` and `target_endian` are those
///   of the platform this program was compiled for;
/// - `test`, `doctest`, `doc` and `miri` do not hold;
/// - any other predicate is unknown: an error where it decides about a model, and only there.
#[derive(Debug, Clone, Default)]
pub struct Cfg {
    features: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Compiled {
    Yes,
    No,
    /// A predicate at this place is unknown.
    Unknown(SourceSpan),
}

/// Attributes whose condition is unknown, each with the place of its `cfg_attr`.
pub(super) type Conditional = Vec<(Meta, SourceSpan)>;

impl Cfg {
    /// The given features are enabled: the caller includes those that others enable, such as `default`.
    pub fn new(features: impl IntoIterator<Item = String>) -> Self {
        Cfg { features: features.into_iter().collect() }
    }

    /// Replaces each `cfg_attr` by its attributes, and returns whether what has these attributes is compiled.
    pub(super) fn expand(&self, attributes: &mut Vec<Attribute>) -> (Compiled, Conditional) {
        let mut conditional = Vec::new();
        let is_cfg =
            |attribute: &Attribute| ["cfg", "cfg_attr"].iter().any(|name| attribute.path().is_ident(name));
        if !attributes.iter().any(is_cfg) {
            return (Compiled::Yes, conditional);
        }
        for attribute in std::mem::take(attributes) {
            self.expand_one(attribute, None, attributes, &mut conditional);
        }
        let mut compiled = Compiled::Yes;
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
            let condition = |input: ParseStream| {
                let holds = self.predicate(input)?;
                input.parse::<Option<Token![,]>>().map(|_| holds)
            };
            match attribute.parse_args_with(condition) {
                Ok(Some(true)) => {}
                Ok(Some(false)) => return (Compiled::No, conditional),
                Ok(None) | Err(_) => compiled = Compiled::Unknown(SourceSpan::of(attribute)),
            }
        }
        if let Some((_, span)) = conditional.iter().find(|(meta, _)| meta.path().is_ident("cfg")) {
            compiled = Compiled::Unknown(*span);
        }
        (compiled, conditional)
    }

    fn expand_one(
        &self,
        attribute: Attribute,
        unknown: Option<SourceSpan>,
        expanded: &mut Vec<Attribute>,
        conditional: &mut Conditional,
    ) {
        let span = SourceSpan::of(&attribute);
        let parsed = match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                list.parse_args_with(|input: ParseStream| self.cfg_attr(input))
            }
            _ => {
                match unknown {
                    Some(span) => conditional.push((attribute.meta, span)),
                    None => expanded.push(attribute),
                }
                return;
            }
        };
        match parsed {
            Ok((Some(false), _)) => {}
            Ok((holds, metas)) => {
                let unknown = if holds.is_none() { Some(span) } else { unknown };
                for meta in metas {
                    self.expand_one(Attribute { meta, ..attribute.clone() }, unknown, expanded, conditional);
                }
            }
            Err(_) => conditional.push((attribute.meta, span)),
        }
    }

    /// The content of `cfg_attr(…)`: whether its condition holds, and the attributes.
    fn cfg_attr(&self, input: ParseStream) -> syn::Result<(Option<bool>, Vec<Meta>)> {
        let holds = self.predicate(input)?;
        let mut metas = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                metas.push(input.parse()?);
            }
        }
        Ok((holds, metas))
    }

    /// Whether a predicate holds; `None` when that is unknown.
    fn predicate(&self, input: ParseStream) -> syn::Result<Option<bool>> {
        if input.peek(LitBool) {
            return Ok(Some(input.parse::<LitBool>()?.value));
        }
        let name = input.call(syn::Ident::parse_any)?.to_string();
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(self.value(&name, &input.parse::<LitStr>()?.value()));
        }
        if !input.peek(syn::token::Paren) {
            return Ok(flag(&name));
        }
        let content;
        syn::parenthesized!(content in input);
        let mut parts = Vec::new();
        while !content.is_empty() {
            parts.push(self.predicate(&content)?);
            content.parse::<Option<Token![,]>>()?;
        }
        // `all` is false when one part is, and unknown when one is otherwise; `any` is its mirror image.
        let decide = |by: bool| match parts.contains(&Some(by)) {
            true => Some(by),
            false => (!parts.contains(&None)).then_some(!by),
        };
        Ok(match name.as_str() {
            "all" => decide(false),
            "any" => decide(true),
            "not" => parts.first().copied().flatten().map(|holds| !holds),
            _ => None,
        })
    }

    /// `name = "value"`.
    fn value(&self, name: &str, value: &str) -> Option<bool> {
        Some(match name {
            "feature" => self.features.contains(value),
            "target_os" => value == OS,
            "target_family" => value == FAMILY,
            "target_arch" => value == ARCH,
            "target_pointer_width" => value == usize::BITS.to_string(),
            "target_endian" => (value == "little") == cfg!(target_endian = "little"),
            _ => return None,
        })
    }
}

/// `name`, alone.
fn flag(name: &str) -> Option<bool> {
    match name {
        "unix" => Some(cfg!(unix)),
        "windows" => Some(cfg!(windows)),
        "test" | "doctest" | "doc" | "miri" => Some(false),
        _ => None,
    }
}

/// An unknown condition that decides about a model.
pub(super) fn unknown(span: SourceSpan) -> Error {
    Error::new(span, "this condition decides about a model and cannot be evaluated").help(
        "allowed here: `feature = \"…\"`, `test`, `unix`, `windows`, `target_os`, `target_family`, `target_arch`, \
         `target_pointer_width`, `target_endian`, and `all`, `any` and `not` of them",
    )
}

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
