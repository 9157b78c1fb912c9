//! Names in the bodies of functions that are text: PostgreSQL does not know what such a function needs, so nothing is
//! said of it when a name that it uses is gone. What is found here is for the reader; no order depends on it.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::kind::Id;
use crate::lex::{Token, tokens};
use crate::state::State;
use crate::step::{HazardKind, Step};

/// The words of those functions that are the same in two states.
pub struct Bodies<'a> {
    /// The functions that have each word.
    words: FxHashMap<String, BTreeSet<&'a Id>>,
    /// The relations on whose triggers they run.
    relations: BTreeMap<&'a Id, BTreeSet<String>>,
}

impl<'a> Bodies<'a> {
    pub fn new(prev: &'a State, next: &State) -> Self {
        let mut bodies = Bodies { words: FxHashMap::default(), relations: BTreeMap::new() };
        for (id, entry) in &prev.objects {
            let stays = || {
                next.objects.get(id).is_some_and(|after| after.definition.body() == entry.definition.body())
            };
            let Some(body) = entry.definition.body().filter(|_| stays()) else { continue };
            bodies.relations.insert(id, BTreeSet::new());
            for word in words(body) {
                bodies.words.entry(word).or_default().insert(id);
            }
        }
        let any = !bodies.relations.is_empty();
        for entry in prev.objects.values().filter(|_| any) {
            let Some(relation) = entry.definition.relation() else { continue };
            for id in &entry.depends {
                if let Some(relations) = bodies.relations.get_mut(id) {
                    relations.insert(relation.name.clone());
                }
            }
        }
        bodies
    }

    /// The functions that have a name in their bodies; that of a function may come with its arguments.
    pub(crate) fn with(&self, name: &str) -> Option<&BTreeSet<&'a Id>> {
        self.words.get(&name.split('(').next().unwrap_or_default().to_lowercase())
    }

    /// Says in `step`, after which nothing is called `name` in the place of `id`, which functions have that name. Parts
    /// of a relation are looked for where its own name stands, too, and in what its triggers run.
    pub fn warn(&self, step: &mut Step, id: &Id, name: &str) {
        let name = name.split('(').next().unwrap_or_default();
        let relation = id.qname().name;
        let with_relation = self.with(&relation);
        for function in self.with(name).into_iter().flatten() {
            let within = id.names().count() < 3
                || with_relation.is_some_and(|functions| functions.contains(function))
                || self.relations.get(function).is_some_and(|of| of.contains(&relation));
            if within {
                let message =
                    format!("{function} has the word {name} in its body: see whether it needs {id}");
                *step = step.clone().hazard(HazardKind::MayBreak, message);
            }
        }
    }
}

/// The names in a text and in the texts within it, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for token in tokens(text) {
        match token {
            Token::Text(quoted) => found.extend(words(content(quoted))),
            token => found.extend(token.name().map(|name| name.to_lowercase())),
        }
    }
    found
}

/// What stands between the quotes.
fn content(quoted: &str) -> &str {
    if !quoted.starts_with('$') {
        let inner = quoted.trim_start_matches(|c| c != '\'').trim_start_matches('\'');
        return inner.strip_suffix('\'').unwrap_or(inner);
    }
    let mark = quoted.match_indices('$').nth(1).map_or(quoted, |(end, _)| &quoted[..=end]);
    let inner = &quoted[mark.len()..];
    inner.strip_suffix(mark).unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_within_texts_count() {
        let found = words("BEGIN EXECUTE 'SELECT \"Name\" FROM t' -- not this\n; RETURN $q$a.b$q$; END");
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["a", "b", "begin", "end", "execute", "from", "name", "return", "select", "t"]);
    }
}
