//! Writes a MongoDB dump of the old CRM: any number of documents, the same ones every time.
//!
//! The folder is what `mongodump --out` writes for one database: for each collection a `.bson` file and a
//! `.metadata.json`. References hold, and a known number of documents is bad on purpose, of many kinds: what
//! should become of all of them is returned. Documents are written one by one; memory does not depend on their
//! number.

mod bad;
mod good;
mod random;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use whimbrel::bson::oid::ObjectId;
use whimbrel::bson::{Bson, Decimal128, Document};

use random::Random;

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

    /// Its name, the table that gets a row for each of its documents, and how many of a hundred documents are its own.
    const fn facts(self) -> (&'static str, &'static [&'static str], u64) {
        match self {
            Collection::Users => ("crm_Users", &["users"], 2),
            Collection::Accounts => ("crm_Accounts", &["accounts"], 8),
            Collection::Contacts => ("crm_Contacts", &["contacts"], 30),
            Collection::Opportunities => ("crm_Opportunities", &["opportunities"], 30),
            Collection::Tasks => ("crm_Tasks", &["tasks"], 30),
        }
    }

    const fn name(self) -> &'static str {
        self.facts().0
    }

    /// Its table, alone in a list.
    const fn table(self) -> &'static [&'static str] {
        self.facts().1
    }

    /// The key of its `index`-th document.
    fn id(self, index: u64) -> ObjectId {
        object_id(self as u8, index)
    }
}

/// An ObjectId: seconds, five bytes of "machine and process", a counter of three bytes.
fn object_id(machine: u8, index: u64) -> ObjectId {
    // A new document every second minute, and never the same counter twice within a second.
    let seconds = u32::try_from(1_609_459_200 + index / 50).unwrap_or(u32::MAX);
    let mut id = [0; 12];
    id[..4].copy_from_slice(&seconds.to_be_bytes());
    id[4..9].copy_from_slice(&[0xc0, 0xff, 0xee, 0x42, machine]);
    id[9..].copy_from_slice(&index.to_be_bytes()[5..]);
    ObjectId::from_bytes(id)
}

/// `coefficient × 10^exponent`
fn decimal(coefficient: i64, exponent: i16) -> Bson {
    format!("{coefficient}E{exponent}").parse::<Decimal128>().map_or(Bson::Null, Bson::from)
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

impl Dump {
    /// A dump of that size in which one of 300 documents is bad.
    pub fn new(documents: u64) -> Self {
        Dump { documents, bad: documents / 300 }
    }

    /// A dump of that size in which everything is as it should be.
    pub fn good(documents: u64) -> Self {
        Dump { documents, bad: 0 }
    }

    /// How many documents of a collection are good: at least one, whatever the size of the dump. They have the first
    /// indexes.
    fn good_of(&self, collection: Collection) -> u64 {
        let good = self.documents - self.bad;
        let share = |collection: Collection| (good * collection.facts().2 / 100).max(1);
        let others = Collection::ALL.into_iter().filter(|other| *other != Collection::Tasks).map(share);
        match collection {
            // What is left, so that the sum is right.
            Collection::Tasks => good.saturating_sub(others.sum()),
            other => share(other),
        }
    }

    /// The bad documents of a collection: each one's kind, and its number among those of its kind. The kinds take turns.
    fn bad_of(&self, collection: Collection) -> impl Iterator<Item = (&'static bad::Kind, u64)> {
        let kinds = bad::KINDS.len() as u64;
        let all = (0..self.bad).zip(bad::KINDS.iter().cycle());
        all.filter(move |(_, kind)| kind.collection == collection).map(move |(at, kind)| (kind, at / kinds))
    }

    /// The key of a good document of that collection.
    fn any(&self, collection: Collection, random: &mut Random) -> ObjectId {
        collection.id(random.below(self.good_of(collection)))
    }

    /// Writes it into a folder, which is created.
    ///
    /// # Errors
    /// A file cannot be written; more than a tenth is to be bad ([`io::ErrorKind::InvalidInput`]).
    pub fn write(&self, folder: &Path) -> io::Result<Written> {
        if self.documents < 10 || self.bad > self.documents / 10 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a dump has at least 10 documents, and at most a tenth of them is bad",
            ));
        }
        std::fs::create_dir_all(folder)?;
        let mut written = Written::default();
        for collection in Collection::ALL {
            let name = collection.name();
            written.rows.insert(collection.table()[0], 0);
            let mut file =
                BufWriter::with_capacity(1 << 20, File::create(folder.join(format!("{name}.bson")))?);
            self.write_collection(collection, &mut file, &mut written)?;
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()?;
            std::fs::write(folder.join(format!("{name}.metadata.json")), metadata(name))?;
        }
        Ok(written)
    }

    /// Writes one collection, its bad documents spread among the good ones.
    fn write_collection(
        &self,
        collection: Collection,
        out: &mut impl Write,
        written: &mut Written,
    ) -> io::Result<()> {
        let good = self.good_of(collection);
        let mut bad = self.bad_of(collection).peekable();
        let count = self.bad_of(collection).count() as u64;
        let every = good / (count + 1) + 1;
        let mut made = 0;
        for index in 0..good + count {
            let due = index % every == every - 1 || index >= good + made;
            let bytes = match bad.next_if(|_| due) {
                Some((kind, number)) => {
                    made += 1;
                    written.count_bad(kind, number);
                    kind.document(good + made - 1, number)
                }
                None => {
                    let document = good::document(collection, index - made, self);
                    written.count_good(collection, &document);
                    document.to_vec()
                }
            };
            let bytes = bytes.map_err(io::Error::other)?;
            out.write_all(&bytes)?;
            written.bytes += bytes.len() as u64;
        }
        written.documents.insert(collection.name(), good + count);
        Ok(())
    }
}

impl Written {
    fn count_good(&mut self, collection: Collection, document: &Document) {
        let table = (collection.table()[0], 1);
        let arrays = [("watchers", "opportunity_watchers"), ("comments", "task_comments")];
        let rows = arrays.map(|(field, table)| (table, document.get_array(field).map_or(0, Vec::len) as u64));
        for (table, rows) in rows.into_iter().filter(|(_, rows)| *rows > 0).chain([table]) {
            *self.rows.entry(table).or_default() += rows;
        }
    }

    fn count_bad(&mut self, kind: &bad::Kind, number: u64) {
        // Twins come in pairs 2n and 2n + 1: one of each pair arrives.
        let arrives = kind.twins && number.is_multiple_of(2);
        for table in if arrives { kind.rejects } else { kind.rows } {
            *self.rows.entry(table).or_default() += 1;
        }
        for table in if arrives { &[] } else { kind.rejects } {
            *self.rejects.entry((table, kind.code)).or_default() += 1;
        }
    }
}

/// What mongodump writes beside the documents.
fn metadata(name: &str) -> String {
    format!(
        r#"{{"indexes":[{{"v":{{"$numberInt":"2"}},"key":{{"_id":{{"$numberInt":"1"}}}},"name":"_id_"}}],"uuid":"","collectionName":"{name}","type":"collection"}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let dump = Dump { documents, bad: documents / 10 };
            let written = dump.write(one.path()).unwrap();
            assert_eq!(dump.write(two.path()).unwrap(), written);
            assert_eq!(written.documents.values().sum::<u64>(), documents);
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
        let written = dump.write(folder.path()).unwrap();
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
}
