//! The sources: dumps, archives, exports, running servers; whole, odd and broken.

#![allow(clippy::print_stdout, reason = "a test that cannot go on fails, and says why")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod archive;
mod argument;
mod dump;
mod export;
mod extjson;
#[cfg(feature = "live")]
mod live;
mod odd;
mod storms;
mod support;
