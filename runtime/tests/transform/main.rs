//! Derived transforms on hand-made documents.

#![forbid(unsafe_code)]

mod fields;
mod hostile;
mod models;
mod rest;
mod rows;
