//! What the tests of the parser share.

use crate::errors::{Error, Errors};

/// What an item is read as, and the texts of its errors; those in `#[source]` come last.
pub(crate) fn read<T>(
    text: &str,
    read: impl FnOnce(&Errors, &Errors, &syn::DeriveInput) -> T,
) -> (T, Vec<String>) {
    let input = syn::parse_str(text).unwrap();
    let (errors, source_errors) = (Errors::new(), Errors::new());
    let item = read(&errors, &source_errors, &input);
    let errors = [errors.finish(), source_errors.finish()].concat();
    (item, errors.iter().map(Error::text).collect())
}

/// Every error contains its part of `expect`, in order, and there are no others.
pub(crate) fn assert_parts(text: &str, errors: &[String], expect: &[&str]) {
    assert_eq!(errors.len(), expect.len(), "{text}: {errors:#?}");
    for (error, part) in errors.iter().zip(expect) {
        assert!(error.contains(part), "{text}: {error:?} lacks {part:?}");
    }
}
