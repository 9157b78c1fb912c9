//! Rows for random schemas, and whether their values are still there afterwards.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use whimbrel_schema::object::Column;
use whimbrel_schema::step::HazardKind;
use whimbrel_schema::{Definition, State, Step};

use super::dice::Dice;
use super::run;

fn columns(state: &State) -> BTreeMap<String, Vec<&Column>> {
    let mut tables: BTreeMap<String, Vec<&Column>> = BTreeMap::new();
    for entry in state.objects.values() {
        if let Definition::Column(column) = &entry.definition
            && column.inherited.is_none()
        {
            tables.entry(column.table.sql()).or_default().push(column);
        }
    }
    tables
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(column: &Column, dice: &mut Dice) -> String {
    let number = 1 + dice.below(4);
    let text = match column.ty.as_str() {
        "integer" | "bigint" | "smallint" | "numeric(10,2)" | "double precision" | "app.amount" => {
            number.to_string()
        }
        "boolean" => "true".to_owned(),
        "uuid" => format!("00000000-0000-0000-0000-00000000000{number}"),
        "jsonb" => format!("{{\"a\": {number}}}"),
        ty if ty.starts_with("timestamp") || ty == "date" => format!("2024-01-0{number}"),
        "inet" => "::1".to_owned(),
        "int4range" | "span" => "[1,5)".to_owned(),
        "interval day to second" => format!("{number} days"),
        "bytea" => format!("\\x0{number}"),
        "bit varying(5)" => "101".to_owned(),
        "app.point" | "address" | "app.range[]" => return "NULL".to_owned(),
        ty if ty.ends_with("[]") || ty == "moods" => return format!("'{{a}}'::{ty}"),
        ty if ty.starts_with("text") || ty.ends_with("citext") || ty.starts_with("char") || ty == "email" => {
            format!("t{number}")
        }
        _ => ["a", "b"][number % 2].to_owned(),
    };
    if dice.one_in(8) && !column.not_null { "NULL".to_owned() } else { format!("'{text}'::{}", column.ty) }
}

/// Puts rows into the tables: as many as their constraints let in. Twice, so that foreign keys find what they refer to.
pub async fn fill(conn: &mut PgConnection, state: &State, dice: &mut Dice) -> bool {
    let tables = columns(state);
    let mut statements = Vec::new();
    for _ in 0..2 {
        for (table, columns) in &tables {
            let plain = |column: &&&Column| {
                column.generated.is_none() && !column.identity.as_ref().is_some_and(|it| it.always)
            };
            for _ in 0..3 {
                let columns: Vec<&&Column> =
                    columns.iter().filter(plain).filter(|_| !dice.one_in(10)).collect();
                let names: Vec<String> = columns.iter().map(|column| quote(&column.name)).collect();
                let values: Vec<String> = columns.iter().map(|column| literal(column, dice)).collect();
                let insert = if names.is_empty() {
                    format!("INSERT INTO {table} DEFAULT VALUES")
                } else {
                    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
                };
                statements.push(format!("{insert}; SET CONSTRAINTS ALL IMMEDIATE"));
            }
        }
    }
    super::attempt(conn, &statements).await;
    true
}

pub async fn empty(conn: &mut PgConnection, state: &State) {
    let tables: Vec<String> = columns(state).into_keys().collect();
    if !tables.is_empty() {
        run(conn, &format!("TRUNCATE {} CASCADE", tables.join(", "))).await.unwrap();
    }
}

/// Whether a step that may not fit the rows is what did not.
pub fn may_not_fit(error: &sqlx::Error, steps: &[Step]) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
    let warned = steps.iter().flat_map(|step| &step.hazards).any(|hazard| hazard.kind == HazardKind::MayFail);
    warned && (code.starts_with("22") || code.starts_with("23"))
}

/// The values of a column, sorted, and its type with what that is made of, if it is a domain.
pub type Values = BTreeMap<(String, String), (String, Vec<String>)>;

pub async fn values(conn: &mut PgConnection, state: &State, filled: bool) -> Values {
    let mut values = Values::new();
    let mut selects = Vec::new();
    for (table, columns) in columns(state) {
        for column in columns.into_iter().filter(|column| filled && column.generated.is_none()) {
            let (at, name) = (selects.len(), quote(&column.name));
            selects.push(format!("SELECT {at}, format('%L', {name}) COLLATE \"C\" FROM ONLY {table}"));
            values.insert(
                (table.clone(), column.name.clone()),
                (format!("{} {:?}", column.ty, column.base), Vec::new()),
            );
        }
    }
    let sql = format!("{} ORDER BY 1, 2", selects.join(" UNION ALL "));
    if !selects.is_empty() {
        let rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(conn).await.unwrap();
        let mut columns: Vec<&mut Vec<String>> = Vec::new();
        columns.extend(values.values_mut().map(|(_, values)| values));
        for row in rows {
            columns[row.get::<i32, _>(0) as usize].push(row.get(1));
        }
    }
    values
}

/// How many values are still there; which are not, although no step says so.
pub fn survive(before: &Values, after: &Values, steps: &[Step]) -> Result<usize, String> {
    let hazards = steps.iter().flat_map(|step| &step.hazards);
    let losses: Vec<&str> =
        hazards.filter(|it| it.kind == HazardKind::DataLoss).map(|it| it.message.as_str()).collect();
    let mut kept = 0;
    for ((table, column), (ty, values)) in before {
        let plain = table.replace('"', "");
        let declared = losses.iter().any(|loss| {
            loss.contains(&format!("table {plain} ")) || loss.contains(&format!("{plain}.{column} "))
        });
        match after.get(&(table.clone(), column.clone())) {
            _ if declared => {}
            None if values.is_empty() => {}
            None => return Err(format!("{table}.{column} lost its values: {values:?}")),
            Some((now, found)) if now == ty && found != values => {
                return Err(format!("{table}.{column} had {values:?}, and has {found:?}"));
            }
            Some(_) => kept += values.len(),
        }
    }
    Ok(kept)
}
