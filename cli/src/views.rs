//! Whether the queries of views give what the fields of their models say: only a server knows.

use sqlx::PgPool;
use whimbrel_syntax::Schema;
use whimbrel_syntax::model::Table;
use whimbrel_syntax::objects::column_type;

use crate::failure::Failure;
use crate::scratch;

const COLUMNS: &str =
    "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// Compares the columns of each view with its fields: names, types and order.
pub async fn check(pool: &PgPool, schema: &Schema) -> Result<(), Failure> {
    let mut causes = Vec::new();
    for view in schema.tables.values().filter(|table| table.is_view()) {
        let columns: Vec<(String, String)> = sqlx::query_as(COLUMNS)
            .bind(view.name.sql())
            .fetch_all(pool)
            .await
            .map_err(|error| scratch::failed(&error))?;
        causes.extend(differences(view, &columns));
    }
    if causes.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new("fields do not fit the queries of their views; nothing was written");
    failure.causes = causes;
    Err(failure.hint(
        "a field for each column of the query, in its order, with its name and type: cast in the query",
    ))
}

fn differences(view: &Table, found: &[(String, String)]) -> Vec<String> {
    let fields: Vec<(String, String)> =
        view.columns.iter().map(|column| (column.name.clone(), column_type(&column.ty))).collect();
    let show = |column: Option<&(String, String)>| match column {
        Some((name, ty)) => format!("`{name} {ty}`"),
        None => "nothing".to_owned(),
    };
    let places = 0..fields.len().max(found.len());
    let different = places.filter(|at| fields.get(*at) != found.get(*at));
    different
        .map(|at| {
            let (field, column) = (show(fields.get(at)), show(found.get(at)));
            format!("{}, column {}: the query has {column}, the fields have {field}", view.name, at + 1)
        })
        .collect()
}
