//! How long a plan takes at 450, 2,000 and 10,000 tables: one change (a column more, another one's type), and everything
//! from nothing. Each table has 8 columns, a primary key, a check, a foreign key to the next table and two indexes; each
//! tenth has a view. Changes, steps and the text of a file are made.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use whimbrel_schema::name::QName;
use whimbrel_schema::object::constraint::{Constraint, ConstraintType};
use whimbrel_schema::object::{Column, Index, Table, View};
use whimbrel_schema::{Definition, Id, Kind, State, changes, plan, render};

const SIZES: [usize; 3] = [450, 2_000, 10_000];

fn state(tables: usize) -> State {
    let mut state = State::default();
    for number in 0..tables {
        add_table(&mut state, number, (number + 1) % tables);
    }
    state
}

fn name(number: usize) -> QName {
    QName::new("public", format!("table_{number}"))
}

fn column(table: usize, position: i32) -> Column {
    Column {
        table: name(table),
        name: format!("column_{position}"),
        position,
        ty: "text".to_owned(),
        default: Some("'value'::text".to_owned()),
        ..Column::default()
    }
}

fn add_table(state: &mut State, number: usize, other: usize) {
    let table = name(number);
    let id = Id::new(Kind::Table, &table);
    let columns = |positions: &[i32]| positions.iter().map(|at| format!("column_{at}")).collect::<Vec<_>>();
    let ids = |positions: &[i32]| -> Vec<Id> {
        columns(positions).iter().map(|name| id.part(Kind::Column, name)).collect()
    };
    state.insert(Definition::Table(Table { name: table.clone(), ..Table::default() }), None);
    for position in 0..8 {
        state.insert(Definition::Column(column(number, position)), None);
    }
    let referenced = Id::new(Kind::Table, &name(other));
    let key = referenced.part(Kind::Constraint, &format!("table_{other}_pkey"));
    for (suffix, ty, definition, needs, references) in [
        ("pkey", ConstraintType::PrimaryKey, "PRIMARY KEY (column_0)".to_owned(), ids(&[0]), None),
        ("check", ConstraintType::Check, "CHECK ((column_1 <> ''::text))".to_owned(), ids(&[1]), None),
        (
            "fkey",
            ConstraintType::ForeignKey,
            format!("FOREIGN KEY (column_2) REFERENCES table_{other}(column_0)"),
            [ids(&[2]), vec![key]].concat(),
            Some(name(other)),
        ),
    ] {
        let (table, name) = (table.clone(), format!("table_{number}_{suffix}"));
        let constraint = Definition::Constraint(Constraint {
            table,
            name,
            ty,
            definition,
            references,
            ..Constraint::default()
        });
        let id = constraint.id();
        state.insert(constraint, None);
        state.depend(&id, needs);
    }
    for position in [3, 4] {
        let index = Definition::Index(Index {
            on: id.clone(),
            name: format!("table_{number}_column_{position}_idx"),
            unique: false,
            incomplete: false,
            using: format!("btree (column_{position})"),
            statistics: Vec::new(),
            clustered: false,
            replica_identity: false,
        });
        let index_id = index.id();
        state.insert(index, None);
        state.depend(&index_id, ids(&[position]));
    }
    if number.is_multiple_of(10) {
        let view = Definition::View(View {
            name: QName::new("public", format!("view_{number}")),
            options: Vec::new(),
            columns: vec![("column_5".to_owned(), "text".to_owned())],
            query: format!(" SELECT column_5 FROM table_{number}"),
        });
        let view_id = view.id();
        state.insert(view, None);
        state.depend(&view_id, ids(&[5]));
    }
}

/// A column more, and another type for one that a view reads.
fn changed(prev: &State) -> State {
    let mut next = prev.clone();
    next.insert(Definition::Column(column(100, 8)), None);
    let retyped = Column { ty: "character varying(80)".to_owned(), ..column(100, 5) };
    next.insert(Definition::Column(retyped), None);
    next
}

fn migrate(prev: &State, next: &State) -> usize {
    let changes = changes(prev, next);
    let steps = plan(prev, next).unwrap();
    changes.len() + render::file(&steps, &[]).len()
}

fn benches(criterion: &mut Criterion) {
    let empty = State::default();
    for tables in SIZES {
        let prev = state(tables);
        let next = changed(&prev);
        criterion.bench_with_input(BenchmarkId::new("one change", tables), &next, |bench, next| {
            bench.iter(|| migrate(black_box(&prev), black_box(next)));
        });
        criterion.bench_with_input(BenchmarkId::new("from nothing", tables), &prev, |bench, prev| {
            bench.iter(|| migrate(black_box(&empty), black_box(prev)));
        });
    }
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(10);
    targets = benches
}
criterion_main!(all);
