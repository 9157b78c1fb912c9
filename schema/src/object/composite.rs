//! Composite types.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::collation::own_collation;
use super::enum_type::{give_way, old_name};
use crate::cast::{Values, conversion, replaced_type};
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, literal, quote};
use crate::step::{HazardKind, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Composite {
    pub name: QName,
    /// Its attributes in order.
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    pub name: String,
    /// As `format_type` prints it.
    #[serde(rename = "type")]
    pub ty: String,
    /// `COLLATE`, when it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl Attribute {
    fn sql(&self) -> String {
        let collate =
            self.collation.as_ref().map_or_else(String::new, |name| format!(" COLLATE {}", name.full()));
        format!("{} {}{collate}", quote(&self.name), self.ty)
    }
}

impl Composite {
    /// The comments on attributes that differ from those of `prev`.
    fn comments(&self, prev: &[Attribute]) -> Vec<Step> {
        let before = |name: &str| {
            prev.iter().find(|other| other.name == name).and_then(|other| other.comment.as_ref())
        };
        let changed =
            self.attributes.iter().filter(|attribute| attribute.comment.as_ref() != before(&attribute.name));
        let step = |attribute: &Attribute| {
            let text = attribute.comment.as_deref().map_or_else(|| "NULL".to_owned(), literal);
            let on =
                format!("COMMENT ON COLUMN {}.{} IS {text}", self.name.type_sql(), quote(&attribute.name));
            Step::new(format!("Comment on attribute {} of {}.", attribute.name, self.id()), on)
        };
        changed.map(step).collect()
    }
}

impl Composite {
    fn loses(&self, step: Step, attribute: &str) -> Step {
        step.hazard(
            HazardKind::DataLoss,
            format!("drops attribute {}.{attribute} and all its values", self.name),
        )
    }
}

impl Object for Composite {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_type'::regclass AS class, t.oid, 0 AS part, t.typnamespace AS namespace,
    json_build_object('name', json_build_array(n.nspname, t.typname), 'attributes', a.list) AS definition,
    t.typacl AS acl, t.typowner AS owner, 'T'::\"char\" AS acl_type
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
CROSS JOIN LATERAL (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'collation', ",
        own_collation!("a.attcollation", "b.typcollation"),
        ",
        'comment', col_description(a.attrelid, a.attnum))
        ORDER BY a.attnum), '[]') AS list
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type b ON b.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) a
WHERE t.typtype = 'c'"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::Composite, &self.name)
    }

    fn address(&self) -> String {
        format!("TYPE {}", self.name.type_sql())
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let attributes: Vec<String> = self.attributes.iter().map(|attribute| attribute.sql()).collect();
        let create = format!("CREATE {} AS ({})", self.address(), attributes.join(", "));
        let mut steps = vec![Step::new(format!("Create {}.", self.id()), create)];
        steps.extend(self.comments(&[]));
        steps
    }

    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        Some(give_way(&self.address(), &self.name))
    }

    /// A cast, by the names of attributes: as text they have none.
    fn assign(&self, prev: &Self, replaced: &dyn Fn(&str) -> Option<Kind>) -> (Vec<Step>, Vec<Step>) {
        let value = |attribute: &Attribute| {
            let ty = &attribute.ty;
            let Some(before) = prev.attributes.iter().find(|before| before.name == attribute.name) else {
                return format!("NULL::{ty}");
            };
            let value = format!("(value).{}", quote(&attribute.name));
            let from = match replaced(&before.ty) {
                // There is a cast.
                Some(Kind::Composite) => return value,
                Some(_) => replaced_type(&before.ty),
                None => before.ty.clone(),
            };
            conversion(&value, (&from, None), (ty, None)).using.unwrap_or(value)
        };
        let values: Vec<String> = self.attributes.iter().map(value).collect();
        let (old, new) = (old_name(&self.name).sql(), self.name.type_sql());
        let function = format!("pg_temp.whimbrel_assign({old})");
        let create = format!(
            "CREATE FUNCTION pg_temp.whimbrel_assign(value {old}) RETURNS {new} LANGUAGE sql STRICT\n    \
             BEGIN ATOMIC SELECT {}; END",
            values.join(", ")
        );
        let cast = format!("CREATE CAST ({old} AS {new}) WITH FUNCTION {function} AS ASSIGNMENT");
        let comment = format!("Let values of {old} become values of {new}, attribute by attribute.");
        let first = Step { statements: vec![create, cast], ..Step::new(comment, "") };
        let drop = vec![format!("DROP CAST ({old} AS {new})"), format!("DROP FUNCTION {function}")];
        let last = Step { statements: drop, ..Step::new(format!("Drop the cast from {old} to {new}."), "") };
        (vec![first], vec![last])
    }

    fn drop_for(&self, next: &Self) -> Vec<Step> {
        let mut steps = self.drop();
        let gone =
            self.attributes.iter().filter(|one| next.attributes.iter().all(|other| other.name != one.name));
        if let Some(step) = steps.pop() {
            steps.push(gone.fold(step, |step, attribute| self.loses(step, &attribute.name)));
        }
        steps
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(Composite { name: to.qname(), ..self.clone() })
    }

    fn shape(&self) -> Option<Vec<String>> {
        Some(self.attributes.iter().map(Attribute::sql).collect())
    }

    fn inner(&self) -> Vec<(&str, &str)> {
        self.attributes.iter().map(|attribute| (attribute.name.as_str(), attribute.ty.as_str())).collect()
    }

    fn rename_inner(&self, from: &str, to: &str) -> Option<Step> {
        let action = format!("RENAME ATTRIBUTE {} TO {}", quote(from), quote(to));
        let comment = format!("Rename attribute {from} of {} to {to}.", self.id());
        Some(Step::new(comment, format!("ALTER {} {action}", self.address())))
    }

    /// Attributes are added at the end; their order is what rows are read by, so another order is another type. The type
    /// of an attribute cannot be changed while columns use it.
    fn alter(&self, next: &Self) -> Alter {
        let find = |list: &[Attribute], name: &str| list.iter().find(|other| other.name == name).cloned();
        let kept = |list: &[Attribute], other: &[Attribute]| -> Vec<String> {
            let names = list.iter().map(|attribute| attribute.name.clone());
            names.filter(|name| find(other, name).is_some()).collect()
        };
        let stay = kept(&self.attributes, &next.attributes);
        let first: Vec<&String> =
            next.attributes.iter().map(|attribute| &attribute.name).take(stay.len()).collect();
        if !stay.iter().eq(first) {
            return Alter::Replace;
        }
        let mut actions = Vec::new();
        let mut loss = Vec::new();
        for attribute in &self.attributes {
            match find(&next.attributes, &attribute.name) {
                None => {
                    actions.push(format!("DROP ATTRIBUTE {}", quote(&attribute.name)));
                    loss.push(attribute.name.clone());
                }
                Some(after) if (&after.ty, &after.collation) != (&attribute.ty, &attribute.collation) => {
                    return Alter::Replace;
                }
                Some(_) => {}
            }
        }
        for attribute in &next.attributes {
            if find(&self.attributes, &attribute.name).is_none() {
                actions.push(format!("ADD ATTRIBUTE {}", attribute.sql()));
            }
        }
        if actions.is_empty() {
            return Alter::steps(next.comments(&self.attributes));
        }
        let mut step = Step::new(
            format!("Change {}.", self.id()),
            format!("ALTER {} {}", self.address(), actions.join(", ")),
        );
        for attribute in loss {
            step = self.loses(step, &attribute);
        }
        Alter::Around(Vec::new(), [vec![step], next.comments(&self.attributes)].concat())
    }

    fn values(&self, next: &Self) -> Values {
        let values = |attribute: &Attribute| {
            let after = next.attributes.iter().find(|after| after.name == attribute.name);
            after.map(|after| Values::between(&attribute.ty, &after.ty))
        };
        self.attributes.iter().filter_map(values).max().unwrap_or(Values::Kept)
    }

    fn holds(&self, _: &QName) -> bool {
        true
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Types)
    }
}
