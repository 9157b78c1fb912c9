//! The transfer engine: documents of an old system become rows of PostgreSQL at the speed of COPY, with proof.

pub mod copy_out;
pub mod digest;
pub mod route;
pub mod source;
pub mod split;

pub use digest::{Digest, DigestSum};
