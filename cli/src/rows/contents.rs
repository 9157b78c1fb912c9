//! The values in tables, and what became of them.

use std::fmt;

use sqlx::{AssertSqlSafe, PgPool};
use whimbrel_schema::name::quote;

use crate::failure::Failure;
use crate::scratch;

/// Tables with more rows are not compared.
const ROWS: usize = 1000;

/// The columns of tables: table, name, the tables that it is a partition of and its partitions, whether it has triggers, then
/// number, name and type.
const COLUMNS: &str = "SELECT c.oid::int8, c.oid::regclass::text,
    ARRAY(SELECT relid::regclass::text FROM pg_catalog.pg_partition_ancestors(c.oid)
        UNION SELECT relid::regclass::text FROM pg_catalog.pg_partition_tree(c.oid)),
    EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
    a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE a.attgenerated = '' AND (c.oid::int8 = ANY ($1) OR c.oid = ANY (SELECT to_regclass(name)::oid FROM unnest($2) name))
ORDER BY c.oid, a.attnum";

type ColumnRow = (i64, String, Vec<String>, bool, i16, String, String);

#[derive(Debug)]
pub struct Contents(Vec<Table>);

#[derive(Debug)]
struct Table {
    oid: i64,
    name: String,
    /// The tables that it is a partition of, and its partitions.
    family: Vec<String>,
    triggers: bool,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    number: i16,
    name: String,
    ty: String,
    /// Sorted; NULL comes first.
    values: Vec<Option<String>>,
}

/// What explains that values change.
#[derive(Debug, Default)]
pub struct Said<'a> {
    /// What the files say they lose.
    pub losses: &'a [String],
    /// Types whose own values have other names.
    pub types: Vec<String>,
    /// A column that is gone has its values elsewhere: the way back shows whether.
    pub comes_back: bool,
}

/// Values that are not what they were.
#[derive(Debug, PartialEq)]
pub struct Loss {
    what: String,
    before: String,
    after: Option<String>,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Loss { what, before, after } = self;
        match after {
            Some(after) => write!(f, "{what} had {before}, and has {after}"),
            None => write!(f, "{what} had {before}, and is gone"),
        }
    }
}

impl Contents {
    /// Reads tables by their names as they stand in SQL.
    pub async fn read(pool: &PgPool, names: Vec<String>) -> Result<Self, Failure> {
        read(pool, Vec::new(), names).await.map_err(|error| scratch::failed(&error))
    }

    /// Reads the same tables, which may have other names now, or others of these names.
    pub async fn again(pool: &PgPool, before: &Contents) -> Result<Self, Failure> {
        let tables = before.0.iter().map(|table| (table.oid, table.name.clone()));
        let (oids, names) = tables.unzip();
        read(pool, oids, names).await.map_err(|error| scratch::failed(&error))
    }

    /// What is not there as it was, though it could be, and no loss is declared.
    pub fn lost(&self, after: &Contents, said: &Said<'_>) -> Vec<Loss> {
        self.0.iter().flat_map(|table| table.lost(after, said)).collect()
    }
}

impl Table {
    fn lost(&self, after: &Contents, said: &Said<'_>) -> Vec<Loss> {
        let tables = || self.family.iter().chain([&self.name]);
        if tables().any(|table| said.loses(&format!("table {} ", plain(table)))) {
            return Vec::new();
        }
        let same = after.0.iter().find(|table| table.oid == self.oid);
        let Some(now) = same.or_else(|| after.0.iter().find(|table| table.name == self.name)) else {
            let filled = self.columns.iter().filter(|column| column.is_filled());
            return filled.map(|column| self.loss(column, None)).collect();
        };
        let find = |column: &&Column| {
            let same = now.columns.iter().find(|other| now.oid == self.oid && other.number == column.number);
            same.or_else(|| now.columns.iter().find(|other| other.name == column.name))
        };
        let loss = |column: &Column| {
            let other = find(&column);
            let names = other.map(|other| &other.name).into_iter().chain([&column.name]);
            let mut names = names.flat_map(|name| {
                tables().chain([&now.name]).map(move |table| format!("{}.{name} ", plain(table)))
            });
            let fine = match other {
                None => said.comes_back || !column.is_filled(),
                Some(other)
                    if other.ty != column.ty || said.types.iter().any(|ty| column.ty.starts_with(ty)) =>
                {
                    true
                }
                // They may write something else.
                Some(other) if self.triggers || now.triggers => other.nulls() == column.nulls(),
                Some(other) => other.values == column.values,
            };
            let ty = format!("all values of {}.", plain(&column.ty));
            let fine = fine || names.any(|name| said.loses(&name)) || said.loses(&ty);
            (!fine).then(|| self.loss(column, other))
        };
        self.columns.iter().filter_map(loss).collect()
    }

    fn loss(&self, column: &Column, after: Option<&Column>) -> Loss {
        let what = format!("{}.{}", self.name, quote(&column.name));
        Loss { what, before: column.show(), after: after.map(Column::show) }
    }
}

impl Column {
    fn nulls(&self) -> usize {
        self.values.iter().filter(|value| value.is_none()).count()
    }

    fn is_filled(&self) -> bool {
        self.values.iter().any(Option::is_some)
    }

    fn show(&self) -> String {
        let value =
            |value: &Option<String>| value.as_ref().map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let shown: Vec<String> = self.values.iter().take(5).map(value).collect();
        match shown.is_empty() {
            true => "no values".to_owned(),
            false => shown.join(", "),
        }
    }
}

impl Said<'_> {
    fn loses(&self, what: &str) -> bool {
        self.losses.iter().any(|loss| loss.contains(what))
    }
}

/// A name as messages have it, without quotes.
fn plain(sql: &str) -> String {
    sql.replace('"', "")
}

async fn read(pool: &PgPool, oids: Vec<i64>, names: Vec<String>) -> Result<Contents, sqlx::Error> {
    let rows: Vec<ColumnRow> = sqlx::query_as(COLUMNS).bind(oids).bind(names).fetch_all(pool).await?;
    let mut tables: Vec<Table> = Vec::new();
    for (oid, table, family, triggers, number, name, ty) in rows {
        let column = Column { number, name, ty, values: Vec::new() };
        match tables.last_mut().filter(|last| last.oid == oid) {
            Some(last) => last.columns.push(column),
            None => tables.push(Table { oid, name: table, family, triggers, columns: vec![column] }),
        }
    }
    for table in &mut tables {
        let values: Vec<String> =
            table.columns.iter().map(|column| format!("{}::text", quote(&column.name))).collect();
        let sql =
            format!("SELECT ARRAY[{}]::text[] FROM {} LIMIT {}", values.join(", "), table.name, ROWS + 1);
        let rows: Vec<(Vec<Option<String>>,)> =
            sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(pool).await?;
        if rows.len() > ROWS {
            table.columns.clear();
        }
        for (at, column) in table.columns.iter_mut().enumerate() {
            column.values = rows.iter().map(|(row,)| row.get(at).cloned().flatten()).collect();
            column.values.sort();
        }
    }
    Ok(Contents(tables))
}
