//! The test data of MongoDB's own tools: odd, broken and cut files. Each is read, or is a clear error.

use std::path::{Path, PathBuf};

use whimbrel::Hint as _;
use whimbrel_transfer::source;

use crate::support::{read_all, shared};

/// What must come of each file of bsondump's: documents, malformed ones, words of the error.
const BSONDUMP: [(&str, usize, usize, &str); 10] = [
    ("all_in_one_doc.bson", 1, 0, ""),
    ("all_types.bson", 20, 0, ""),
    ("bad_cstring.bson", 3, 1, ""),
    ("bad_type.bson", 3, 1, ""),
    // The names of its elements are no numbers; elements count by their order.
    ("broken_array.bson", 20, 0, ""),
    ("deep_nested.bson", 0, 1, ""),
    ("invalid_field_name.bson", 4, 0, "1 bytes that are no document"),
    ("partial_file.bson", 2, 0, "missing"),
    ("random_bytes.bson", 0, 0, "more than the"),
    ("sample.bson", 4, 0, ""),
];

#[test]
fn bsondump_files_behave_as_the_table_says() {
    let Some(folder) = shared("data/mongo-tools/bsondump/testdata") else { return };
    let mut wrong = Vec::new();
    for (name, documents, malformed, words) in BSONDUMP {
        let source = source::from_arg(folder.join(name).to_str().unwrap()).unwrap();
        let collection = source.collections().unwrap().remove(0).name;
        let got = read_all(&*source, &collection);
        let error = got.error.as_ref().map(ToString::to_string).unwrap_or_default();
        let fits = (got.documents.len(), got.malformed.len()) == (documents, malformed)
            && error.is_empty() == words.is_empty()
            && error.contains(words);
        if !fits {
            let reasons: Vec<_> = got.malformed.iter().map(|m| &m.reason).collect();
            wrong.push(format!("{name}: {} / {reasons:?} / {error}", got.documents.len()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All files and folders below a folder.
fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    found.push(folder.to_owned());
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { below(&path, found) } else { found.push(path) }
    }
}

#[test]
fn nothing_of_it_crashes_or_hangs() {
    let Some(folder) = shared("data/mongo-tools") else { return };
    let mut paths = Vec::new();
    below(&folder, &mut paths);
    assert!(paths.len() > 100);
    let mut read = 0;
    for path in paths {
        match source::from_arg(path.to_str().unwrap()) {
            Err(error) => assert!(error.to_string().len() > 20 && error.hint().is_some(), "{error}"),
            Ok(source) => {
                for info in source.collections().unwrap() {
                    let got = read_all(&*source, &info.name);
                    read += got.documents.len() + got.malformed.len();
                    if let Some(error) = got.error {
                        assert!(error.to_string().contains("byte "), "{error}");
                    }
                }
            }
        }
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn names_are_decoded_and_other_things_are_noted() {
    let Some(folder) = shared("data/mongo-tools/mongorestore/testdata") else { return };
    let open = |name: &str| source::from_arg(folder.join(name).to_str().unwrap()).unwrap();
    let names = |name: &str| -> Vec<String> {
        open(name).collections().unwrap().into_iter().map(|info| info.name).collect()
    };
    assert_eq!(names("specialcharacter"), ["cafés"]);
    let long = names("longcollectionname/db1");
    assert_eq!(long.len(), 1);
    assert!(long[0].len() > 208 && !long[0].contains('%'), "{long:?}");
    assert_eq!(names("prelude_test/prelude_gzip"), ["foo"]);
    assert_eq!(names("testdirs"), ["c1", "c2", "c3", "c4"]);
    let oplog = open("duplicate_index_key_with_oplog");
    assert!(oplog.notes().iter().any(|note| note.contains("oplog.bson")), "{:?}", oplog.notes());
    let series = open("timeseries_tests/ts_dump");
    assert!(series.notes().iter().any(|note| note.contains("time series")), "{:?}", series.notes());
}
