//! The transfer engine against a real server.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails, and says why")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "helpers of tests, too, may fail loudly"
)]

mod load;
mod memory;
mod models;
mod refuse;
mod rejects;
mod resume;
mod signals;
mod storm;
mod support;
mod sweep;
