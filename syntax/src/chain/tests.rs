use super::*;
use crate::model::{Column, ColumnType, QName, Table};

/// The files of a sound chain of `count` migrations.
fn chain(count: i64) -> Vec<ChainFile<'static>> {
    let mut files = Vec::new();
    let mut schema = Schema::default();
    for version in 1..=count {
        let table = Table {
            columns: vec![Column::new("id", ColumnType::sql("uuid"))],
            ..Table::new(QName::public(format!("t{version}")))
        };
        schema.tables.insert(table.name.clone(), table);
        let head = load(&files).unwrap().head;
        let (name, up, down) =
            (format!("step_{version}"), format!("up {version}"), format!("down {version}"));
        files.extend(crate::migration::files(version, &name, head.as_ref(), &schema, [&up, &down]));
    }
    files
}

fn errors(files: &[ChainFile<'_>]) -> Vec<String> {
    match load(files) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(|error| error.to_string()).collect(),
    }
}

fn edit(files: &mut [ChainFile<'static>], name: &str, change: impl Fn(&str) -> String) {
    let file = files.iter_mut().find(|file| file.name == name).unwrap();
    file.content = change(&file.content).into();
}

#[test]
fn a_sound_chain() {
    let mut files = chain(3);
    files.push(ChainFile::new("README.md", "words"));
    files.push(ChainFile::new(".gitkeep", ""));
    files.reverse();
    let chain = load(&files).unwrap();
    assert_eq!(chain.migrations.iter().map(|m| m.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(chain.migrations[1].name, "step_2");
    assert_eq!(chain.migrations[1].up_sql, "up 2");
    let head = chain.head.unwrap();
    assert_eq!(head.version, 3);
    assert_eq!(head.schema.tables.len(), 3);
    assert_eq!(head.link, chain.migrations[2].link);
}

#[test]
fn an_empty_folder() {
    assert_eq!(load(&[]).unwrap(), Chain::default());
}

#[test]
fn a_changed_file() {
    let mut files = chain(2);
    edit(&mut files, "1_step_1.down.sql", |text| format!("{text} "));
    assert_eq!(
        errors(&files),
        ["1_step_1.down.sql was changed after it was written: its checksum is not the one in meta/1.json"]
    );
}

#[test]
fn a_checkout_with_crlf_is_the_same_chain() {
    let files = crate::migration::files(1, "x", None, &Schema::default(), ["SELECT 1;\n", "SELECT 2;\n"]);
    let crlf = files.clone().map(|file| ChainFile::new(file.name, file.content.replace('\n', "\r\n")));
    assert_eq!(load(&crlf).unwrap(), load(&files).unwrap());
    assert_eq!(Checksum::of("SELECT 1;\r\n"), Checksum::of("SELECT 1;\n"));
    assert_ne!(Checksum::of("SELECT 1;\r"), Checksum::of("SELECT 1;\n"));
}

#[test]
fn a_missing_file() {
    for gone in 0..6 {
        let mut files = chain(2);
        let name = files.remove(gone).name;
        let errors = errors(&files);
        assert!(!errors.is_empty(), "{name}");
        if name.starts_with("meta/1") {
            assert_eq!(errors[0], "1_step_1.up.sql: no meta/1.json lists this file");
            assert_eq!(errors[2], "meta/2.json follows version 1, which is missing or invalid");
        } else if name.ends_with("2.up.sql") {
            assert_eq!(errors, ["2_step_2.up.sql is missing; meta/2.json lists it"]);
        }
    }
}

#[test]
fn an_orphan_and_a_stray() {
    let mut files = chain(1);
    files.push(ChainFile::new("7_by_hand.up.sql", ""));
    files.push(ChainFile::new("old/1_x.up.sql", ""));
    files.push(ChainFile::new("notes.sql", ""));
    files.push(ChainFile::new("8_simple.sql", ""));
    files.push(ChainFile::new("-5_x.up.sql", ""));
    files.push(ChainFile::new("99999999999999999999_x.up.sql", ""));
    let errors = errors(&files);
    assert_eq!(errors.len(), 6);
    assert!(errors.contains(&"7_by_hand.up.sql: no meta/7.json lists this file".to_owned()), "{errors:?}");
    assert_eq!(errors.iter().filter(|error| error.contains("the name is neither")).count(), 5);
}

#[test]
fn a_renamed_file() {
    let mut files = chain(1);
    files[0].name = "1_other.up.sql".into();
    assert_eq!(errors(&files), ["1_other.up.sql: its meta file names it 1_step_1.up.sql"]);
}

#[test]
fn a_fork() {
    let mut files = chain(2);
    let mut other = chain(2).split_off(3);
    for file in &mut other {
        file.name = file.name.replace("2_", "3_").replace("2.json", "3.json").into();
        file.content = file.content.replace("\"version\": 2", "\"version\": 3").into();
    }
    files.extend(other.into_iter().map(|mut file| {
        file.name = file.name.replace("step_3", "step_2").into();
        file
    }));
    assert_eq!(errors(&files), ["the chain forks: 2_step_2 and 3_step_2 come last"]);
}

#[test]
fn a_replaced_parent() {
    let mut files = chain(2);
    edit(&mut files, "1_step_1.up.sql", |_| "another".into());
    edit(&mut files, "meta/1.json", |text| {
        text.replace(&Checksum::of("up 1").to_string(), &Checksum::of("another").to_string())
    });
    assert_eq!(errors(&files), ["meta/2.json does not follow this meta/1.json: its `parent_hash` differs"]);
}

#[test]
fn a_changed_snapshot_and_nonsense() {
    let mut files = chain(1);
    edit(&mut files, "meta/1.json", |text| text.replace("\"uuid\"", "\"text\""));
    assert_eq!(errors(&files).len(), 1);
    edit(&mut files, "meta/1.json", |text| text.replace("\"format\": 1", "\"format\": 7"));
    assert_eq!(errors(&files), ["meta/1.json has format 7; this version reads up to 1"]);
    edit(&mut files, "meta/1.json", |_| "<<<<<<< HEAD".into());
    assert!(errors(&files)[0].starts_with("meta/1.json cannot be read: "));
}

#[test]
fn marks_in_files() {
    assert!(no_transaction("-- no-transaction\nCREATE INDEX CONCURRENTLY …"));
    assert!(!no_transaction("SELECT 1; -- no-transaction"));
    assert_eq!(data_loss("-- whimbrel: data-loss: the table a\nDROP TABLE a;\n"), ["the table a"]);
}

#[test]
fn checksums_are_those_of_sqlx() {
    let text = "";
    assert!(
        Checksum::of(text)
            .to_string()
            .starts_with("38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da")
    );
    assert_eq!(Checksum::from_hex(&Checksum::of("x").to_string()), Some(Checksum::of("x")));
    assert_eq!(Checksum::from_hex("é"), None);
}
