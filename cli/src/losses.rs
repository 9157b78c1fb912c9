//! How many rows of a database a migration would really take values from.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use whimbrel::DatabaseError;
use whimbrel_schema::name::quote;
use whimbrel_transfer::terminal::counted;

use crate::connect::Database;
use crate::failure::Failure;

/// How long the rows of one table may be counted.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A table by its name as messages have it; with a column, if `$2` says so.
const FIND: &str = "SELECT c.oid::regclass::text, a.attname::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON $2 AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p')
    AND concat_ws('.', nullif(n.nspname, 'public'), c.relname, a.attname) = $1";

/// What a loss, as the files declare it, takes values from: a name, and whether it is that of a column.
fn taken(loss: &str) -> Option<(&str, bool)> {
    let column =
        loss.strip_prefix("drops column ").and_then(|rest| Some(rest.split_once(" and all its values")?.0));
    let table = || loss.strip_prefix("drops table ")?.strip_suffix(" and all its rows");
    let converted = || Some(loss.strip_prefix("converts ")?.split_once(" from ")?.0);
    match column {
        Some(column) => Some((column, true)),
        None => table().map(|table| (table, false)).or_else(|| Some((converted()?, true))),
    }
}

/// The table, column, sequence or attribute that goes with a loss.
pub fn dropped(loss: &str) -> Option<&str> {
    let attribute = || loss.strip_prefix("drops attribute ")?.strip_suffix(" and all its values");
    let sequence = || loss.strip_prefix("drops sequence ")?.strip_suffix(" and its value");
    let taken = taken(loss).filter(|_| loss.starts_with("drops ")).map(|(name, _)| name);
    taken.or_else(attribute).or_else(sequence)
}

/// Says for each loss how many rows of a database have such values.
pub async fn count(pool: &PgPool, losses: &[String]) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let limit = format!("SET statement_timeout = {}", TIMEOUT.as_millis());
    sqlx::raw_sql(AssertSqlSafe(limit)).execute(&mut *connection).await?;
    let mut lines = Vec::new();
    for loss in losses {
        let Some((name, is_column)) = taken(loss) else {
            lines.push(format!("{loss}: not counted"));
            continue;
        };
        lines.push(match count_one(&mut connection, name, is_column).await {
            Ok(line) => line,
            Err(error) => format!("{name}: not counted: {}", DatabaseError::from(&error)),
        });
    }
    sqlx::raw_sql("RESET statement_timeout").execute(&mut *connection).await?;
    Ok(lines)
}

async fn count_one(
    connection: &mut PgConnection,
    name: &str,
    is_column: bool,
) -> Result<String, sqlx::Error> {
    let found: Option<(String, Option<String>)> =
        sqlx::query_as(FIND).bind(name).bind(is_column).fetch_optional(&mut *connection).await?;
    let Some((table, column)) = found else {
        return Ok(format!("{name}: not counted: nothing has this name there, or not yet"));
    };
    let counts = column.map_or_else(|| "*".to_owned(), |column| quote(&column).into_owned());
    let count = AssertSqlSafe(format!("SELECT count({counts}), count(*) FROM {table}"));
    let (values, rows): (i64, i64) = sqlx::query_as(count).fetch_one(connection).await?;
    let [values, rows] =
        [(values, "value"), (rows, "row")].map(|(number, noun)| counted(number.unsigned_abs(), noun));
    Ok(match is_column {
        true => format!("{name} has {values} in {rows}"),
        false => format!("{name} has {rows}"),
    })
}

/// Adds it to what refuses a loss, if a database is named.
pub async fn explain(failure: Failure, losses: &[String], database: &Database) -> Failure {
    if losses.is_empty() {
        return failure;
    }
    let counted = async {
        let pool = database.pool().await?;
        count(&pool, losses).await.map_err(|error| Failure::new(DatabaseError::from(&error).to_string()))
    };
    match counted.await {
        Ok(lines) => lines
            .into_iter()
            .fold(failure, |failure, line| failure.because(format!("in {}: {line}", database.url))),
        Err(why) => {
            failure.because(format!("the rows of {} were not counted: {}", database.url, why.message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::taken;

    #[test]
    fn losses_name_columns_and_tables() {
        assert_eq!(taken("drops column app.orders.id and all its values"), Some(("app.orders.id", true)));
        assert_eq!(taken("drops table orders and all its rows"), Some(("orders", false)));
        let converts = "converts orders.n from bigint to integer, which cannot hold every value";
        assert_eq!(taken(converts), Some(("orders.n", true)));
        assert_eq!(taken("drops attribute pair.b and all its values"), None);
    }
}
