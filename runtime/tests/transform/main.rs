//! Derived transforms on hand-made documents.
#![forbid(unsafe_code)]

mod models;
mod rows;
