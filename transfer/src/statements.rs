//! The statements about tables that are known only at run time. sea-query builds them; COPY, which it does not know,
//! stands around its queries. Every table is named with its schema, `public` included: the search path must not
//! redirect rows.

use sea_query::{Asterisk, Expr, ExprTrait, Func, PostgresQueryBuilder, Query, SelectStatement, TableName};
use sqlx::{AssertSqlSafe, PgConnection};
use whimbrel_syntax::model::QName;
use whimbrel_syntax::name::quote;

use crate::error::{Doing, TransferError};

/// Runs statements that give nothing.
pub(crate) async fn execute<S: Into<String>>(
    connection: &mut PgConnection,
    sql: impl Into<String>,
    doing: impl FnOnce() -> S,
) -> Result<(), TransferError> {
    sqlx::raw_sql(AssertSqlSafe(sql.into())).execute(connection).await.doing(doing)?;
    Ok(())
}

pub(crate) fn table_sql(table: &QName) -> String {
    format!("{}.{}", quote(&table.schema), quote(&table.name))
}

pub(crate) fn columns_sql(columns: &[&str]) -> String {
    columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ")
}

pub(crate) fn copy_in(table: &QName, columns: &[&str]) -> String {
    format!("COPY {} ({}) FROM STDIN (FORMAT binary)", table_sql(table), columns_sql(columns))
}

/// Reads all rows. Plain `COPY table` would not read partitioned tables.
pub(crate) fn copy_out(table: &QName, columns: &[&'static str]) -> String {
    let mut query = Query::select();
    query.columns(columns.iter().copied()).from(name(table));
    format!("COPY ({}) TO STDOUT (FORMAT binary)", sql(&query))
}

/// Empties tables at once, so that foreign keys among them are no obstacle.
pub(crate) fn truncate<'t>(tables: impl IntoIterator<Item = &'t QName>) -> String {
    let names: Vec<String> = tables.into_iter().map(table_sql).collect();
    format!("TRUNCATE {}", names.join(", "))
}

pub(crate) fn has_rows(table: &QName) -> String {
    let rows = Query::select().expr(Expr::val(1)).from(name(table)).take();
    sql(Query::select().expr(Expr::exists(rows)))
}

pub(crate) fn count(table: &QName) -> String {
    sql(Query::select().expr(Func::count(Expr::col(Asterisk))).from(name(table)))
}

/// How many rows of a table refer to anything: none of the reference's columns is NULL (`MATCH SIMPLE`).
pub(crate) fn referencing(table: &QName, own: &[String]) -> String {
    sql(&references(table, own))
}

/// How many rows of a table refer to a row that does not exist.
pub(crate) fn dangling(table: &QName, own: &[String], other: &QName, theirs: &[String]) -> String {
    let mut rows = Query::select();
    rows.expr(Expr::val(1)).from_as(name(other), "r");
    for (own, their) in own.iter().zip(theirs) {
        rows.and_where(Expr::col(("r", their.clone())).equals(("c", own.clone())));
    }
    sql(references(table, own).and_where(Expr::not_exists(rows)))
}

fn references(table: &QName, own: &[String]) -> SelectStatement {
    let mut query = Query::select();
    query.expr(Func::count(Expr::col(Asterisk))).from_as(name(table), "c");
    for column in own {
        query.and_where(Expr::col(("c", column.clone())).is_not_null());
    }
    query
}

fn name(table: &QName) -> TableName {
    TableName::from((table.schema.clone(), table.name.clone()))
}

fn sql(query: &SelectStatement) -> String {
    query.to_string(PostgresQueryBuilder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_qualified() {
        let (table, other) = (QName::public("it's"), QName::new("Other", "b\"c"));
        assert_eq!(table_sql(&table), "public.\"it's\"");
        assert_eq!(count(&other), "SELECT COUNT(*) FROM \"Other\".\"b\"\"c\"");
        assert_eq!(
            copy_out(&table, &["id", "na\"me"]),
            "COPY (SELECT \"id\", \"na\"\"me\" FROM \"public\".\"it's\") TO STDOUT (FORMAT binary)"
        );
        assert_eq!(
            dangling(&table, &["a".into(), "b".into()], &other, &["x".into(), "y".into()]),
            "SELECT COUNT(*) FROM \"public\".\"it's\" AS \"c\" WHERE \"c\".\"a\" IS NOT NULL AND \"c\".\"b\" IS NOT \
             NULL AND (NOT EXISTS(SELECT 1 FROM \"Other\".\"b\"\"c\" AS \"r\" WHERE \"r\".\"x\" = \"c\".\"a\" AND \
             \"r\".\"y\" = \"c\".\"b\"))"
        );
    }
}
