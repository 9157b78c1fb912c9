//! Files, and what they belong to.

use chrono::NaiveDateTime;
use uuid::Uuid;
use whimbrel::{Id, Json, Model, Transform};

use crate::account::{Account, AccountTask};
use crate::board::Task;
use crate::contact::{Contact, Lead};
use crate::invoice::Invoice;
use crate::kinds::DocumentSystemType;
use crate::opportunity::Opportunity;
use crate::system::User;

/// What kind of file it is.
#[derive(Debug, Model, Transform)]
#[model(table = "Documents_Types")]
#[source(collection = "Documents_Types")]
pub struct DocumentType {
    #[source(field = "_id")]
    pub id: Id<DocumentType>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub name: String,
}

/// A file that was stored.
#[derive(Debug, Model, Transform)]
#[model(table = "Documents")]
#[source(collection = "Documents")]
pub struct Document {
    #[source(field = "_id")]
    pub id: Id<Document>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: Option<i32>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    pub date_created: Option<NaiveDateTime>,
    #[column(name = "createdAt", type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    #[source(field = "createdAt")]
    pub created_at: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)")]
    pub last_updated: Option<NaiveDateTime>,
    #[column(name = "updatedAt", type = "timestamp(3)")]
    #[source(field = "updatedAt")]
    pub updated_at: Option<NaiveDateTime>,
    pub document_name: String,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub created_by_user: Option<Id<User>>,
    #[column(name = "createdBy", index)]
    #[source(field = "createdBy")]
    pub created_by: Option<Uuid>,
    pub description: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub document_type: Option<Id<DocumentType>>,
    #[column(index)]
    pub favourite: Option<bool>,
    #[column(name = "document_file_mimeType")]
    #[source(field = "document_file_mimeType")]
    pub document_file_mime_type: String,
    pub document_file_url: String,
    #[column(index)]
    pub status: Option<String>,
    #[column(index)]
    pub visibility: Option<String>,
    pub tags: Option<Json>,
    pub key: Option<String>,
    pub size: Option<i32>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_user: Option<Id<User>>,
    pub connected_documents: Option<Vec<String>>,
    #[column(default = "'OTHER'", index)]
    pub document_system_type: Option<DocumentSystemType>,
}

/// Which documents belong to which accounts.
#[derive(Debug, Model, Transform)]
#[model(table = "DocumentsToAccounts", primary_key(document_id, account_id))]
#[source(collection = "Documents", each = "accountsIDs")]
pub struct DocumentToAccount {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub document_id: Id<Document>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub account_id: Id<Account>,
}

/// Which documents belong to which contacts.
#[derive(Debug, Model, Transform)]
#[model(table = "DocumentsToContacts", primary_key(document_id, contact_id))]
#[source(collection = "Documents", each = "contactsIDs")]
pub struct DocumentToContact {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub document_id: Id<Document>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub contact_id: Id<Contact>,
}

/// Which documents belong to which tasks of accounts.
#[derive(Debug, Model, Transform)]
#[model(table = "DocumentsToCrmAccountsTasks", primary_key(document_id, crm_accounts_task_id))]
#[source(collection = "Documents", each = "crm_accounts_tasksIDs")]
pub struct DocumentToAccountTask {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub document_id: Id<Document>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub crm_accounts_task_id: Id<AccountTask>,
}

/// Which documents belong to which invoices.
#[derive(Debug, Model, Transform)]
#[model(table = "DocumentsToInvoices", primary_key(document_id, invoice_id))]
#[source(collection = "Documents", each = "invoiceIDs")]
pub struct DocumentToInvoice {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub document_id: Id<Document>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub invoice_id: Id<Invoice>,
}

/// Which documents belong to which leads.
#[derive(Debug, Model, Transform)]
#[model(table = "DocumentsToLeads", primary_key(document_id, lead_id))]
#[source(collection = "Documents", each = "leadsIDs")]
pub struct DocumentToLead {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub document_id: Id<Document>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub lead_id: Id<Lead>,
}

/// Which documents belong to which opportunities.
#[derive(Debug, Model, Transform)]
#[model(table = "DocumentsToOpportunities", primary_key(document_id, opportunity_id))]
#[source(collection = "Documents", each = "opportunityIDs")]
pub struct DocumentToOpportunity {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub document_id: Id<Document>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub opportunity_id: Id<Opportunity>,
}

/// Which documents belong to which tasks.
#[derive(Debug, Model, Transform)]
#[model(table = "DocumentsToTasks", primary_key(document_id, task_id))]
#[source(collection = "Documents", each = "tasksIDs")]
pub struct DocumentToTask {
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(parent = "_id")]
    pub document_id: Id<Document>,
    #[column(on_delete = "cascade", on_update = "cascade", index)]
    #[source(element)]
    pub task_id: Id<Task>,
}
