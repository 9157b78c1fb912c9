//! The people on the other side.

use chrono::{DateTime, NaiveDate, Utc};
use whimbrel::{Id, Json, Model, Transform};

use crate::account::Account;
use crate::user::Email;

/// A person who works for a customer.
#[derive(Debug, Model, Transform)]
#[model(
    table = "contacts",
    index(columns("lower(last_name)", "lower(first_name)"), name = "contacts_name_idx"),
    index(columns(account_id), where = "newsletter", name = "contacts_newsletter_idx"),
    check(contacts_reachable, "email IS NOT NULL OR phone IS NOT NULL")
)]
#[source(collection = "crm_Contacts", rename_all = "camelCase")]
pub struct Contact {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Contact>,
    /// Whom they work for.
    #[column(on_delete = "cascade", index)]
    #[source(field = "account")]
    pub account_id: Id<Account>,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Both, for searching.
    #[column(generated = "first_name || ' ' || last_name")]
    pub full_name: String,
    /// Where they are reached.
    pub email: Option<Email>,
    /// Where else.
    #[column(type = "varchar(32)")]
    pub phone: Option<String>,
    /// When to send a card.
    pub birthday: Option<NaiveDate>,
    /// Whether they get the newsletter.
    #[column(default = false)]
    #[source(default)]
    pub newsletter: bool,
    /// How warm the relation is, from 0 to 1.
    #[column(check = "warmth BETWEEN 0 AND 1")]
    pub warmth: Option<f64>,
    /// Where they sit, as it was.
    pub address: Option<Json>,
    /// When they were entered.
    #[column(default = "now()")]
    pub created_at: DateTime<Utc>,
    /// What no other column takes.
    #[source(rest)]
    pub extra: Json,
}
