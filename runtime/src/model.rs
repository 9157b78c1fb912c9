//! What `#[derive(Model)]` and `#[derive(PgEnum)]` implement.

use whimbrel_syntax::model::{Enum, QName, Table};

/// A struct that is a table, or a view.
///
/// Derived, never implemented by hand; the derive also registers the model.
pub trait Model: Sized + 'static {
    /// The table's PostgreSQL schema, `public` unless the model says otherwise.
    const SCHEMA: &'static str;
    /// The table's name, unquoted.
    const TABLE: &'static str;
    /// The names of its columns, unquoted, in the order of declaration.
    const COLUMNS: &'static [&'static str];
    /// The names of its fields, in the same order.
    #[doc(hidden)]
    const FIELDS: &'static [&'static str] = Self::COLUMNS;
    /// The columns of its primary key; empty if it has none, as a view.
    const PRIMARY_KEY: &'static [&'static str];

    /// The table as the macro understood it, types resolved through `Column`.
    #[doc(hidden)]
    fn definition() -> Table;

    /// The table's name.
    #[doc(hidden)]
    fn qname() -> QName {
        QName::new(Self::SCHEMA, Self::TABLE)
    }

    /// The table's name with its schema, for sea-query. An enum of the columns is beside the model: that of
    /// `Opportunity` is `OpportunityColumn`, with `OpportunityColumn::AccountId` for the field `account_id`.
    ///
    /// ```
    /// use whimbrel::sea_query::{PostgresQueryBuilder, Query};
    /// use whimbrel::{Id, Model};
    ///
    /// #[derive(Model)]
    /// #[model(table = "accounts")]
    /// struct Account {
    ///     id: Id<Account>,
    ///     name: String,
    /// }
    ///
    /// let query = Query::select().column(AccountColumn::Name).from(Account::table()).to_owned();
    /// assert_eq!(query.to_string(PostgresQueryBuilder), r#"SELECT "name" FROM "public"."accounts""#);
    /// ```
    #[cfg(feature = "sea-query")]
    fn table() -> sea_query::TableName {
        (Self::SCHEMA, Self::TABLE).into()
    }
}

/// An enum whose variants are the labels of a PostgreSQL enum type.
///
/// Derived, never implemented by hand; the derive also registers the enum.
pub trait PgEnum: Sized + 'static {
    /// The labels, in the order of the variants, which is the type's sort order.
    const LABELS: &'static [&'static str];

    /// The type as the macro understood it.
    #[doc(hidden)]
    fn definition() -> Enum;

    /// This variant's label.
    fn label(&self) -> &'static str;

    /// The variant of that label.
    fn from_label(label: &str) -> Option<Self>;
}

/// A text that is none of an enum's labels.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{label}` is not one of the labels {}", .labels.join(", "))]
#[non_exhaustive]
pub struct UnknownLabel {
    /// The text.
    pub label: String,
    /// What would be allowed.
    pub labels: &'static [&'static str],
}
