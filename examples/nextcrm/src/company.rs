//! The company that runs the CRM.

use whimbrel::{Id, Model, Transform};

/// The company that runs the CRM.
#[derive(Debug, Model, Transform)]
#[model(table = "MyAccount")]
#[source(collection = "MyAccount")]
pub struct MyAccount {
    #[source(field = "_id")]
    pub id: Id<MyAccount>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub company_name: String,
    #[column(default = false)]
    #[source(default)]
    pub is_person: bool,
    pub email: Option<String>,
    pub email_accountant: Option<String>,
    pub phone_prefix: Option<String>,
    pub phone: Option<String>,
    pub mobile_prefix: Option<String>,
    pub mobile: Option<String>,
    pub fax_prefix: Option<String>,
    pub fax: Option<String>,
    pub website: Option<String>,
    pub street: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub zip: Option<String>,
    pub country: Option<String>,
    pub country_code: Option<String>,
    pub billing_street: Option<String>,
    pub billing_city: Option<String>,
    pub billing_state: Option<String>,
    pub billing_zip: Option<String>,
    pub billing_country: Option<String>,
    pub billing_country_code: Option<String>,
    pub currency: Option<String>,
    pub currency_symbol: Option<String>,
    #[column(name = "VAT_number")]
    #[source(field = "VAT_number")]
    pub vat_number: String,
    #[column(name = "TAX_number")]
    #[source(field = "TAX_number")]
    pub tax_number: Option<String>,
    pub bank_name: Option<String>,
    pub bank_account: Option<String>,
    pub bank_code: Option<String>,
    #[column(name = "bank_IBAN")]
    #[source(field = "bank_IBAN")]
    pub bank_iban: Option<String>,
    #[column(name = "bank_SWIFT")]
    #[source(field = "bank_SWIFT")]
    pub bank_swift: Option<String>,
}

/// Who works there.
#[derive(Debug, Model, Transform)]
#[model(table = "Employees")]
#[source(collection = "Employees")]
pub struct Employee {
    #[source(field = "_id")]
    pub id: Id<Employee>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub avatar: String,
    pub email: Option<String>,
    pub name: String,
    pub salary: i32,
    pub status: String,
}

/// A picture that was stored.
#[derive(Debug, Model, Transform)]
#[model(table = "ImageUpload")]
#[source(collection = "ImageUpload")]
pub struct ImageUpload {
    #[source(field = "_id")]
    pub id: Id<ImageUpload>,
}

/// A list of things to do.
#[derive(Debug, Model, Transform)]
#[model(table = "TodoList")]
#[source(collection = "TodoList")]
pub struct Todo {
    #[source(field = "_id")]
    pub id: Id<Todo>,
    #[column(name = "createdAt")]
    #[source(field = "createdAt")]
    pub created_at: String,
    pub description: String,
    pub title: String,
    pub url: String,
    pub user: String,
}
