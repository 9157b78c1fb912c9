//! The people: leads and contacts.

use chrono::NaiveDateTime;
use uuid::Uuid;
use whimbrel::{Id, Model, Transform};

use crate::account::Account;
use crate::opportunity::Opportunity;
use crate::system::User;

/// Somebody who may become a customer.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Leads")]
#[source(collection = "crm_Leads", ignore("documentsIDs"))]
pub struct Lead {
    #[source(field = "_id")]
    pub id: Id<Lead>,
    #[column(name = "__v", default = 0)]
    #[source(field = "__v", default)]
    pub version: i32,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "createdAt")]
    pub created_at: Option<NaiveDateTime>,
    #[column(name = "createdBy", index)]
    #[source(field = "createdBy")]
    pub created_by: Option<Uuid>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    #[column(name = "updatedBy", index)]
    #[source(field = "updatedBy")]
    pub updated_by: Option<Uuid>,
    #[column(name = "firstName")]
    #[source(field = "firstName")]
    pub first_name: Option<String>,
    #[column(name = "lastName")]
    #[source(field = "lastName")]
    pub last_name: String,
    pub company: Option<String>,
    #[column(name = "jobTitle")]
    #[source(field = "jobTitle")]
    pub job_title: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub description: Option<String>,
    pub lead_source: Option<String>,
    pub refered_by: Option<String>,
    pub campaign: Option<String>,
    #[column(default = "'NEW'", index)]
    pub status: Option<String>,
    #[column(name = "type", default = "'DEMO'", index)]
    #[source(field = "type")]
    pub kind: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_to: Option<Id<User>>,
    #[column(name = "accountsIDs", on_delete = "set_null", on_update = "cascade", index)]
    #[source(field = "accountsIDs")]
    pub accounts_ids: Option<Id<Account>>,
}

/// A person who works for a company.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Contacts")]
#[source(collection = "crm_Contacts", ignore("documentsIDs"))]
pub struct Contact {
    #[source(field = "_id")]
    pub id: Id<Contact>,
    #[column(name = "__v", default = 0)]
    #[source(field = "__v", default)]
    pub version: i32,
    pub account: Option<Uuid>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_to: Option<Id<User>>,
    pub birthday: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub created_by: Option<Id<User>>,
    #[column(name = "createdBy", index)]
    #[source(field = "createdBy")]
    pub creator: Option<Uuid>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    pub created_on: Option<NaiveDateTime>,
    #[column(name = "cratedAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "cratedAt")]
    pub crated_at: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub last_activity: Option<NaiveDateTime>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    #[column(name = "updatedBy", index)]
    #[source(field = "updatedBy")]
    pub updated_by: Option<Uuid>,
    pub last_activity_by: Option<Uuid>,
    pub description: Option<String>,
    pub email: Option<String>,
    pub personal_email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: String,
    pub office_phone: Option<String>,
    pub mobile_phone: Option<String>,
    pub website: Option<String>,
    pub position: Option<String>,
    #[column(default = true, index)]
    #[source(default = true)]
    pub status: bool,
    pub social_twitter: Option<String>,
    pub social_facebook: Option<String>,
    pub social_linkedin: Option<String>,
    pub social_skype: Option<String>,
    pub social_instagram: Option<String>,
    pub social_youtube: Option<String>,
    pub social_tiktok: Option<String>,
    #[column(name = "type", default = "'Customer'", index)]
    #[source(field = "type")]
    pub kind: Option<String>,
    pub tags: Option<Vec<String>>,
    pub notes: Option<Vec<String>>,
    #[column(name = "accountsIDs", on_delete = "set_null", on_update = "cascade", index)]
    #[source(field = "accountsIDs")]
    pub accounts_ids: Option<Id<Account>>,
}

/// Which contacts belong to which opportunities.
#[derive(Debug, Model, Transform)]
#[model(table = "ContactsToOpportunities", primary_key(contact_id, opportunity_id))]
#[source(collection = "crm_Contacts", each = "opportunitiesIDs")]
pub struct ContactToOpportunity {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub contact_id: Id<Contact>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub opportunity_id: Id<Opportunity>,
}
