//! How fast sources hand out documents: bytes per second, without any transform.

#[path = "../../transfer/tests/dumpgen/mod.rs"]
#[allow(dead_code, reason = "one form of export is measured")]
mod dumpgen;

use std::hint::black_box;
use std::path::Path;

use bson::raw::RawDocumentBuf;
use bson::{oid::ObjectId, rawdoc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dumpgen::{ArchiveWriter, ExportForm, ExportLayout, FolderWriter, write_export};
use whimbrel_transfer::source::{Limit, Range, from_arg};

/// Documents as a business has them: about 300 bytes, ten fields, one level deep.
fn documents(count: i32) -> Vec<RawDocumentBuf> {
    let document = |n: i32| {
        rawdoc! {
            "_id": ObjectId::new(),
            "name": format!("Opportunity {n}"),
            "account": ObjectId::new(),
            "stage": "negotiation",
            "amount": f64::from(n) * 1.25,
            "active": n % 3 == 0,
            "createdAt": bson::DateTime::from_millis(1_700_000_000_000 + i64::from(n)),
            "watchers": [ObjectId::new(), ObjectId::new()],
            "address": { "street": "Some Street 12", "zip": "01099", "city": "Dresden" },
        }
    };
    (0..count).map(document).collect()
}

fn read(path: &Path, collection: &str) -> usize {
    let source = from_arg(path.to_str().unwrap()).unwrap();
    let mut reader = source.open(collection, &Range::all()).unwrap();
    let mut bytes = 0;
    while let Some(chunk) = reader.next_chunk(Limit::default()).unwrap() {
        bytes += black_box(&chunk).byte_len();
    }
    bytes
}

fn sources(c: &mut Criterion) {
    let documents = documents(200_000);
    let bytes: usize = documents.iter().map(|document| document.as_bytes().len()).sum();
    let folder = tempfile::tempdir().unwrap();
    let mut dump = FolderWriter::create(folder.path(), "shop", false).unwrap().collection("things").unwrap();
    documents.iter().for_each(|document| dump.push(document).unwrap());
    dump.finish().unwrap();
    let archive = folder.path().join("shop.archive");
    let mut archive = ArchiveWriter::create(&archive, false, &[("shop", "things")]).unwrap();
    documents.chunks(1000).for_each(|block| archive.block("shop", "things", block).unwrap());
    archive.finish().unwrap();
    let export = folder.path().join("shop.things.json");
    write_export(&export, ExportForm::Canonical, ExportLayout::Lines, &documents).unwrap();
    let mut group = c.benchmark_group("source");
    group.sample_size(10).throughput(Throughput::Bytes(bytes as u64));
    for (name, path) in [("dump", "shop"), ("archive", "shop.archive"), ("export", "shop.things.json")] {
        let path = folder.path().join(path);
        assert_eq!(read(&path, "things"), bytes, "{name} is read in full");
        group.bench_function(name, |b| b.iter(|| read(&path, "things")));
    }
    group.finish();
}

criterion_group!(benches, sources);
criterion_main!(benches);
