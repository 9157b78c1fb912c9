//! Each error gives one message, at its place, that says what to do; all errors of an item come at once.

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("cases/**/*.rs");
}
