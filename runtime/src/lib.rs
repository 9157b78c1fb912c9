//! Whimbrel: what an application links.

pub mod column;
#[cfg(feature = "transform")]
pub mod copy;
pub mod error;
pub mod id;
pub mod introspect;
pub mod journal;
mod json;
pub mod migration;
pub mod migrator;
pub mod model;
pub mod object_id;
pub mod redact;
pub mod registry;
#[cfg(feature = "transform")]
pub mod transform;

/// What generated code refers to; not for people.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use whimbrel_schema as schema;
}

#[cfg(feature = "transform")]
pub use bson;
pub use error::Error;
pub use id::Id;
pub use json::Json;
pub use migration::Migration;
pub use migrator::Migrator;
pub use model::{Model, PgEnum};
pub use object_id::ObjectId;
pub use whimbrel_schema as schema;
