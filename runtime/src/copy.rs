//! Rows in PostgreSQL's binary COPY format: the only encoder.
//!
//! A tuple is a 16-bit count of fields, then for each field a 32-bit length (−1 for NULL) and its bytes in the
//! type's binary send format, all in network byte order (PostgreSQL documentation, COPY, "Binary Format"). The
//! bytes written are those the server's own `COPY … TO STDOUT (FORMAT binary)` prints for the stored value, so
//! that verification can compare bytes: numerics carry the column's scale, `jsonb` text is in the server's
//! canonical key order and spelling.
//!
//! The table of what each BSON type becomes is in the documentation of `#[derive(Transform)]`.

pub mod array;
pub mod decimal128;
pub mod json;
pub mod number;
pub mod numeric;
mod shape;
mod source;
pub mod text;
pub mod time;
mod to_copy;
pub mod uuid;
pub(crate) mod writer;

pub use shape::Shape;
pub use source::FromSource;
pub use to_copy::{ToCopy, Written};
pub use writer::Writer;

use writer::Scratch;

use crate::transform::FieldCounts;

/// The most memory that an empty buffer keeps, in bytes.
const KEPT: usize = 32 << 20;

/// Encoded tuples, one after the other, without the COPY header and trailer.
#[derive(Debug, Default)]
pub struct TupleBuffer {
    bytes: Vec<u8>,
    /// Where each tuple ends.
    ends: Vec<usize>,
    /// Memory that the encoder uses again and again.
    pub(crate) scratch: Scratch,
}

impl TupleBuffer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter()).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Forgets all tuples, keeps the memory, except what a giant document needed.
    pub fn clear(&mut self) {
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.ends.clear();
    }

    /// The fields that the encoded documents had, since they were taken last: see [`Context::count`](crate::transform::Context::count).
    pub fn take_fields(&mut self) -> FieldCounts {
        self.scratch.memory.counter.take().map_or_else(FieldCounts::default, |counter| counter.finish())
    }

    /// Appends one tuple of so many fields; if `fields` fails, nothing is appended.
    #[inline]
    pub fn tuple<E>(
        &mut self,
        count: i16,
        fields: impl FnOnce(&mut Writer<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&count.to_be_bytes());
        let written = fields(&mut Writer::new(&mut self.bytes, &mut self.scratch));
        match written {
            Ok(()) => self.ends.push(self.bytes.len()),
            Err(_) => self.bytes.truncate(start),
        }
        written
    }
}
