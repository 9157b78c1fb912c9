//! Derived transforms on hand-made documents.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod hostile;
mod models;
mod rest;
mod rows;
