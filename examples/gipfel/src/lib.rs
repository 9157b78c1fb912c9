//! A climbing guide for the Elbe Sandstone Mountains that leaves MongoDB for PostgreSQL: regions, summits and
//! their routes, climbers and their ascents.
//!
//! Every document has an ObjectId and refers to others by theirs; here they are UUIDs and foreign keys. The
//! climbers of an ascent are an array of documents there and a table here: [`AscentClimber`].

pub mod ascent;
pub mod convert;
pub mod guide;

pub use ascent::{Ascent, AscentClimber, Climber};
pub use guide::{Region, Route, Summit};
