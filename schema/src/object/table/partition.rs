//! What a table has from another one: as its partition, or because it inherits from it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Table;
use crate::kind::{Id, Object as _};
use crate::name::{QName, quote};
use crate::object::Kind;
use crate::object::constraint::Constraint;
use crate::state::State;
use crate::step::{HazardKind, Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartitionOf {
    pub parent: QName,
    /// `FOR VALUES …` or `DEFAULT`.
    pub bound: String,
    /// The default partition beside it, whose rows are read when this one comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<QName>,
    /// Foreign keys refer to the parent, and so to rows of the partition.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub referenced: bool,
}

impl PartitionOf {
    /// A partition does not leave its parent while its rows are referenced.
    pub(super) fn leave(&self, name: &QName, step: Step) -> Step {
        let message = format!("rows of {name} may be referenced by foreign keys to {}", self.parent);
        if self.referenced { step.hazard(HazardKind::MayFail, message) } else { step }
    }
}

/// What a parent passed on stays when the table leaves it, though PostgreSQL may have dropped it before with the
/// parent's; a partition needs the checks of its parent before it becomes one.
pub(super) fn passed_on(prev: &Table, next: &Table, states: [&State; 2]) -> (Vec<Step>, Vec<Step>) {
    let parents = |table: &Table| -> BTreeSet<QName> {
        table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits).cloned().collect()
    };
    let (before, after) = (parents(prev), parents(next));
    let [has, keeps] = states.map(|state| |id: &Id| state.objects.contains_key(id));
    let left = |id: &&Id| match next.passed.contains(id) {
        true => prev.created_by_attach.contains(id) && prev.bound() != next.bound(),
        false => !before.is_subset(&after) && !keeps(id),
    };
    let drop = |id: &Id| {
        let drop = match id.kind {
            Kind::Index => format!("DROP INDEX IF EXISTS {}", id.qname().sql()),
            _ => format!("ALTER {} DROP CONSTRAINT IF EXISTS {}", prev.address(), quote(id.name())),
        };
        Step::new(format!("Drop {id}."), drop).locks(prev.relation(), Lock::AccessExclusive)
    };
    let dropped = prev.passed.iter().filter(left).map(drop).collect();
    let parent = next.partition_of.as_ref().map(|of| &of.parent).filter(|parent| !before.contains(parent));
    let new = next.passed.iter().filter(|id| parent.is_some() && !prev.passed.contains(id) && !has(id));
    let checks = new.filter_map(|id| Some(Constraint::check(states[1], parent?, id.name())?.on(&prev.name)));
    (dropped, checks.flat_map(|check| check.create(&[])).collect())
}
