//! Annotated items as they were written, with the place of everything.
//!
//! ```text
//! syn::DeriveInput --attr::model--> Model --check::model--> (mistakes) --lower::model--> draft::TableDraft
//! syn::DeriveInput --attr::pg_enum--> PgEnum
//! syn::DeriveInput --attr::newtype--> Newtype
//! ```
//!
//! Nothing is decided here but [`Field::origin`]: defaults, derived names and types come later. A setting that was
//! not written is `None`; a flag (`unique`, `rest`, …) that was written is `Some` with its place.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Expr, Path, Type};

use crate::case::Case;
use crate::errors::{Range, Spanned};
use crate::model::{Action, Deferrable, Identity};

/// A struct with `#[derive(Model)]` (or `Transform`).
#[derive(Debug, Clone)]
pub struct Model {
    /// The struct's name.
    pub ident: Ident,
    /// `table = "…"`; otherwise the struct's name in snake_case.
    pub table: Option<Spanned<String>>,
    /// `schema = "…"`.
    pub schema: Option<Spanned<String>>,
    /// `primary_key(a, b)`.
    pub primary_key: Option<Spanned<Vec<Ident>>>,
    /// `index(…)`, each.
    pub indexes: Vec<Index>,
    /// `unique(…)`, each.
    pub uniques: Vec<Unique>,
    /// `check(name, "expr")`, each.
    pub checks: Vec<Check>,
    /// `foreign_key(…)`, each.
    pub foreign_keys: Vec<ForeignKey>,
    /// `comment = "…"`.
    pub comment: Option<Spanned<String>>,
    /// `rename_all = "…"`: how fields become columns that say nothing themselves.
    pub rename_all: Option<Spanned<Case>>,
    /// `renamed_from = "…"`.
    pub renamed_from: Option<Spanned<String>>,
    /// `#[source(…)]` on the struct.
    pub source: Option<Source>,
    /// The fields, each of them a column.
    pub fields: Vec<Field>,
}

/// `#[source(…)]` on a struct.
#[derive(Debug, Clone)]
pub struct Source {
    /// The (first) attribute.
    pub range: Range,
    /// `collection = "…"` or `table = "…"`: they say the same.
    pub collection: Option<Spanned<String>>,
    /// `rename_all = "…"`: how fields become paths that say nothing themselves.
    pub rename_all: Option<Spanned<Case>>,
    /// `each = "…"`: the dotted path of the array that gives one row per element.
    pub each: Option<Spanned<String>>,
}

/// A field of a model.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub ident: Ident,
    /// Its type.
    pub ty: Type,
    /// `#[column(…)]`.
    pub column: Column,
    /// `#[source(…)]`.
    pub source: FieldSource,
}

/// `#[column(…)]`.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// `name = "…"`.
    pub name: Option<Spanned<String>>,
    /// `type = "…"`, as written.
    pub ty: Option<Spanned<String>>,
    /// `primary_key`.
    pub primary_key: Option<Range>,
    /// `unique`.
    pub unique: Option<Range>,
    /// `index`.
    pub index: Option<Range>,
    /// `default = "…"`, an SQL expression.
    pub default: Option<Spanned<String>>,
    /// `check = "…"`.
    pub check: Option<Spanned<String>>,
    /// `references(Model)` or `references(Model(field))`.
    pub references: Option<Spanned<Reference>>,
    /// `on_delete = "…"`.
    pub on_delete: Option<Spanned<Action>>,
    /// `on_update = "…"`.
    pub on_update: Option<Spanned<Action>>,
    /// `deferrable` or `deferrable = "…"`.
    pub deferrable: Option<Spanned<Deferrable>>,
    /// `no_reference`.
    pub no_reference: Option<Range>,
    /// `collate = "…"`.
    pub collate: Option<Spanned<String>>,
    /// `generated = "…"`.
    pub generated: Option<Spanned<String>>,
    /// `identity = "…"`.
    pub identity: Option<Spanned<Identity>>,
    /// `comment = "…"`.
    pub comment: Option<Spanned<String>>,
    /// `renamed_from = "…"`.
    pub renamed_from: Option<Spanned<String>>,
}

/// What a foreign key refers to.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The model.
    pub model: Path,
    /// Its fields; empty for its primary key.
    pub columns: Vec<Ident>,
}

/// `#[source(…)]` on a field.
#[derive(Debug, Clone, Default)]
pub struct FieldSource {
    /// `field = "…"`: a dotted path in the document, or in the element when the model reads an array.
    pub field: Option<Spanned<String>>,
    /// `parent = "…"`: a dotted path in the document the element stands in.
    pub parent: Option<Spanned<String>>,
    /// `element`: the element itself.
    pub element: Option<Range>,
    /// `ordinal`: the element's index, from 0.
    pub ordinal: Option<Range>,
    /// `rest`: what no other column takes.
    pub rest: Option<Range>,
    /// `with = "path::to::function"`.
    pub with: Option<Spanned<Path>>,
    /// `default` or `default = <expression>`.
    pub default: Option<Spanned<SourceDefault>>,
    /// `required`.
    pub required: Option<Range>,
    /// `id = "…"`.
    pub id: Option<Spanned<IdStrategy>>,
}

/// What stands in for a missing value.
#[derive(Debug, Clone)]
// There are as many as fields with a default; a box would only be in the way of patterns.
#[allow(clippy::large_enum_variant)]
pub enum SourceDefault {
    /// `default`: `Default::default()` of the field's type.
    Trait,
    /// `default = <expression>`: a value of the field's type.
    Expr(Expr),
}

/// How a key of the source becomes a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdStrategy {
    /// An ObjectId, into UUIDv7.
    ObjectId,
    /// 24 hexadecimal digits that are an ObjectId.
    Hex,
    /// A UUID: binary of subtype 4, or text.
    Uuid,
    /// A UUID in binary of subtype 3 as the C# driver wrote it.
    UuidCsharp,
    /// A UUID in binary of subtype 3 as the Java driver wrote it.
    UuidJava,
    /// A UUID in binary of subtype 3 as the Python driver wrote it.
    UuidPython,
    /// An integer, into UUIDv5 under a namespace of the referenced table.
    Integer,
    /// Text, into UUIDv5 under a namespace of the referenced table.
    Text,
}

impl IdStrategy {
    /// All of them by name.
    pub const ALL: &'static [(&'static str, IdStrategy)] = &[
        ("object_id", IdStrategy::ObjectId),
        ("hex", IdStrategy::Hex),
        ("uuid", IdStrategy::Uuid),
        ("uuid_csharp", IdStrategy::UuidCsharp),
        ("uuid_java", IdStrategy::UuidJava),
        ("uuid_python", IdStrategy::UuidPython),
        ("integer", IdStrategy::Integer),
        ("text", IdStrategy::Text),
    ];
}

/// Where a column's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A dotted path in the document, or in the element when the model reads an array.
    Field(String),
    /// A dotted path in the document the element stands in.
    Parent(String),
    /// The element itself.
    Element,
    /// The element's index, from 0.
    Ordinal,
    /// What no other column takes.
    Rest,
}

impl Field {
    /// The field's name without `r#`.
    pub fn name(&self) -> String {
        self.ident.unraw().to_string()
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

/// `index(…)`.
#[derive(Debug, Clone)]
pub struct Index {
    /// All of it.
    pub range: Range,
    /// `columns(…)`.
    pub keys: Vec<IndexKey>,
    /// `name = "…"`.
    pub name: Option<Spanned<String>>,
    /// `unique`.
    pub unique: Option<Range>,
    /// `method = "…"`.
    pub method: Option<Spanned<String>>,
    /// `where = "…"`.
    pub predicate: Option<Spanned<String>>,
    /// `include(…)`.
    pub include: Vec<Ident>,
}

/// One key of an index, settings of the whole index already brought to each key.
#[derive(Debug, Clone)]
pub struct IndexKey {
    /// What is indexed.
    pub on: IndexOn,
    /// `desc` or `asc`, or `order`.
    pub descending: Option<Spanned<bool>>,
    /// `nulls = "first"` or `nulls = "last"`.
    pub nulls_first: Option<Spanned<bool>>,
    /// `opclass = "…"`.
    pub opclass: Option<Spanned<String>>,
    /// `collate = "…"`.
    pub collate: Option<Spanned<String>>,
}

/// What an index key is made of.
#[derive(Debug, Clone)]
pub enum IndexOn {
    /// A field.
    Column(Ident),
    /// An SQL expression.
    Expr(Spanned<String>),
}

/// `unique(…)`.
#[derive(Debug, Clone)]
pub struct Unique {
    /// All of it.
    pub range: Range,
    /// Its fields.
    pub columns: Vec<Ident>,
    /// `name = "…"`.
    pub name: Option<Spanned<String>>,
    /// `deferrable`.
    pub deferrable: Option<Spanned<Deferrable>>,
}

/// `check(name, "expr")`.
#[derive(Debug, Clone)]
pub struct Check {
    /// All of it.
    pub range: Range,
    /// Its name.
    pub name: Option<Spanned<String>>,
    /// The condition.
    pub expr: Spanned<String>,
}

/// `foreign_key(…)`.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    /// All of it.
    pub range: Range,
    /// The referencing fields.
    pub columns: Vec<Ident>,
    /// What they refer to.
    pub references: Spanned<Reference>,
    /// `name = "…"`.
    pub name: Option<Spanned<String>>,
    /// `on_delete = "…"`.
    pub on_delete: Option<Spanned<Action>>,
    /// `on_update = "…"`.
    pub on_update: Option<Spanned<Action>>,
    /// `deferrable`.
    pub deferrable: Option<Spanned<Deferrable>>,
}

/// An enum with `#[derive(PgEnum)]`.
#[derive(Debug, Clone)]
pub struct PgEnum {
    /// The enum's name.
    pub ident: Ident,
    /// `name = "…"`; otherwise the enum's name in snake_case.
    pub name: Option<Spanned<String>>,
    /// `schema = "…"`.
    pub schema: Option<Spanned<String>>,
    /// `rename_all = "…"`; otherwise a label is the variant's name as written.
    pub rename_all: Option<Spanned<Case>>,
    /// `comment = "…"`.
    pub comment: Option<Spanned<String>>,
    /// `renamed_from = "…"`.
    pub renamed_from: Option<Spanned<String>>,
    /// The variants, each of them a label.
    pub variants: Vec<Variant>,
}

/// A variant.
#[derive(Debug, Clone)]
pub struct Variant {
    /// Its name.
    pub ident: Ident,
    /// `rename = "…"`.
    pub rename: Option<Spanned<String>>,
    /// `renamed_from = "…"`.
    pub renamed_from: Option<Spanned<String>>,
}

/// A struct with `#[derive(Newtype)]`.
#[derive(Debug, Clone)]
pub struct Newtype {
    /// Its name.
    pub ident: Ident,
    /// The type it wraps.
    pub inner: Type,
    /// The name of its field, if it has one: `struct Email { text: String }`.
    pub field: Option<Ident>,
}
