//! Triggers run in the order of their names: which of them run after the one that keeps two columns in step.

use whimbrel_schema::object::Trigger;
use whimbrel_schema::object::trigger::Enabled;
use whimbrel_schema::{Definition, Id, State, lex};

use super::TRIGGER;

/// Triggers that may change a row when its columns are in step already, each after the one that keeps them so.
pub fn after_sync(state: &State) -> Vec<(&Id, &Id)> {
    let triggers = state.objects.iter().filter_map(|(id, entry)| match &entry.definition {
        Definition::Trigger(trigger) if may_change_row(trigger) => Some((id, &trigger.on)),
        _ => None,
    });
    let is_sync = |id: &Id| id.name().starts_with(TRIGGER);
    let (sync, others): (Vec<_>, Vec<_>) = triggers.partition(|(id, _)| is_sync(id));
    let after = |(id, on): &(&Id, &Id), (other, of): &(&Id, &Id)| on == of && id.name() < other.name();
    let pairs = sync
        .iter()
        .flat_map(|sync| others.iter().filter(|other| after(sync, other)).map(|other| (sync.0, other.0)));
    pairs.collect()
}

fn may_change_row(trigger: &Trigger) -> bool {
    let (event, each) = trigger.definition.split_once(" ON ").unwrap_or_default();
    let has = |text: &str, word: &str| lex::tokens(text).any(|token| token.is(word));
    let writes = has(event, "insert") || has(event, "update");
    trigger.enabled != Enabled::Disabled && has(event, "before") && writes && has(each, "row")
}
