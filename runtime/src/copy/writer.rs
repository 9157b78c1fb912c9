//! Where a field's bytes go.

use crate::transform::run::Memory;
use crate::transform::value::Element;

use super::to_copy::Written;

/// Memory that is used again for every document.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) memory: Memory<'static>,
    pub(crate) json: Vec<Element<'static>>,
}

/// The most elements whose memory is kept: what a giant document needed is given back.
const KEPT: usize = 1 << 14;

/// Keeps a vector's memory for elements of another lifetime.
///
/// The vector is empty when it is mapped, and the standard library collects in place, since both elements have
/// the same layout: no allocation.
pub(crate) fn emptied<A, B>(mut vector: Vec<A>, never: fn(A) -> B) -> Vec<B> {
    if vector.capacity() > KEPT {
        return Vec::new();
    }
    vector.clear();
    vector.into_iter().map(never).collect()
}

/// Appends the bytes of one tuple's fields.
#[derive(Debug)]
pub struct Writer<'b> {
    bytes: &'b mut Vec<u8>,
    pub(crate) scratch: &'b mut Scratch,
    /// The OID of the current column's elements, 0 when it is not known.
    pub(crate) element_oid: u32,
}

impl<'b> Writer<'b> {
    pub(crate) fn new(bytes: &'b mut Vec<u8>, scratch: &'b mut Scratch) -> Self {
        Writer { bytes, scratch, element_oid: 0 }
    }

    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    #[inline]
    pub fn put_byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    #[inline]
    pub(crate) fn position(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn written_since(&self, position: usize) -> &[u8] {
        self.bytes.get(position..).unwrap_or_default()
    }

    pub(crate) fn truncate(&mut self, position: usize) {
        self.bytes.truncate(position);
    }

    #[inline]
    pub(crate) fn patch<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        if let Some(place) = self.bytes.get_mut(at..at + N) {
            place.copy_from_slice(&bytes);
        }
    }

    #[inline]
    pub fn null(&mut self) {
        self.put(&(-1_i32).to_be_bytes());
    }

    /// Appends a field: its length and what `value` puts, or NULL.
    #[inline]
    pub fn field<E>(&mut self, value: impl FnOnce(&mut Self) -> Result<Written, E>) -> Result<Written, E> {
        let at = self.position();
        self.put(&[0; 4]);
        let written = value(self)?;
        let length = match written {
            // A BSON document has at most 2^31 - 1 bytes, and no encoding makes much more of it; should it
            // happen, the server refuses the length.
            Written::Value => i32::try_from(self.position() - at - 4).unwrap_or(i32::MAX),
            Written::Null => -1,
        };
        self.patch(at, length.to_be_bytes());
        Ok(written)
    }
}

impl std::fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.put(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emptied_vector_keeps_its_memory() {
        let name = String::from("name");
        let borrowed: Vec<&str> = vec![&name; 100];
        let (memory, capacity) = (borrowed.as_ptr().addr(), borrowed.capacity());
        let emptied: Vec<&'static str> = emptied(borrowed, |_| "");
        assert!(emptied.is_empty());
        assert_eq!((emptied.as_ptr().addr(), emptied.capacity()), (memory, capacity));

        let giant: Vec<&str> = vec![""; KEPT + 1];
        assert_eq!(super::emptied(giant, |_| "").capacity(), 0);
    }
}
