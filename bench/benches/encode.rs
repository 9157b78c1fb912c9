//! How fast documents are read and become COPY tuples, without a database.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whimbrel::__private::copy::TupleBuffer;
use whimbrel_bench::{crm, dump, open};
use whimbrel_transfer::source::{Chunk, Limit, Range};

/// Documents in the dump.
const DOCUMENTS: u64 = 20_000;

fn encode(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    dump(folder.path(), DOCUMENTS).unwrap();
    let source = open(folder.path()).unwrap();
    let read = |collection: &str| -> Vec<Chunk> {
        let mut reader = source.open(collection, &Range::all()).unwrap();
        std::iter::from_fn(|| reader.next_chunk(Limit::default()).unwrap()).collect()
    };

    let mut group = criterion.benchmark_group("encode");
    for route in crm() {
        let chunks = read(route.collection);
        group.throughput(Throughput::Elements(chunks.iter().map(|chunk| chunk.len() as u64).sum()));
        group.bench_function(route.collection, |bencher| {
            let (mut tuples, mut errors) = (TupleBuffer::new(), Vec::new());
            bencher.iter(|| {
                for (chunk, target) in
                    chunks.iter().flat_map(|chunk| route.targets.iter().map(move |t| (chunk, t)))
                {
                    tuples.clear();
                    chunk
                        .iter()
                        .for_each(|document| target.encode_and_count(document, &mut tuples, &mut errors));
                    black_box(tuples.as_bytes());
                }
                assert!(errors.is_empty());
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("read");
    for route in crm() {
        let documents: u64 = read(route.collection).iter().map(|chunk| chunk.len() as u64).sum();
        group.throughput(Throughput::Elements(documents));
        group.bench_function(route.collection, |bencher| {
            bencher.iter(|| black_box(read(route.collection)).len())
        });
    }
    group.finish();
}

criterion_group!(benches, encode);
criterion_main!(benches);
