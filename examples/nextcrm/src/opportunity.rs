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
    pub __v: i32,
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
    pub __v: i32,
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
    pub __v: i32,
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
    #[column(default = 0)]
    #[source(default)]
    pub __v: i32,
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
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub createdAt: NaiveDateTime,
    #[column(type = "timestamp(3)")]
    pub last_activity: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)")]
    pub updatedAt: Option<NaiveDateTime>,
    pub updatedBy: Option<Uuid>,
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
#[model(table = "crm_Contracts", index(columns(startDate, endDate)))]
#[source(collection = "crm_Contracts")]
pub struct Contract {
    #[source(field = "_id")]
    pub id: Id<Contract>,
    pub __v: i32,
    pub title: String,
    pub value: i32,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub startDate: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)", index)]
    pub endDate: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)")]
    pub renewalReminderDate: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)")]
    pub customerSignedDate: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)")]
    pub companySignedDate: Option<NaiveDateTime>,
    pub description: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub account: Option<Id<Account>>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_to: Option<Id<User>>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub createdAt: Option<NaiveDateTime>,
    #[column(index)]
    pub createdBy: Option<Uuid>,
    #[column(type = "timestamp(3)")]
    pub updatedAt: Option<NaiveDateTime>,
    #[column(index)]
    pub updatedBy: Option<Uuid>,
    #[column(default = "'NOTSTARTED'", index)]
    #[source(default = ContractStatus::NotStarted)]
    pub status: ContractStatus,
    #[column(name = "type")]
    #[source(field = "type")]
    pub kind: Option<String>,
}
