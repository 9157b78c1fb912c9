//! The cases are in `cases/`, in folders by kind of mistake, with what the compiler says beside each. Run them all
//! with `cargo test -p whimbrel-ui-tests`, and accept changed words with `TRYBUILD=overwrite`.
