//! The kinds of objects: one file each, and this list. Everything generic is written against it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cast::Values;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Find, Id, Later, Object, Online};
use crate::name::QName;
use crate::state::State;
use crate::step::{Lock, Step};

/// Declares [`Kind`] and [`Definition`] from the list of kinds. Their order is the order in which objects that do not
/// depend on each other are created.
macro_rules! kinds {
    ($($module:ident::$name:ident, $text:literal;)*) => {
        $(pub use $module::$name;)*

        /// A kind of object.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($name,)*
        }

        impl fmt::Display for Kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Kind::$name => $text,)* })
            }
        }

        /// An object of any kind.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum Definition {
            $($name($name),)*
        }

        impl Definition {
            pub fn kind(&self) -> Kind {
                match self { $(Definition::$name(_) => Kind::$name,)* }
            }

            /// Reads what the catalog query of a kind returns.
            pub(crate) fn read(kind: Kind, json: &str) -> Result<Self, serde_json::Error> {
                Ok(match kind { $(Kind::$name => Definition::$name(serde_json::from_str(json)?),)* })
            }

            /// What turns it into `next`; objects of different kinds replace each other.
            pub(crate) fn alter(&self, next: &Self) -> Alter {
                if self == next {
                    return Alter::Same;
                }
                match (self, next) {
                    $((Definition::$name(prev), Definition::$name(next)) => prev.alter(next),)*
                    _ => Alter::Replace,
                }
            }

            pub(crate) fn passed_over(&self, next: &Self) -> Option<&'static str> {
                match (self, next) {
                    $((Definition::$name(prev), Definition::$name(next)) => prev.passed_over(next),)*
                    _ => None,
                }
            }

            /// How it comes, changes or goes while others use its relation.
            pub(crate) fn online(prev: Option<&Self>, next: Option<&Self>, find: &Find<'_>) -> Option<Online<Self>> {
                match next.or(prev)? {
                    $(Definition::$name(_) => {
                        let [prev, next] = [prev, next].map(|side| match side {
                            None => Some(None),
                            Some(Definition::$name(it)) => Some(Some(it)),
                            Some(_) => None,
                        });
                        Object::online(prev?, next?, find).map(|online| online.map(Definition::$name))
                    })*
                }
            }

            pub(crate) fn is_uncommitted(&self, next: &Self, text: Option<&str>) -> bool {
                match (self, next) {
                    $((Definition::$name(prev), Definition::$name(next)) => prev.is_uncommitted(next, text),)*
                    _ => false,
                }
            }

            pub(crate) fn is_refused_within(&self, next: &Self) -> bool {
                match (self, next) {
                    $((Definition::$name(prev), Definition::$name(next)) => prev.is_refused_within(next),)*
                    _ => false,
                }
            }

            pub(crate) fn holds(&self, ty: &QName) -> bool {
                match self { $(Definition::$name(it) => it.holds(ty),)* }
            }

            pub(crate) fn fixes(&self, ty: &QName) -> bool {
                match self { $(Definition::$name(it) => it.fixes(ty),)* }
            }

            pub(crate) fn values(&self, next: &Self) -> Values {
                match (self, next) {
                    $((Definition::$name(prev), Definition::$name(next)) => prev.values(next),)*
                    _ => Values::Kept,
                }
            }

            pub(crate) fn assign(
                &self,
                prev: &Self,
                replaced: &dyn Fn(&str) -> Option<Kind>,
            ) -> (Vec<Step>, Vec<Step>) {
                match (self, prev) {
                    $((Definition::$name(next), Definition::$name(prev)) => next.assign(prev, replaced),)*
                    _ => (Vec::new(), Vec::new()),
                }
            }

            pub(crate) fn passed_on(&self, next: &Self, states: [&State; 2]) -> (Vec<Step>, Vec<Step>) {
                match (self, next) {
                    $((Definition::$name(prev), Definition::$name(next)) => prev.passed_on(next, states),)*
                    _ => (Vec::new(), Vec::new()),
                }
            }

            pub(crate) fn drop_for(&self, next: &Self) -> Vec<Step> {
                match (self, next) {
                    $((Definition::$name(prev), Definition::$name(next)) => prev.drop_for(next),)*
                    _ => self.drop(),
                }
            }

            pub(crate) fn release(&self, dependency: &Id, returns: bool) -> Option<(Self, Vec<Step>)> {
                match self {
                    $(Definition::$name(it) => {
                        it.release(dependency, returns).map(|(it, steps)| (Definition::$name(it), steps))
                    })*
                }
            }

            pub(crate) fn create(&self, clauses: &[String]) -> Vec<Step> {
                match self { $(Definition::$name(it) => it.create(clauses),)* }
            }

            pub(crate) fn create_with_computed(&self, clauses: &[String]) -> Vec<Step> {
                match self { $(Definition::$name(it) => it.create_with_computed(clauses),)* }
            }

            /// `ALTER … RENAME TO`; the schema stays.
            pub fn rename(&self, to: &str) -> Step {
                match self { $(Definition::$name(it) => it.rename(to),)* }
            }

            pub(crate) fn renamed(&self, to: &Id) -> Option<Self> {
                match self { $(Definition::$name(it) => it.renamed(to).map(Definition::$name),)* }
            }

            pub(crate) fn rename_inner(&self, from: &str, to: &str) -> Option<Step> {
                match self { $(Definition::$name(it) => it.rename_inner(from, to),)* }
            }

            pub(crate) fn grant(&self, privilege: &str) -> Option<String> {
                match self { $(Definition::$name(it) => it.grant(privilege),)* }
            }

            pub(crate) fn reads_when_rebuilt(&self, collation: bool) -> bool {
                match self { $(Definition::$name(it) => it.reads_when_rebuilt(collation),)* }
            }

            hand_on! { ($($name)*)
                pub fn id() -> Id;
                pub(crate) fn part_of() -> Option<Id>;
                pub(crate) fn shape() -> Option<Vec<String>>;
                pub(crate) fn inner() -> Vec<(&str, &str)>;
                pub(crate) fn comes_with() -> Option<Id>;
                pub(crate) fn merges_with() -> Option<Id>;
                pub(crate) fn passed() -> &[Id];
                pub(crate) fn takes() -> Vec<Id>;
                pub(crate) fn relation() -> Option<QName>;
                pub(crate) fn comment_lock() -> Lock;
                pub(crate) fn depends() -> Vec<Id>;
                pub(crate) fn address() -> String;
                pub(crate) fn is_rebuilt() -> bool;
                pub(crate) fn may_precede() -> bool;
                pub(crate) fn keeps_needs() -> bool;
                pub(crate) fn clause() -> Option<String>;
                pub(crate) fn place() -> i32;
                pub(crate) fn is_computed() -> bool;
                pub(crate) fn is_filled() -> bool;
                pub(crate) fn reads_rows() -> bool;
                pub(crate) fn after_create() -> Vec<Step>;
                pub fn drop() -> Vec<Step>;
                pub(crate) fn give_way() -> Option<(Vec<Step>, Vec<Step>)>;
                pub(crate) fn computed() -> Option<String>;
                pub(crate) fn body() -> Option<&str>;
                pub(crate) fn later() -> Option<Later>;
                pub(crate) fn has_owner() -> bool;
                pub(crate) fn owner_from() -> Option<Id>;
                pub(crate) fn acl_class() -> Option<AclClass>;
                pub(crate) fn default_privileges() -> Option<&DefaultPrivileges>;
            }
        }

        /// The catalog queries of all kinds.
        pub(crate) const QUERIES: &[(Kind, Query)] = &[$((Kind::$name, <$name as Object>::CATALOG),)*];
    };
}

/// Methods of [`Definition`] that hand a call on to the object.
macro_rules! hand_on {
    ($kinds:tt $($vis:vis fn $method:ident() -> $result:ty;)*) => {
        $(hand_on!(@one $kinds $vis $method $result);)*
    };
    (@one ($($name:ident)*) $vis:vis $method:ident $result:ty) => {
        $vis fn $method(&self) -> $result {
            match self { $(Definition::$name(it) => it.$method(),)* }
        }
    };
}

pub mod aggregate;
pub mod cast;
pub mod collation;
pub mod column;
pub mod composite;
pub mod constraint;
pub mod default_privileges;
pub mod domain;
pub mod enum_type;
pub mod extension;
pub mod function;
pub mod identity_sequence;
pub mod index;
mod inherited;
pub mod materialized_view;
pub mod namespace;
mod not_null;
pub mod operator;
pub mod policy;
pub mod range_type;
pub mod rule;
pub mod sequence;
pub mod statistics;
pub mod table;
pub mod text_search_configuration;
pub mod text_search_dictionary;
pub mod trigger;
pub mod twin;
pub mod view;
pub mod view_column;

kinds! {
    namespace::Namespace, "schema";
    extension::Extension, "extension";
    collation::Collation, "collation";
    enum_type::Enum, "enum type";
    domain::Domain, "domain";
    composite::Composite, "composite type";
    range_type::RangeType, "range type";
    cast::Cast, "cast";
    text_search_dictionary::TextSearchDictionary, "text search dictionary";
    text_search_configuration::TextSearchConfiguration, "text search configuration";
    sequence::Sequence, "sequence";
    table::Table, "table";
    column::Column, "column";
    identity_sequence::IdentitySequence, "identity sequence";
    constraint::Constraint, "constraint";
    index::Index, "index";
    statistics::Statistics, "statistics object";
    function::Function, "function";
    aggregate::Aggregate, "aggregate";
    operator::Operator, "operator";
    view::View, "view";
    materialized_view::MaterializedView, "materialized view";
    view_column::ViewColumn, "view column";
    rule::Rule, "rule";
    trigger::Trigger, "trigger";
    policy::Policy, "policy";
    default_privileges::DefaultPrivileges, "default privileges";
}
