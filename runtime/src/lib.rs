//! Whimbrel: what an application links.

pub mod column;
#[cfg(feature = "transform")]
pub mod copy;
pub mod model;
pub mod registry;
#[cfg(feature = "transform")]
pub mod transform;

/// What generated code refers to; not for people.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use whimbrel_schema as schema;
}

pub use model::Model;
pub use whimbrel_schema as schema;
