//! Rows that a database accepts, found by trying.

use sqlx::postgres::PgDatabaseError;
use sqlx::{AssertSqlSafe, PgPool};
use whimbrel::DatabaseError;
use whimbrel_schema::name::{QName, literal, quote};
use whimbrel_schema::object::constraint::ConstraintType;
use whimbrel_schema::object::{Column, Constraint};
use whimbrel_schema::{Definition, Id, Kind, State};

use super::values::{self, Types};

/// How often a row that the database refuses is tried with other values.
const TRIES: usize = 40;

/// Which rows are tried.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    pub rows: usize,
    /// Which of its values a column has first.
    pub first: usize,
}

/// A column that is given a value.
struct Field<'a> {
    column: &'a Column,
    source: Source,
    /// Which value is tried.
    at: usize,
}

enum Source {
    Values(Vec<String>),
    /// The value of a column of another table's row.
    Other {
        table: String,
        order: String,
        column: String,
    },
}

impl Field<'_> {
    fn value(&self, null: bool) -> String {
        match &self.source {
            _ if null && !self.column.not_null => "NULL".to_owned(),
            Source::Values(values) => match values.get(self.at % values.len().max(1)) {
                Some(value) => literal(value),
                None => "NULL".to_owned(),
            },
            Source::Other { table, order, column } => {
                let row = self.at % 3;
                format!("(SELECT r.{column} FROM {table} r ORDER BY {order} OFFSET {row} LIMIT 1)")
            }
        }
    }

    /// Goes on to the next value; whether it was the last.
    fn advance(&mut self) -> bool {
        self.at += 1;
        match &self.source {
            Source::Values(values) => self.at.is_multiple_of(values.len()),
            Source::Other { .. } => self.at.is_multiple_of(3),
        }
    }
}

/// Puts rows into these tables, in this order; says which tables took none, and why.
pub async fn fill(pool: &PgPool, state: &State, tables: &[QName], choice: Choice) -> Vec<String> {
    let types = values::user_types(state);
    let mut notes = Vec::new();
    for table in tables {
        let mut fields = fields(state, &types, table);
        let (mut rows, mut refused) = (0, None);
        for row in 0..choice.rows {
            fields.iter_mut().for_each(|field| field.at = choice.first + row);
            match insert(pool, state, table, &mut fields, row == 2).await {
                Ok(()) => rows += 1,
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        if let Some(why) = refused.filter(|_| rows == 0) {
            notes.push(format!("no row was accepted by {table}: {why}"));
        }
    }
    notes
}

async fn insert(
    pool: &PgPool,
    state: &State,
    table: &QName,
    fields: &mut [Field<'_>],
    null: bool,
) -> Result<(), String> {
    let mut why = String::new();
    for _ in 0..TRIES {
        let names: Vec<_> = fields.iter().map(|field| quote(&field.column.name)).collect();
        let values: Vec<String> = fields.iter().map(|field| field.value(null)).collect();
        let row = match names.is_empty() {
            true => "DEFAULT VALUES".to_owned(),
            false => format!("({}) VALUES ({})", names.join(", "), values.join(", ")),
        };
        let insert = AssertSqlSafe(format!("INSERT INTO {} {row}", table.sql()));
        let Err(error) = sqlx::raw_sql(insert).execute(pool).await else { return Ok(()) };
        why = DatabaseError::from(&error).to_string();
        let server = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
        let blamed = server.map(|error| blamed(state, table, fields, error)).unwrap_or_default();
        let mut tried = fields.iter_mut().filter(|field| blamed.contains(&field.column.name)).peekable();
        if tried.peek().is_none() {
            fields.iter_mut().for_each(|field| field.at += 1);
            continue;
        }
        // Each value of one with each of the others.
        let _all = tried.all(Field::advance);
    }
    Err(why)
}

/// The columns of a table that take a value.
fn fields<'a>(state: &'a State, types: &Types<'a>, table: &QName) -> Vec<Field<'a>> {
    let id = Id::new(Kind::Table, table);
    let takes = |column: &&Column| {
        let counts = column.default.as_ref().is_some_and(|default| default.starts_with("nextval("));
        column.generated.is_none() && column.identity.is_none() && !counts
    };
    let columns = state.parts(&id, Kind::Column).filter_map(|(_, entry)| match &entry.definition {
        Definition::Column(column) => Some(column),
        _ => None,
    });
    let field = |column: &'a Column| {
        let source =
            refers(state, &id, column).unwrap_or_else(|| Source::Values(values::of(state, types, column)));
        Field { column, source, at: 0 }
    };
    columns.filter(takes).map(field).collect()
}

fn constraints<'a>(state: &'a State, table: &Id) -> impl Iterator<Item = &'a Constraint> {
    state.parts(table, Kind::Constraint).filter_map(|(_, entry)| match &entry.definition {
        Definition::Constraint(constraint) => Some(constraint),
        _ => None,
    })
}

/// The column that a foreign key wants its value from.
fn refers(state: &State, table: &Id, column: &Column) -> Option<Source> {
    let mut keys = constraints(state, table).filter(|one| one.ty == ConstraintType::ForeignKey);
    let key = keys.find(|key| key.columns.contains(&column.name))?;
    let (_, referenced) = key.definition.split_once(" REFERENCES ")?;
    let (_, columns) = referenced.split_once('(')?;
    let (columns, _) = columns.split_once(')')?;
    let at = key.columns.iter().position(|name| *name == column.name)?;
    let column = columns.split(", ").nth(at)?.to_owned();
    Some(Source::Other { table: key.references.as_ref()?.sql(), order: columns.to_owned(), column })
}

/// The columns whose values the server did not like.
fn blamed(state: &State, table: &QName, fields: &[Field<'_>], error: &PgDatabaseError) -> Vec<String> {
    if let Some(column) = error.column() {
        return vec![column.to_owned()];
    }
    let Some(name) = error.constraint() else { return Vec::new() };
    if let Some(constraint) = constraints(state, &Id::new(Kind::Table, table)).find(|one| one.name == name) {
        return constraint.columns.clone();
    }
    let domains: Vec<String> = state
        .objects
        .values()
        .filter_map(|entry| match &entry.definition {
            Definition::Domain(domain) if domain.checks.contains_key(name) => Some(domain.name.type_sql()),
            _ => None,
        })
        .collect();
    let of_domain = fields.iter().filter(|field| domains.contains(&field.column.ty));
    of_domain.map(|field| field.column.name.clone()).collect()
}
