//! What must compile does, and behaves. Not cases of trybuild: it would have to build all dependencies once more,
//! where it now only checks them.

// The structs are there to be derived from.
#![allow(dead_code)]

mod an_unreadable_type_is_allowed;
mod cycles;
mod forbid_unsafe;
// As `whimbrel introspect` writes them.
#[allow(unused_imports)]
#[rustfmt::skip]
mod introspected;
mod no_imports;
mod readme;
mod reexport;
