use super::bson::Decimal;
use super::*;

fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}

fn dump(documents: u64, seed: u64) -> (Summary, BTreeMap<String, Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let summary = write_dump(folder.path(), documents, seed).unwrap();
    let files = read(folder.path());
    (summary, files)
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let first = dump(2_000, SEED);
    assert_eq!(first, dump(2_000, SEED));
    assert_ne!(first.1, dump(2_000, SEED + 1).1);
}

#[test]
fn there_are_as_many_documents_as_asked_for() {
    for documents in [100, 1_000, 5_003] {
        assert_eq!(dump(documents, SEED).0.documents(), documents);
    }
    // With the sizes of the demo: a few hundred bad ones of every kind.
    let sizes = Sizes::of(100_000);
    let bad = [sizes.users, sizes.accounts, sizes.contacts, sizes.opportunities, sizes.tasks]
        .iter()
        .map(|size| size / BAD_EVERY)
        .sum::<u64>();
    assert!((200..400).contains(&bad), "{bad}");
}

/// The lengths that frame the documents are right: walking them ends at the file's end.
#[test]
fn the_files_are_framed_as_mongodump_frames_them() {
    let (summary, files) = dump(3_000, SEED);
    for (collection, count) in summary.collections {
        let bytes = &files[&format!("{collection}.bson")];
        let (mut at, mut seen) = (0, 0);
        while at < bytes.len() {
            let length = i32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            at += usize::try_from(length).unwrap();
            assert_eq!(bytes[at - 1], 0);
            seen += 1;
        }
        assert_eq!((at, seen), (bytes.len(), count), "{collection}");
    }
}

/// The driver's own reader understands what this writer wrote.
#[test]
fn good_documents_are_bson() {
    use whimbrel::bson::{RawBsonRef, RawDocument};
    let doc = Doc::new()
        .text("t", "é")
        .int("i", -3)
        .decimal("d", Decimal::Number { coefficient: -1234, exponent: -2 })
        .decimal("n", Decimal::Nan)
        .array("a", &[true, false], |array, key, value| array.bool(key, *value))
        .doc("s", Doc::new().null("x").double("y", 0.5).date("z", 1).long("l", 1 << 40))
        .id("o", id(Kind::User, 1))
        .finish();
    let read = RawDocument::from_bytes(&doc).unwrap();
    assert_eq!(read.iter().filter(|element| element.is_ok()).count(), 7);
    let decimal = |key| match read.get(key).unwrap().unwrap() {
        RawBsonRef::Decimal128(value) => value.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(decimal("d"), "-12.34");
    assert_eq!(decimal("n"), "NaN");
}
