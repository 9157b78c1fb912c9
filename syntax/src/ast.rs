//! Annotated items as they were written, with the place of everything.
//!
//! ```text
//! syn::DeriveInput --attr::model--> Model --check::model--> (errors) --lower::model--> draft::TableDraft
//! syn::DeriveInput --attr::pg_enum--> PgEnum
//! syn::DeriveInput --attr::newtype--> Newtype
//! ```
//!
//! Nothing is decided here but [`Field::origin`]: defaults, derived names and types come later. A setting that was
//! not written is `None`; a flag (`unique`, `rest`, …) that was written is `Some` with its place.

pub mod relation;

use proc_macro2::Ident;
use syn::{Expr, Path, Type};

use crate::case::Case;
use crate::errors::{SourceSpan, Spanned};
use crate::id::IdStrategy;
use crate::model::{Action, Deferrable, Identity};

/// A struct with `#[derive(Model)]` (or `Transform`).
#[derive(Debug, Clone)]
pub struct Model {
    pub ident: Ident,
    /// `table = "…"`; otherwise the struct's name in snake_case.
    pub table: Option<Spanned<String>>,
    pub schema: Option<Spanned<String>>,
    pub primary_key: Option<Spanned<Vec<Ident>>>,
    pub indexes: Vec<Index>,
    pub uniques: Vec<Unique>,
    pub checks: Vec<Check>,
    pub foreign_keys: Vec<ForeignKey>,
    pub comment: Option<Spanned<String>>,
    /// `rename_all = "…"`: how fields without a name of their own become columns.
    pub rename_all: Option<Spanned<Case>>,
    pub renamed_from: Option<Spanned<String>>,
    /// `crate = "…"`: where the crate `whimbrel` is.
    pub krate: Option<Spanned<Path>>,
    pub source: Option<Source>,
    pub relation: relation::Relation,
    pub fields: Vec<Field>,
}

impl Model {
    /// The names that are written for indexes and constraints, each after what it names.
    pub(crate) fn object_names(&self) -> impl Iterator<Item = (&'static str, &Spanned<String>)> {
        let indexes = self.indexes.iter().map(|item| ("index", &item.name));
        let uniques = self.uniques.iter().map(|item| ("unique constraint", &item.name));
        let checks = self.checks.iter().map(|item| ("check", &item.name));
        let keys = self.foreign_keys.iter().map(|item| ("foreign key", &item.name));
        let all = indexes.chain(uniques).chain(checks).chain(keys);
        all.filter_map(|(kind, name)| Some((kind, name.as_ref()?)))
    }
}

/// `#[source(…)]` on a struct.
#[derive(Debug, Clone)]
pub struct Source {
    pub span: SourceSpan,
    /// `collection = "…"` or `table = "…"`: synonyms.
    pub collection: Option<Spanned<String>>,
    pub rename_all: Option<Spanned<Case>>,
    /// `each = "…"`: the dotted path of the array that gives one row per element.
    pub each: Option<Spanned<String>>,
    /// `ignore("…", …)`: paths that no column takes, and that may be left out.
    pub ignore: Option<Vec<Spanned<String>>>,
    pub ignore_rest: Option<SourceSpan>,
}

/// A name without `r#`, in one allocation: `IdentExt::unraw` needs three.
pub(crate) fn unraw(ident: &Ident) -> String {
    let mut name = ident.to_string();
    if name.starts_with("r#") {
        name.drain(..2);
    }
    name
}

#[derive(Debug, Clone)]
pub struct Field {
    pub ident: Ident,
    pub ty: Type,
    pub column: Column,
    pub source: FieldSource,
}

#[derive(Debug, Clone, Default)]
pub struct Column {
    pub name: Option<Spanned<String>>,
    pub ty: Option<Spanned<String>>,
    pub primary_key: Option<SourceSpan>,
    pub unique: Option<SourceSpan>,
    pub index: Option<SourceSpan>,
    pub default: Option<Spanned<String>>,
    pub check: Option<Spanned<String>>,
    /// `references(Model)` or `references(Model(field))`.
    pub references: Option<Spanned<Reference>>,
    pub actions: KeyActions,
    pub no_reference: Option<SourceSpan>,
    pub collate: Option<Spanned<String>>,
    pub generated: Option<Spanned<String>>,
    pub identity: Option<Spanned<Identity>>,
    pub comment: Option<Spanned<String>>,
    pub renamed_from: Option<Spanned<String>>,
    pub expand: Option<Box<Spanned<Expand>>>,
}

/// `expand`, or `expand(…)`: the column is there beside the one that it takes the place of.
#[derive(Debug, Clone, Default)]
pub struct Expand {
    /// The type of that, if it is another one.
    pub old_type: Option<Spanned<String>>,
    /// How this one follows from that one, if not by a cast.
    pub forward: Option<Spanned<String>>,
    /// How that one follows from this one.
    pub back: Option<Spanned<String>>,
}

/// What a foreign key does, and when it is checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyActions {
    pub on_delete: Option<Spanned<Action>>,
    pub on_update: Option<Spanned<Action>>,
    pub deferrable: Option<Spanned<Deferrable>>,
}

impl KeyActions {
    /// The actions that are written.
    pub(crate) fn actions(self) -> impl Iterator<Item = (&'static str, Spanned<Action>)> {
        let actions = [("on_delete", self.on_delete), ("on_update", self.on_update)];
        actions.into_iter().filter_map(|(name, action)| action.map(|action| (name, action)))
    }

    pub(crate) fn written(self) -> impl Iterator<Item = (&'static str, SourceSpan)> {
        let deferrable = self.deferrable.map(|deferrable| ("deferrable", deferrable.span));
        self.actions().map(|(name, action)| (name, action.span)).chain(deferrable)
    }
}

#[derive(Debug, Clone)]
pub struct Reference {
    pub model: Path,
    /// Its fields; empty for its primary key.
    pub columns: Vec<Ident>,
}

/// `#[source(…)]` on a field.
#[derive(Debug, Clone, Default)]
pub struct FieldSource {
    /// `field = "…"`: a dotted path in the document, or in the element when the model reads an array.
    pub field: Option<Spanned<String>>,
    /// `parent = "…"`: a dotted path in the enclosing document.
    pub parent: Option<Spanned<String>>,
    pub element: Option<SourceSpan>,
    /// `ordinal`: the element's index, from 0.
    pub ordinal: Option<SourceSpan>,
    pub rest: Option<SourceSpan>,
    pub with: Option<Spanned<Path>>,
    pub default: Option<Spanned<SourceDefault>>,
    pub required: Option<SourceSpan>,
    pub id: Option<Spanned<IdStrategy>>,
}

#[derive(Debug, Clone)]
pub enum SourceDefault {
    Trait,
    Expr(Box<Expr>),
}

/// Where a column's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A dotted path in the document, or in the element when the model reads an array.
    Field(String),
    Parent(String),
    Element,
    /// The element's index, from 0.
    Ordinal,
    Rest,
}

impl Field {
    /// The field's name without `r#`.
    pub fn name(&self) -> String {
        unraw(&self.ident)
    }

    /// Where the value comes from: as declared, otherwise the field of that name, in the case of `rename_all`.
    pub fn origin(&self, rename_all: Option<Case>) -> Origin {
        let source = &self.source;
        if source.rest.is_some() {
            Origin::Rest
        } else if source.element.is_some() {
            Origin::Element
        } else if source.ordinal.is_some() {
            Origin::Ordinal
        } else if let Some(parent) = &source.parent {
            Origin::Parent(parent.value.clone())
        } else if let Some(field) = &source.field {
            Origin::Field(field.value.clone())
        } else {
            let name = self.name();
            Origin::Field(rename_all.map_or_else(|| name.clone(), |case| case.apply(&name)))
        }
    }
}

#[derive(Debug, Clone)]
pub struct Index {
    pub span: SourceSpan,
    pub keys: Vec<IndexKey>,
    pub name: Option<Spanned<String>>,
    pub unique: Option<SourceSpan>,
    pub method: Option<Spanned<String>>,
    pub predicate: Option<Spanned<String>>,
    pub include: Vec<Ident>,
}

/// One key of an index, settings of the whole index already brought to each key.
#[derive(Debug, Clone)]
pub struct IndexKey {
    pub on: IndexOn,
    /// `desc` or `asc`, or `order`.
    pub descending: Option<Spanned<bool>>,
    /// `nulls = "first"` or `nulls = "last"`.
    pub nulls_first: Option<Spanned<bool>>,
    pub opclass: Option<Spanned<String>>,
    pub collate: Option<Spanned<String>>,
}

#[derive(Debug, Clone)]
pub enum IndexOn {
    Column(Ident),
    Expr(Spanned<String>),
}

#[derive(Debug, Clone)]
pub struct Unique {
    pub span: SourceSpan,
    pub columns: Vec<Ident>,
    pub name: Option<Spanned<String>>,
    pub deferrable: Option<Spanned<Deferrable>>,
}

#[derive(Debug, Clone)]
pub struct Check {
    pub span: SourceSpan,
    pub name: Option<Spanned<String>>,
    pub expr: Spanned<String>,
}

#[derive(Debug, Clone)]
pub struct ForeignKey {
    pub span: SourceSpan,
    pub columns: Vec<Ident>,
    pub references: Spanned<Reference>,
    pub name: Option<Spanned<String>>,
    pub actions: KeyActions,
}

/// An enum with `#[derive(PgEnum)]`.
#[derive(Debug, Clone)]
pub struct PgEnum {
    pub ident: Ident,
    /// `name = "…"`; otherwise the enum's name in snake_case.
    pub name: Option<Spanned<String>>,
    pub schema: Option<Spanned<String>>,
    /// `rename_all = "…"`; otherwise a label is the variant's name as written.
    pub rename_all: Option<Spanned<Case>>,
    pub comment: Option<Spanned<String>>,
    pub renamed_from: Option<Spanned<String>>,
    pub krate: Option<Spanned<Path>>,
    pub variants: Vec<Variant>,
}

#[derive(Debug, Clone)]
pub struct Variant {
    pub ident: Ident,
    pub rename: Option<Spanned<String>>,
    pub renamed_from: Option<Spanned<String>>,
}

/// A struct with `#[derive(Newtype)]`.
#[derive(Debug, Clone)]
pub struct Newtype {
    pub ident: Ident,
    pub inner: Type,
    /// The name of its field, if it has one: `struct Email { text: String }`.
    pub field: Option<Ident>,
    pub krate: Option<Spanned<Path>>,
}
