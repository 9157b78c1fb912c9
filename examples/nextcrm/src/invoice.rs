//! Invoices.

use chrono::NaiveDateTime;
use uuid::Uuid;
use whimbrel::{Id, Json, Model, Transform};

use crate::account::Account;
use crate::system::User;

/// How far an invoice has come.
#[derive(Debug, Model, Transform)]
#[model(table = "invoice_States")]
#[source(collection = "invoice_States")]
pub struct InvoiceState {
    #[source(field = "_id")]
    pub id: Id<InvoiceState>,
    pub name: String,
}

/// An invoice, as it was read from paper.
#[derive(Debug, Model, Transform)]
#[model(table = "Invoices", index(columns(status, date_created)))]
#[source(collection = "Invoices", ignore("connected_documents"))]
pub struct Invoice {
    #[source(field = "_id")]
    pub id: Id<Invoice>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: Option<i32>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub date_created: NaiveDateTime,
    #[column(type = "timestamp(3)")]
    pub last_updated: NaiveDateTime,
    #[column(index)]
    pub last_updated_by: Option<Uuid>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    pub date_received: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)")]
    pub date_of_case: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)")]
    pub date_tax: Option<NaiveDateTime>,
    #[column(type = "timestamp(3)", index)]
    pub date_due: Option<NaiveDateTime>,
    pub description: Option<String>,
    pub document_type: Option<String>,
    #[column(default = false, index)]
    pub favorite: Option<bool>,
    pub variable_symbol: Option<String>,
    pub constant_symbol: Option<String>,
    pub specific_symbol: Option<String>,
    pub order_number: Option<String>,
    pub internal_number: Option<String>,
    pub invoice_number: Option<String>,
    pub invoice_amount: Option<String>,
    #[column(name = "invoice_file_mimeType")]
    #[source(field = "invoice_file_mimeType")]
    pub invoice_file_mime_type: String,
    pub invoice_file_url: String,
    pub invoice_items: Option<Json>,
    #[column(index)]
    pub invoice_type: Option<String>,
    pub invoice_currency: Option<String>,
    pub invoice_language: Option<String>,
    pub partner: Option<String>,
    pub partner_street: Option<String>,
    pub partner_city: Option<String>,
    pub partner_zip: Option<String>,
    pub partner_country: Option<String>,
    pub partner_country_code: Option<String>,
    pub partner_business_street: Option<String>,
    pub partner_business_city: Option<String>,
    pub partner_business_zip: Option<String>,
    pub partner_business_country: Option<String>,
    pub partner_business_country_code: Option<String>,
    #[column(name = "partner_VAT_number")]
    #[source(field = "partner_VAT_number")]
    pub partner_vat_number: Option<String>,
    #[column(name = "partner_TAX_number")]
    #[source(field = "partner_TAX_number")]
    pub partner_tax_number: Option<String>,
    #[column(name = "partner_TAX_local_number")]
    #[source(field = "partner_TAX_local_number")]
    pub partner_tax_local_number: Option<String>,
    pub partner_phone_prefix: Option<String>,
    pub partner_phone_number: Option<String>,
    pub partner_fax_prefix: Option<String>,
    pub partner_fax_number: Option<String>,
    pub partner_email: Option<String>,
    pub partner_website: Option<String>,
    pub partner_is_person: Option<bool>,
    pub partner_bank: Option<String>,
    pub partner_account_number: Option<String>,
    pub partner_account_bank_number: Option<String>,
    #[column(name = "partner_IBAN")]
    #[source(field = "partner_IBAN")]
    pub partner_iban: Option<String>,
    #[column(name = "partner_SWIFT")]
    #[source(field = "partner_SWIFT")]
    pub partner_swift: Option<String>,
    #[column(name = "partner_BIC")]
    #[source(field = "partner_BIC")]
    pub partner_bic: Option<String>,
    pub rossum_status: Option<String>,
    pub rossum_annotation_id: Option<String>,
    pub rossum_annotation_url: Option<String>,
    pub rossum_document_id: Option<String>,
    pub rossum_document_url: Option<String>,
    pub rossum_annotation_json_url: Option<String>,
    pub rossum_annotation_xml_url: Option<String>,
    pub money_s3_url: Option<String>,
    #[column(index)]
    pub status: Option<String>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub invoice_state_id: Option<Id<InvoiceState>>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_user_id: Option<Id<User>>,
    #[column(on_delete = "set_null", on_update = "cascade", index)]
    pub assigned_account_id: Option<Id<Account>>,
    #[column(default = true)]
    #[source(default = true)]
    pub visibility: bool,
}
