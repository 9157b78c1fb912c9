//! Whimbrel: what an application links.
//!
//! Models are structs with derives; the command line `whimbrel` makes migrations from them; the service applies
//! those at start-up:
//!
//! ```ignore
//! static MIGRATOR: whimbrel::Migrator = whimbrel::embed!("migrations");
//!
//! MIGRATOR.run(&pool).await?;
//! ```
//!
//! | feature | gives |
//! |---|---|
//! | `derive` (default) | [`macro@Model`], [`macro@PgEnum`], [`macro@Newtype`], `Transform`, [`embed!`] |
//! | `transform` (default) | [`mod@copy`] and [`transform`]: documents of another system into rows |
//!
//! All attributes are in the documentation of [`macro@Model`].

#![warn(missing_docs)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

pub mod column;
#[cfg(feature = "transform")]
pub mod copy;
#[doc(hidden)]
pub mod derive;
pub mod error;
#[doc(hidden)]
pub mod format;
pub mod id;
pub mod introspect;
pub mod journal;
mod json;
pub mod lock;
pub mod migration;
pub mod migrator;
pub mod model;
pub mod object_id;
pub mod redact;
pub mod registry;
mod script;
#[doc(hidden)]
pub mod session;
#[cfg(feature = "transform")]
pub mod transform;

/// What generated code refers to; not for people.
#[doc(hidden)]
pub mod __private {
    pub use crate::derive::*;
    pub use inventory;
    pub use serde;
    pub use sqlx;
    pub use uuid::Uuid;
    pub use whimbrel_schema as schema;
}

/// Lets a newtype be read and written as what it wraps: part of what `#[derive(Newtype)]` expands to.
#[cfg(feature = "transform")]
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_transform {
    ($newtype:ty, $inner:ty, $field:tt) => {
        impl<K> $crate::copy::FromSource<K> for $newtype
        where
            $inner: $crate::copy::FromSource<K>,
        {
            const NULLABLE: bool = <$inner as $crate::copy::FromSource<K>>::NULLABLE;

            fn from_source(
                value: $crate::transform::value::Value<'_>,
                shape: &$crate::copy::Shape,
                out: &mut $crate::copy::Writer<'_>,
            ) -> ::core::result::Result<(), $crate::transform::Fault> {
                <$inner as $crate::copy::FromSource<K>>::from_source(value, shape, out)
            }
        }

        impl<K> $crate::copy::ToCopy<K> for $newtype
        where
            $inner: $crate::copy::ToCopy<K>,
        {
            fn to_copy(
                &self,
                shape: &$crate::copy::Shape,
                out: &mut $crate::copy::Writer<'_>,
            ) -> ::core::result::Result<$crate::copy::Written, $crate::transform::Fault> {
                $crate::copy::ToCopy::<K>::to_copy(&self.$field, shape, out)
            }
        }
    };
}

/// Without the feature `transform` there is nothing to read and write.
#[cfg(not(feature = "transform"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_transform {
    ($newtype:ty, $inner:ty, $field:tt) => {};
}

#[cfg(feature = "transform")]
pub use bson;
pub use error::{Error, Hint};
pub use id::Id;
pub use json::Json;
pub use migration::Migration;
pub use migrator::Migrator;
pub use model::{Model, PgEnum, UnknownLabel};
pub use object_id::ObjectId;
pub use redact::ConnectUrl;
#[cfg(feature = "transform")]
pub use transform::Transform;
#[cfg(all(feature = "derive", feature = "transform"))]
pub use whimbrel_macros::Transform;
/// Derives and `embed!`; the traits [`Model`] and [`PgEnum`] have the names of their derives.
#[cfg(feature = "derive")]
pub use whimbrel_macros::{Model, Newtype, PgEnum, embed};
pub use whimbrel_schema as schema;
