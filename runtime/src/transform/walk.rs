//! Reads a document once and keeps the values that columns want.

use super::error::ValueError;
use super::fields::{Fields, Unread};
use super::plan::{Node, Trie};
use super::value::{Element, Elements, Tag, Value};

/// What was found for one node of the trie.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slot<'a> {
    Missing,
    Found(Value<'a>),
    /// The field came twice: neither counts.
    Twice,
    /// A value above it is of this type and has no fields.
    Blocked(Tag),
}

/// A top-level element that columns do not take, or not wholly.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Untaken<'a> {
    pub(crate) element: Element<'a>,
    /// The parts of it that columns take.
    pub(crate) taken: &'static [Node],
}

pub(crate) struct Walk<'s, 'a> {
    /// One for each node.
    pub(crate) slots: &'s mut Vec<Slot<'a>>,
    pub(crate) untaken: Option<&'s mut Vec<Untaken<'a>>>,
    /// Documents of a collection have their fields in much the same order. So it is remembered which of its
    /// siblings came after a node, and which of its children came first; these are only guesses.
    pub(crate) order: &'s mut Vec<u16>,
    pub(crate) counting: Option<Counting<'s>>,
}

pub(crate) struct Counting<'s> {
    pub(crate) fields: &'s mut Fields,
    pub(crate) unread: Unread,
    pub(crate) ignored: &'s [String],
}

/// A level: the root, or what is below a node.
const ROOT: usize = 0;

fn below(node: &Node) -> usize {
    1 + usize::from(node.slot)
}

/// Where in `Walk::order` it is remembered what comes first on a level.
fn first(level: usize) -> usize {
    2 * level
}

/// Where in `Walk::order` it is remembered what comes after a node.
fn after(node: &Node) -> usize {
    1 + 2 * usize::from(node.slot)
}

impl<'a> Walk<'_, 'a> {
    /// Walks a document from its beginning; nothing of an earlier one is left. What comes before a broken place is found.
    pub(crate) fn document(&mut self, document: &'a [u8], trie: &'static Trie) -> Result<(), ValueError> {
        let slots = usize::from(trie.slots);
        self.slots.clear();
        self.slots.resize(slots, Slot::Missing);
        if self.order.len() < 1 + 2 * slots {
            self.order.resize(1 + 2 * slots, 0);
        }
        if let Some(untaken) = &mut self.untaken {
            untaken.clear();
        }
        let counted = self.counting.as_ref().map_or(Unread::No, |counting| counting.unread);
        let walked = self.level(document, trie.nodes, ROOT, counted);
        if let Some(counting) = &mut self.counting {
            counting.fields.seen(self.slots);
        }
        walked
    }

    /// The value is not a document: everything below is blocked, or missing if it is null.
    pub(crate) fn no_document(&mut self, tag: Tag, trie: &'static Trie) {
        let slot = if matches!(tag, Tag::Null | Tag::Undefined) { Slot::Missing } else { Slot::Blocked(tag) };
        self.slots.clear();
        self.slots.resize(usize::from(trie.slots), slot);
        if let Some(untaken) = &mut self.untaken {
            untaken.clear();
        }
    }

    /// `counted` is what is counted from this level on.
    fn level(
        &mut self,
        document: &'a [u8],
        nodes: &'static [Node],
        level: usize,
        counted: Unread,
    ) -> Result<(), ValueError> {
        let mut elements = Elements::new(document)?;
        let mut guess = first(level);
        let counts_here = counted == Unread::All;
        while let Some(element) = elements.next_element()? {
            let expected = self.order.get(guess).copied().unwrap_or(0);
            match find(nodes, expected, element.key) {
                Some((at, node)) => {
                    if at != expected
                        && let Some(order) = self.order.get_mut(guess)
                    {
                        *order = at;
                    }
                    guess = after(node);
                    self.take(element, node, level == ROOT, counted)
                        .map_err(|error| error.within(element.key))?;
                }
                None => {
                    if level == ROOT
                        && let Some(untaken) = &mut self.untaken
                    {
                        untaken.push(Untaken { element, taken: &[] });
                    }
                    if counts_here && let Some(Counting { fields, ignored, .. }) = &mut self.counting {
                        let indexed = nodes.first().is_some_and(is_index);
                        let key = if indexed { b"[]" } else { element.key };
                        fields.unread(level, Element { key, ..element }, ignored);
                    }
                }
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        element: Element<'a>,
        node: &'static Node,
        top: bool,
        counted: Unread,
    ) -> Result<(), ValueError> {
        let Some(slot) = self.slots.get_mut(usize::from(node.slot)) else { return Ok(()) };
        if !matches!(slot, Slot::Missing) {
            *slot = Slot::Twice;
            self.mark(node.children, Slot::Twice);
            return Ok(());
        }
        *slot = Slot::Found(element.value);
        if node.children.is_empty() {
            return Ok(());
        }
        if top
            && !node.whole
            && let Some(untaken) = &mut self.untaken
        {
            untaken.push(Untaken { element, taken: node.children });
        }
        match element.value.tag {
            Tag::Null | Tag::Undefined => Ok(()),
            Tag::Array if !node.children.iter().any(is_index) => {
                self.mark(node.children, Slot::Blocked(Tag::Array));
                Ok(())
            }
            Tag::Document | Tag::Array => {
                let counted = match counted {
                    Unread::Nested | Unread::All if !node.whole => Unread::All,
                    _ => Unread::No,
                };
                self.level(element.value.bytes, node.children, below(node), counted)
            }
            tag => {
                self.mark(node.children, Slot::Blocked(tag));
                Ok(())
            }
        }
    }

    /// Marks all nodes below; recurses as deeply as the model's paths are long.
    fn mark(&mut self, nodes: &'static [Node], mark: Slot<'a>) {
        for node in nodes {
            if let Some(slot) = self.slots.get_mut(usize::from(node.slot)) {
                *slot = mark;
            }
            self.mark(node.children, mark);
        }
    }
}

fn is_index(node: &Node) -> bool {
    node.name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Finds a field among its siblings, the expected one first.
#[inline]
fn find(nodes: &'static [Node], expected: u16, key: &[u8]) -> Option<(u16, &'static Node)> {
    if let Some(node) = nodes.get(usize::from(expected))
        && node.name.as_bytes() == key
    {
        return Some((expected, node));
    }
    let at = nodes.iter().position(|node| node.name.as_bytes() == key)?;
    Some((u16::try_from(at).ok()?, &nodes[at]))
}
