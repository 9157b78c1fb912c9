//! Columns that had their values from a sequence, and get one of their own.

use super::{Fate, Fates};
use crate::object::{Definition, Kind, Sequence};

impl Fates<'_> {
    /// An identity goes on where the sequence stood that it takes the place of, which is dropped after that.
    pub(super) fn go_on(&mut self) {
        let drops: Vec<_> =
            self.of.iter().filter(|(_, object)| object.fate.drops()).map(|(id, _)| *id).collect();
        for object in self.of.values_mut() {
            let (Some(before), Some(after)) = (object.before, object.after) else { continue };
            let (Definition::Column(column), Fate::Alter(steps) | Fate::Release(_, steps)) =
                (&after.definition, &mut object.fate)
            else {
                continue;
            };
            let Some(sequence) = before.depends.iter().find(|need| need.kind == Kind::Sequence) else {
                continue;
            };
            let Definition::Column(before) = &before.definition else { continue };
            let dropped = drops.iter().find(|id| **id == sequence);
            let name = dropped.map_or_else(|| sequence.qname(), |id| Sequence::old_name(&id.qname()));
            if column.go_on_from(before, &name, steps) {
                self.giving_way.extend(dropped);
            }
        }
    }
}
