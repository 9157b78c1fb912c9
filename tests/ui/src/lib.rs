//! The cases are in `cases/`, by kind of error, with what the compiler says beside them. Run them all
//! with `cargo test -p whimbrel-ui-tests`, and accept changed words with `TRYBUILD=overwrite`.
