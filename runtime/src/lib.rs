//! Schema and data migration for Rust and PostgreSQL: what an application links.
//!
//! Models are structs with derives. The command line `whimbrel` generates SQL migrations from them, and the
//! application applies those when it starts:
//!
//! ```no_run
//! use whimbrel::{Id, Migrator, Model};
//!
//! #[derive(Model)]
//! #[model(table = "accounts")]
//! struct Account {
//!     id: Id<Account>,
//!     #[column(unique)]
//!     email: String,
//! }
//!
//! static MIGRATOR: Migrator = whimbrel::embed!("migrations");
//!
//! # async fn start() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = sqlx::PgPool::connect("postgres://localhost/crm").await?;
//! MIGRATOR.run(&pool).await?;
//! let accounts: Vec<Account> = sqlx::query_as("SELECT * FROM accounts").fetch_all(&pool).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | feature | gives |
//! |---|---|
//! | `derive` (default) | [`macro@Model`], [`macro@PgEnum`], [`macro@Newtype`], [`macro@Transform`], [`embed!`] |
//! | `transform` (default) | [`trait@Transform`]: documents of another system become rows |
//! | `sea-query` | names of tables and columns for queries that sea-query builds |
//!
//! The attributes of all derives are in the documentation of [`macro@Model`]; the README has the whole path from a
//! MongoDB dump to verified tables.

// Of the modules that only generated code and Whimbrel's own programs use, what is obvious is not documented.
#![warn(missing_docs)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

#[allow(missing_docs)]
mod column;
#[cfg(feature = "transform")]
#[allow(missing_docs)]
mod copy;
#[allow(missing_docs)]
mod derive;
mod error;
mod format;
mod id;
mod introspect;
mod journal;
mod json;
#[allow(missing_docs)]
mod lock;
mod migration;
mod migrator;
mod model;
mod object_id;
#[allow(missing_docs)]
mod redact;
#[allow(missing_docs)]
mod registry;
#[allow(missing_docs)]
mod script;
#[allow(missing_docs)]
mod session;
#[cfg(feature = "transform")]
#[allow(missing_docs)]
mod transform;

#[cfg(feature = "transform")]
pub use bson;
pub use error::{DatabaseError, Error, Hint, StatementError};
pub use id::Id;
pub use json::Json;
pub use migrator::Migrator;
pub use model::{Model, PgEnum, UnknownLabel};
pub use object_id::{ObjectId, ObjectIdError};
#[cfg(feature = "sea-query")]
pub use sea_query;
#[cfg(feature = "transform")]
pub use transform::Transform;
#[cfg(all(feature = "derive", feature = "transform"))]
pub use whimbrel_macros::Transform;
#[cfg(feature = "derive")]
pub use whimbrel_macros::{Model, Newtype, PgEnum};

/// What a [`Migrator`] takes and returns.
pub mod migrate {
    pub use crate::migration::{Checksum, Direction, Migration};
    pub use crate::migrator::{
        Applied, Divergence, MigrationStatus, OpenTransfer, Outcome, Plan, Repair, Revert, State, Status,
        Step,
    };
}

/// What generated code and Whimbrel's own programs use. It may change with every version.
#[doc(hidden)]
pub mod __private {
    pub use crate::derive::*;
    pub use crate::{Migrator, Model, PgEnum, UnknownLabel};
    #[cfg(feature = "transform")]
    pub use bson;
    pub use inventory;
    pub use serde;
    pub use sqlx;
    pub use uuid::Uuid;
    #[cfg(feature = "derive")]
    pub use whimbrel_macros::embed;
    pub use whimbrel_syntax as schema;

    macro_rules! modules {
        ($($(#[$condition:meta])* $name:ident)*) => {$(
            $(#[$condition])*
            pub mod $name {
                pub use crate::$name::*;
            }
        )*};
    }

    modules! {
        column format id introspect lock migration redact registry script session
        #[cfg(feature = "transform")] copy
        #[cfg(feature = "transform")] transform
    }
}
