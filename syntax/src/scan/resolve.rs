//! What a path means in a module.

use super::{Crates, Def};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolved {
    /// An item of the scanned crates.
    Local(Def),
    /// Anything else: the path with its imports followed, such as `chrono::DateTime`.
    External(Vec<String>),
}

/// How many names are looked up for one path. Sources that compile need a handful; modules that import each other
/// in all directions could need more than there is time for.
const BUDGET: usize = 20_000;

impl Crates {
    /// What `path` means in a module.
    pub(crate) fn resolve(&self, module: usize, path: &[String]) -> Resolved {
        let mut query = Query { crates: self, pending: Vec::new(), budget: BUDGET };
        query.follow(module, path).unwrap_or_else(|| Resolved::External(path.to_vec()))
    }
}

struct Query<'q> {
    crates: &'q Crates,
    /// The names that are being looked up: a circle of imports leads nowhere.
    pending: Vec<(usize, &'q str)>,
    budget: usize,
}

impl<'q> Query<'q> {
    fn follow(&mut self, module: usize, path: &'q [String]) -> Option<Resolved> {
        let (first, rest) = path.split_first()?;
        let here = self.crates.modules.get(module)?;
        match first.as_str() {
            // `::chrono::…` is a crate, whatever is called so here.
            "" => Some(self.other_crate(module, rest)),
            "crate" => self.walk(here.root, rest),
            "self" => self.walk(module, rest),
            "super" => match rest.first().map(String::as_str) {
                Some("super") => self.follow(here.parent?, rest),
                _ => self.walk(here.parent?, rest),
            },
            _ => match self.walk(module, path) {
                Some(found) => Some(found),
                None => Some(self.other_crate(module, path)),
            },
        }
    }

    /// Follows a path from a module downwards.
    fn walk(&mut self, module: usize, path: &'q [String]) -> Option<Resolved> {
        let Some((first, rest)) = path.split_first() else {
            return Some(Resolved::Local(Def::Module(module)));
        };
        match (self.lookup(module, first)?, rest) {
            (found, []) => Some(found),
            (Resolved::Local(Def::Module(module)), rest) => self.walk(module, rest),
            (Resolved::External(mut start), rest) => {
                start.extend_from_slice(rest);
                Some(Resolved::External(start))
            }
            // `Enum::Variant` or an associated type.
            (Resolved::Local(_), _) => Some(Resolved::Local(Def::Other)),
        }
    }

    /// What a name means in a module: its own items, then its imports, then its glob imports.
    fn lookup(&mut self, module: usize, name: &'q str) -> Option<Resolved> {
        let here = self.crates.modules.get(module)?;
        if let Some(def) = here.names.get(name) {
            return Some(Resolved::Local(*def));
        }
        let pending = (module, name);
        if self.budget == 0 || self.pending.contains(&pending) {
            return None;
        }
        self.budget -= 1;
        self.pending.push(pending);
        let found = match here.imports.get(name) {
            Some(path) => self.follow(module, path),
            None => here.globs.iter().find_map(|glob| match self.follow(module, glob)? {
                Resolved::Local(Def::Module(other)) => self.lookup(other, name),
                _ => None,
            }),
        };
        self.pending.pop();
        found
    }

    /// A path that begins with a crate: perhaps it is another one of those that are scanned.
    fn other_crate(&mut self, module: usize, path: &'q [String]) -> Resolved {
        let modules = &self.crates.modules;
        let own = modules.get(module).map(|module| module.root);
        if let [_, rest @ ..] = path
            && !rest.is_empty()
        {
            let roots = (0..modules.len()).filter(|at| modules[*at].root == *at && Some(*at) != own);
            for root in roots {
                if let Some(found @ Resolved::Local(def)) = self.walk(root, rest)
                    && def != Def::Other
                {
                    return found;
                }
            }
        }
        Resolved::External(path.to_vec())
    }
}
