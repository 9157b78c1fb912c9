//! How long a model change takes to become a migration: 500 tables of 13 columns, with keys, checks and indexes.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use whimbrel_schema::diff::diff;
use whimbrel_schema::migration::generate;
use whimbrel_schema::model::*;
use whimbrel_schema::plan::plan;
use whimbrel_schema::{name, snapshot};

/// The number of tables.
const TABLES: usize = 500;

fn table(number: usize) -> Table {
    let short = format!("table_{number}");
    let mut table = Table::new(QName::new(&short));
    for column in ["id", "parent_id"] {
        table
            .columns
            .push(Column { not_null: column == "id", ..Column::new(column, ColumnType::sql("uuid")) });
    }
    for column in 0..10 {
        let default = Some(Expr::new(format!("'value {column}'::text")));
        table
            .columns
            .push(Column { default, ..Column::new(format!("column_{column}"), ColumnType::sql("text")) });
    }
    table
        .columns
        .push(Column::new("kind", ColumnType::enumeration(QName::new(format!("kind_{}", number % 20)))));
    table.primary_key = Some(PrimaryKey { name: name::primary_key(&short), columns: vec!["id".into()] });
    let condition = Expr::new("column_1 <> '' AND length(column_2) < 100");
    table.checks.insert(name::check_constraint(&short, None), Check { expr: condition });
    table.foreign_keys.insert(
        name::foreign_key(&short, &["parent_id"]),
        ForeignKey {
            columns: vec!["parent_id".into()],
            references: QName::new(format!("table_{}", (number + 1) % TABLES)),
            referenced_columns: vec!["id".into()],
            on_delete: Action::Cascade,
            on_update: Action::NoAction,
            deferrable: Deferrable::No,
        },
    );
    for column in ["parent_id", "column_3"] {
        let index = Index {
            keys: vec![IndexKey::column(column)],
            unique: false,
            method: "btree".into(),
            include: Vec::new(),
            predicate: Some(Expr::new("column_1 IS NOT NULL")),
        };
        table.indexes.insert(name::index(&short, &[column]), index);
    }
    table
}

fn schema() -> Schema {
    let mut schema = Schema::default();
    for number in 0..20 {
        let name = QName::new(format!("kind_{number}"));
        let labels = ["a", "b", "c"].map(str::to_owned).to_vec();
        schema.enums.insert(name.clone(), Enum { name, labels, comment: None });
    }
    schema.tables = (0..TABLES).map(table).map(|table| (table.name.clone(), table)).collect();
    schema
}

/// Every tenth table gets a column and another type; one enum loses a label.
fn changed(mut schema: Schema) -> Schema {
    for table in schema.tables.values_mut().step_by(10) {
        table.columns.push(Column::new("added", ColumnType::sql("integer")));
        table.columns[3].ty = ColumnType::sql("character varying(80)");
    }
    if let Some(kind) = schema.enums.values_mut().next() {
        kind.labels.pop();
    }
    schema
}

fn benches(criterion: &mut Criterion) {
    let prev = schema();
    let next = changed(prev.clone());
    let none = Hints::default();
    let changes = diff(&prev, &next, &none);
    criterion.bench_function("diff, 500 tables, nothing changed", |bench| {
        bench.iter(|| diff(black_box(&prev), black_box(&prev), &none));
    });
    criterion.bench_function("diff, 500 tables, 51 changed", |bench| {
        bench.iter(|| diff(black_box(&prev), black_box(&next), &none));
    });
    criterion.bench_function("plan, both ways", |bench| {
        bench.iter(|| plan(black_box(&prev), black_box(&next), &changes));
    });
    criterion.bench_function("generate, 51 of 500 tables changed", |bench| {
        bench.iter(|| generate(black_box(&prev), black_box(&next), &none));
    });
    criterion.bench_function("generate, 500 new tables", |bench| {
        bench.iter(|| generate(black_box(&Schema::default()), black_box(&next), &none));
    });
    criterion.bench_function("snapshot, written and read", |bench| {
        bench.iter(|| snapshot::from_json(&snapshot::to_json(black_box(&prev))));
    });
}

criterion_group!(all, benches);
criterion_main!(all);
