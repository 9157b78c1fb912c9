//! What keeps values that a function computed, and does not follow when the function changes.

use std::collections::BTreeSet;

use super::Plan;
use crate::kind::Id;
use crate::object::Kind;
use crate::step::{HazardKind, Step};

/// What can compute something else after it was changed, or after what it uses was.
const COMPUTES: [Kind; 8] = [
    Kind::Function,
    Kind::Aggregate,
    Kind::Operator,
    Kind::Cast,
    Kind::View,
    Kind::ViewColumn,
    Kind::TextSearchConfiguration,
    Kind::TextSearchDictionary,
];

impl Plan<'_, '_> {
    /// Says in the last step that changes an object what keeps values that were computed with it as it was. What a body that is
    /// a text calls, its words say.
    pub(super) fn warn_of_computed(&self, at: usize, steps: &mut [Step]) {
        let (changed, object) = (self.id(at), self.object(at));
        let (Some(before), Some(after), Some(step)) = (object.before, object.after, steps.last_mut()) else {
            return;
        };
        let is_column = |id: &Id| id.kind == Kind::ViewColumn;
        if !COMPUTES.contains(&changed.kind) || is_column(changed) || before.definition == after.definition {
            return;
        }
        let (mut pending, mut seen) = (vec![changed], BTreeSet::from([changed]));
        while let Some(id) = pending.pop() {
            let callers = if is_column(id) { None } else { self.bodies().with(id.name()) };
            for user in self.fates.dependents(id).chain(callers.into_iter().flatten().copied()) {
                // What is created again is computed again.
                let Some(entry) = self.prev.objects.get(user).filter(|_| !self.fates.drops(user)) else {
                    continue;
                };
                if !seen.insert(user) {
                    continue;
                }
                if let Some(how) = entry.definition.computed() {
                    let message = format!("{user} keeps what was computed with {changed} before: {how}");
                    *step = step.clone().hazard(HazardKind::OutOfDate, message);
                }
                if COMPUTES.contains(&user.kind) {
                    pending.push(user);
                }
            }
        }
    }
}
