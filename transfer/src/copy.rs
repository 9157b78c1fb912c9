//! Sending tuples: the frame of a binary COPY stream.

use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;

/// Signature, flags (none) and the length of the header extension (none): PostgreSQL documentation, COPY,
/// "Binary Format".
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Ends the stream: a field count of −1.
const TRAILER: &[u8] = &[0xff, 0xff];

/// How many bytes travel in one CopyData message. Larger ones gain nothing and cost the server memory.
const MESSAGE: usize = 256 * 1024;

/// A COPY under way. It must be [finished](CopyIn::finish); dropped, it fails on the server.
pub struct CopyIn<'c> {
    inner: PgCopyIn<&'c mut PgConnection>,
    /// What is not sent yet: a small batch travels in one message, header and trailer included.
    pending: Vec<u8>,
}

impl<'c> CopyIn<'c> {
    pub async fn begin(connection: &'c mut PgConnection, statement: &str) -> sqlx::Result<Self> {
        let inner = connection.copy_in_raw(statement).await?;
        Ok(CopyIn { inner, pending: HEADER.to_vec() })
    }

    /// Sends whole tuples, or holds them back until there are more.
    pub async fn send(&mut self, mut tuples: &[u8]) -> sqlx::Result<()> {
        if self.pending.len() + tuples.len() > MESSAGE {
            self.inner.send(std::mem::take(&mut self.pending)).await?;
            let (whole, rest) = tuples.split_at(tuples.len() - tuples.len() % MESSAGE);
            for piece in whole.chunks(MESSAGE) {
                self.inner.send(piece).await?;
            }
            tuples = rest;
        }
        self.pending.extend_from_slice(tuples);
        Ok(())
    }

    /// Sends the trailer and waits for the number of rows.
    pub async fn finish(mut self) -> sqlx::Result<u64> {
        self.pending.extend_from_slice(TRAILER);
        self.inner.send(self.pending).await?;
        self.inner.finish().await
    }
}

pub struct OwnTuple<'b> {
    bytes: &'b mut Vec<u8>,
}

impl<'b> OwnTuple<'b> {
    /// Begins a tuple of `fields` fields at the end of `bytes`.
    pub fn begin(bytes: &'b mut Vec<u8>, fields: i16) -> Self {
        bytes.extend_from_slice(&fields.to_be_bytes());
        OwnTuple { bytes }
    }

    /// A field's bytes in its type's send format, or NULL.
    pub fn field(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            // A field is a document (16 MiB at most) or less: its length always fits.
            Some(value) => {
                self.bytes.extend_from_slice(&(value.len() as i32).to_be_bytes());
                self.bytes.extend_from_slice(value);
            }
            None => self.bytes.extend_from_slice(&(-1i32).to_be_bytes()),
        }
        self
    }

    /// A text field. PostgreSQL cannot hold NUL; it becomes U+FFFD in what only people read.
    pub fn text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(text) if text.contains('\0') => self.field(Some(text.replace('\0', "\u{fffd}").as_bytes())),
            Some(text) => self.field(Some(text.as_bytes())),
            None => self.field(None),
        }
    }
}
