//! The transfer engine against a real server.

mod load;
mod models;
mod refuse;
mod rejects;
mod resume;
mod storm;
mod support;
mod sweep;
