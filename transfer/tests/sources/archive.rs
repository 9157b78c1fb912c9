//! `mongodump --archive` files.

use std::path::PathBuf;

use crate::dumpgen::ArchiveWriter;
use bson::raw::RawDocumentBuf;
use bson::rawdoc;
use whimbrel_transfer::source::{self, Source};

use crate::support::{check_resuming, documents, read_all, shared};

/// An archive in which two collections take turns.
fn archive(gzip: bool, wanted: &[RawDocumentBuf]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(if gzip { "dump.archive.gz" } else { "dump.archive" });
    let listed = [("shop", "users"), ("shop", "orders"), ("shop", "empty"), ("admin", "system.version")];
    let mut writer = ArchiveWriter::create(&path, gzip, &listed).unwrap();
    for part in wanted.chunks(9) {
        writer.block("shop", "users", part).unwrap();
        writer.block("shop", "orders", &[rawdoc! { "_id": part.len() as i32 }]).unwrap();
    }
    writer.finish().unwrap();
    (folder, path)
}

fn open(path: &std::path::Path) -> Box<dyn Source> {
    source::from_arg(path.to_str().unwrap()).unwrap()
}

#[test]
fn collections_are_told_apart_and_can_be_resumed() {
    let wanted = documents(50);
    for gzip in [false, true] {
        let (_folder, path) = archive(gzip, &wanted);
        let source = open(&path);
        let names: Vec<_> = source.collections().unwrap().into_iter().map(|info| info.name).collect();
        assert_eq!(names, ["empty", "orders", "users"]);
        check_resuming(&*source, "users", &wanted);
        assert_eq!(read_all(&*source, "orders").clean().len(), 6);
        assert!(read_all(&*source, "empty").clean().is_empty());
        assert_eq!(source.split("users", 4).unwrap().len(), 1);
    }
}

#[test]
fn a_cut_archive_gives_what_is_there_and_says_so() {
    let wanted = documents(30);
    let (folder, path) = archive(false, &wanted);
    let bytes = std::fs::read(&path).unwrap();
    let cut_path = folder.path().join("cut.archive");
    let mut most = 0;
    for cut in (0..bytes.len()).step_by(3) {
        std::fs::write(&cut_path, &bytes[..cut]).unwrap();
        let Ok(source) = source::from_arg(cut_path.to_str().unwrap()) else { continue };
        let got = read_all(&*source, "users");
        assert_eq!(got.documents, wanted[..got.documents.len()]);
        assert!(got.documents.len() >= most, "a longer archive gives no less");
        most = got.documents.len();
        if cut + 120 < bytes.len() {
            continue;
        }
        // Near the end the collection may be closed already, whatever follows.
        assert!(got.error.is_none() || got.message().contains("cut.archive"), "{:?}", got.error);
    }
    assert_eq!(most, wanted.len());
}

#[test]
fn a_changed_byte_is_noticed_by_the_checksum() {
    let wanted = documents(30);
    let (_folder, path) = archive(false, &wanted);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(11).position(|w| w == b"document 17").unwrap();
    bytes[at] = b'D';
    std::fs::write(&path, bytes).unwrap();
    let got = read_all(&*open(&path), "users");
    assert_eq!(got.documents.len(), 30);
    assert!(got.message().contains("checksum"), "{}", got.message());
}

#[test]
fn archives_of_the_tools_are_read() {
    let Some(folder) = shared("data/mongo-tools/mongorestore/testdata") else { return };
    let test_bar = open(&folder.join("test.bar.archive"));
    let documents = read_all(&*test_bar, "bar").clean();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].get_str("foo").unwrap(), "bar");
    let oplog = open(&folder.join("dump-w-oplog.archive"));
    assert!(read_all(&*oplog, "foo").error.is_none());
    assert!(oplog.notes().iter().any(|note| note.contains("oplog")), "{:?}", oplog.notes());
    assert!(!test_bar.notes().iter().any(|note| note.contains("oplog")), "{:?}", test_bar.notes());
    // Only the description of its indexes is broken, and indexes come from the models.
    let bad = open(&folder.join("bad-format.archive"));
    assert!(read_all(&*bad, "ixtest").clean().is_empty());
    let series = open(&folder.join("timeseries_tests/dump.archive"));
    assert!(
        series.notes().iter().any(|note| note.contains("foo_ts is a time series")),
        "{:?}",
        series.notes()
    );
}

#[test]
fn several_databases_must_be_chosen_from() {
    let (_folder, path) = crate::support::file("two.archive", b"");
    let mut writer = ArchiveWriter::create(&path, false, &[("shop", "users"), ("blog", "users")]).unwrap();
    writer.block("shop", "users", &documents(2)).unwrap();
    writer.block("blog", "users", &documents(3)).unwrap();
    writer.finish().unwrap();
    let path = path.to_str().unwrap();
    let error = source::from_arg(path).err().unwrap();
    assert!(error.to_string().contains("several databases: blog, shop"), "{error}");
    for (database, count) in [("shop", 2), ("blog", 3)] {
        let source = source::from_arg(&format!("{path}?db={database}")).unwrap();
        assert_eq!(read_all(&*source, "users").clean().len(), count);
    }
}

#[test]
fn what_is_no_archive_is_refused() {
    for bytes in [&b""[..], b"abc", b"hello, this is no archive"] {
        let (_folder, path) = crate::support::file("x.archive", bytes);
        let error = source::from_arg(path.to_str().unwrap()).err().unwrap();
        assert!(error.to_string().contains("x.archive"), "{error}");
    }
}
