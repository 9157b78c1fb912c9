//! What `#[derive(Transform)]` knows at compile time: which field goes into which column, and how.

use bson::raw::RawBsonRef;

use crate::column::kind::{self, Kind};
use crate::copy::json::Form;
use crate::copy::{Shape, Writer, Written};

use super::error::ValueError;
use super::value::Value;

/// A model's transform.
#[derive(Debug)]
pub struct Plan {
    /// The document's fields that are read.
    pub document: Trie,
    /// The fields that are read of an element of `each`.
    pub element: Trie,
    /// The array that gives a row per element.
    pub each: Option<Each>,
    /// The columns, in the order of the tuple's fields.
    pub columns: &'static [ColumnPlan],
}

/// The array of `each`.
#[derive(Debug)]
pub struct Each {
    /// Its path.
    pub path: &'static str,
    /// Its slot in the document.
    pub slot: u16,
}

/// Paths of fields, as a tree of their parts.
#[derive(Debug)]
pub struct Trie {
    /// The first parts.
    pub nodes: &'static [Node],
    /// How many nodes there are in all; each has one slot.
    pub slots: u16,
}

/// One part of a path.
#[derive(Debug)]
pub struct Node {
    /// The field's name, or an array's index in digits.
    pub name: &'static str,
    /// Where its value is kept: below [`Trie::slots`], and no other node's.
    pub slot: u16,
    /// Whether a column takes the value whole.
    pub whole: bool,
    /// The parts that follow.
    pub children: &'static [Node],
}

/// One column.
#[derive(Debug)]
pub struct ColumnPlan {
    /// Its name.
    pub name: &'static str,
    /// The field's path in the document or element, for messages.
    pub path: &'static str,
    /// Where its value comes from.
    pub from: ValueSource,
    /// What its type adds to its kind.
    pub shape: Shape,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// Whether the field must be there even so.
    pub required: bool,
    /// How it is converted.
    pub convert: Convert,
    /// What is written when the field is missing, or null where NULL is not allowed.
    pub default: Option<DefaultFn>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueSource {
    /// A slot of the document.
    Document(u16),
    /// A slot of the element.
    Element(u16),
    /// The element itself.
    Item,
    /// The element's index, from 0.
    Ordinal,
    /// The fields that no column takes: of the element where there is one, otherwise of the document.
    Rest,
}

/// How a value is converted.
#[derive(Debug, Clone, Copy)]
pub enum Convert {
    /// By the field's type.
    Value(ValueFn),
    /// By a function that sees missing and null values, too.
    With(WithFn),
    /// As an object of fields.
    Rest(Form),
}

/// [`crate::copy::FromSource::from_source`].
pub type ValueFn = fn(Value<'_>, &Shape, &mut Writer<'_>) -> Result<(), ValueError>;
/// A `with` function and what writes its result.
pub type WithFn = fn(Option<RawBsonRef<'_>>, &Shape, &mut Writer<'_>) -> Result<Written, ValueError>;
/// What writes a default.
pub type DefaultFn = fn(&Shape, &mut Writer<'_>) -> Result<Written, ValueError>;

/// The kinds that can hold the rest of a document.
#[diagnostic::on_unimplemented(
    message = "the rest of a document is an object, which a `{Self}` column cannot hold",
    label = "`json` or `jsonb` is needed: a field of type `Json`"
)]
pub trait RestKind: Kind {
    /// How it is written.
    const FORM: Form;
}

impl RestKind for kind::Json {
    const FORM: Form = Form::Json;
}

impl RestKind for kind::Jsonb {
    const FORM: Form = Form::Jsonb;
}
