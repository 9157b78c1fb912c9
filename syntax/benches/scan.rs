//! Reading and linking a large crate of models: 1,000 tables of 15 columns in 50 files. `generate` does this on
//! every run, and it should feel instant.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use whimbrel_syntax::scan::{Cfg, scan};
use whimbrel_syntax::snapshot;

const FILES: usize = 50;
const MODELS: usize = 20;

fn model(text: &mut String, file: usize, at: usize) {
    let other = format!("super::m{}::Model{}x{at}", (file + 1) % FILES, (file + 1) % FILES);
    let _ = write!(
        text,
        r#"
        #[derive(PgEnum)]
        #[pg(rename_all = "snake_case")]
        pub enum Kind{file}x{at} {{ Prospecting, Negotiation, ClosedWon, ClosedLost }}

        #[derive(Debug, Model, Transform)]
        #[model(table = "table_{file}_{at}", index(columns(name, created_at(desc))), unique(code, name))]
        #[source(collection = "collection_{file}_{at}", rename_all = "camelCase")]
        pub struct Model{file}x{at} {{
            #[source(field = "_id")]
            pub id: Id<Model{file}x{at}>,
            pub name: String,
            #[column(unique)]
            pub code: i32,
            #[column(on_delete = "cascade")]
            pub parent_id: Option<Id<{other}>>,
            #[column(references({other}(code)))]
            pub other_code: i32,
            pub kind: Kind{file}x{at},
            #[column(type = "numeric(14,2)", check = "amount >= 0")]
            pub amount: Option<Decimal>,
            pub tags: Vec<String>,
            pub email: Option<Email>,
            pub notes: Maybe<String>,
            pub active: bool,
            #[column(default = "now()")]
            pub created_at: DateTime<Utc>,
            pub updated_at: Option<DateTime<Utc>>,
            #[column(name = "Ratio", comment = "Between 0 and 1.")]
            pub ratio: f64,
            #[source(rest)]
            pub extra: Json,
        }}
        "#
    );
}

fn sources() -> BTreeMap<PathBuf, String> {
    let mut root = "#[derive(Newtype)] pub struct Email(String); pub type Maybe<T> = Option<T>;".to_owned();
    let mut files = BTreeMap::new();
    for file in 0..FILES {
        let _ = write!(root, " pub mod m{file};");
        let mut text =
            "use chrono::{DateTime, Utc}; use rust_decimal::Decimal; use whimbrel::*; use super::*;"
                .to_owned();
        (0..MODELS).for_each(|at| model(&mut text, file, at));
        files.insert(PathBuf::from(format!("src/m{file}.rs")), text);
    }
    files.insert(PathBuf::from("src/lib.rs"), root);
    files
}

fn benchmark(criterion: &mut Criterion) {
    let files = sources();
    let mut read = |path: &Path| files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into());
    let root = Path::new("src/lib.rs");
    let linked = match scan(&[(root, Cfg::default())], &mut read) {
        Ok(linked) => linked,
        Err(errors) => {
            panic!("{}", errors.iter().map(|error| format!("{error}\n")).collect::<String>())
        }
    };
    assert_eq!(linked.schema.tables.len(), FILES * MODELS);
    let mut group = criterion.benchmark_group("1,000 models");
    group.sample_size(10);
    group.bench_function("scan and link", |bencher| {
        bencher.iter(|| scan(black_box(&[(root, Cfg::default())]), &mut read).is_ok())
    });
    group.bench_function("hash the snapshot", |bencher| {
        bencher.iter(|| snapshot::hash(black_box(&linked.schema)))
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
