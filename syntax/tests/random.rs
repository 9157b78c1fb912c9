//! Random schemas, and what becomes of one on the way to the other.

#[path = "common/server.rs"]
mod server;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestRng, TestRunner};
use server::View;
use whimbrel_schema::Change;
use whimbrel_syntax::migration::generate;
use whimbrel_syntax::model::*;
use whimbrel_syntax::name;

/// Types with a default each.
const TYPES: [(&str, &str); 12] = [
    ("integer", "1"),
    ("bigint", "2"),
    ("text", "'x'"),
    ("character varying(20)", "'y'"),
    ("numeric(10,2)", "0.5"),
    ("boolean", "true"),
    ("uuid", "'00000000-0000-0000-0000-000000000000'"),
    ("jsonb", "'{}'"),
    ("timestamp with time zone", "now()"),
    ("date", "CURRENT_DATE"),
    ("text[]", "'{}'"),
    ("integer[]", "'{1,2}'"),
];

#[derive(Debug, Clone)]
struct EnumSpec {
    labels: Vec<u8>,
    comment: bool,
}

#[derive(Debug, Clone)]
struct ColumnSpec {
    name: u8,
    ty: u8,
    not_null: bool,
    default: bool,
    special: u8,
    comment: bool,
}

#[derive(Debug, Clone)]
struct TableSpec {
    columns: Vec<ColumnSpec>,
    primary: Vec<u8>,
    uniques: Vec<u8>,
    checks: Vec<u8>,
    indexes: Vec<(u8, u8)>,
    foreign: Vec<(u8, u8)>,
    comment: bool,
}

#[derive(Debug, Clone)]
struct Spec {
    enums: BTreeMap<u8, EnumSpec>,
    tables: BTreeMap<u8, TableSpec>,
}

/// Which names are other ones in the next schema.
#[derive(Debug, Clone, Default)]
struct Naming {
    tables: BTreeSet<u8>,
    columns: BTreeSet<(u8, u8)>,
    enums: BTreeSet<u8>,
    labels: BTreeSet<(u8, u8)>,
}

impl Naming {
    fn table(&self, table: u8) -> String {
        if self.tables.contains(&table) { format!("Renamed {table}") } else { format!("t{table}") }
    }

    fn column(&self, table: u8, column: u8) -> String {
        if self.columns.contains(&(table, column)) {
            format!("renamed_{column}")
        } else {
            format!("c{column}")
        }
    }

    fn enumeration(&self, ty: u8) -> String {
        if self.enums.contains(&ty) { format!("renamed_kind_{ty}") } else { format!("kind{ty}") }
    }

    fn label(&self, ty: u8, label: u8) -> String {
        if self.labels.contains(&(ty, label)) { format!("it's {label}") } else { format!("l{label}") }
    }

    /// What an author would have declared.
    fn hints(&self) -> Hints {
        let old = Naming::default();
        let mut hints = Hints::default();
        for table in &self.tables {
            hints.tables.insert(QName::public(self.table(*table)), QName::public(old.table(*table)));
        }
        for (table, column) in &self.columns {
            let owner = QName::public(self.table(*table));
            hints.columns.insert((owner, self.column(*table, *column)), old.column(*table, *column));
        }
        for ty in &self.enums {
            hints.enums.insert(QName::public(self.enumeration(*ty)), QName::public(old.enumeration(*ty)));
        }
        for (ty, label) in &self.labels {
            let owner = QName::public(self.enumeration(*ty));
            hints.labels.insert((owner, self.label(*ty, *label)), old.label(*ty, *label));
        }
        hints
    }
}

fn spec() -> impl Strategy<Value = Spec> {
    let labels = proptest::sample::subsequence((0..6_u8).collect::<Vec<_>>(), 1..6).prop_shuffle();
    let enums = (labels, any::<bool>()).prop_map(|(labels, comment)| EnumSpec { labels, comment });
    let column = (0..6_u8, 0..18_u8, any::<bool>(), any::<bool>(), 0..8_u8, proptest::bool::weighted(0.2))
        .prop_map(|(name, ty, not_null, default, special, comment)| ColumnSpec {
            name,
            ty,
            not_null,
            default,
            special,
            comment,
        });
    let small = |most| proptest::collection::vec(0..6_u8, 0..most);
    let table = (
        proptest::collection::vec(column, 1..6),
        prop_oneof![Just(vec![0]), small(3)],
        small(3),
        small(3),
        proptest::collection::vec((0..6_u8, 0..5_u8), 0..4),
        proptest::collection::vec((0..6_u8, 0..4_u8), 0..3),
        any::<bool>(),
    )
        .prop_map(|(mut columns, primary, uniques, checks, indexes, foreign, comment)| {
            // The first column is an integer, so that tables have something to refer to.
            columns[0].name = 0;
            columns[0].ty /= 10;
            TableSpec { columns, primary, uniques, checks, indexes, foreign, comment }
        });
    let enums = proptest::collection::btree_map(0..3_u8, enums, 0..4);
    let tables = proptest::collection::btree_map(0..4_u8, table, 0..5);
    (enums, tables).prop_map(|(enums, tables)| Spec { enums, tables })
}

fn naming() -> impl Strategy<Value = Naming> {
    (
        proptest::collection::btree_set(0..4_u8, 0..2),
        proptest::collection::btree_set((0..4_u8, 0..6_u8), 0..4),
        proptest::collection::btree_set(0..3_u8, 0..2),
        proptest::collection::btree_set((0..3_u8, 0..6_u8), 0..3),
    )
        .prop_map(|(tables, columns, enums, labels)| Naming { tables, columns, enums, labels })
}

/// Two schemas: unrelated ones, or ones that share most of their tables.
fn pairs() -> impl Strategy<Value = (Spec, Spec, Naming)> {
    (spec(), spec(), naming(), any::<[bool; 4]>(), any::<bool>()).prop_map(
        |(prev, mut next, naming, keep, related)| {
            if related {
                for (table, keep) in (0_u8..).zip(keep) {
                    if let (true, Some(same)) = (keep, prev.tables.get(&table)) {
                        let mut same = same.clone();
                        // One thing about it changes.
                        if let (Some(mine), Some(theirs)) = (same.columns.last_mut(), next.tables.get(&table))
                        {
                            mine.ty = theirs.columns[0].ty;
                        }
                        next.tables.insert(table, same);
                    }
                }
            }
            (prev, next, naming)
        },
    )
}

/// The schema that a description means. What makes no sense is left out.
fn build(spec: &Spec, naming: &Naming) -> Schema {
    let mut schema = Schema::default();
    for (ty, definition) in &spec.enums {
        let name = QName::public(naming.enumeration(*ty));
        let labels = definition.labels.iter().map(|label| naming.label(*ty, *label)).collect();
        let comment = definition.comment.then(|| "a kind".to_owned());
        schema.enums.insert(name.clone(), Enum { name, labels, comment });
    }
    for (number, table) in &spec.tables {
        let built = build_table(spec, naming, *number, table);
        schema.tables.insert(built.name.clone(), built);
    }
    for (number, table) in &spec.tables {
        add_foreign_keys(&mut schema, naming, *number, table);
    }
    schema
}

fn build_table(spec: &Spec, naming: &Naming, number: u8, from: &TableSpec) -> Table {
    let mut table = Table::new(QName::public(naming.table(number)));
    table.comment = from.comment.then(|| format!("table {number}"));
    for column in &from.columns {
        let name = naming.column(number, column.name);
        if table.column(&name).is_none() {
            let built = build_column(spec, naming, name, column, &table);
            table.columns.push(built);
        }
    }
    let existing = |wanted: &[u8]| -> Vec<String> {
        let names: BTreeSet<String> = wanted.iter().map(|column| naming.column(number, *column)).collect();
        names.into_iter().filter(|name| table.column(name).is_some()).collect()
    };
    let short = &table.name.name;
    let primary = existing(&from.primary);
    let mut uniques = BTreeMap::new();
    for column in &from.uniques {
        let columns = existing(&[*column]);
        if !columns.is_empty() {
            uniques.insert(name::unique(short, &columns), Unique { columns, deferrable: Deferrable::No });
        }
    }
    let mut checks = BTreeMap::new();
    for column in existing(&from.checks) {
        let quoted = name::quote(&column).into_owned();
        let expr = Expr::new(format!("{quoted} IS NOT NULL OR {quoted} IS NULL"));
        checks.insert(format!("{short}_{column}_check"), Check { expr });
    }
    let mut indexes = BTreeMap::new();
    for (column, kind) in &from.indexes {
        for column in existing(&[*column]) {
            let quoted = name::quote(&column).into_owned();
            let mut index = Index::new(vec![IndexKey::column(&column)]);
            index.unique = *kind == 1;
            index.predicate = (*kind == 2).then(|| Expr::new(format!("{quoted} IS NOT NULL")));
            if *kind == 3 {
                index.keys[0].on = IndexOn::Expr(Expr::new(format!("{quoted} IS NULL")));
            }
            index.keys[0].descending = *kind == 4;
            indexes.insert(name::index(short, &[&column]), index);
        }
    }
    if !primary.is_empty() {
        table.primary_key = Some(PrimaryKey { name: name::primary_key(short), columns: primary });
    }
    Table { uniques, checks, indexes, ..table }
}

fn build_column(spec: &Spec, naming: &Naming, name: String, from: &ColumnSpec, table: &Table) -> Column {
    let kind =
        spec.enums.iter().nth(usize::from(from.ty) % 3).filter(|_| usize::from(from.ty) >= TYPES.len());
    let (ty, default) = match kind {
        Some((ty, definition)) => {
            let name = QName::public(naming.enumeration(*ty));
            let label =
                naming.label(*ty, definition.labels[usize::from(from.special) % definition.labels.len()]);
            let array = from.ty.is_multiple_of(2);
            let quoted = name.sql();
            if array {
                (
                    ColumnType::enumeration(name).array_of(),
                    format!("ARRAY[{}::{quoted}]", name::literal(&label)),
                )
            } else {
                (ColumnType::enumeration(name), format!("{}::{quoted}", name::literal(&label)))
            }
        }
        None => {
            let (text, default) = TYPES[usize::from(from.ty) % TYPES.len()];
            match text.strip_suffix("[]") {
                Some(element) => (ColumnType::sql(element).array_of(), default.to_owned()),
                None => (ColumnType::sql(text), default.to_owned()),
            }
        }
    };
    let mut column = Column { not_null: from.not_null, ..Column::new(name, ty) };
    column.comment = from.comment.then(|| format!("column {}", from.name));
    let integer = ["integer", "bigint"].iter().any(|name| column.ty == ColumnType::sql(*name));
    let source = table.columns.iter().find(|column| column.generated.is_none());
    match (from.special, source) {
        (0, _) if integer => {
            column.identity = Some(if from.default { Identity::Always } else { Identity::ByDefault });
            column.not_null = true;
        }
        (1, Some(source)) => {
            column.ty = ColumnType::sql("boolean");
            column.generated = Some(Expr::new(format!("{} IS NOT NULL", name::quote(&source.name))));
        }
        _ if from.default => column.default = Some(Expr::new(default)),
        _ => {}
    }
    column
}

fn add_foreign_keys(schema: &mut Schema, naming: &Naming, number: u8, from: &TableSpec) {
    let own = QName::public(naming.table(number));
    let mut keys = BTreeMap::new();
    for (column, target) in &from.foreign {
        let (Some(table), Some(other)) =
            (schema.tables.get(&own), schema.tables.get(&QName::public(naming.table(*target))))
        else {
            continue;
        };
        let (Some(column), Some(key)) = (table.column(&naming.column(number, *column)), &other.primary_key)
        else {
            continue;
        };
        let [referenced] = key.columns.as_slice() else { continue };
        if other.column(referenced).map(|column| &column.ty) != Some(&column.ty) || column.generated.is_some()
        {
            continue;
        }
        let name = name::foreign_key(&own.name, &[&column.name]);
        let key = ForeignKey {
            columns: vec![column.name.clone()],
            references: other.name.clone(),
            referenced_columns: vec![referenced.clone()],
            on_delete: if *target == 0 { Action::Cascade } else { Action::NoAction },
            on_update: Action::NoAction,
            deferrable: if *target == 1 { Deferrable::InitiallyDeferred } else { Deferrable::No },
        };
        keys.insert(name, key);
    }
    if let Some(table) = schema.tables.get_mut(&own) {
        table.foreign_keys = keys;
    }
}

/// How often: each takes a fraction of a second on a server.
fn cases(few: u32) -> Config {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(few);
    let rng_seed = RngSeed::Fixed(whimbrel_scratch::seed());
    Config { cases, failure_persistence: None, max_shrink_iters: 400, rng_seed, ..Config::default() }
}

#[test]
fn random_schemas_round_trip() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some(pair) = runtime.block_on(server::pair("random")) else { return };
    let pair = std::cell::RefCell::new(pair);
    let result = TestRunner::new(cases(40)).run(&pairs(), |(prev, next, naming)| {
        let (prev, next, hints) = (build(&prev, &Naming::default()), build(&next, &naming), naming.hints());
        if generate(&prev, &next, &hints) == Ok(None) {
            return Ok(());
        }
        let mut pair = pair.borrow_mut();
        let outcome = runtime.block_on(server::round_trip(&mut pair, View::Catalog, &prev, &next, &hints));
        outcome.map_err(TestCaseError::fail)
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn generating_is_a_function() {
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    let seen = std::cell::RefCell::new(&mut kinds);
    let result = TestRunner::new_with_rng(cases(1000), TestRng::deterministic_rng(RngAlgorithm::ChaCha)).run(
        &pairs(),
        |(prev, next, naming)| {
            let (prev, next, hints) =
                (build(&prev, &Naming::default()), build(&next, &naming), naming.hints());
            prop_assert_eq!(generate(&next, &next, &hints), Ok(None));
            let once = generate(&prev, &next, &hints);
            prop_assert_eq!(&once, &generate(&prev.clone(), &next.clone(), &hints.clone()));
            if let Ok(Some(generated)) = once {
                prop_assert!(!generated.up_sql.is_empty() && !generated.down_sql.is_empty());
                let words =
                    |change: &Change| change.to_string().split(' ').take(2).collect::<Vec<_>>().join(" ");
                seen.borrow_mut().extend(generated.changes.iter().map(words));
            }
            Ok(())
        },
    );
    if let Err(error) = result {
        panic!("{error}");
    }
    // The pairs are only worth something if all kinds of changes are in them.
    let expected = ["enum", "table", "column", "constraint", "index"].iter().flat_map(|kind| {
        let create = if ["column", "constraint"].contains(kind) { "add" } else { "create" };
        [create, "drop", "rename"].map(|action| format!("{action} {kind}"))
    });
    let missing: Vec<String> = expected.filter(|words| !kinds.contains(words)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing of {kinds:?}");
}
