//! The transfer engine against a real server.
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
