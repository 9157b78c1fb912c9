//! Derived transforms on hand-made documents.

#![forbid(unsafe_code)]

mod hostile;
mod models;
mod rest;
mod rows;
