//! What may be sold, and what was.

use chrono::NaiveDateTime;
use uuid::Uuid;
use whimbrel::{Id, Model, Transform};

use crate::account::Account;
use crate::kinds::{ContractStatus, OpportunityStatus};
use crate::system::User;

/// How far a sale has come.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Opportunities_Sales_Stages")]
#[source(collection = "crm_Opportunities_Sales_Stages")]
pub struct SalesStage {
    #[source(field = "_id")]
    pub id: Id<SalesStage>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub name: String,
    pub probability: Option<i32>,
    pub order: Option<i32>,
}

/// What kind of sale it is.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Opportunities_Type")]
#[source(collection = "crm_Opportunities_Type")]
pub struct OpportunityType {
    #[source(field = "_id")]
    pub id: Id<OpportunityType>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub name: String,
    pub order: Option<i32>,
}

/// How customers are won.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_campaigns")]
#[source(collection = "crm_campaigns")]
pub struct Campaign {
    #[source(field = "_id")]
    pub id: Id<Campaign>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub name: String,
    pub description: Option<String>,
    pub status: Option<String>,
}

/// Something that may be sold.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Opportunities", index(columns(status, sales_stage)))]
#[source(collection = "crm_Opportunities", ignore("connected_documents", "connected_contacts"))]
pub struct Opportunity {
    #[source(field = "_id")]
    pub id: Id<Opportunity>,
    #[column(name = "__v", default = 0)]
    #[source(field = "__v", default)]
    pub version: i32,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub account: Option<Id<Account>>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_to: Option<Id<User>>,
    #[column(default = 0)]
    #[source(default)]
    pub budget: i32,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub campaign: Option<Id<Campaign>>,
    #[column(type = "timestamp(3)", index)]
    pub close_date: Option<NaiveDateTime>,
    #[column(index)]
    pub contact: Option<Uuid>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub created_by: Option<Id<User>>,
    #[column(name = "createdBy")]
    #[source(field = "createdBy")]
    pub creator: Option<Uuid>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    pub created_on: Option<NaiveDateTime>,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "createdAt")]
    pub created_at: NaiveDateTime,
    #[column(type = "timestamp(3)")]
    pub last_activity: Option<NaiveDateTime>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    #[column(name = "updatedBy")]
    #[source(field = "updatedBy")]
    pub updated_by: Option<Uuid>,
    pub last_activity_by: Option<Uuid>,
    pub currency: Option<String>,
    pub description: Option<String>,
    #[column(default = 0)]
    #[source(default)]
    pub expected_revenue: i32,
    pub name: Option<String>,
    pub next_step: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub sales_stage: Option<Id<SalesStage>>,
    #[column(name = "type", on_delete = "set_null", on_update = "cascade", index)]
    #[source(field = "type")]
    pub kind: Option<Id<OpportunityType>>,
    #[column(default = "'ACTIVE'", index)]
    pub status: Option<OpportunityStatus>,
}

/// What was signed.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Contracts", index(columns(start_date, end_date)))]
#[source(collection = "crm_Contracts")]
pub struct Contract {
    #[source(field = "_id")]
    pub id: Id<Contract>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub title: String,
    pub value: i32,
    #[column(name = "startDate", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "startDate")]
    pub start_date: Option<NaiveDateTime>,
    #[column(name = "endDate", type = "timestamp(3)", index)]
    #[source(field = "endDate")]
    pub end_date: Option<NaiveDateTime>,
    #[column(name = "renewalReminderDate", type = "timestamp(3)")]
    #[source(field = "renewalReminderDate")]
    pub renewal_reminder_date: Option<NaiveDateTime>,
    #[column(name = "customerSignedDate", type = "timestamp(3)")]
    #[source(field = "customerSignedDate")]
    pub customer_signed_date: Option<NaiveDateTime>,
    #[column(name = "companySignedDate", type = "timestamp(3)")]
    #[source(field = "companySignedDate")]
    pub company_signed_date: Option<NaiveDateTime>,
    pub description: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub account: Option<Id<Account>>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_to: Option<Id<User>>,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "createdAt")]
    pub created_at: Option<NaiveDateTime>,
    #[column(name = "createdBy", index)]
    #[source(field = "createdBy")]
    pub creator: Option<Uuid>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    #[column(name = "updatedBy", index)]
    #[source(field = "updatedBy")]
    pub updated_by: Option<Uuid>,
    #[column(default = "'NOTSTARTED'", index)]
    #[source(default = ContractStatus::NotStarted)]
    pub status: ContractStatus,
    #[column(name = "type")]
    #[source(field = "type")]
    pub kind: Option<String>,
}
