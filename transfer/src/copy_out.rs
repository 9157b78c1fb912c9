//! Reading what `COPY … TO STDOUT (FORMAT binary)` sends.
//!
//! The stream is the signature, a flags word, a header extension, tuples, and a trailer of −1 (PostgreSQL
//! documentation, COPY, "Binary Format"). The network cuts it anywhere; [`CopyOut`] puts the tuples together
//! again, in the very bytes that `TupleBuffer` writes.

use bytes::Bytes;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Signature, flags and the length of the header extension.
const HEADER: usize = SIGNATURE.len() + 4 + 4;

/// The stream is not what the format promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server's COPY stream {0}")]
pub struct CopyOutError(String);

#[derive(Debug, Default)]
pub struct CopyOut {
    buffer: Bytes,
    /// Where the unread part of `buffer` begins.
    at: usize,
    /// Bytes dropped from the front of `buffer` so far.
    dropped: u64,
    begun: bool,
    ended: bool,
}

impl CopyOut {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, piece: Bytes) {
        let rest = self.rest();
        // A server sends whole tuples: then nothing is copied.
        self.buffer = if rest.is_empty() { piece } else { [rest, piece].concat().into() };
    }

    /// What was not read, taken out.
    fn rest(&mut self) -> Bytes {
        let rest = std::mem::take(&mut self.buffer).split_off(self.at);
        self.dropped += std::mem::take(&mut self.at) as u64;
        rest
    }

    /// The next whole tuple, with its field count in front, or `None` until more is pushed.
    pub fn next_tuple(&mut self) -> Result<Option<&[u8]>, CopyOutError> {
        if !self.begun && !self.header()? {
            return Ok(None);
        }
        let Some(end) = self.tuple_end()? else {
            // A tuple of many megabytes is not held while the next one comes.
            self.buffer = self.rest();
            return Ok(None);
        };
        let start = std::mem::replace(&mut self.at, end);
        Ok(Some(&self.buffer[start..end]))
    }

    /// Says that nothing more comes.
    pub fn finish(&self) -> Result<(), CopyOutError> {
        if self.ended {
            return Ok(());
        }
        let offset = self.dropped + self.buffer.len() as u64;
        Err(CopyOutError(format!("ended after {offset} bytes without its trailer")))
    }

    fn header(&mut self) -> Result<bool, CopyOutError> {
        let rest = &self.buffer[self.at..];
        let seen = rest.len().min(SIGNATURE.len());
        if rest[..seen] != SIGNATURE[..seen] {
            return Err(CopyOutError("does not begin with the binary COPY signature".into()));
        }
        if rest.len() < HEADER {
            return Ok(false);
        }
        let extension = self.length("a header extension of length", HEADER - 4)?;
        let end = self.at + HEADER + extension;
        if self.buffer.len() < end {
            return Ok(false);
        }
        self.at = end;
        self.begun = true;
        Ok(true)
    }

    /// A 32-bit length that must not be negative, `from` bytes after the unread part's beginning.
    fn length(&self, what: &'static str, from: usize) -> Result<usize, CopyOutError> {
        let value = read_i32(&self.buffer, self.at + from).unwrap_or(-1);
        usize::try_from(value).map_err(|_| self.framing(what, value.into(), self.at + from))
    }

    fn framing(&self, what: &'static str, value: i64, at: usize) -> CopyOutError {
        CopyOutError(format!("has {what} {value} at byte {}", self.dropped + at as u64))
    }

    /// Where the tuple at the unread part's beginning ends, if it is all there.
    fn tuple_end(&mut self) -> Result<Option<usize>, CopyOutError> {
        if self.ended {
            return Ok(None);
        }
        let Some(fields) = read_i16(&self.buffer, self.at) else { return Ok(None) };
        if fields == -1 {
            self.ended = true;
            return Ok(None);
        }
        if fields < 0 {
            return Err(self.framing("a field count of", fields.into(), self.at));
        }
        let mut at = self.at + 2;
        for _ in 0..fields {
            let Some(length) = read_i32(&self.buffer, at) else { return Ok(None) };
            let here = at;
            at += 4;
            if length >= 0 {
                at += length as usize;
            } else if length != -1 {
                return Err(self.framing("a field length of", length.into(), here));
            }
        }
        Ok((at <= self.buffer.len()).then_some(at))
    }
}

fn read_i16(bytes: &[u8], at: usize) -> Option<i16> {
    bytes.get(at..at + 2)?.try_into().ok().map(i16::from_be_bytes)
}

fn read_i32(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..at + 4)?.try_into().ok().map(i32::from_be_bytes)
}

/// The fields of a tuple in order, `None` for NULL. A tuple that breaks the format ends early.
pub fn fields(tuple: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut left = read_i16(tuple, 0).unwrap_or(0);
    let mut at = 2;
    std::iter::from_fn(move || {
        if left <= 0 {
            return None;
        }
        left -= 1;
        let length = read_i32(tuple, at)?;
        at += 4;
        if length < 0 {
            return Some(None);
        }
        let field = tuple.get(at..at + length as usize)?;
        at += length as usize;
        Some(Some(field))
    })
}

/// A tuple of these fields, for tests.
#[cfg(test)]
pub fn tuple(fields: &[Option<&[u8]>]) -> Vec<u8> {
    let mut tuple = (fields.len() as i16).to_be_bytes().to_vec();
    for field in fields {
        tuple.extend(field.map_or(-1, |bytes| bytes.len() as i32).to_be_bytes());
        tuple.extend(field.unwrap_or_default());
    }
    tuple
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(tuples: &[&[Option<&[u8]>]]) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        out.extend_from_slice(&[0; 8]);
        for tuple in tuples {
            out.extend(super::tuple(tuple));
        }
        out.extend_from_slice(&(-1i16).to_be_bytes());
        out
    }

    fn read(pieces: &[&[u8]]) -> Result<Vec<Vec<Option<Vec<u8>>>>, CopyOutError> {
        let mut reader = CopyOut::new();
        let mut rows = Vec::new();
        for piece in pieces {
            reader.push(Bytes::copy_from_slice(piece));
            while let Some(tuple) = reader.next_tuple()? {
                rows.push(fields(tuple).map(|field| field.map(<[u8]>::to_vec)).collect());
            }
        }
        reader.finish()?;
        Ok(rows)
    }

    #[test]
    fn tuples_come_whole_however_the_stream_is_cut() {
        let bytes = stream(&[&[Some(b"abc"), None], &[Some(b""), Some(b"x")]]);
        let expected = vec![vec![Some(b"abc".to_vec()), None], vec![Some(Vec::new()), Some(b"x".to_vec())]];
        for cut in 0..=bytes.len() {
            let (left, right) = bytes.split_at(cut);
            assert_eq!(read(&[left, right]).unwrap(), expected, "cut at {cut}");
        }
        let singles: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&singles).unwrap(), expected);
    }

    #[test]
    fn an_unfinished_stream_is_an_error() {
        let bytes = stream(&[&[Some(b"abc")]]);
        for end in 0..bytes.len() {
            let error = read(&[&bytes[..end]]).unwrap_err().to_string();
            let expected = format!("the server's COPY stream ended after {end} bytes without its trailer");
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn what_is_no_copy_stream_is_refused() {
        let error = |bytes: &[u8]| read(&[bytes]).unwrap_err().0;
        assert_eq!(error(b"PGCOPX"), "does not begin with the binary COPY signature");
        let mut bytes = stream(&[]);
        let at = bytes.len() - 2;
        bytes[at..].copy_from_slice(&(-2i16).to_be_bytes());
        assert_eq!(error(&bytes), format!("has a field count of -2 at byte {at}"));
    }
}
