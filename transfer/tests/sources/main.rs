//! The sources: dumps, archives, exports, running servers; whole, odd and broken.

mod archive;
mod argument;
mod dump;
#[path = "../dumpgen/mod.rs"]
mod dumpgen;
mod export;
mod extjson;
#[cfg(feature = "live")]
mod live;
mod odd;
mod storms;
mod support;
