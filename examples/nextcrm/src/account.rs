//! The companies, and who watches them.

use chrono::NaiveDateTime;
use uuid::Uuid;
use whimbrel::{Id, Json, Model, Transform};

use crate::kinds::TaskStatus;
use crate::system::User;

/// What a company does.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Industry_Type")]
#[source(collection = "crm_Industry_Type")]
pub struct IndustryType {
    #[source(field = "_id")]
    pub id: Id<IndustryType>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub name: String,
}

/// A company.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Accounts")]
#[source(collection = "crm_Accounts", ignore("documentsIDs"))]
pub struct Account {
    #[source(field = "_id")]
    pub id: Id<Account>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "createdAt")]
    pub created_at: NaiveDateTime,
    #[column(name = "createdBy", index)]
    #[source(field = "createdBy")]
    pub created_by: Option<Uuid>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    #[column(name = "updatedBy", index)]
    #[source(field = "updatedBy")]
    pub updated_by: Option<Uuid>,
    pub annual_revenue: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_to: Option<Id<User>>,
    pub billing_city: Option<String>,
    pub billing_country: Option<String>,
    pub billing_postal_code: Option<String>,
    pub billing_state: Option<String>,
    pub billing_street: Option<String>,
    pub company_id: Option<String>,
    pub description: Option<String>,
    pub email: Option<String>,
    pub employees: Option<String>,
    pub fax: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub industry: Option<Id<IndustryType>>,
    pub member_of: Option<String>,
    pub name: String,
    pub office_phone: Option<String>,
    pub shipping_city: Option<String>,
    pub shipping_country: Option<String>,
    pub shipping_postal_code: Option<String>,
    pub shipping_state: Option<String>,
    pub shipping_street: Option<String>,
    #[column(default = "'Inactive'", index)]
    pub status: Option<String>,
    #[column(name = "type", default = "'Customer'", index)]
    #[source(field = "type")]
    pub kind: Option<String>,
    pub vat: Option<String>,
    pub website: Option<String>,
}

/// Who watches which account.
#[derive(Debug, Model, Transform)]
#[model(table = "AccountWatchers", primary_key(account_id, user_id))]
#[source(collection = "crm_Accounts", each = "watchers")]
pub struct AccountWatcher {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub account_id: Id<Account>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub user_id: Id<User>,
}

/// Something to do for an account.
#[derive(Debug, Model, Transform)]
#[model(table = "crm_Accounts_Tasks", index(columns(account, task_status)))]
#[source(collection = "crm_Accounts_Tasks")]
pub struct AccountTask {
    #[source(field = "_id")]
    pub id: Id<AccountTask>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub content: Option<String>,
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
    #[column(name = "dueDateAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "dueDateAt")]
    pub due_date_at: Option<NaiveDateTime>,
    #[column(index)]
    pub priority: String,
    pub tags: Option<Json>,
    pub title: String,
    #[column(default = 0)]
    pub likes: Option<i32>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub user: Option<Id<User>>,
    #[column(name = "taskStatus", default = "'ACTIVE'", index)]
    #[source(field = "taskStatus")]
    pub task_status: Option<TaskStatus>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub account: Option<Id<Account>>,
}
