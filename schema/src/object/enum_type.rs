//! Enum types.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, clip, literal, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Enum {
    pub name: QName,
    /// Its labels in sort order.
    pub labels: Vec<String>,
}

/// The name of what gives way to another one.
pub(super) fn old_name(name: &QName) -> QName {
    let old = match name.name.len() {
        ..=53 => format!("{}__replaced", name.name),
        // Long names may begin alike.
        _ => format!("{}_{:016x}__replaced", clip(&name.name, 36), fnv(&name.name)),
    };
    QName::new(&name.schema, old)
}

/// The new name of a type, or of a collation, while its columns move to the one that takes its place, and how it is dropped then.
pub(super) fn give_way(address: &str, name: &QName) -> (Vec<Step>, Vec<Step>) {
    let old = old_name(name);
    let rename = format!("ALTER {address} RENAME TO {}", quote(&old.name));
    let word = address.split(' ').next().unwrap_or_default();
    let drop = format!("DROP {word} {}", old.sql());
    let word = word.to_lowercase();
    let rename = Step::new(format!("Rename {word} {name} to {old}."), rename);
    (vec![rename], vec![Step::new(format!("Drop {word} {old}."), drop)])
}

/// FNV-1a, 64 bits.
fn fnv(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Object for Enum {
    const CATALOG: Query = Query::with_acl(
        "SELECT 'pg_type'::regclass AS class, t.oid, 0 AS part, t.typnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, t.typname), 'labels', e.labels) AS definition,
    t.typacl AS acl, t.typowner AS owner, 'T'::\"char\" AS acl_type
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
CROSS JOIN LATERAL (SELECT coalesce(json_agg(enumlabel ORDER BY enumsortorder), '[]') AS labels
    FROM pg_catalog.pg_enum WHERE enumtypid = t.oid) e
WHERE t.typtype = 'e'",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Enum, &self.name)
    }

    fn address(&self) -> String {
        format!("TYPE {}", self.name.type_sql())
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let labels: Vec<String> = self.labels.iter().map(|label| literal(label)).collect();
        let create = match labels.as_slice() {
            [] => format!("CREATE {} AS ENUM ()", self.address()),
            labels => format!("CREATE {} AS ENUM (\n    {}\n)", self.address(), labels.join(",\n    ")),
        };
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        Some(give_way(&self.address(), &self.name))
    }

    /// A new label cannot be used in the transaction that adds it.
    fn is_uncommitted(&self, next: &Self, text: Option<&str>) -> bool {
        // As `pg_get_expr` prints them: backslashes stand for themselves.
        let new = next.labels.iter().filter(|label| !self.labels.contains(label));
        let new: Vec<String> = new.map(|label| label.replace('\'', "''")).collect();
        let Some(text) = text else { return !new.is_empty() };
        let ty = format!("'::{}", self.name.type_sql());
        text.match_indices(&ty).any(|(end, _)| {
            let before = &text[..end];
            let start = [" '", "('", "['"].iter().filter_map(|start| before.rfind(start)).max();
            new.iter().any(|label| before[start.unwrap_or(0)..].contains(label))
        })
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(Enum { name: to.qname(), ..self.clone() })
    }

    fn shape(&self) -> Option<Vec<String>> {
        Some(self.labels.clone())
    }

    fn inner(&self) -> Vec<(&str, &str)> {
        self.labels.iter().map(|label| (label.as_str(), "")).collect()
    }

    fn rename_inner(&self, from: &str, to: &str) -> Option<Step> {
        let action = format!("RENAME VALUE {} TO {}", literal(from), literal(to));
        let comment = format!("Rename label '{from}' of {} to '{to}'.", self.id());
        Some(Step::new(comment, format!("ALTER {} {action}", self.address())))
    }

    /// Labels can be added anywhere; to remove or move one, the type is made again.
    fn alter(&self, next: &Self) -> Alter {
        let kept: Vec<&String> = next.labels.iter().filter(|label| self.labels.contains(label)).collect();
        if !kept.iter().copied().eq(&self.labels) {
            return Alter::Replace;
        }
        let mut steps = Vec::new();
        for (at, label) in next.labels.iter().enumerate() {
            if self.labels.contains(label) {
                continue;
            }
            let place = match at.checked_sub(1).and_then(|before| next.labels.get(before)) {
                Some(before) if at + 1 < next.labels.len() => format!(" AFTER {}", literal(before)),
                Some(_) => String::new(),
                None => self
                    .labels
                    .first()
                    .map_or_else(String::new, |first| format!(" BEFORE {}", literal(first))),
            };
            let add = format!("ALTER {} ADD VALUE {}{place}", self.address(), literal(label));
            steps.push(Step::new(format!("Add label {label} to {}.", self.id()), add));
        }
        Alter::steps(steps)
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Types)
    }
}
