//! The values in tables, and what became of them.

use std::fmt;

use serde::Deserialize;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgPool};
use whimbrel_schema::name::quote;

use crate::failure::Failure;
use crate::scratch;

/// Tables with more rows are not compared.
const ROWS: usize = 1000;

/// Tables, each as a [`Table`].
const TABLES: &str = "SELECT jsonb_build_object('oid', c.oid::int8, 'name', c.oid::regclass::text,
    'is_partitioned', c.relkind = 'p',
    'partitions', ARRAY(SELECT relid::int8 FROM pg_catalog.pg_partition_tree(c.oid) ORDER BY relid::int8),
    'family', ARRAY(SELECT relid::regclass::text FROM pg_catalog.pg_partition_ancestors(c.oid)
        UNION SELECT relid::regclass::text FROM pg_catalog.pg_partition_tree(c.oid)
        UNION SELECT c.oid::regclass::text),
    'has_triggers', EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
    'columns', ARRAY(SELECT jsonb_build_object('number', a.attnum, 'name', a.attname,
            'ty', format_type(a.atttypid, a.atttypmod))
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum))
FROM pg_catalog.pg_class c
WHERE c.oid::int8 = ANY ($1) OR c.oid = ANY (SELECT to_regclass(name)::oid FROM unnest($2) name)
ORDER BY c.oid";

#[derive(Debug)]
pub struct Contents(Vec<Table>);

#[derive(Debug, Clone, Default, Deserialize)]
struct Table {
    oid: i64,
    name: String,
    is_partitioned: bool,
    /// More rows than are compared.
    #[serde(skip)]
    is_long: bool,
    /// The table itself and its partitions, whose rows it shows, too.
    partitions: Vec<i64>,
    /// The table itself, those that it is a partition of, and its partitions.
    family: Vec<String>,
    has_triggers: bool,
    columns: Vec<Column>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Column {
    number: i16,
    name: String,
    ty: String,
    /// Sorted; NULL comes first.
    #[serde(skip)]
    values: Vec<Option<String>>,
}

/// What explains that values change.
#[derive(Debug, Clone, Copy, Default)]
pub struct AllowedLoss<'a> {
    /// What the files say they lose.
    pub losses: &'a [String],
    /// Types whose own values are written differently.
    pub types: &'a [String],
    /// A column that is gone has its values elsewhere: the way back shows whether.
    pub comes_back: bool,
}

/// What became of the rows of tables.
#[derive(Debug, Default)]
pub struct RowComparison {
    /// What is not there as it was, though it could be, and no loss is declared.
    pub losses: Vec<Loss>,
    /// The tables of which values were compared and are the same, with their number of rows.
    pub kept: Vec<(String, usize)>,
    /// What was not compared, and why.
    pub not_compared: Vec<String>,
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

    /// Compares with what was read later.
    pub fn compare(&self, after: &Contents, declared: AllowedLoss<'_>) -> RowComparison {
        let mut compared = RowComparison::default();
        for table in &self.0 {
            table.compare(after, declared, &mut compared);
        }
        compared
    }
}

impl Table {
    fn compare(&self, after: &Contents, declared: AllowedLoss<'_>, compared: &mut RowComparison) {
        if self.family.iter().any(|table| declared.names(&format!("table {table}"))) {
            return;
        }
        let same = after.0.iter().find(|table| table.oid == self.oid);
        let Some(now) = same.or_else(|| after.0.iter().find(|table| table.name == self.name)) else {
            let filled = self.columns.iter().filter(|column| column.is_filled());
            compared.losses.extend(filled.map(|column| self.loss(column, None)));
            return;
        };
        let RowComparison { losses, kept: all_kept, not_compared: left_out } = compared;
        let mut not_compared = |what: &str, why: &str| {
            left_out.push(format!("{what} of {} were not compared: {why}", self.name));
        };
        if self.is_long || now.is_long {
            return not_compared("rows", &format!("there are more than {ROWS}"));
        }
        // Rows come and go with partitions.
        if self.is_partitioned && self.partitions != now.partitions && now.oid == self.oid {
            return not_compared("rows", "it gets other partitions");
        }
        let has_triggers = self.has_triggers || now.has_triggers;
        let mut kept = false;
        for column in &self.columns {
            let other = column.find(now, now.oid == self.oid);
            let fine = match other {
                None => declared.comes_back || !column.is_filled(),
                Some(other) if other.ty != column.ty || declared.rewrites(&column.ty) => true,
                Some(other) if other.values == column.values => {
                    kept |= !column.values.is_empty();
                    true
                }
                Some(other) => {
                    let by_triggers = has_triggers && other.nulls() == column.nulls();
                    if by_triggers {
                        not_compared(&format!("values of {}", column.name), "triggers may have changed them");
                    }
                    by_triggers
                }
            };
            let names = || other.map(|other| &other.name).into_iter().chain([&column.name]);
            let tables = || self.family.iter().chain([&now.name]);
            let is_declared = || {
                let mut columns =
                    names().flat_map(|name| tables().map(move |table| format!("{table}.{name}")));
                columns.any(|column| declared.names(&column))
            };
            if !fine && !is_declared() {
                losses.push(self.loss(column, other));
            }
        }
        let rows = self.columns.first().map_or(0, |column| column.values.len());
        all_kept.extend(kept.then(|| (self.name.clone(), rows)));
    }

    fn loss(&self, column: &Column, after: Option<&Column>) -> Loss {
        let what = format!("{}.{}", self.name, quote(&column.name));
        Loss { what, before: column.show(), after: after.map(Column::show) }
    }
}

impl Column {
    /// The column that this one has become, in the `same` table or in another one of its name.
    fn find<'a>(&self, table: &'a Table, same: bool) -> Option<&'a Column> {
        let number = table.columns.iter().find(|other| same && other.number == self.number);
        number.or_else(|| table.columns.iter().find(|other| other.name == self.name))
    }

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

impl AllowedLoss<'_> {
    /// Whether a loss names this, which may be as it stands in SQL; messages have no quotes.
    fn names(&self, what: &str) -> bool {
        let what = format!(" {} ", what.replace('"', ""));
        self.losses.iter().any(|loss| format!(" {loss} ").contains(&what))
    }

    fn rewrites(&self, ty: &str) -> bool {
        let one = ty.trim_end_matches("[]");
        self.types.iter().any(|changed| changed == one)
    }
}

async fn read(pool: &PgPool, oids: Vec<i64>, names: Vec<String>) -> Result<Contents, sqlx::Error> {
    let tables: Vec<(Json<Table>,)> = sqlx::query_as(TABLES).bind(oids).bind(names).fetch_all(pool).await?;
    let mut tables: Vec<Table> = tables.into_iter().map(|(Json(table),)| table).collect();
    for table in &mut tables {
        // A cast to text may be the user's.
        let text = |column: &str| format!("CASE num_nulls({column}) WHEN 0 THEN format('%s', {column}) END");
        let values: Vec<String> = table.columns.iter().map(|column| text(&quote(&column.name))).collect();
        // Those of child tables count with these.
        let only = if table.is_partitioned { "" } else { "ONLY " };
        let sql = format!(
            "SELECT ARRAY[{}]::text[] FROM {only}{} LIMIT {}",
            values.join(", "),
            table.name,
            ROWS + 1
        );
        let rows: Vec<(Vec<Option<String>>,)> =
            sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(pool).await?;
        table.is_long = rows.len() > ROWS;
        for (at, column) in table.columns.iter_mut().enumerate() {
            column.values = rows.iter().map(|(row,)| row.get(at).cloned().flatten()).collect();
            column.values.sort();
        }
    }
    Ok(Contents(tables))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, columns: &[(&str, &str, &[&str])]) -> Table {
        let column = |(at, (name, ty, values)): (usize, &(&str, &str, &[&str]))| Column {
            number: i16::try_from(at).unwrap(),
            name: (*name).to_owned(),
            ty: (*ty).to_owned(),
            values: values.iter().map(|value| Some((*value).to_owned())).collect(),
        };
        let columns = columns.iter().enumerate().map(column).collect();
        Table { name: name.to_owned(), family: vec![name.to_owned()], columns, ..Table::default() }
    }

    fn compared(before: &Table, after: &Table, losses: &[&str], types: &[&str]) -> (Vec<String>, usize) {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let (losses, types) = (owned(losses), owned(types));
        let declared = AllowedLoss { losses: &losses, types: &types, comes_back: false };
        let compared = Contents(vec![before.clone()]).compare(&Contents(vec![after.clone()]), declared);
        let texts = compared.losses.iter().map(ToString::to_string).collect();
        (texts, compared.kept.iter().map(|(_, rows)| rows).sum())
    }

    #[test]
    fn what_is_lost_is_declared() {
        let before = table("orders", &[("id", "bigint", &["1", "2"]), ("note", "text", &["a", "b"])]);
        assert_eq!(compared(&before, &before, &[], &[]), (vec![], 2));
        let without = table("orders", &[("id", "bigint", &["1", "2"])]);
        let loss = "orders.note had 'a', 'b', and is gone".to_owned();
        assert_eq!(compared(&before, &without, &[], &[]), (vec![loss.clone()], 2));
        assert_eq!(
            compared(&before, &without, &["drops column orders.note and all its values"], &[]),
            (vec![], 2)
        );
        let other =
            ["drops column suborders.note and all its values", "drops table orders.note2 and all its rows"];
        assert_eq!(compared(&before, &without, &other, &[]), (vec![loss], 2));
        let changed = table("orders", &[("id", "bigint", &["1", "2"]), ("note", "text", &["a", "c"])]);
        let loss = "orders.note had 'a', 'b', and has 'a', 'c'".to_owned();
        assert_eq!(compared(&before, &changed, &[], &[]).0, [loss]);
        assert_eq!(
            compared(&before, &table("orders", &[]), &["drops table orders and all its rows"], &[]),
            (vec![], 0)
        );
    }

    #[test]
    fn values_of_types_that_change_are_written_differently() {
        let before = table("people", &[("home", "addr", &["(1)"]), ("all", "addr[]", &["{(1)}"])]);
        let after = table("people", &[("home", "addr", &["(1,)"]), ("all", "addr[]", &["{(1,)}"])]);
        assert_eq!(compared(&before, &after, &[], &["add"]).0.len(), 2);
        assert_eq!(compared(&before, &after, &[], &["addr"]).0.len(), 0);
    }

    #[test]
    fn what_is_not_compared_is_named() {
        let not_compared = |before: Table, after: Table| {
            let compared = Contents(vec![before]).compare(&Contents(vec![after]), AllowedLoss::default());
            assert!(compared.losses.is_empty() && compared.kept.is_empty());
            compared.not_compared
        };
        let events = table("events", &[("id", "bigint", &["1"])]);
        let other = table("events", &[("id", "bigint", &["2"])]);
        let long = Table { is_long: true, ..other.clone() };
        assert_eq!(
            not_compared(events.clone(), long),
            ["rows of events were not compared: there are more than 1000"]
        );
        let partitioned = |partitions| Table { is_partitioned: true, partitions, ..other.clone() };
        assert_eq!(
            not_compared(partitioned(vec![1, 2]), partitioned(vec![1])),
            ["rows of events were not compared: it gets other partitions"]
        );
        let with_trigger = Table { has_triggers: true, ..other };
        assert_eq!(
            not_compared(events, with_trigger),
            ["values of id of events were not compared: triggers may have changed them"]
        );
    }

    #[test]
    fn rows_come_and_go_with_partitions() {
        let before = Table {
            is_partitioned: true,
            partitions: vec![1, 2],
            ..table("events", &[("id", "bigint", &["1"])])
        };
        let after = Table { partitions: vec![1], ..before.clone() };
        let after = Table { columns: table("events", &[("id", "bigint", &[])]).columns, ..after };
        assert_eq!(compared(&before, &after, &[], &[]), (vec![], 0));
        assert_eq!(compared(&before, &Table { partitions: vec![1, 2], ..after }, &[], &[]).0.len(), 1);
    }
}
