//! What a database looks like, and whether it looks as it should.

use std::collections::BTreeSet;

use whimbrel_schema::{Id, State, changes};
use whimbrel_scratch::Dump;

use crate::failure::Failure;

/// What a database looks like: its objects, and what pg_dump prints of it where that is available.
pub struct Look {
    pub state: State,
    pub dump: Option<Dump>,
}

impl Look {
    /// Without these objects. What pg_dump prints has them still, and is not compared.
    pub fn without(mut self, objects: &BTreeSet<Id>) -> Look {
        if !objects.is_empty() {
            self.state.remove(objects);
            self.dump = None;
        }
        self
    }

    /// Refuses a migration after which a database does not look as it should.
    pub fn same(&self, found: &Look, what: &str) -> Result<(), Failure> {
        same(&self.state, &found.state, what)?;
        let (Some(wanted), Some(found)) = (&self.dump, &found.dump) else { return Ok(()) };
        let mut failure = not_valid(what);
        failure.causes =
            wanted.difference(found).into_iter().map(|line| format!("pg_dump: {line}")).collect();
        if failure.causes.is_empty() { Ok(()) } else { Err(failure) }
    }
}

/// Refuses a migration after which a database is not in the state that is expected.
pub fn same(expected: &State, found: &State, what: &str) -> Result<(), Failure> {
    let changes = changes(expected, found);
    if changes.is_empty() {
        return Ok(());
    }
    let mut failure = not_valid(what);
    failure.causes = changes.iter().map(|change| format!("difference: {change}")).collect();
    Err(failure)
}

fn not_valid(what: &str) -> Failure {
    Failure::new(format!("not valid: {what}; nothing was written"))
}
