//! Columns that had their values from a sequence, and get one of their own.

use super::{Fate, Fates, Object};
use crate::kind::Id;
use crate::object::{Definition, Kind, Sequence};

impl Fates<'_> {
    /// An identity goes on where the sequence stood that it takes the place of, which is dropped after that.
    pub(super) fn go_on(&mut self) {
        let drops: Vec<_> =
            self.of.iter().filter(|(_, object)| object.fate.drops()).map(|(id, _)| *id).collect();
        let owner = |sequence: &Id| match &self.prev.objects.get(sequence)?.definition {
            Definition::Sequence(sequence) => sequence.owned_by.clone(),
            _ => None,
        };
        for (id, object) in &mut self.of {
            let (Some(before), Some(after)) = (object.before, object.after) else { continue };
            let (Definition::Column(column), Fate::Alter(steps) | Fate::Release(_, steps)) =
                (&after.definition, &mut object.fate)
            else {
                continue;
            };
            let Some(sequence) = before.depends.iter().find(|need| need.kind == Kind::Sequence) else {
                continue;
            };
            // That of another column goes when that does.
            if owner(sequence).is_some_and(|owner| owner != **id) {
                continue;
            }
            let Definition::Column(before) = &before.definition else { continue };
            let dropped = drops.iter().find(|id| **id == sequence);
            let name = dropped.map_or_else(|| sequence.qname(), |id| Sequence::old_name(&id.qname()));
            if column.go_on_from(before, &name, steps) {
                self.giving_way.extend(dropped);
            }
        }
    }

    /// A sequence of a column's own goes on where that of its identity stood.
    pub(super) fn go_on_from_identity(&mut self) {
        let is_new = |id: &Id| matches!(self.fate(id), Some(Fate::Create));
        let own = self.next.objects.iter().filter_map(|(id, entry)| match &entry.definition {
            Definition::Sequence(sequence) if is_new(id) => Some((id, sequence)),
            _ => None,
        });
        for (id, sequence) in own.collect::<Vec<_>>() {
            let column = sequence.owned_by.as_ref().and_then(|column| self.of.get_mut(column));
            let Some(Object { before: Some(before), after: Some(after), fate: Fate::Release(first, last) }) =
                column
            else {
                continue;
            };
            let (Definition::Column(prev), Definition::Column(next)) =
                (&before.definition, &after.definition)
            else {
                continue;
            };
            if after.depends.contains(id) && prev.pass_identity(next, sequence, (first, last)) {
                self.standing.insert(id);
            }
        }
    }
}
