//! What the encoder writes is what the server prints: generated values are copied into a real PostgreSQL and
//! out again, and the bytes are compared.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says why"
)]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod from_source;
mod harness;
mod oids;
mod sqlx_types;
mod to_copy;
mod values;
