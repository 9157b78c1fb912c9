//! The transfer engine against a real server.

mod fields;
mod load;
mod memory;
mod models;
mod quarantine;
mod refuse;
mod rejects;
mod restore;
mod resume;
#[cfg(feature = "terminal")]
mod signals;
mod states;
mod storm;
mod support;
#[cfg(unix)]
mod tcp;
mod timeouts;
