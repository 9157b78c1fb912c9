//! How fast sources hand out documents: bytes per second, without any transform.

use std::hint::black_box;
use std::path::Path;

use bson::raw::RawDocumentBuf;
use bson::{oid::ObjectId, rawdoc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whimbrel_transfer::dumpgen::{ArchiveWriter, ExportForm, ExportLayout, FolderWriter, write_export};
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
    let read = || -> Result<usize, whimbrel_transfer::source::SourceError> {
        let source = from_arg(&path.to_string_lossy())?;
        let mut reader = source.open(collection, &Range::all())?;
        let mut bytes = 0;
        while let Some(chunk) = reader.next_chunk(Limit::default())? {
            bytes += black_box(&chunk).byte_len();
        }
        Ok(bytes)
    };
    read().unwrap_or(0)
}

fn sources(c: &mut Criterion) {
    let documents = documents(200_000);
    let bytes: usize = documents.iter().map(|document| document.as_bytes().len()).sum();
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => panic!("no temporary folder: {error}"),
    };
    let write = || -> std::io::Result<()> {
        let mut writer = FolderWriter::create(folder.path(), "shop", false)?.collection("things")?;
        for document in &documents {
            writer.push(document)?;
        }
        writer.finish()?;
        let mut archive =
            ArchiveWriter::create(&folder.path().join("shop.archive"), false, &[("shop", "things")])?;
        for block in documents.chunks(1000) {
            archive.block("shop", "things", block)?;
        }
        archive.finish()?;
        let path = folder.path().join("shop.things.json");
        write_export(&path, ExportForm::Canonical, ExportLayout::Lines, &documents)
    };
    if let Err(error) = write() {
        panic!("the dump could not be written: {error}");
    }
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
