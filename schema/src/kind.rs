//! What a kind of object is: a trait, which each file of `object/` implements for one kind.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cast::Values;
use crate::catalog::Query;
use crate::name::{DEFAULT_SCHEMA, QName, quote};
use crate::object::{DefaultPrivileges, Definition, Kind};
use crate::state::State;
use crate::step::{Lock, Step};

/// A kind of object: its data, its place in the catalog, and the statements that make, change and remove it.
pub(crate) trait Object: Clone + PartialEq + Serialize + DeserializeOwned {
    /// The query that describes every object of the kind.
    const CATALOG: Query;

    fn id(&self) -> Id;

    /// The object as `COMMENT ON` and `DROP` name it: `TABLE accounts`.
    fn address(&self) -> String;

    /// The object that takes it along when it is dropped.
    fn part_of(&self) -> Option<Id> {
        None
    }

    /// The object of its kind that it comes, changes and goes with.
    fn comes_with(&self) -> Option<Id> {
        None
    }

    /// The same part of another whole, which that one passes on: it becomes one with this one if this one is there
    /// already, and this one cannot be changed by itself meanwhile.
    fn merges_with(&self) -> Option<Id> {
        None
    }

    /// Further names that it has among other objects, with what it is a part of: that of an identity's sequence.
    fn takes(&self) -> Vec<Id> {
        Vec::new()
    }

    /// Parts that other wholes passed on to it: they are its own when it is no longer one with those.
    fn passed(&self) -> &[Id] {
        &[]
    }

    /// Drops what others passed on to it when it has left them, and adds what it must have before it becomes one with
    /// others. The states before and after tell what it has and keeps as its own.
    fn passed_on(&self, _next: &Self, _states: [&State; 2]) -> (Vec<Step>, Vec<Step>) {
        (Vec::new(), Vec::new())
    }

    /// The relation (table, view, sequence) that it is, or that is locked when it changes.
    fn relation(&self) -> Option<QName> {
        None
    }

    /// The lock of `COMMENT ON`.
    fn comment_lock(&self) -> Lock {
        Lock::None
    }

    /// What must be there before it, as far as its data says: the schema, where it is in one. A realised state adds what
    /// the catalog says.
    fn depends(&self) -> Vec<Id> {
        let id = self.id();
        if id.names().count() > 1 { Id::schema(&id.qname()) } else { Vec::new() }
    }

    /// Whether PostgreSQL itself rebuilds it when the type of a column it reads changes.
    fn is_rebuilt(&self) -> bool {
        false
    }

    /// Whether it reads its table when it is [rebuilt](Object::is_rebuilt) for a type that keeps what is stored, or for
    /// another collation.
    fn reads_when_rebuilt(&self, _collation: bool) -> bool {
        false
    }

    /// Its text within the statement that creates what it is a part of; empty, if it comes without one.
    fn clause(&self) -> Option<String> {
        None
    }

    /// Where its clause stands among the others; constraints come after all columns.
    fn place(&self) -> i32 {
        i32::MAX
    }

    /// Whether it has rows as soon as it is created, if what it reads has any.
    fn reads_rows(&self) -> bool {
        false
    }

    /// Creates it, with the clauses of those of its parts that have one.
    fn create(&self, clauses: &[String]) -> Vec<Step>;

    /// Whether a column of this type has a value computed for every row.
    fn is_computed(&self) -> bool {
        false
    }

    /// Whether it has its values: what reads them waits for that.
    fn is_filled(&self) -> bool {
        true
    }

    /// [`create`](Object::create) if something it depends on [is computed](Object::is_computed).
    fn create_with_computed(&self, clauses: &[String]) -> Vec<Step> {
        self.create(clauses)
    }

    /// What is said of it after the statement that has its clause.
    fn after_create(&self) -> Vec<Step> {
        Vec::new()
    }

    fn drop(&self) -> Vec<Step> {
        let drop = Step::new(format!("Drop {}.", self.id()), format!("DROP {}", self.address()));
        vec![drop.locks(self.relation(), Lock::AccessExclusive)]
    }

    /// How another of its name takes its place while columns still use it: the steps that rename it, and those that
    /// drop it when no column does.
    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        None
    }

    /// How the values of `prev`, which [gave way](Object::give_way) to it, become its own: what is needed until they have,
    /// and how that is removed. Of the types that its parts are of, `replaced` tells those that another one replaces, too.
    fn assign(&self, _prev: &Self, _replaced: &dyn Fn(&str) -> Option<Kind>) -> (Vec<Step>, Vec<Step>) {
        (Vec::new(), Vec::new())
    }

    /// Whether `text`, of something that is created or changed, uses what is there only after the transaction that
    /// turns this into `next`. No text: any value may be used.
    fn is_uncommitted(&self, _next: &Self, _text: Option<&str>) -> bool {
        false
    }

    /// `ALTER … RENAME TO`; the schema stays.
    fn rename(&self, to: &str) -> Step {
        let sql = format!("ALTER {} RENAME TO {}", self.address(), quote(to));
        Step::new(format!("Rename {} to {to}.", self.id()), sql).locks(self.relation(), Lock::AccessExclusive)
    }

    /// Whether its values hold those of a type within them, as an array and a composite type do.
    fn holds(&self, _ty: &QName) -> bool {
        false
    }

    /// What becomes of its values within others where `next` takes its place.
    fn values(&self, _next: &Self) -> Values {
        Values::Kept
    }

    /// Whether its parts of this type keep it as long as it stands.
    fn fixes(&self, _ty: &QName) -> bool {
        false
    }

    /// Whether PostgreSQL refuses to turn it into `next` while columns [hold](Object::holds) it.
    fn is_refused_within(&self, _next: &Self) -> bool {
        false
    }

    /// Drops it, where `next` takes its place.
    fn drop_for(&self, _next: &Self) -> Vec<Step> {
        self.drop()
    }

    /// Whether it needs the same after it was changed in place.
    fn keeps_needs(&self) -> bool {
        false
    }

    /// The same under another name, for what has no rows or values of its own: it is recognised by what it is.
    fn renamed(&self, _to: &Id) -> Option<Self> {
        None
    }

    /// What another one is likely to have in common with it if it is the same under another name. `None`: nothing is
    /// lost when it is dropped.
    fn shape(&self) -> Option<Vec<String>> {
        None
    }

    /// What has a name within it and is not an object, in order: the name, and what it is. Without a
    /// [shape](Object::shape) of the whole, the same in the same place is renamed.
    fn inner(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn rename_inner(&self, _from: &str, _to: &str) -> Option<Step> {
        None
    }

    /// What turns it into `next`, which has the same identity.
    fn alter(&self, next: &Self) -> Alter;

    /// Whether it may have been there before it was created: the way back leaves it.
    fn may_precede(&self) -> bool {
        false
    }

    /// What differs from `next` and is not changed, since it is not of the schema.
    fn passed_over(&self, _next: &Self) -> Option<&'static str> {
        None
    }

    /// How it comes (`prev` is `None`), changes, or goes (`next` is `None`) while others read and write its relation, if the
    /// short form of that or of its way back would make them wait for long.
    fn online(_prev: Option<&Self>, _next: Option<&Self>, _find: &Find<'_>) -> Option<Online<Self>> {
        None
    }

    /// Lets go of something it depends on that is dropped: what remains of it, and the steps to get there.
    ///
    /// `returns` says that the dependency is created again, and needed again. `None` means that this object must itself
    /// be dropped, and created again; or, if nothing returns, that changing it is enough.
    fn release(&self, _dependency: &Id, _returns: bool) -> Option<(Self, Vec<Step>)> {
        None
    }

    /// Where it keeps what functions computed: how that is computed again.
    fn computed(&self) -> Option<String> {
        None
    }

    /// Its text whose needs the catalog does not know.
    fn body(&self) -> Option<&str> {
        None
    }

    /// What can only be said of it when other objects are there, which may depend on it.
    fn later(&self) -> Option<Later> {
        None
    }

    /// `privilege ON object`, as `GRANT` and `REVOKE` have it. `None`: it has no privileges.
    fn grant(&self, privilege: &str) -> Option<String> {
        self.acl_class().map(|_| format!("{privilege} ON {}", self.address()))
    }

    /// Whether it has an owner of its own, who can be another one.
    fn has_owner(&self) -> bool {
        self.acl_class().is_some()
    }

    /// The relation whose owner it has, and gets.
    fn owner_from(&self) -> Option<Id> {
        None
    }

    /// Which default privileges apply to it.
    fn acl_class(&self) -> Option<AclClass> {
        None
    }

    /// What it gives to objects that are created while it stands.
    fn default_privileges(&self) -> Option<&DefaultPrivileges> {
        None
    }
}

/// What turns an object into another of the same identity.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Alter {
    Same,
    InPlace(Vec<Step>),
    /// The first steps free a name that other objects may wait for.
    Split(Vec<Step>, Vec<Step>),
    /// The steps cannot be run while objects stand that read it and that PostgreSQL does not rebuild itself.
    /// The first free a name.
    Around(Vec<Step>, Vec<Step>),
    /// The last steps need what the object consists of as it is to be, and so of what it newly depends on.
    Joined(Vec<Step>, Vec<Step>, Vec<Step>),
    /// It must be dropped and created.
    Replace,
}

impl Alter {
    /// [`Alter::Split`], if there are early steps.
    pub(crate) fn split(early: Vec<Step>, steps: Vec<Step>) -> Self {
        if early.is_empty() { Alter::steps(steps) } else { Alter::Split(early, steps) }
    }

    /// [`Alter::InPlace`], if there are steps.
    pub(crate) fn steps(steps: Vec<Step>) -> Self {
        if steps.is_empty() { Alter::Same } else { Alter::InPlace(steps) }
    }
}

/// What is there of an object before or after a change.
pub(crate) type Find<'a> = dyn Fn(&Id) -> Option<&'a Definition> + 'a;

/// A change that others do not wait for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Online<T> {
    /// The object as it is until then; `None` where it comes.
    pub(crate) until: Option<T>,
    pub(crate) steps: Vec<Step>,
}

impl<T> Online<T> {
    /// It comes.
    pub(crate) fn create(steps: Vec<Step>) -> Option<Self> {
        Some(Online { until: None, steps })
    }

    /// It is `until` until it changes or goes.
    pub(crate) fn change(until: T, steps: Vec<Step>) -> Option<Self> {
        Some(Online { until: Some(until), steps })
    }

    pub(crate) fn map<U>(self, of: impl FnOnce(T) -> U) -> Online<U> {
        Online { until: self.until.map(of), steps: self.steps }
    }
}

/// Steps that wait for other objects than the object itself does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Later {
    pub(crate) depends: Vec<Id>,
    pub(crate) steps: Vec<Step>,
    /// Further steps, if those were there before.
    pub(crate) of_existing: Vec<Step>,
}

/// The classes of objects that `ALTER DEFAULT PRIVILEGES` tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AclClass {
    Tables,
    Sequences,
    Functions,
    Types,
    Schemas,
    LargeObjects,
}

/// What an object is called: its kind, and the names that lead to it, from the outermost.
///
/// A table has the names `schema, name`, its column `schema, table, name`. As JSON: `{"kind": "table", "path":
/// ["public", "accounts"]}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Id {
    pub kind: Kind,
    /// Joined by NUL, which no name can contain and which is less than any other character.
    #[serde(rename = "path", with = "path")]
    names: Arc<str>,
}

const SEPARATOR: char = '\0';

mod path {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::SEPARATOR;

    pub(super) fn serialize<S: Serializer>(names: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(names.split(SEPARATOR))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names.join("\0").into())
    }
}

impl Id {
    pub fn new(kind: Kind, name: &QName) -> Self {
        Id::of(kind, &[&name.schema, &name.name])
    }

    /// An object that is in no schema.
    pub fn global(kind: Kind, name: &str) -> Self {
        Id { kind, names: name.into() }
    }

    /// An object to which these names lead, from the outermost.
    pub fn of(kind: Kind, names: &[&str]) -> Self {
        Id { kind, names: names.join("\0").into() }
    }

    /// Something that is named within this object.
    pub fn part(&self, kind: Kind, name: &str) -> Self {
        Id::of(kind, &[&self.names, name])
    }

    /// The schema it is in: an id, for what depends on it. `public` is always there.
    pub(crate) fn schema(name: &QName) -> Vec<Id> {
        if name.schema == DEFAULT_SCHEMA {
            Vec::new()
        } else {
            vec![Id::global(Kind::Namespace, &name.schema)]
        }
    }

    /// The schema that it is, or is in.
    pub(crate) fn schema_name(&self) -> Option<&str> {
        let in_schema = self.kind == Kind::Namespace || self.names().count() > 1;
        Some(self.outermost()).filter(|name| in_schema && !name.is_empty())
    }

    /// The names that lead to it, from the outermost.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.names.split(SEPARATOR)
    }

    /// The outermost name: the schema of what is in one.
    pub fn outermost(&self) -> &str {
        self.names().next().unwrap_or_default()
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        self.names().next_back().unwrap_or_default()
    }

    /// All names, to compare those of objects of different kinds.
    pub(crate) fn path(&self) -> &str {
        &self.names
    }

    /// Its names without the schema `public`, as they stand in messages.
    pub fn full_name(&self) -> String {
        let skip = usize::from(self.names().count() > 1 && self.outermost() == DEFAULT_SCHEMA);
        let names: Vec<&str> = self.names().skip(skip).filter(|name| !name.is_empty()).collect();
        names.join(".")
    }

    /// The schema and name of an object in a schema; the first two of its names.
    pub fn qname(&self) -> QName {
        let mut names = self.names();
        QName::new(names.next().unwrap_or_default(), names.next().unwrap_or_default())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.full_name())
    }
}
