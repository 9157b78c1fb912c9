//! A property platform. Four roles use one database:
//!
//! | role | sees | may |
//! |---|---|---|
//! | `estate_service` | what is not deleted of users, developments, units and documents | read and write these, and write events |
//! | `estate_admin` | everything, deleted rows and the audit trail, too | read and write these, deleted rows, too |
//! | `estate_developer`, or a member of it | what its company builds | change the price and status of its units |
//! | `estate_analytics` | the dashboard, and what happened when | read |

#![allow(
    clippy::duplicated_attributes,
    reason = "a grant for each role: clippy takes equal settings of two for one"
)]

pub mod event;
pub mod property;
pub mod user;

/// The committed migrations.
pub static MIGRATOR: whimbrel::Migrator = whimbrel::embed!("migrations");
