//! Example models.

pub mod generator;
