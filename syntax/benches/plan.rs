//! How long a model change takes to become a migration: 500 tables of 13 columns, with keys, checks and indexes.

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;

use common::{Build, table};
use criterion::{Criterion, criterion_group, criterion_main};
use whimbrel_syntax::diff::diff;
use whimbrel_syntax::migration::generate;
use whimbrel_syntax::model::*;
use whimbrel_syntax::plan::plan;
use whimbrel_syntax::snapshot;

const TABLES: usize = 500;

fn build(number: usize) -> Build {
    let predicate = |index: &mut Index| index.predicate = Some(Expr::new("column_1 IS NOT NULL"));
    let mut build = table(&format!("table_{number}")).col("id", "uuid not null").col("parent_id", "uuid");
    for column in 0..10 {
        build = build.col(&format!("column_{column}"), &format!("text default 'value {column}'::text"));
    }
    build
        .col("kind", &format!("enum kind_{}", number % 20))
        .pk(&["id"])
        .check(&format!("table_{number}_check"), "column_1 <> '' AND length(column_2) < 100")
        .fk_with(&["parent_id"], &format!("table_{}", (number + 1) % TABLES), &["id"], |key| {
            key.on_delete = Action::Cascade;
        })
        .index_with(&["parent_id"], predicate)
        .index_with(&["column_3"], predicate)
}

fn schema() -> Schema {
    let kinds: Vec<String> = (0..20).map(|number| format!("kind_{number}")).collect();
    let enums: Vec<(&str, &[&str])> =
        kinds.iter().map(|kind| (kind.as_str(), ["a", "b", "c"].as_slice())).collect();
    common::schema(&enums, &(0..TABLES).map(build).collect::<Vec<_>>())
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
