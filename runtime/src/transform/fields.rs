//! Which fields documents have: those that no column reads, and those that columns read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::plan::{Node, Plan, Trie, ValueSource};
use super::value::{Element, Elements, Tag, Value};
use super::walk::Slot;

/// The most paths that are counted by name in a buffer: documents may have any number of different fields.
const PATHS: usize = 1000;
/// The longest name of a field that is counted, in bytes.
const NAME: usize = 256;

/// What is counted of the fields of documents.
#[derive(Debug, Clone, Copy)]
pub struct Count<'a> {
    pub unread: Unread,
    /// Declared paths. A field that one of them leads into is counted by its parts.
    pub ignored: &'a [String],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// None: something takes everything.
    No,
    /// Those of nested documents and elements that the model reads in part: another model counts the document's own.
    Nested,
    All,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldCounts {
    /// Paths that no column of the model reads, with the number of documents that have them.
    pub unread: BTreeMap<String, u64>,
    /// Paths that columns of the model read and some document has; `lines[]` if a row was made of an element.
    pub read: BTreeSet<String>,
    /// Whether there were more paths than can be counted by name.
    pub more: bool,
}

impl FieldCounts {
    /// Adds the counts of other documents.
    pub fn add(&mut self, other: FieldCounts) {
        self.merge(other, |count, more| *count += more);
    }

    /// Adds the counts of the same documents by another model.
    pub fn unite(&mut self, other: FieldCounts) {
        self.merge(other, |count, other| *count = other.max(*count));
    }

    fn merge(&mut self, other: FieldCounts, join: impl Fn(&mut u64, u64)) {
        for (path, count) in other.unread {
            if let Some(before) = self.unread.get_mut(&path) {
                join(before, count);
            } else if self.unread.len() < PATHS {
                self.unread.insert(path, count);
            } else {
                self.more = true;
            }
        }
        self.read.extend(other.read);
        self.more |= other.more;
    }
}

#[derive(Debug)]
pub(crate) struct Counter {
    plan: &'static Plan,
    /// Whether columns take elements whole.
    pub(crate) whole_elements: bool,
    pub(crate) document: Fields,
    pub(crate) element: Fields,
}

impl Counter {
    #[cold]
    pub(crate) fn new(plan: &'static Plan) -> Self {
        let each = plan.each.as_ref().map_or_else(String::new, |each| format!("{}[].", each.path));
        let mut document = Fields::new(&plan.document, "");
        let mut element = Fields::new(&plan.element, &each);
        let mut whole_elements = false;
        for column in plan.columns {
            match column.from {
                ValueSource::Document(slot) => document.unseen.push(slot),
                ValueSource::Element(slot) => element.unseen.push(slot),
                ValueSource::Item | ValueSource::Rest => whole_elements = true,
                ValueSource::Ordinal => {}
            }
        }
        document.unseen.extend(plan.each.as_ref().map(|each| each.slot));
        Counter { plan, whole_elements, document, element }
    }

    pub(crate) fn begin(&mut self) {
        self.document.number += 1;
        self.element.number += 1;
    }

    pub(crate) fn finish(self) -> FieldCounts {
        let mut counts = FieldCounts::default();
        let Counter { plan, document, element, .. } = self;
        let each = plan.each.as_ref();
        for column in plan.columns {
            match (column.from, each) {
                (ValueSource::Document(slot), _) if !document.unseen.contains(&slot) => {
                    counts.read.insert(column.path.to_owned());
                }
                (ValueSource::Element(slot), Some(each)) if !element.unseen.contains(&slot) => {
                    counts.read.insert(format!("{}[].{}", each.path, column.path));
                }
                _ => {}
            }
        }
        if let Some(each) = each.filter(|each| !document.unseen.contains(&each.slot)) {
            counts.read.insert(each.path.to_owned());
            counts.read.extend(element.walked.then(|| format!("{}[]", each.path)));
        }
        for fields in [document, element] {
            counts.more |= fields.left == 0 || fields.long;
            fields.levels.into_iter().for_each(|level| level.collect(&mut counts.unread));
        }
        counts
    }
}

/// The fields of documents, or of elements.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// For the root, and below each slot.
    levels: Vec<Level>,
    /// Slots of columns that no value was found for.
    unseen: Vec<u16>,
    walked: bool,
    /// The current document, from 1.
    number: u64,
    left: usize,
    long: bool,
}

impl Fields {
    fn new(trie: &Trie, prefix: &str) -> Self {
        let mut levels: Vec<Level> = Vec::new();
        levels.resize_with(1 + usize::from(trie.slots), Level::default);
        prefixes(trie.nodes, prefix, &mut levels);
        levels[0].prefix = prefix.to_owned();
        Fields { levels, left: PATHS, ..Fields::default() }
    }

    /// Notes which values were found.
    pub(crate) fn seen(&mut self, slots: &[Slot<'_>]) {
        self.walked = true;
        self.unseen
            .retain(|&slot| !matches!(slots.get(usize::from(slot)), Some(Slot::Found(_) | Slot::Twice)));
    }

    /// Counts a field that no column reads.
    pub(crate) fn unread(&mut self, level: usize, element: Element<'_>, ignored: &[String]) {
        let Fields { levels, number, left, long, .. } = self;
        if let Some(level) = levels.get_mut(level) {
            level.count(element, &mut Counting { number: *number, ignored, left, long });
        }
    }
}

fn prefixes(nodes: &[Node], prefix: &str, levels: &mut [Level]) {
    for node in nodes {
        let below = format!("{prefix}{}.", node.name);
        prefixes(node.children, &below, levels);
        if let Some(level) = levels.get_mut(1 + usize::from(node.slot)) {
            level.prefix = below;
        }
    }
}

struct Counting<'c> {
    number: u64,
    ignored: &'c [String],
    left: &'c mut usize,
    long: &'c mut bool,
}

/// The fields of one level that no column reads.
#[derive(Debug, Default)]
struct Level {
    prefix: String,
    fields: Vec<Field>,
    by_name: HashMap<Box<[u8]>, usize>,
    /// Documents of a collection have their fields in much the same order: the guess for the next one.
    next: usize,
}

#[derive(Debug)]
struct Field {
    name: Box<[u8]>,
    path: String,
    documents: u64,
    /// The last document that had it.
    last: u64,
    /// Its fields, where a declared path leads into them.
    fields: Option<Box<Level>>,
    /// The fields of its elements, likewise.
    elements: Option<Box<Level>>,
}

impl Level {
    fn at(prefix: String) -> Self {
        Level { prefix, ..Level::default() }
    }

    fn count(&mut self, element: Element<'_>, counting: &mut Counting<'_>) {
        let guess = if self.next < self.fields.len() { self.next } else { 0 };
        let at = match self.fields.get(guess) {
            Some(field) if *field.name == *element.key => guess,
            _ => match self.by_name.get(element.key) {
                Some(at) => *at,
                None => match self.insert(element.key, counting) {
                    Some(at) => at,
                    None => return,
                },
            },
        };
        self.next = at + 1;
        let Some(field) = self.fields.get_mut(at) else { return };
        if !field.parts(element.value, counting) && field.last != counting.number {
            field.last = counting.number;
            field.documents += 1;
        }
    }

    #[cold]
    fn insert(&mut self, name: &[u8], counting: &mut Counting<'_>) -> Option<usize> {
        *counting.long |= name.len() > NAME;
        if *counting.left == 0 || name.len() > NAME {
            return None;
        }
        *counting.left -= 1;
        let text = String::from_utf8_lossy(name);
        let path = match name {
            // An array of which some elements are read by their index.
            b"[]" => format!("{}[]", self.prefix.trim_end_matches('.')),
            _ => format!("{}{text}", self.prefix),
        };
        let into = |separator: &str| {
            let below = format!("{path}{separator}");
            let leads = counting.ignored.iter().any(|ignored| ignored.starts_with(&below));
            leads.then(|| Box::new(Level::at(below)))
        };
        let (fields, elements) = (into("."), into("[]."));
        let at = self.fields.len();
        self.by_name.insert(name.into(), at);
        self.fields.push(Field { name: name.into(), path, documents: 0, last: 0, fields, elements });
        Some(at)
    }

    fn collect(self, counts: &mut BTreeMap<String, u64>) {
        for field in self.fields {
            for level in [field.fields, field.elements].into_iter().flatten() {
                level.collect(counts);
            }
            if field.documents > 0 {
                counts.insert(field.path, field.documents);
            }
        }
    }
}

impl Field {
    /// Counts its parts instead of itself, if a declared path leads into it. As deep as the path is long.
    fn parts(&mut self, value: Value<'_>, counting: &mut Counting<'_>) -> bool {
        let (level, elements) = match (value.tag, &mut self.fields, &mut self.elements) {
            (Tag::Document, Some(level), _) => (level, false),
            (Tag::Array, _, Some(level)) => (level, true),
            _ => return false,
        };
        let Ok(mut parts) = Elements::new(value.bytes) else { return false };
        while let Ok(Some(part)) = parts.next_element() {
            if !elements {
                level.count(part, counting);
            } else if part.value.tag == Tag::Document
                && let Ok(mut fields) = Elements::new(part.value.bytes)
            {
                while let Ok(Some(field)) = fields.next_element() {
                    level.count(field, counting);
                }
            }
        }
        true
    }
}
