//! Users, and what the system is made of.

use chrono::NaiveDateTime;
use whimbrel::{Id, Model, Transform};

use crate::kinds::{ActiveStatus, GptStatus, Language};

/// Who may sign in.
#[derive(Debug, Model, Transform)]
#[model(table = "Users", index(columns(email), unique, name = "Users_email_key"))]
#[source(collection = "Users", ignore("watching_boardsIDs", "watching_accountsIDs"))]
pub struct User {
    #[source(field = "_id")]
    pub id: Id<User>,
    #[column(name = "__v", default = 0)]
    #[source(field = "__v", default)]
    pub version: i32,
    pub account_name: Option<String>,
    pub avatar: Option<String>,
    #[column(index)]
    pub email: String,
    #[column(default = false, index)]
    #[source(default)]
    pub is_account_admin: bool,
    #[column(default = false, index)]
    #[source(default)]
    pub is_admin: bool,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP", index)]
    pub created_on: NaiveDateTime,
    #[column(name = "lastLoginAt", type = "timestamp(3)", index)]
    #[source(field = "lastLoginAt")]
    pub last_login_at: Option<NaiveDateTime>,
    pub name: Option<String>,
    pub password: Option<String>,
    pub username: Option<String>,
    #[column(name = "userStatus", default = "'PENDING'", index)]
    #[source(field = "userStatus", default = ActiveStatus::Pending)]
    pub user_status: ActiveStatus,
    #[column(name = "userLanguage", default = "'en'", index)]
    #[source(field = "userLanguage", default = Language::En)]
    pub user_language: Language,
}

/// Which parts of the CRM are on.
#[derive(Debug, Model, Transform)]
#[model(table = "system_Modules_Enabled")]
#[source(collection = "system_Modules_Enabled", ignore("icon", "menuItem", "open", "route"))]
pub struct ModuleEnabled {
    #[source(field = "_id")]
    pub id: Id<ModuleEnabled>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub name: String,
    pub enabled: bool,
    pub position: i32,
}

/// Which parts of the CRM are shown.
#[derive(Debug, Model, Transform)]
#[model(table = "modulStatus")]
#[source(collection = "modulStatus")]
pub struct ModuleStatus {
    #[source(field = "_id")]
    pub id: Id<ModuleStatus>,
    pub name: String,
    #[column(name = "isVisible")]
    #[source(field = "isVisible")]
    pub is_visible: bool,
}

/// A user's key for Notion.
#[derive(Debug, Model, Transform)]
#[model(table = "secondBrain_notions")]
#[source(collection = "secondBrain_notions")]
pub struct SecondBrainNotion {
    #[source(field = "_id")]
    pub id: Id<SecondBrainNotion>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub user: Id<User>,
    pub notion_api_key: String,
    pub notion_db_id: String,
}

/// A user's key for OpenAI.
#[derive(Debug, Model, Transform)]
#[model(table = "openAi_keys")]
#[source(collection = "openAi_keys")]
pub struct OpenAiKey {
    #[source(field = "_id")]
    pub id: Id<OpenAiKey>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    #[column(on_delete = "restrict", on_update = "cascade", index)]
    pub user: Id<User>,
    pub organization_id: String,
    pub api_key: String,
}

/// A service that the CRM talks to.
#[derive(Debug, Model, Transform)]
#[model(table = "systemServices")]
#[source(collection = "systemServices")]
pub struct SystemService {
    #[source(field = "_id")]
    pub id: Id<SystemService>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub name: String,
    #[column(name = "serviceUrl")]
    #[source(field = "serviceUrl")]
    pub service_url: Option<String>,
    #[column(name = "serviceId")]
    #[source(field = "serviceId")]
    pub service_id: Option<String>,
    #[column(name = "serviceKey")]
    #[source(field = "serviceKey")]
    pub service_key: Option<String>,
    #[column(name = "servicePassword")]
    #[source(field = "servicePassword")]
    pub service_password: Option<String>,
    #[column(name = "servicePort")]
    #[source(field = "servicePort")]
    pub service_port: Option<String>,
    pub description: Option<String>,
}

/// A language model that may be used.
#[derive(Debug, Model, Transform)]
#[model(table = "gpt_models")]
#[source(collection = "gpt_models")]
pub struct GptModel {
    #[source(field = "_id")]
    pub id: Id<GptModel>,
    #[column(name = "__v")]
    #[source(field = "__v")]
    pub version: i32,
    pub model: String,
    pub description: Option<String>,
    pub status: Option<GptStatus>,
    #[column(type = "timestamp(3)", default = "CURRENT_TIMESTAMP")]
    pub created_on: Option<NaiveDateTime>,
}
