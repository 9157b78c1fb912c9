//! Dotted paths as a static tree.

use proc_macro2::TokenStream;
use quote::quote;

/// Paths of fields; slots are numbered in the order of insertion.
#[derive(Debug, Default)]
pub struct Trie {
    nodes: Vec<Node>,
    slots: u16,
}

#[derive(Debug)]
struct Node {
    name: String,
    slot: u16,
    whole: bool,
    children: Vec<Node>,
}

impl Trie {
    /// Adds a path that a column takes whole; returns its slot, the same for the same path.
    pub fn insert(&mut self, path: &str) -> u16 {
        let mut nodes = &mut self.nodes;
        let mut slot = 0;
        let mut parts = path.split('.').peekable();
        while let Some(part) = parts.next() {
            let at = match nodes.iter().position(|node| node.name == part) {
                Some(at) => at,
                None => {
                    let slot = self.slots;
                    self.slots = self.slots.saturating_add(1);
                    nodes.push(Node { name: part.to_owned(), slot, whole: false, children: Vec::new() });
                    nodes.len() - 1
                }
            };
            let node = &mut nodes[at];
            slot = node.slot;
            node.whole |= parts.peek().is_none();
            nodes = &mut node.children;
        }
        slot
    }

    /// All paths that are taken whole.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        collect(&self.nodes, "", &mut paths);
        paths
    }

    /// A `whimbrel::transform::plan::Trie`.
    pub fn expand(&self) -> TokenStream {
        let (nodes, slots) = (expand(&self.nodes), self.slots);
        quote!(_whimbrel::transform::plan::Trie { nodes: #nodes, slots: #slots })
    }
}

fn collect(nodes: &[Node], prefix: &str, paths: &mut Vec<String>) {
    for node in nodes {
        let path = format!("{prefix}{}", node.name);
        if node.whole {
            paths.push(path.clone());
        }
        collect(&node.children, &format!("{path}."), paths);
    }
}

fn expand(nodes: &[Node]) -> TokenStream {
    let nodes = nodes.iter().map(|Node { name, slot, whole, children }| {
        let children = expand(children);
        quote!(_whimbrel::transform::plan::Node { name: #name, slot: #slot, whole: #whole, children: #children })
    });
    quote!(&[#(#nodes),*])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slot_for_each_part() {
        let mut trie = Trie::default();
        assert_eq!(trie.insert("_id"), 0);
        assert_eq!(trie.insert("address.zip"), 2);
        assert_eq!(trie.insert("address.city"), 3);
        assert_eq!(trie.insert("address.zip"), 2);
        assert_eq!(trie.slots, 4);
        assert_eq!(trie.paths(), ["_id", "address.zip", "address.city"]);
        assert_eq!(trie.insert("address"), 1);
        assert_eq!(trie.paths(), ["_id", "address", "address.zip", "address.city"]);
    }
}
