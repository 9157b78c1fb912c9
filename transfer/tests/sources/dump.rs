//! mongodump folders.

use crate::dumpgen::FolderWriter;
use bson::rawdoc;
use whimbrel::Hint as _;
use whimbrel_transfer::source::{self, DumpSource, MAX_DOCUMENT_BYTES, Range, Source};

use crate::support::{
    Read, check_ranges, check_resuming, concatenated, documents, file, large_documents, read_all, shared,
};

fn read_bytes(bytes: &[u8]) -> Read {
    let (_folder, path) = file("things.bson", bytes);
    read_all(&DumpSource::open(&path, None).unwrap(), "things")
}

#[test]
fn a_file_gives_its_documents_and_can_be_resumed() {
    let wanted = documents(60);
    let (_folder, path) = file("things.bson", &concatenated(&wanted));
    check_resuming(&DumpSource::open(&path, None).unwrap(), "things", &wanted);
}

#[test]
fn a_folder_gives_its_collections_compressed_or_not() {
    for gzip in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let wanted = documents(50);
        let writer = FolderWriter::create(folder.path(), "shop", gzip).unwrap();
        for name in ["users", "odd/näme $1", "system.profile"] {
            let mut collection = writer.collection(name).unwrap();
            wanted.iter().for_each(|d| collection.push(d).unwrap());
            collection.finish().unwrap();
        }
        let source = source::from_arg(folder.path().to_str().unwrap()).unwrap();
        let names: Vec<_> = source.collections().unwrap().into_iter().map(|info| info.name).collect();
        assert_eq!(names, ["odd/näme $1", "users"]);
        assert!(source.notes().iter().any(|note| note.contains("system.profile")), "{:?}", source.notes());
        check_resuming(&*source, "users", &wanted);
        assert_eq!(read_all(&*source, "odd/näme $1").clean(), wanted);
        let error = source.open("nothing", &Range::all()).err().unwrap();
        assert!(error.hint().unwrap().contains("users"), "{error} {:?}", error.hint());
    }
}

#[test]
fn several_databases_must_be_chosen_from() {
    let folder = tempfile::tempdir().unwrap();
    for database in ["shop", "blog", "admin"] {
        let writer = FolderWriter::create(folder.path(), database, false).unwrap();
        writer.collection("things").unwrap().finish().unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let error = source::from_arg(path).err().unwrap();
    assert!(error.to_string().contains("several databases: blog, shop"), "{error}");
    assert!(error.hint().unwrap().contains("?db="));
    assert!(source::from_arg(&format!("{path}?db=shop")).is_ok());
    assert!(source::from_arg(&format!("{path}/blog")).is_ok());
    let error = source::from_arg(&format!("{path}?db=other")).err().unwrap();
    assert!(error.to_string().contains("other") && error.hint().unwrap().contains("shop"), "{error}");
}

#[test]
fn nothing_is_lost_before_a_cut() {
    let wanted = documents(20);
    let bytes = concatenated(&wanted);
    let mut borders = vec![0];
    for document in &wanted {
        borders.push(borders.last().unwrap() + document.as_bytes().len());
    }
    for cut in 0..bytes.len() {
        let whole = borders.iter().filter(|border| **border <= cut).count() - 1;
        let got = read_bytes(&bytes[..cut]);
        assert_eq!(got.documents, wanted[..whole]);
        if borders.contains(&cut) {
            assert!(got.error.is_none());
            continue;
        }
        let message = got.message();
        assert!(message.contains(&format!("byte {}", borders[whole])), "{message}");
        assert!(message.contains("things.bson"), "{message}");
        let left = cut - borders[whole];
        let missing = wanted[whole].as_bytes().len() - left;
        if left >= 4 {
            assert!(message.contains(&format!("{missing} of them are missing")), "{message}");
        }
    }
}

#[test]
fn lengths_that_cannot_be_are_named() {
    let good = documents(1).remove(0);
    for (length, words) in [
        (0i32, "fewer than the 5"),
        (4, "fewer than the 5"),
        (-7, "fewer than the 5"),
        (i32::MAX, "more than the"),
        (MAX_DOCUMENT_BYTES as i32 + 1, "more than the"),
    ] {
        let mut bytes = good.as_bytes().to_vec();
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&[0; 64]);
        let got = read_bytes(&bytes);
        assert_eq!(got.documents.len(), 1);
        assert!(got.message().contains(words), "{}", got.message());
    }
}

#[test]
fn a_broken_document_costs_only_itself() {
    let mut bytes = concatenated(&documents(2));
    let mut broken = rawdoc! { "_id": 7, "text": "hello" }.as_bytes().to_vec();
    broken[4] = 0x66;
    bytes.extend_from_slice(&broken);
    bytes.extend_from_slice(&concatenated(&documents(3)));
    let got = read_bytes(&bytes);
    assert_eq!(got.documents.len(), 5);
    assert!(got.error.is_none());
    assert_eq!(got.malformed.len(), 1);
    assert_eq!(got.malformed[0].bytes, broken);
    assert!(got.malformed[0].reason.contains("0x66"), "{}", got.malformed[0].reason);
}

#[test]
fn large_documents_and_empty_files() {
    assert!(read_bytes(&[]).clean().is_empty());
    let large = rawdoc! { "_id": 1, "text": "x".repeat(9 << 20) };
    let wanted = vec![large.clone(), rawdoc! { "_id": 2 }, large];
    assert!(read_bytes(&concatenated(&wanted)).clean() == wanted);
}

#[test]
fn parts_cover_every_document_once() {
    let wanted = large_documents(4000);
    let (_folder, path) = file("things.bson", &concatenated(&wanted));
    let source = DumpSource::open(&path, None).unwrap();
    for parts in [0, 1, 2, 3, 1000] {
        let ranges = source.split("things", parts).unwrap();
        assert!(ranges.len() <= parts.max(1));
        assert!(parts < 2 || ranges.len() > 1, "large enough to be cut");
        check_ranges(&source, "things", &ranges, &wanted);
    }
}

#[test]
fn positions_of_another_file_are_refused() {
    let (_folder, path) = file("things.bson", &concatenated(&documents(3)));
    let source = DumpSource::open(&path, None).unwrap();
    for text in ["", "x", "999999/1", "-1/0", "1"] {
        let range = Range { after: Some(source::Position::new(text)), until: None };
        let error = source.open("things", &range).err().unwrap();
        assert!(error.hint().unwrap().contains("start again"), "{error}");
    }
}

#[test]
fn gipfel_has_its_documents() {
    let Some(path) = shared("data/gipfel/dump") else { return };
    let source = source::from_arg(path.to_str().unwrap()).unwrap();
    for (name, count) in
        [("regions", 13), ("summits", 1147), ("routes", 13043), ("climbers", 13), ("ascents", 200)]
    {
        assert_eq!(read_all(&*source, name).clean().len(), count, "{name}");
    }
    let wanted = read_all(&*source, "routes").clean();
    check_ranges(&*source, "routes", &source.split("routes", 4).unwrap(), &wanted);
}
