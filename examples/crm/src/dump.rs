//! Writes a MongoDB dump of the old CRM: any number of documents, the same ones every time.
//!
//! The folder is what `mongodump --out` writes for one database: for each collection a `.bson` file and a
//! `.metadata.json`. References hold, and a known number of documents is bad on purpose, of many kinds: what
//! should become of all of them is returned. Documents are written one by one; memory does not depend on their
//! number.

mod bad;
mod bson;
mod good;
mod random;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A collection of the old system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u64)]
enum Collection {
    Users = 1,
    Accounts = 2,
    Contacts = 3,
    Opportunities = 4,
    Tasks = 5,
}

impl Collection {
    const ALL: [Collection; 5] = [
        Collection::Users,
        Collection::Accounts,
        Collection::Contacts,
        Collection::Opportunities,
        Collection::Tasks,
    ];

    const fn name(self) -> &'static str {
        match self {
            Collection::Users => "crm_Users",
            Collection::Accounts => "crm_Accounts",
            Collection::Contacts => "crm_Contacts",
            Collection::Opportunities => "crm_Opportunities",
            Collection::Tasks => "crm_Tasks",
        }
    }

    /// The table that gets a row for each of its documents, alone in a list.
    const fn table(self) -> &'static [&'static str] {
        match self {
            Collection::Users => &["users"],
            Collection::Accounts => &["accounts"],
            Collection::Contacts => &["contacts"],
            Collection::Opportunities => &["opportunities"],
            Collection::Tasks => &["tasks"],
        }
    }

    /// How many of a hundred documents are its own.
    const fn percent(self) -> u64 {
        match self {
            Collection::Users => 2,
            Collection::Accounts => 8,
            Collection::Contacts | Collection::Opportunities | Collection::Tasks => 30,
        }
    }

    /// The key of its `index`-th document.
    fn id(self, index: u64) -> [u8; 12] {
        object_id(self as u8, index)
    }
}

/// An ObjectId: seconds, five bytes of "machine and process", a counter of three bytes.
fn object_id(machine: u8, index: u64) -> [u8; 12] {
    // A new document every second minute, and never the same counter twice within a second.
    let seconds = u32::try_from(1_609_459_200 + index / 50).unwrap_or(u32::MAX);
    let mut id = [0; 12];
    id[..4].copy_from_slice(&seconds.to_be_bytes());
    id[4..9].copy_from_slice(&[0xc0, 0xff, 0xee, 0x42, machine]);
    id[9..].copy_from_slice(&index.to_be_bytes()[5..]);
    id
}

/// How large a dump is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dump {
    /// The number of documents, bad ones included.
    pub documents: u64,
    /// How many of them are bad: at most a tenth.
    pub bad: u64,
}

/// What was written, and what should become of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Documents by collection.
    pub documents: BTreeMap<&'static str, u64>,
    /// The size of all `.bson` files.
    pub bytes: u64,
    /// The rows that should arrive, by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// The rows that should be rejected, by table and code; the table of documents that cannot be read at all has
    /// no name.
    pub rejects: BTreeMap<(&'static str, &'static str), u64>,
}

/// How many documents each collection has.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    dump: Dump,
}

impl Sizes {
    /// Those that others refer to: they have the first indexes. At least one, whatever the size of the dump.
    fn good(&self, collection: Collection) -> u64 {
        let good = self.dump.documents - self.dump.bad;
        let others: u64 = Collection::ALL
            .into_iter()
            .filter(|other| *other != Collection::Tasks)
            .map(|other| self.share(other))
            .sum();
        match collection {
            // What is left, so that the sum is right.
            Collection::Tasks => good.saturating_sub(others),
            other => self.share(other),
        }
    }

    fn share(&self, collection: Collection) -> u64 {
        ((self.dump.documents - self.dump.bad) * collection.percent() / 100).max(1)
    }

    /// Those that are bad: the kinds take turns.
    fn bad(&self, collection: Collection) -> u64 {
        let kinds = bad::KINDS.len() as u64;
        (0..kinds)
            .zip(bad::KINDS)
            .filter(|(_, kind)| kind.collection == collection)
            .map(|(turn, _)| self.turns(turn))
            .sum()
    }

    /// How many documents of the kind with this turn there are.
    fn turns(&self, turn: u64) -> u64 {
        let kinds = bad::KINDS.len() as u64;
        self.dump.bad / kinds + u64::from(turn < self.dump.bad % kinds)
    }
}

impl Dump {
    /// A dump of that size in which one of 300 documents is bad.
    pub fn new(documents: u64) -> Self {
        Dump { documents, bad: documents / 300 }
    }

    /// A dump of that size in which everything is as it should be.
    pub fn good(documents: u64) -> Self {
        Dump { documents, bad: 0 }
    }

    /// Writes it into a folder, which is created; calls `progress` with the number of documents now and then.
    ///
    /// # Errors
    /// A file cannot be written; more than a tenth is to be bad ([`io::ErrorKind::InvalidInput`]).
    pub fn write(&self, folder: &Path, progress: &mut dyn FnMut(u64)) -> io::Result<Written> {
        if self.documents < 10 || self.bad > self.documents / 10 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a dump has at least 10 documents, and at most a tenth of them is bad",
            ));
        }
        std::fs::create_dir_all(folder)?;
        let sizes = Sizes { dump: *self };
        let mut written = Written::default();
        for table in Collection::ALL.iter().flat_map(|collection| collection.table()) {
            written.rows.insert(table, 0);
        }
        for collection in Collection::ALL {
            let name = collection.name();
            let mut file =
                BufWriter::with_capacity(1 << 20, File::create(folder.join(format!("{name}.bson")))?);
            write_collection(collection, &sizes, &mut file, &mut written, progress)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()?;
            std::fs::write(folder.join(format!("{name}.metadata.json")), metadata(name))?;
        }
        Ok(written)
    }
}

/// What mongodump writes beside the documents.
fn metadata(name: &str) -> String {
    format!(
        r#"{{"indexes":[{{"v":{{"$numberInt":"2"}},"key":{{"_id":{{"$numberInt":"1"}}}},"name":"_id_"}}],"uuid":"","collectionName":"{name}","type":"collection"}}"#
    )
}

/// Writes one collection, its bad documents spread among the good ones.
fn write_collection(
    collection: Collection,
    sizes: &Sizes,
    out: &mut impl Write,
    written: &mut Written,
    progress: &mut dyn FnMut(u64),
) -> io::Result<()> {
    let (good, bad) = (sizes.good(collection), sizes.bad(collection));
    let kinds: Vec<_> = bad::KINDS.iter().filter(|kind| kind.collection == collection).collect();
    let mut left: Vec<u64> = (0..)
        .zip(bad::KINDS)
        .filter(|(_, kind)| kind.collection == collection)
        .map(|(turn, _)| sizes.turns(turn))
        .collect();
    let every = good / (bad + 1) + 1;
    let mut buffer = Vec::new();
    let (mut made, mut turn) = (0, 0);
    let before: u64 = written.documents.values().sum();
    for index in 0..good + bad {
        buffer.clear();
        let due = made < bad && (index % every == every - 1 || index >= good + made);
        if due {
            // Kinds whose documents are all written are passed over.
            while left[turn % left.len()] == 0 {
                turn += 1;
            }
            let which = turn % left.len();
            let kind = kinds[which];
            left[which] -= 1;
            turn += 1;
            write_bad(kind, good + made, left[which], &mut buffer, written);
            made += 1;
        } else {
            write_good(collection, index - made, sizes, &mut buffer, written);
        }
        out.write_all(&buffer)?;
        written.bytes += buffer.len() as u64;
        if index % 1000 == 999 {
            progress(before + index + 1);
        }
    }
    written.documents.insert(collection.name(), good + bad);
    progress(before + good + bad);
    Ok(())
}

fn write_bad(kind: &bad::Kind, index: u64, number: u64, buffer: &mut Vec<u8>, written: &mut Written) {
    kind.write(buffer, index, number);
    // Twins come in pairs 2n and 2n + 1: one of each pair arrives.
    let arrives = kind.twins && number.is_multiple_of(2);
    let rows = if arrives { kind.rejects } else { kind.rows };
    for table in rows {
        *written.rows.entry(table).or_default() += 1;
    }
    for table in if arrives { &[] } else { kind.rejects } {
        *written.rejects.entry((table, kind.code)).or_default() += 1;
    }
}

fn write_good(
    collection: Collection,
    index: u64,
    sizes: &Sizes,
    buffer: &mut Vec<u8>,
    written: &mut Written,
) {
    let mut count = |table, rows| *written.rows.entry(table).or_default() += rows;
    bson::document(buffer, |fields| match collection {
        Collection::Users => good::user(fields, index, sizes),
        Collection::Accounts => good::account(fields, index, sizes),
        Collection::Contacts => good::contact(fields, index, sizes),
        Collection::Opportunities => {
            good::opportunity(fields, index, sizes);
            let watchers = good::watchers(index, sizes);
            fields.array("watchers", &watchers, |list, key, user| list.id(key, *user));
            count("opportunity_watchers", watchers.len() as u64);
        }
        Collection::Tasks => {
            good::task(fields, index, sizes);
            let comments = good::comments(index, sizes);
            fields.array("comments", &comments, |list, key, comment| {
                list.object(key, |element| {
                    element.id("_id", comment.id);
                    element.id("author", comment.author);
                    element.string("text", &comment.text);
                    element.date("at", comment.at);
                });
            });
            count("task_comments", comments.len() as u64);
        }
    });
    for table in collection.table() {
        count(table, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel::bson::Document;

    /// The documents of a file, as far as the driver can read them.
    fn read(folder: &Path, collection: Collection) -> Vec<Option<Document>> {
        let bytes = std::fs::read(folder.join(format!("{}.bson", collection.name()))).unwrap();
        let mut left = bytes.as_slice();
        let mut documents = Vec::new();
        while let Some(length) = left.first_chunk() {
            let length = usize::try_from(i32::from_le_bytes(*length)).unwrap();
            documents.push(Document::from_reader(&left[..length]).ok());
            left = &left[length..];
        }
        documents
    }

    #[test]
    fn every_dump_is_the_same_and_as_large_as_asked_for() {
        for documents in [10, 1_000, 3_333] {
            let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let mut seen = 0;
            let dump = Dump { documents, bad: documents / 10 };
            let written = dump.write(one.path(), &mut |now| seen = now).unwrap();
            assert_eq!(dump.write(two.path(), &mut |_| {}).unwrap(), written);
            assert_eq!(written.documents.values().sum::<u64>(), documents);
            assert_eq!(seen, documents);
            let mut bytes = 0;
            for collection in Collection::ALL {
                let name = format!("{}.bson", collection.name());
                let file = std::fs::read(one.path().join(&name)).unwrap();
                assert_eq!(file, std::fs::read(two.path().join(&name)).unwrap());
                assert_eq!(read(one.path(), collection).len() as u64, written.documents[collection.name()]);
                bytes += file.len() as u64;
            }
            assert_eq!(bytes, written.bytes);
        }
    }

    #[test]
    fn every_kind_of_bad_document_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let dump = Dump::new(30_000);
        let written = dump.write(folder.path(), &mut |_| {}).unwrap();
        let codes: std::collections::BTreeSet<_> = written.rejects.keys().map(|(_, code)| *code).collect();
        let kinds: std::collections::BTreeSet<_> = bad::KINDS.iter().map(|kind| kind.code).collect();
        assert_eq!(codes, kinds);
        // Every document is counted once: as a row of its collection's table, or as a reject of it.
        for collection in Collection::ALL.into_iter().filter(|collection| *collection != Collection::Tasks) {
            let table = collection.table()[0];
            let rejects: u64 =
                written.rejects.iter().filter(|((of, _), _)| *of == table).map(|(_, rejects)| rejects).sum();
            assert_eq!(written.rows[table] + rejects, written.documents[collection.name()], "{table}");
        }
    }

    #[test]
    fn keys_are_unique_and_references_hold() {
        let folder = tempfile::tempdir().unwrap();
        Dump::good(2_000).write(folder.path(), &mut |_| {}).unwrap();
        let of = |collection| {
            let documents: Vec<_> = read(folder.path(), collection).into_iter().map(Option::unwrap).collect();
            let keys: std::collections::BTreeSet<_> =
                documents.iter().map(|document| document.get_object_id("_id").unwrap()).collect();
            assert_eq!(keys.len(), documents.len());
            (documents, keys)
        };
        let (_, users) = of(Collection::Users);
        let (accounts, account_keys) = of(Collection::Accounts);
        let (opportunities, _) = of(Collection::Opportunities);
        assert!(accounts.iter().all(|account| users.contains(&account.get_object_id("owner").unwrap())));
        for opportunity in opportunities {
            assert!(account_keys.contains(&opportunity.get_object_id("account").unwrap()));
            let watchers: Vec<_> = opportunity.get_array("watchers").unwrap().iter().collect();
            assert!(watchers.iter().all(|user| users.contains(&user.as_object_id().unwrap())));
            let distinct: std::collections::BTreeSet<_> =
                watchers.iter().map(|user| user.as_object_id()).collect();
            assert_eq!(distinct.len(), watchers.len());
        }
    }
}
