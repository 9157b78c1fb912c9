//! What becomes of each object.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::Form;
use crate::kind::{Alter, Id, Online};
use crate::object::{Column, Definition, Domain, Kind};
use crate::privilege;
use crate::state::{Entry, State, pairs};
use crate::step::{Hazard, HazardKind, Lock, Step};

mod recreated;
mod sequences;
mod spread;

/// What becomes of an object that does not stay as it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    Create,
    Drop,
    /// Dropped and created again.
    Replace,
    Alter(Vec<Step>),
    /// It lets go of something by the first steps, and comes back by the second.
    Release(Vec<Step>, Vec<Step>),
}

impl Fate {
    pub(super) fn drops(&self) -> bool {
        matches!(self, Fate::Drop | Fate::Replace)
    }

    pub(super) fn creates(&self) -> bool {
        matches!(self, Fate::Create | Fate::Replace)
    }
}

/// An object that does not stay as it is.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) before: Option<&'a Entry>,
    pub(super) after: Option<&'a Entry>,
    pub(super) fate: Fate,
}

pub(super) struct Fates<'a> {
    prev: &'a State,
    next: &'a State,
    form: Form,
    /// What is needed in the state before, after its hash, and what needs it; made when it is asked for.
    dependents: OnceCell<Vec<(u64, &'a Id, &'a Id)>>,
    /// In the order of their names.
    pub(super) of: IndexMap<&'a Id, Object<'a>, FxBuildHasher>,
    /// Objects that move under those that depend on them.
    moved: Vec<&'a Id>,
    /// Those among them that are altered.
    pub(super) around: BTreeSet<&'a Id>,
    /// Objects that are renamed, and dropped when columns use those that took their places.
    pub(super) giving_way: BTreeSet<&'a Id>,
    /// New sequences that go on where others stood.
    pub(super) standing: BTreeSet<&'a Id>,
    /// What remains of the objects that let go of something.
    released: BTreeMap<&'a Id, Definition>,
    /// What is created or changed, each with something that is not there meanwhile.
    pub(super) recreated: Vec<(&'a Id, &'a Id)>,
    /// Indexes that are created before their table gets another owner.
    pub(super) before_owner: BTreeSet<&'a Id>,
    /// What is done when an object and what it newly depends on consist of what they are to.
    pub(super) joined: BTreeMap<&'a Id, Vec<Step>>,
}

impl<'a> Fates<'a> {
    pub(super) fn new(prev: &'a State, next: &'a State, form: Form) -> Self {
        let mut fates = Fates {
            prev,
            next,
            form,
            dependents: OnceCell::new(),
            of: IndexMap::default(),
            moved: Vec::new(),
            around: BTreeSet::new(),
            giving_way: BTreeSet::new(),
            standing: BTreeSet::new(),
            released: BTreeMap::new(),
            recreated: Vec::new(),
            before_owner: BTreeSet::new(),
            joined: BTreeMap::new(),
        };
        // What its whole had from another one that it leaves is not created, and what is passed on from now on is not dropped.
        let leaves = |entry: &Entry| {
            let [before, after] = [prev, next].map(|state| {
                let whole = entry.definition.part_of().and_then(|whole| state.objects.get(&whole));
                whole.map(|whole| whole.definition.depends()).unwrap_or_default()
            });
            !before.iter().all(|need| after.contains(need))
        };
        let is_passed = |state: &State, id: &Id, entry: &Entry| {
            let whole = entry.definition.part_of().and_then(|whole| state.objects.get(&whole));
            whole.is_some_and(|whole| whole.definition.passed().contains(id))
        };
        let mut passed = Vec::new();
        for (id, before, after) in pairs(prev, next) {
            match (before, after) {
                (None, Some(after)) if is_passed(prev, id, after) && leaves(after) => {}
                (Some(before), None) if is_passed(next, id, before) => passed.push((id, before)),
                (Some(before), Some(after)) => fates.compare(id, before, after),
                (Some(_), None) => {
                    fates.of.insert(id, Object { before, after, fate: Fate::Drop });
                    fates.moved.push(id);
                }
                (None, _) => {
                    fates.of.insert(id, Object { before, after, fate: Fate::Create });
                }
            }
        }
        fates.drop_passed(passed);
        fates.spread();
        fates.recreate_uncommitted();
        let attached = fates.recreate_attached();
        fates.recreated.extend(attached);
        let rows = fates.replace_rows();
        fates.recreated.extend(rows);
        fates.go_on();
        fates.go_on_from_identity();
        fates.give_last();
        fates
    }

    /// A table gets another owner when its indexes are there: their functions are run as its owner, who may not be allowed to.
    fn give_last(&mut self) {
        let calls = |entry: &Entry| entry.depends.iter().any(|need| need.kind == Kind::Function);
        let created = self.of.iter().filter(|(id, object)| id.kind == Kind::Index && object.fate.creates());
        let created =
            created.filter_map(|(id, object)| Some((*id, object.after.filter(|after| calls(after))?)));
        let created: Vec<(&Id, Id)> =
            created.filter_map(|(id, entry)| Some((id, entry.definition.part_of()?))).collect();
        for (index, table) in created {
            let table = self.of.get_index_of(&table).and_then(|at| self.of.get_index_mut(at));
            let Some((table, Object { before: Some(before), after: Some(after), fate })) = table else {
                continue;
            };
            let (true, Fate::Alter(steps) | Fate::Release(_, steps)) = (before.owner != after.owner, fate)
            else {
                continue;
            };
            let Some(role) = after.owner.as_deref() else { continue };
            self.before_owner.insert(index);
            let given = owner(&after.definition, Some(role));
            if let Some(at) = steps.iter().position(|step| *step == given) {
                self.joined.entry(table).or_default().extend(steps.split_off(at));
            }
        }
    }

    /// The place of an object among those that do not stay as they are.
    pub(super) fn place(&self, id: &Id) -> Option<usize> {
        self.of.get_index_of(id)
    }

    pub(super) fn fate(&self, id: &Id) -> Option<&Fate> {
        self.of.get(id).map(|object| &object.fate)
    }

    /// What an object that does not stay as it is was.
    pub(super) fn before(&self, id: &Id) -> Option<&'a Entry> {
        self.of.get(id).and_then(|object| object.before)
    }

    /// What an object that does not stay as it is becomes.
    pub(super) fn after(&self, id: &Id) -> Option<&'a Entry> {
        self.of.get(id).and_then(|object| object.after)
    }

    pub(super) fn drops(&self, id: &Id) -> bool {
        self.fate(id).is_some_and(Fate::drops)
    }

    /// What depends on an object of the state before.
    pub(super) fn dependents(&self, id: &Id) -> impl Iterator<Item = &'a Id> {
        let hash = |id: &Id| FxBuildHasher.hash_one(id);
        let all = self.dependents.get_or_init(|| {
            let mut all = Vec::with_capacity(2 * self.prev.objects.len());
            for (id, entry) in &self.prev.objects {
                all.extend(entry.depends.iter().map(|need| (hash(need), need, id)));
                // What is said of it later holds as long as it does.
                let later = entry.definition.later().into_iter().flat_map(|later| later.depends);
                let needs = later.filter_map(|need| self.prev.objects.get_key_value(&need));
                all.extend(needs.map(|(need, _)| (hash(need), need, id)));
            }
            all.sort_by_key(|(hash, ..)| *hash);
            all
        });
        let hash = hash(id);
        let first = all.partition_point(|(other, ..)| *other < hash);
        let same = all[first..].iter().take_while(move |(other, ..)| *other == hash);
        same.filter(move |(_, need, _)| *need == id).map(|(.., dependent)| *dependent)
    }

    /// What is used as it is only after the transaction is created again instead of altered.
    fn recreate_uncommitted(&mut self) {
        let altered = self.of.iter().filter_map(|(id, object)| match object {
            Object { before: Some(before), after: Some(after), fate: Fate::Alter(_) } => {
                let (before, after) = (&before.definition, &after.definition);
                before.is_uncommitted(after, None).then_some((*id, (before, after)))
            }
            _ => None,
        });
        let altered: BTreeMap<&'a Id, (&Definition, &Definition)> = altered.collect();
        let mut used = Vec::new();
        for object in self.of.values().filter(|_| !altered.is_empty()) {
            let Some(entry) = object.after else { continue };
            for (id, (before, after)) in entry.depends.iter().filter_map(|need| altered.get_key_value(need)) {
                let Ok(value) = serde_json::to_value(&entry.definition) else {
                    used.push(*id);
                    continue;
                };
                let text = texts(&value);
                // Values that there are may become any of it, and so may those that something computes for a new column.
                let computes =
                    |need: &Id| self.next.objects.get(need).is_some_and(|need| need.depends.contains(id));
                let converted = entry.definition.place() != i32::MAX
                    && match object.before {
                        Some(before) => !before.depends.contains(id),
                        None => self.is_in_existing(object) && entry.depends.iter().any(computes),
                    };
                let text = (!converted).then_some(text.as_str());
                if before.is_uncommitted(after, text) {
                    used.push(*id);
                }
            }
        }
        used.into_iter().for_each(|id| self.set(id, Fate::Replace));
        self.spread();
    }

    /// Revoking a privilege on the whole revokes it on its parts.
    fn loses_privileges(&self, after: &Entry) -> bool {
        let privileges = |state: &State, id: &Id| state.objects.get(id).map(|entry| entry.privileges.clone());
        let whole = if after.privileges.is_empty() { None } else { after.definition.part_of() };
        whole.is_some_and(|id| privileges(self.prev, &id) != privileges(self.next, &id))
    }

    /// What an object is once its type has moved to another schema with its extension.
    fn moved(&self, before: &Entry, after: &Entry) -> Option<Definition> {
        let extension = |state: &'a State, id: &Id| match &state.objects.get(id)?.definition {
            Definition::Extension(extension) => Some(extension),
            _ => None,
        };
        let moves = |id: &Id, ty: &str, next_ty: &str| {
            let extensions = extension(self.prev, id).zip(extension(self.next, id));
            extensions.is_some_and(|(prev, next)| prev.moves(next, ty, next_ty))
        };
        let moves =
            |ty: &String, next: &String| ty != next && before.depends.iter().any(|id| moves(id, ty, next));
        match (&before.definition, &after.definition) {
            (Definition::Column(column), Definition::Column(next)) if moves(&column.ty, &next.ty) => {
                let (ty, base) = (next.ty.clone(), next.base.clone());
                Some(Definition::Column(Column { ty, base, ..column.clone() }))
            }
            (Definition::Domain(domain), Definition::Domain(next)) if moves(&domain.ty, &next.ty) => {
                Some(Definition::Domain(Domain { ty: next.ty.clone(), ..domain.clone() }))
            }
            _ => None,
        }
    }

    /// An object without the privileges that are granted to it again, and with the type that moved with its extension.
    fn kept<'e>(&self, before: &'e Entry, after: &Entry) -> Cow<'e, Entry> {
        let mut before = Cow::Borrowed(before);
        if let Some(definition) = self.moved(&before, after) {
            before.to_mut().definition = definition;
        }
        if self.loses_privileges(after) {
            before.to_mut().privileges.retain(|privilege| !after.privileges.contains(privilege));
        }
        before
    }

    fn compare(&mut self, id: &'a Id, before: &'a Entry, after: &Entry) {
        let before = self.kept(before, after);
        let before = before.as_ref();
        if before.settings() == after.settings() && before.definition == after.definition {
            return;
        }
        let refused = before.definition.is_refused_within(&after.definition) && self.is_held(id, false);
        let online = if self.form == Form::Online { self.online(Some(before), Some(after)) } else { None };
        let direct = before.definition.alter(&after.definition);
        let mut before = Cow::Borrowed(before);
        let alter = match online.filter(|online| online.until.as_ref() == Some(&before.definition)) {
            Some(online) => {
                if matches!(direct, Alter::Replace) {
                    before.to_mut().comment = None;
                }
                Alter::steps(online.steps)
            }
            None => direct,
        };
        let (mut joined, mut moved) = (Vec::new(), false);
        let (mut down, mut up) = match alter {
            _ if refused => return self.set(id, Fate::Replace),
            Alter::Same => (Vec::new(), Vec::new()),
            Alter::InPlace(steps) => (Vec::new(), steps),
            Alter::Split(down, up) => (down, up),
            Alter::Around(down, up) => {
                moved = true;
                (down, up)
            }
            Alter::Joined(down, up, last) => {
                joined = last;
                (down, up)
            }
            Alter::Replace => return self.set(id, Fate::Replace),
        };
        let (dropped, added) = before.definition.passed_on(&after.definition, [self.prev, self.next]);
        down.extend(dropped);
        joined.splice(0..0, added);
        up.extend(common(&before, after, self.next.owner(after)));
        if moved {
            self.moved.push(id);
            self.around.insert(id);
        }
        let renamed = before.definition.takes() != after.definition.takes();
        if !down.is_empty() {
            self.insert(id, Fate::Release(down, up));
        } else if renamed
            || !up.is_empty()
            || !joined.is_empty()
            || before.definition.later() != after.definition.later()
        {
            self.insert(id, Fate::Alter(up));
        }
        if !joined.is_empty() {
            self.joined.insert(id, joined);
        }
    }

    /// Whether a relation has values that hold those of a type within them.
    pub(super) fn is_held(&self, id: &Id, within: bool) -> bool {
        let ty = id.qname();
        let user = |user: &Id| {
            let Some(entry) = self.prev.objects.get(user) else { return false };
            let within = within || entry.definition.holds(&ty);
            match user.kind {
                Kind::Column | Kind::MaterializedView => within,
                Kind::Domain | Kind::Composite | Kind::RangeType => self.is_held(user, within),
                _ => false,
            }
        };
        self.dependents(id).any(user)
    }

    /// What values within others become when another type takes the place of theirs. Of a domain, columns say it.
    pub(super) fn converts(&self, id: &Id) -> Vec<Hazard> {
        let (Some(before), Some(after), true) = (self.before(id), self.after(id), self.drops(id)) else {
            return Vec::new();
        };
        let (fits, loses) = before.definition.values(&after.definition).effects();
        if fits.or(loses).is_none() || !self.is_held(id, id.kind != Kind::Domain) {
            return Vec::new();
        }
        let hazard = |kind, message| Hazard { kind, message };
        let fits = fits.map(|fits| {
            let message = format!("some values of {id} may not {fits} another {id}: update such rows first");
            hazard(HazardKind::MayFail, message)
        });
        let loses = loses.map(|loses| {
            let message = format!("converts the values of {id} to another {id}, which {loses}");
            hazard(HazardKind::DataLoss, message)
        });
        fits.into_iter().chain(loses).collect()
    }

    /// How an object comes, changes or goes without others waiting.
    pub(super) fn online(&self, before: Option<&Entry>, after: Option<&Entry>) -> Option<Online<Definition>> {
        let find = |id: &Id| {
            let entry = self.next.objects.get(id).or_else(|| self.prev.objects.get(id));
            entry.map(|entry| &entry.definition)
        };
        let [before, after] = [before, after].map(|entry| entry.map(|entry| &entry.definition));
        Definition::online(before, after, &find)
    }

    /// The steps that create an object in the short form, with the clauses of its parts.
    pub(super) fn create(&self, entry: &Entry, clauses: &[String]) -> Vec<Step> {
        let computed =
            |id: &Id| self.next.objects.get(id).is_some_and(|entry| entry.definition.is_computed());
        match entry.depends.iter().any(computed) {
            true => entry.definition.create_with_computed(clauses),
            false => entry.definition.create(clauses),
        }
    }

    /// Whether what it is a part of was there before, and stays.
    pub(super) fn is_in_existing(&self, object: &Object<'_>) -> bool {
        let entry = object.after.or(object.before);
        let whole = entry.and_then(|entry| entry.definition.part_of());
        let stays = |id: &Id| self.prev.objects.contains_key(id) && !self.drops(id);
        whole.is_some_and(|id| stays(&id))
    }

    /// The online form of what comes or goes.
    pub(super) fn online_steps(&self, object: &Object<'_>) -> Option<Vec<Step>> {
        let is_online = self.form == Form::Online && matches!(object.fate, Fate::Create | Fate::Drop);
        if !is_online || !self.is_in_existing(object) {
            return None;
        }
        Some(self.online(object.before, object.after)?.steps)
    }

    fn insert(&mut self, id: &'a Id, fate: Fate) {
        let (before, after) = (self.prev.objects.get(id), self.next.objects.get(id));
        self.of.insert(id, Object { before, after, fate });
    }

    fn set(&mut self, id: &'a Id, fate: Fate) {
        self.joined.remove(id);
        self.around.remove(id);
        self.insert(id, fate);
        self.moved.push(id);
    }
}

/// All texts within a definition, each after a blank.
fn texts(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => format!(" {text}"),
        serde_json::Value::Array(values) => values.iter().map(texts).collect(),
        serde_json::Value::Object(values) => values.values().map(texts).collect(),
        _ => String::new(),
    }
}

/// Changes of what any object can have.
fn common(before: &Entry, after: &Entry, role: Option<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    let definition = &after.definition;
    if before.comment != after.comment {
        steps.push(comment(definition, after.comment.as_deref()));
    }
    if before.owner != after.owner && definition.has_owner() {
        let whole = definition.owner_from();
        if whole.is_none() || whole != before.definition.owner_from() {
            steps.push(owner(definition, role));
        }
    }
    let what = definition.id().to_string();
    let target = |privilege: &str| definition.grant(privilege);
    // Privileges on columns are not merged with those of an owner.
    let roles = (role, role.filter(|_| definition.has_owner()));
    steps.extend(privilege::change(&what, roles, &before.privileges, &after.privileges, target));
    steps
}

/// Gives it to another owner.
pub(super) fn owner(definition: &Definition, owner: Option<&str>) -> Step {
    let role = privilege::role(owner);
    let comment = format!("Give {} to {}.", definition.id(), owner.unwrap_or("the role that migrates"));
    Step::new(comment, format!("ALTER {} OWNER TO {role}", definition.address()))
        .locks(definition.relation(), Lock::AccessExclusive)
}

pub(crate) fn comment(definition: &Definition, text: Option<&str>) -> Step {
    let text = text.map_or_else(|| "NULL".to_owned(), crate::name::literal);
    Step::new(
        format!("Comment on {}.", definition.id()),
        format!("COMMENT ON {} IS {text}", definition.address()),
    )
    .locks(definition.relation(), definition.comment_lock())
}
