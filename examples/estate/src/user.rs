//! The people who use the platform.

use chrono::{DateTime, Utc};
use whimbrel::{Id, Model, Newtype, PgEnum};

/// An address for mail.
#[derive(Debug, Clone, PartialEq, Eq, Newtype)]
pub struct Email(pub String);

/// What somebody does here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case")]
pub enum UserKind {
    Customer,
    Agent,
    Manager,
}

/// A user.
#[derive(Debug, Model)]
#[model(table = "users", timestamps, audit, rls, soft_delete(hidden_from = "estate_service"))]
#[model(policy(platform, to = "estate_service, estate_admin", using = "true"))]
#[model(grant(select, insert, update, to = "estate_service, estate_admin"))]
#[model(index(columns("lower(email)"), unique, where = "deleted_at IS NULL", name = "users_email_once"))]
pub struct User {
    #[column(default = "gen_random_uuid()")]
    pub id: Id<User>,
    pub email: Email,
    pub name: String,
    pub kind: UserKind,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}
