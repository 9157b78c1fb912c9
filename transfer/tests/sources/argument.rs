//! What a command line may name.

use whimbrel::Hint as _;
use whimbrel_transfer::source;

use crate::support::{documents, file};

#[test]
fn what_cannot_be_read_is_told_with_what_can() {
    let (folder, _path) = file("things.txt", b"x");
    std::fs::write(folder.path().join("t.csv"), b"a,b").unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (argument, words) in [
        (String::new(), "empty"),
        (at("missing"), "no file or folder"),
        (at("missing.bson?db=x"), "no file or folder"),
        (at("things.txt"), "cannot be read as a source"),
        (at("t.csv"), "cannot be read as a source"),
        (at("empty"), "neither .bson"),
        (at("things.txt?colour=red"), "is not an option"),
        ("postgres://user:secret@host/db".into(), "postgres://"),
        ("-".into(), "no file or folder"),
    ] {
        let error = source::from_arg(&argument).err().unwrap_or_else(|| panic!("{argument} was opened"));
        assert!(error.to_string().contains(words), "{argument}: {error}");
        assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{argument}: {error}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[test]
fn one_export_can_be_given_its_collection() {
    let (_folder, path) = file("download (3).json", b"{\"_id\": 1}");
    let argument = format!("{}?collection=users", path.display());
    let source = source::from_arg(&argument).unwrap();
    assert_eq!(source.collections().unwrap()[0].name, "users");
}

#[test]
fn memory_is_a_source_too() {
    let wanted = documents(50);
    let mut source = source::MemorySource::new();
    source.add("things", wanted.clone());
    crate::support::check_resuming(&source, "things", &wanted);
    for parts in [1, 3, 100] {
        let ranges = source::Source::split(&source, "things", parts).unwrap();
        crate::support::check_ranges(&source, "things", &ranges, &wanted);
    }
}
