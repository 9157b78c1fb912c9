//! Each mistake gives one message, at its place, that says what to do; all mistakes of an item come at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says why"
)]

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("cases/*/*.rs");
}
