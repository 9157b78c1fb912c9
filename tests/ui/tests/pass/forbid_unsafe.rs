//! The derives work where unsafe code is forbidden and everything is documented.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

/// A table.
#[derive(whimbrel::Model)]
pub struct Documented {
    /// Its key.
    pub id: i32,
}

/// An enum type.
#[derive(whimbrel::PgEnum)]
pub enum DocumentedStage {
    /// Open.
    Open,
}

#[test]
fn it_works() {
    let names = |name: &str| whimbrel::__private::registry::models().iter().any(|entry| entry.name == name);
    assert!(names("Documented"));
    assert!(whimbrel::__private::registry::enums().iter().any(|entry| entry.name == "DocumentedStage"));
}
