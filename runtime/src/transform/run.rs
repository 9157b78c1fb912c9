//! Carries out a [`Plan`]: one document in, its tuples and errors out.

use bson::raw::{RawBsonRef, RawDocument};

use crate::copy::json::Json;
use crate::copy::writer::emptied;
use crate::copy::{TupleBuffer, Writer, Written};

use super::error::{Code, ValueError};
use super::fields::{Count, Counter, Unread};
use super::plan::{ColumnPlan, Convert, Each, Plan, ValueSource};
use super::rest::Rest;
use super::value::{Element, Elements, Tag, Value};
use super::walk::{Counting, Slot, Untaken, Walk};
use super::{Context, RowError};

/// Encodes one document: what `TransformSpec::encode` of a derived transform does.
pub fn run(
    plan: &'static Plan,
    document: &RawDocument,
    context: &Context<'_>,
    out: &mut TupleBuffer,
    errors: &mut Vec<RowError>,
) {
    let bytes = document.as_bytes();
    let mut memory: Memory<'_> = std::mem::take(&mut out.scratch.memory);
    if context.count.is_some() {
        memory.counter.get_or_insert_with(|| Box::new(Counter::new(plan))).begin();
    }
    let rest = plan.columns.iter().any(|column| column.from == ValueSource::Rest);
    let job = Job { plan, context, document: bytes, rest };
    let done = match (job.find_in_document(&mut memory), &plan.each) {
        (Err(error), _) => Err(RowError::new(None, "", "", &error)),
        (Ok(()), None) => {
            job.row(&mut memory, None, out, errors);
            Ok(())
        }
        (Ok(()), Some(each)) => job.elements(each, &mut memory, out, errors),
    };
    errors.extend(done.err());
    out.scratch.memory = memory.emptied();
}

/// What was found in the document and in the current element.
#[derive(Debug, Default)]
pub(crate) struct Memory<'a> {
    slots: Vec<Slot<'a>>,
    element_slots: Vec<Slot<'a>>,
    untaken: Vec<Untaken<'a>>,
    /// The order in which fields came in the last document.
    order: Vec<u16>,
    pub(crate) counter: Option<Box<Counter>>,
}

impl<'a> Memory<'a> {
    /// Without what was found.
    fn emptied(self) -> Memory<'static> {
        Memory {
            slots: emptied(self.slots, |_| Slot::Missing),
            element_slots: emptied(self.element_slots, |_| Slot::Missing),
            untaken: emptied(self.untaken, |_| Untaken { element: Element::NONE, taken: &[] }),
            order: self.order,
            counter: self.counter,
        }
    }
}

#[derive(Clone, Copy)]
struct Job<'c, 'a> {
    plan: &'static Plan,
    context: &'c Context<'c>,
    document: &'a [u8],
    rest: bool,
}

/// The element a row is made of.
#[derive(Clone, Copy)]
struct Item<'a> {
    element: Element<'a>,
    ordinal: u32,
    array: &'a [u8],
}

impl<'a> Job<'_, 'a> {
    fn find_in_document(&self, memory: &mut Memory<'a>) -> Result<(), ValueError> {
        let Memory { slots, untaken, order, counter, .. } = memory;
        let untaken = (self.rest && self.plan.each.is_none()).then_some(untaken);
        let count = self.context.count.zip(counter.as_deref_mut());
        let counting = count.map(|(Count { unread, ignored }, counter)| {
            let fields = &mut counter.document;
            Counting { fields, unread, ignored }
        });
        Walk { slots, untaken, order, counting }.document(self.document, &self.plan.document)
    }

    fn find_in_element(&self, value: Value<'a>, memory: &mut Memory<'a>) -> Result<(), ValueError> {
        let Memory { element_slots: slots, untaken, order, counter, .. } = memory;
        let untaken = self.rest.then_some(untaken);
        let count = self.context.count.zip(counter.as_deref_mut());
        let counting = count.map(|(Count { unread, ignored }, counter)| {
            let all = unread != Unread::No && !counter.whole_elements;
            let unread = if all { Unread::All } else { Unread::No };
            Counting { fields: &mut counter.element, unread, ignored }
        });
        let mut walk = Walk { slots, untaken, order, counting };
        if value.tag == Tag::Document {
            return walk.document(value.bytes, &self.plan.element);
        }
        walk.no_document(value.tag, &self.plan.element);
        Ok(())
    }

    fn elements(
        &self,
        each: &Each,
        memory: &mut Memory<'a>,
        out: &mut TupleBuffer,
        errors: &mut Vec<RowError>,
    ) -> Result<(), RowError> {
        let refused = |ordinal, error: &ValueError| RowError::new(ordinal, each.path, "", error);
        let array = match value_of(memory.slots.get(usize::from(each.slot)).copied()) {
            Ok(Some(value)) if value.tag == Tag::Array => value.bytes,
            Ok(Some(value)) if !value.is_null() => {
                let reason = format!("{} was found, an array is expected: `each` reads it", value.tag.name());
                return Err(refused(None, &ValueError::new(Code::TypeMismatch, reason)));
            }
            Ok(_) => return Ok(()),
            Err(error) => return Err(refused(None, &error)),
        };
        let mut elements = Elements::new(array).map_err(|error| refused(None, &error))?;
        for ordinal in 0.. {
            // What follows a broken element cannot be read.
            let element = elements.next_element().map_err(|error| refused(Some(ordinal), &error))?;
            let Some(element) = element else { break };
            match self.find_in_element(element.value, memory) {
                Ok(()) => self.row(memory, Some(Item { element, ordinal, array }), out, errors),
                Err(error) => errors.push(refused(Some(ordinal), &error.within(element.key))),
            }
        }
        Ok(())
    }

    fn row(
        &self,
        memory: &mut Memory<'a>,
        item: Option<Item<'a>>,
        out: &mut TupleBuffer,
        errors: &mut Vec<RowError>,
    ) {
        // A table has at most 1600 columns.
        let count = i16::try_from(self.plan.columns.len()).unwrap_or(i16::MAX);
        let written = out.tuple(count, |out| {
            for (at, column) in self.plan.columns.iter().enumerate() {
                out.element_oid = self.context.element_oids.get(at).copied().unwrap_or(0);
                self.column(column, memory, item, out).map_err(|error| (column, error))?;
            }
            Ok(())
        });
        if let Err((column, error)) = written {
            errors.push(self.error(column, item, &error));
        }
    }

    #[cold]
    fn error(&self, column: &ColumnPlan, item: Option<Item<'_>>, error: &ValueError) -> RowError {
        let mut path = String::new();
        if let (Some(each), Some(item)) = (&self.plan.each, item)
            && !matches!(column.from, ValueSource::Document(_))
        {
            path = format!("{}.{}", each.path, item.ordinal);
        }
        if !path.is_empty() && !column.path.is_empty() {
            path.push('.');
        }
        path.push_str(column.path);
        RowError::new(item.map(|item| item.ordinal), &path, column.name, error)
    }

    #[inline]
    fn column(
        &self,
        column: &'static ColumnPlan,
        memory: &mut Memory<'a>,
        item: Option<Item<'a>>,
        out: &mut Writer<'_>,
    ) -> Result<(), ValueError> {
        let ordinal;
        let found = match column.from {
            ValueSource::Document(slot) => value_of(memory.slots.get(usize::from(slot)).copied())?,
            ValueSource::Element(slot) => value_of(memory.element_slots.get(usize::from(slot)).copied())?,
            ValueSource::Item => item.map(|item| item.element.value),
            ValueSource::Ordinal => {
                ordinal = i64::from(item.map_or(0, |item| item.ordinal)).to_le_bytes();
                Some(Value { tag: Tag::Int64, bytes: &ordinal })
            }
            ValueSource::Rest => return self.rest(column, memory, out),
        };
        let shape = &column.shape;
        match (column.convert, found) {
            (Convert::Value(convert), Some(value)) if !value.is_null() => {
                out.field(|out| convert(value, shape, out).map(|()| Written::Value))?;
            }
            (Convert::With(convert), Some(value)) => {
                let bson = match value.to_bson()? {
                    Some(bson) => bson,
                    None => self.look_up(column, item)?,
                };
                out.field(|out| convert(Some(bson), shape, out))?;
            }
            (Convert::With(convert), None) if column.default.is_none() && !column.required => {
                out.field(|out| convert(None, shape, out))?;
            }
            (_, found) => absent(column, found.is_some(), out)?,
        }
        Ok(())
    }

    /// Values that only the `bson` crate itself can make, found by their path.
    fn look_up(
        &self,
        column: &'static ColumnPlan,
        item: Option<Item<'a>>,
    ) -> Result<RawBsonRef<'a>, ValueError> {
        let broken = |error: bson::error::Error| ValueError::new(Code::Malformed, error.to_string());
        let element = item.filter(|_| !matches!(column.from, ValueSource::Document(_)));
        let root = match (element, column.from) {
            (Some(item), ValueSource::Item) => item.array,
            (Some(item), _) => item.element.value.bytes,
            (None, _) => self.document,
        };
        let key = element.map(|item| String::from_utf8_lossy(item.element.key));
        let path = match (&key, column.from) {
            (Some(key), ValueSource::Item) => key,
            _ => column.path,
        };
        let mut value = RawBsonRef::Document(RawDocument::from_bytes(root).map_err(broken)?);
        for part in path.split('.') {
            let document = match value {
                RawBsonRef::Document(document) => document,
                RawBsonRef::Array(array) => RawDocument::from_bytes(array.as_bytes()).map_err(broken)?,
                _ => break,
            };
            value = document.get(part).map_err(broken)?.unwrap_or(RawBsonRef::Undefined);
        }
        Ok(value)
    }

    fn rest(
        &self,
        column: &'static ColumnPlan,
        memory: &mut Memory<'a>,
        out: &mut Writer<'_>,
    ) -> Result<(), ValueError> {
        let Convert::Rest(form) = column.convert else {
            return Err(ValueError::new(
                Code::Unprepared,
                "the rest of a document goes into json and jsonb only",
            ));
        };
        // Paths of other models start at the document, not at the element.
        let elsewhere = if self.plan.each.is_some() { &[] } else { self.context.taken_elsewhere };
        let mut stack = std::mem::take(&mut out.scratch.json);
        let json = Json::new(form, &mut stack, out);
        let mut rest = Rest { form, elsewhere, json, untaken: &mut memory.untaken };
        let written = out.field(|out| rest.write(column.nullable, out));
        out.scratch.json = emptied(stack, |_| Element::NONE);
        written.map(|_| ())
    }
}

/// The value, if one was found and it is the only one.
#[inline]
fn value_of(slot: Option<Slot<'_>>) -> Result<Option<Value<'_>>, ValueError> {
    match slot {
        Some(Slot::Found(value)) => Ok(Some(value)),
        Some(Slot::Missing) | None => Ok(None),
        Some(Slot::Twice) => {
            Err(ValueError::new(Code::DuplicateField, "the document has this field twice; neither is taken"))
        }
        Some(Slot::Blocked(tag)) => {
            let reason = format!("{} stands where a document with this field is expected", tag.name());
            Err(ValueError::new(Code::TypeMismatch, reason))
        }
    }
}

/// Writes NULL or a default for a field that is missing or null, or refuses.
fn absent(column: &'static ColumnPlan, is_null: bool, out: &mut Writer<'_>) -> Result<(), ValueError> {
    if let Some(default) = column.default.filter(|_| !(is_null && column.nullable)) {
        out.field(|out| default(&column.shape, out))?;
        return Ok(());
    }
    if column.nullable && (is_null || !column.required) {
        out.null();
        return Ok(());
    }
    Err(match is_null {
        true => ValueError::new(Code::Null, "the field is null, but the column is NOT NULL"),
        false if column.nullable => {
            ValueError::new(Code::Missing, "the field is missing, but it is `required`")
        }
        false => ValueError::new(Code::Missing, "the field is missing, but the column is NOT NULL"),
    })
}
