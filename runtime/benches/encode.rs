//! How fast documents become COPY tuples, on one core.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rust_decimal::Decimal;
use whimbrel::__private::copy::TupleBuffer;
use whimbrel::__private::transform::{Context, Count, Unread};
use whimbrel::bson::{DateTime as BsonDate, RawDocumentBuf, oid::ObjectId, rawdoc};
use whimbrel::{Id, Json, Model, Transform};

#[derive(Model)]
#[allow(dead_code)]
struct Account {
    id: Id<Account>,
}

/// 15 columns: keys, texts, numbers, dates, a nested field and an array.
#[derive(Model, Transform)]
#[source(collection = "contacts", rename_all = "camelCase")]
#[allow(dead_code)]
struct Contact {
    #[source(field = "_id")]
    id: Id<Contact>,
    first_name: String,
    last_name: String,
    email: Option<String>,
    phone: Option<String>,
    account_id: Id<Account>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
    is_active: bool,
    #[column(type = "numeric(12,2)")]
    revenue: Option<Decimal>,
    visits: i32,
    score: f64,
    #[source(field = "address.city")]
    city: Option<String>,
    #[source(field = "address.zip")]
    zip: Option<String>,
    tags: Vec<String>,
}

/// The same document into few columns and one object of the rest.
#[derive(Model, Transform)]
#[source(collection = "contacts", rename_all = "camelCase")]
#[allow(dead_code)]
struct ContactWithRest {
    #[source(field = "_id")]
    id: Id<Contact>,
    first_name: String,
    account_id: Id<Account>,
    #[source(rest)]
    extra: Json,
}

#[derive(Model, Transform)]
#[source(collection = "contacts", each = "watchers")]
#[allow(dead_code)]
struct Watcher {
    #[source(parent = "_id")]
    id: Id<Contact>,
    #[source(element)]
    account: Id<Account>,
    #[source(ordinal)]
    position: i32,
}

fn documents() -> Vec<RawDocumentBuf> {
    let oid = |n: u32| {
        ObjectId::from_bytes([n.to_be_bytes(), [7; 4], n.to_le_bytes()].concat().try_into().unwrap())
    };
    (0..1000_u32)
        .map(|n| {
            rawdoc! {
                "_id": oid(n),
                "__v": 0,
                "firstName": format!("Vorname{n}"),
                "lastName": "Müller-Lüdenscheidt",
                "email": format!("person{n}@example.org"),
                "phone": "+49 351 1234567",
                "accountId": oid(n % 100),
                "address": { "street": "Hauptstraße 1", "city": "Dresden", "zip": "01067" },
                "createdAt": BsonDate::from_millis(1_700_000_000_000 + i64::from(n)),
                "updatedAt": BsonDate::from_millis(1_710_000_000_000 + i64::from(n)),
                "isActive": n % 3 == 0,
                "revenue": f64::from(n) * 1.25,
                "visits": i32::try_from(n).unwrap(),
                "score": f64::from(n) / 7.0,
                "tags": ["customer", "vip"],
                "watchers": [oid(1), oid(2), oid(3)],
                "__t": "Person",
            }
        })
        .collect()
}

fn bench(criterion: &mut Criterion) {
    let documents = documents();
    let mut group = criterion.benchmark_group("encode");
    group.throughput(Throughput::Elements(1000));
    let specs = [
        ("15 columns", Contact::spec()),
        ("4 columns, one of them the rest", ContactWithRest::spec()),
        ("a row for each of 3 elements", Watcher::spec()),
    ];
    for (name, spec) in specs {
        let (mut out, mut errors) = (TupleBuffer::new(), Vec::new());
        let unread = if spec.covers_rest && spec.each.is_none() { Unread::No } else { Unread::All };
        let count = Some(Count { unread, ignored: &[] });
        let context = Context { taken_elsewhere: &["watchers"], count, ..Context::default() };
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                out.clear();
                for document in &documents {
                    (spec.encode)(black_box(document), &context, &mut out, &mut errors);
                }
                assert!(errors.is_empty());
                black_box(out.as_bytes().len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
