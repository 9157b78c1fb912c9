//! What the encoder writes is what the server prints: generated values are copied into a real PostgreSQL and
//! out again, and the bytes are compared.

#![forbid(unsafe_code)]

mod from_source;
mod harness;
mod oids;
mod sqlx_types;
mod to_copy;
mod values;
