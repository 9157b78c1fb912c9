//! The people who work with the CRM.

use chrono::{DateTime, Utc};
use whimbrel::{Id, Json, Model, Newtype, PgEnum, Transform};

/// An address for e-mail; a type of its own so that it is not mixed up with other texts.
#[derive(Debug, Clone, PartialEq, Eq, Newtype)]
pub struct Email(pub String);

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PgEnum)]
#[pg(rename_all = "snake_case", comment = "What a user may do")]
pub enum Role {
    /// Everything.
    Admin,
    /// Their team's accounts.
    TeamLead,
    /// Their own accounts.
    Sales,
    /// Nothing but look.
    Guest,
}

/// A user.
#[derive(Debug, Model, Transform)]
#[model(table = "users", comment = "The people who work with the CRM", index(columns("lower(name)")))]
#[source(collection = "crm_Users", rename_all = "camelCase")]
pub struct User {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<User>,
    /// Where they are reached.
    #[column(unique, comment = "Unique: people sign in with it")]
    pub email: Email,
    /// What they are called.
    pub name: String,
    /// What they may do; documents from before there were roles have none.
    #[column(default = "'sales'")]
    #[source(default = Role::Sales)]
    pub role: Role,
    /// Whom they report to.
    #[column(on_delete = "set_null")]
    #[source(field = "reportsTo")]
    pub manager_id: Option<Id<User>>,
    /// Whether they may sign in.
    #[column(default = true)]
    pub active: bool,
    /// A small picture.
    pub avatar: Option<Vec<u8>>,
    /// How often they have signed in.
    #[column(default = 0, check = "logins >= 0")]
    #[source(field = "stats.logins", default)]
    pub logins: i64,
    /// When they last signed in.
    #[source(field = "stats.lastLogin")]
    pub last_login_at: Option<DateTime<Utc>>,
    /// When they joined.
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    /// What no other column takes.
    #[source(rest)]
    pub extra: Json,
}
