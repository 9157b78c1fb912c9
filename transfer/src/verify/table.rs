//! The tables to be compared.

use std::collections::BTreeMap;

use whimbrel_syntax::model::QName;

use crate::copy_out::fields;
use crate::digest::Digest;
use crate::route::Route;
use crate::verify::ranges::range_of;

#[derive(Debug, Clone)]
pub struct VerifiedTable {
    pub table: QName,
    /// Its name as `whimbrel.rejects` has it.
    pub name: String,
    /// The columns that are compared, in the order of the tuples' fields.
    pub columns: Vec<&'static str>,
    /// Which of them form the key, ascending. Empty: the whole row is its own key.
    pub key: Vec<usize>,
    pub collections: Vec<&'static str>,
}

impl VerifiedTable {
    /// Writes the key of a tuple, its fields with their lengths, over `key`; without a key, the tuple's digest.
    pub fn key_of(&self, tuple: &[u8], key: &mut Vec<u8>) {
        key.clear();
        let Some(&last) = self.key.last() else {
            key.extend_from_slice(&Digest::of(tuple).to_bytes());
            return;
        };
        for (at, field) in fields(tuple).take(last + 1).enumerate() {
            if self.key.contains(&at) {
                let length = field.map_or(-1, |bytes| bytes.len() as i64);
                key.extend_from_slice(&length.to_be_bytes());
                key.extend_from_slice(field.unwrap_or_default());
            }
        }
    }

    /// The range and the digest of a tuple; `key` is scratch memory.
    pub fn place(&self, tuple: &[u8], key: &mut Vec<u8>) -> (usize, Digest) {
        self.key_of(tuple, key);
        (range_of(key), Digest::of(tuple))
    }
}

/// The tables of the routes, in the order of their names. `slots[route][target]` is the table's index.
#[derive(Debug, Clone, Default)]
pub struct VerifiedTables {
    pub list: Vec<VerifiedTable>,
    pub slots: Vec<Vec<usize>>,
}

impl VerifiedTables {
    pub fn of(routes: &[Route]) -> Self {
        let mut by_table: BTreeMap<QName, VerifiedTable> = BTreeMap::new();
        for (route, target) in
            routes.iter().flat_map(|route| route.targets.iter().map(move |target| (route, target)))
        {
            let mut key = target.spec.key.to_vec();
            key.sort_unstable();
            let table = by_table.entry(target.table.clone()).or_insert_with(|| VerifiedTable {
                table: target.table.clone(),
                name: target.table.to_string(),
                columns: target.spec.columns.to_vec(),
                key,
                collections: Vec::new(),
            });
            if !table.collections.contains(&route.collection) {
                table.collections.push(route.collection);
            }
        }
        let list: Vec<VerifiedTable> = by_table.into_values().collect();
        let find = |table: &QName| list.partition_point(|verified| verified.table < *table);
        let slots = routes
            .iter()
            .map(|route| route.targets.iter().map(|target| find(&target.table)).collect())
            .collect();
        VerifiedTables { list, slots }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy_out::tuple;

    fn table(key: &[usize]) -> VerifiedTable {
        VerifiedTable {
            table: QName::public("t"),
            name: "t".to_owned(),
            columns: vec!["a", "b", "c"],
            key: key.to_vec(),
            collections: Vec::new(),
        }
    }

    #[test]
    fn a_key_is_its_fields_and_nothing_else() {
        let key = |table: &VerifiedTable, fields: &[Option<&[u8]>]| {
            let mut key = Vec::new();
            table.key_of(&tuple(fields), &mut key);
            key
        };
        let second = table(&[1]);
        assert_eq!(
            key(&second, &[Some(b"x"), Some(b"k"), None]),
            key(&second, &[None, Some(b"k"), Some(b"z")])
        );
        assert_ne!(key(&second, &[None, Some(b"k"), None]), key(&second, &[None, Some(b"l"), None]));
        // Lengths keep ("ab", "c") and ("a", "bc") apart, and NULL from the empty text.
        let both = table(&[0, 1]);
        assert_ne!(
            key(&both, &[Some(b"ab"), Some(b"c"), None]),
            key(&both, &[Some(b"a"), Some(b"bc"), None])
        );
        assert_ne!(key(&both, &[Some(b""), Some(b"c"), None]), key(&both, &[None, Some(b"c"), None]));
        // Without a key, every value counts.
        let none = table(&[]);
        assert_ne!(key(&none, &[None, None, Some(b"1")]), key(&none, &[None, None, Some(b"2")]));
    }
}
