//! Writes a dump of all collections of the old system that the models of this crate know.
//!
//! The models say everything that is needed: which collections there are, which field has which type, what refers
//! to what. References hold, and the arrays on both sides of a relation agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use whimbrel::__private::registry;
use whimbrel::__private::schema::model::{Column, ElementType, QName, Schema, Table};
use whimbrel::__private::transform::TransformSpec;
use whimbrel::bson::oid::ObjectId;
use whimbrel::bson::{Bson, DateTime, Document, doc};

use crate::MIRRORED;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Documents by collection.
    pub documents: BTreeMap<&'static str, u64>,
    /// Rows that should arrive, by table.
    pub rows: BTreeMap<String, u64>,
}

/// Pairs of documents' numbers, by junction table.
type Pairs = BTreeMap<QName, BTreeSet<(u64, u64)>>;

/// Writes `each` documents per collection into a folder, as mongodump does.
///
/// # Errors
/// A file cannot be written.
pub fn write(folder: &Path, each: u64) -> io::Result<Written> {
    std::fs::create_dir_all(folder)?;
    let maker = Maker::new(each);
    let mut written = Written::default();
    for spec in maker.specs.iter().filter(|spec| spec.each.is_none()) {
        let mut file = BufWriter::new(File::create(folder.join(format!("{}.bson", spec.collection)))?);
        for number in 0..each {
            maker.document(spec, number).to_writer(&mut file).map_err(io::Error::other)?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?;
        written.documents.insert(spec.collection, each);
        written.rows.insert((spec.table)().name, each);
    }
    for (table, pairs) in &maker.pairs {
        written.rows.insert(table.name.clone(), pairs.len() as u64);
    }
    Ok(written)
}

struct Maker {
    each: u64,
    specs: Vec<&'static TransformSpec>,
    schema: Schema,
    pairs: Pairs,
}

impl Maker {
    fn new(each: u64) -> Self {
        let specs = registry::transforms();
        let mut pairs = Pairs::new();
        for spec in specs.iter().filter(|spec| spec.each.is_some()) {
            // Every document belongs to none, one or two others.
            let of = |number: u64| (0..number % 3).map(move |next| (number, (number * 7 + next) % each));
            pairs.insert((spec.table)(), (0..each).flat_map(of).collect());
        }
        Maker { each, specs, schema: registry::schema(), pairs }
    }

    /// A document of a collection: every column of its table, every array it has a side of.
    fn document(&self, spec: &TransformSpec, number: u64) -> Document {
        let name = (spec.table)();
        let mut document = doc! { "_id": key(&name, number) };
        let Some(table) = self.schema.tables.get(&name) else { return document };
        let columns = table.columns.iter().filter(|column| column.name != "id");
        for (place, column) in (1..).zip(columns) {
            // A field that need not be there is null now and then, and missing now and then.
            match (column.not_null, (number + place) % 5) {
                (false, 0) => {}
                (false, 1) => drop(document.insert(column.name.clone(), Bson::Null)),
                _ => drop(document.insert(column.name.clone(), self.value(table, column, number, place))),
            }
        }
        for junction in self.specs.iter().filter(|other| other.collection == spec.collection) {
            if let (Some(array), Some(other)) = (junction.each, self.element_of(junction)) {
                let pairs = self.pairs[&(junction.table)()].iter().filter(|(one, _)| *one == number);
                document.insert(array, pairs.map(|(_, two)| key(&other, *two).into()).collect::<Vec<Bson>>());
            }
        }
        for (_, field, table) in MIRRORED.iter().filter(|(collection, ..)| *collection == spec.collection) {
            let junction = self.specs.iter().find(|other| (other.table)().name == *table);
            let Some(owner) = junction.and_then(|junction| self.table_of(junction.collection)) else {
                continue;
            };
            let pairs = self.pairs[&QName::public(*table)].iter().filter(|(_, two)| *two == number);
            document.insert(*field, pairs.map(|(one, _)| key(&owner, *one).into()).collect::<Vec<Bson>>());
        }
        document
    }

    /// The table that gets a row for every document of a collection.
    fn table_of(&self, collection: &str) -> Option<QName> {
        let spec = self.specs.iter().find(|spec| spec.collection == collection && spec.each.is_none());
        spec.map(|spec| (spec.table)())
    }

    /// What the elements of a junction's array refer to: the one of its two foreign keys that does not lead back.
    fn element_of(&self, junction: &TransformSpec) -> Option<QName> {
        let owner = self.table_of(junction.collection)?;
        let keys = self.schema.tables.get(&(junction.table)())?.foreign_keys.values();
        keys.map(|key| key.references.clone()).find(|table| *table != owner)
    }

    /// A value that fits a column.
    fn value(&self, table: &Table, column: &Column, number: u64, place: u64) -> Bson {
        let reference = table.foreign_keys.values().find(|key| key.columns == [column.name.clone()]);
        if let Some(reference) = reference {
            return key(&reference.references, (number * 3 + place) % self.each).into();
        }
        let one = |salt: u64| match &column.ty.element {
            ElementType::Enum(name) => {
                let labels =
                    self.schema.enums.get(name).map(|found| found.labels.as_slice()).unwrap_or_default();
                let at = usize::try_from(number + salt).unwrap_or(0) % labels.len().max(1);
                labels.get(at).map_or(Bson::Null, |label| label.clone().into())
            }
            ElementType::Sql(ty) => sql_value(ty, column, number, place + salt),
        };
        match column.ty.array {
            true => Bson::Array((0..number % 4).map(one).collect()),
            false => one(0),
        }
    }
}

/// A value of a plain type.
fn sql_value(ty: &str, column: &Column, number: u64, salt: u64) -> Bson {
    match ty {
        "uuid" => key(&QName::public(column.name.clone()), number + salt).into(),
        "integer" => i32::try_from((number * 31 + salt) % 100_000).unwrap_or(0).into(),
        "boolean" => ((number + salt).is_multiple_of(2)).into(),
        "jsonb" => Bson::Document(
            doc! { "what": &column.name, "number": i64::try_from(number).unwrap_or(0), "list": [1, "zwei", 3.5, null] },
        ),
        ty if ty.starts_with("timestamp") => {
            let milliseconds =
                1_600_000_000_000 + i64::try_from((number * 86_399 + salt) % 100_000_000_000).unwrap_or(0);
            DateTime::from_millis(milliseconds).into()
        }
        _ => format!("{} {number} – “{salt}”", column.name).into(),
    }
}

/// The key of a table's `number`-th document.
fn key(table: &QName, number: u64) -> ObjectId {
    let name = table.name.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let mut bytes = [0; 12];
    bytes[..4]
        .copy_from_slice(&(1_600_000_000_u32.wrapping_add(u32::try_from(number).unwrap_or(0))).to_be_bytes());
    bytes[4..8].copy_from_slice(&name.to_be_bytes());
    bytes[8..].copy_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
    ObjectId::from_bytes(bytes)
}
