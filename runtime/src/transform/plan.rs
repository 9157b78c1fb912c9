//! What `#[derive(Transform)]` knows at compile time: which field goes into which column, and how.

use bson::raw::RawBsonRef;

use crate::column::kind::{self, Kind};
use crate::copy::json::Form;
use crate::copy::{Shape, Writer, Written};

use super::error::ValueError;
use super::value::Value;

#[derive(Debug)]
pub struct Plan {
    pub document: Trie,
    pub element: Trie,
    /// The array that gives a row per element.
    pub each: Option<Each>,
    pub columns: &'static [ColumnPlan],
}

#[derive(Debug)]
pub struct Each {
    pub path: &'static str,
    pub slot: u16,
}

/// Paths of fields, as a tree of their parts.
#[derive(Debug)]
pub struct Trie {
    pub nodes: &'static [Node],
    /// How many nodes there are in all; each has one slot.
    pub slots: u16,
}

#[derive(Debug)]
pub struct Node {
    /// The field's name, or an array's index in digits.
    pub name: &'static str,
    /// Where its value is kept: below [`Trie::slots`], and no other node's.
    pub slot: u16,
    /// Whether a column takes the value whole.
    pub whole: bool,
    pub children: &'static [Node],
}

#[derive(Debug)]
pub struct ColumnPlan {
    pub name: &'static str,
    /// The field's path in the document or element, for messages.
    pub path: &'static str,
    pub from: ValueSource,
    pub shape: Shape,
    pub nullable: bool,
    /// Whether the field must be there even so.
    pub required: bool,
    pub convert: Convert,
    /// What is written when the field is missing, or null where NULL is not allowed.
    pub default: Option<DefaultFn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueSource {
    Document(u16),
    Element(u16),
    Item,
    /// The element's index, from 0.
    Ordinal,
    /// The fields that no column takes: of the element where there is one, otherwise of the document.
    Rest,
}

#[derive(Debug, Clone, Copy)]
pub enum Convert {
    Value(ValueFn),
    /// By a function that sees missing and null values, too.
    With(WithFn),
    Rest(Form),
}

pub type ValueFn = fn(Value<'_>, &Shape, &mut Writer<'_>) -> Result<(), ValueError>;
/// A `with` function and what writes its result.
pub type WithFn = fn(Option<RawBsonRef<'_>>, &Shape, &mut Writer<'_>) -> Result<Written, ValueError>;
pub type DefaultFn = fn(&Shape, &mut Writer<'_>) -> Result<Written, ValueError>;

/// The kinds that can hold the rest of a document.
#[diagnostic::on_unimplemented(
    message = "the rest of a document is an object, which a `{Self}` column cannot hold",
    label = "`json` or `jsonb` is needed: a field of type `Json`"
)]
pub trait RestKind: Kind {
    const FORM: Form;
}

impl RestKind for kind::Json {
    const FORM: Form = Form::Json;
}

impl RestKind for kind::Jsonb {
    const FORM: Form = Form::Jsonb;
}
