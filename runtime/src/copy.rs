//! Rows in PostgreSQL's binary COPY format: the only encoder.
//!
//! A tuple is a 16-bit count of fields, then for each field a 32-bit length (−1 for NULL) and its bytes in the
//! type's binary send format, all in network byte order (PostgreSQL documentation, COPY, "Binary Format"). The
//! bytes written are those the server's own `COPY … TO STDOUT (FORMAT binary)` prints for the stored value, so
//! that verification can compare bytes: numerics carry the column's scale, `jsonb` text is in the server's
//! canonical key order and spelling.

/// Encoded tuples, one after the other, without the COPY header and trailer.
#[derive(Debug, Default, Clone)]
pub struct TupleBuffer {
    bytes: Vec<u8>,
    /// Where each tuple ends.
    ends: Vec<usize>,
}

impl TupleBuffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tuples' bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many tuples are complete.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The tuples, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter()).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Forgets all tuples, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}
