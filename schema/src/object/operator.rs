//! Operators, but for those that nobody defined: a link of another one made them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operator {
    pub name: QName,
    /// The types of its operands; `NONE` for the left one of an operator that has none.
    pub types: String,
    /// `FUNCTION = …` and the like, in a fixed order.
    pub options: Vec<String>,
    /// Its `commutator` and `negator`. Of two operators that name each other one has the link; PostgreSQL gives it to both.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, Link>,
    /// The functions that say how many rows it finds: `restrict` and `join`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub estimates: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub to: Id,
    /// Nobody has defined that operator.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shell: bool,
}

/// An operator as it stands in SQL: never quoted, and with its schema, for there are many of a name.
fn sql(schema: &str, name: &str) -> String {
    format!("{}.{name}", quote(schema))
}

impl Object for Operator {
    const CATALOG: Query = Query::new(
        "WITH operators AS NOT MATERIALIZED (SELECT o.*, n.nspname, o.oprname || '(' || t.types || ')' AS full_name, t.types
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    CROSS JOIN LATERAL (SELECT concat_ws(', ', coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'),
        format_type(o.oprright, NULL)) AS types) t)
SELECT 'pg_operator'::regclass AS class, o.oid, 0 AS part, o.oprnamespace AS namespace,
    json_strip_nulls(json_build_object('name', json_build_array(o.nspname, o.oprname), 'types', o.types,
        'options', (SELECT json_agg(v.text ORDER BY v.place) FROM (VALUES
            (1, (SELECT format('FUNCTION = %I.%I', n.nspname, p.proname) FROM pg_catalog.pg_proc p
                JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = o.oprcode)),
            (2, 'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL)), (3, 'RIGHTARG = ' || format_type(o.oprright, NULL)),
            (4, CASE WHEN o.oprcanhash THEN 'HASHES' END), (5, CASE WHEN o.oprcanmerge THEN 'MERGES' END)) v (place, text)
            WHERE v.text IS NOT NULL),
        'links', (SELECT json_object_agg(k.word, json_build_object('shell', l.oprcode = 0,
                'to', json_build_object('kind', 'operator', 'path', json_build_array(l.nspname, l.full_name))))
            FROM (VALUES ('commutator', o.oprcom), ('negator', o.oprnegate)) k (word, oid) JOIN operators l ON l.oid = k.oid
            WHERE l.oprcode = 0 OR l.oid = o.oid OR o.oid <> CASE k.word WHEN 'negator' THEN l.oprnegate ELSE l.oprcom END
                OR (l.nspname || '.' || l.full_name) COLLATE \"C\" < o.nspname || '.' || o.full_name),
        'estimates', (SELECT json_object_agg(e.word, format('%I.%I', n.nspname, p.proname))
            FROM (VALUES ('restrict', o.oprrest), ('join', o.oprjoin)) e (word, oid) JOIN pg_catalog.pg_proc p ON p.oid = e.oid
            JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace))) AS definition
FROM operators o WHERE o.oprcode <> 0 AND o.oid >= 16384",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Operator, &QName::new(&self.name.schema, format!("{}({})", self.name.name, self.types)))
    }

    fn address(&self) -> String {
        format!("OPERATOR {} ({})", sql(&self.name.schema, &self.name.name), self.types)
    }

    fn depends(&self) -> Vec<Id> {
        let others = self.links.values().map(|link| link.to.clone()).filter(|id| *id != self.id());
        Id::schema(&self.name).into_iter().chain(others).collect()
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let links = self.links.iter().map(|(word, Link { to, .. })| {
            let name = to.name().split('(').next().unwrap_or_default();
            format!("{} = OPERATOR({})", word.to_uppercase(), sql(to.outermost(), name))
        });
        let estimates =
            self.estimates.iter().map(|(word, function)| format!("{} = {function}", word.to_uppercase()));
        let options: Vec<String> = self.options.iter().cloned().chain(links).chain(estimates).collect();
        let name = sql(&self.name.schema, &self.name.name);
        let create = format!("CREATE OPERATOR {name} (\n    {}\n)", options.join(",\n    "));
        vec![Step::new(format!("Create {}.", self.id()), create)]
    }

    /// Only the estimates can be changed in every version of PostgreSQL.
    fn alter(&self, next: &Self) -> Alter {
        if (&self.options, &self.links) != (&next.options, &next.links) {
            return Alter::Replace;
        }
        let differs = |word: &&str| self.estimates.get(*word) != next.estimates.get(*word);
        let function = |word: &str| next.estimates.get(word).map_or("NONE", String::as_str);
        let set = |word: &str| format!("{} = {}", word.to_uppercase(), function(word));
        let options: Vec<String> = ["restrict", "join"].into_iter().filter(differs).map(set).collect();
        if options.is_empty() {
            return Alter::Same;
        }
        let alter = format!("ALTER {} SET ({})", self.address(), options.join(", "));
        Alter::InPlace(vec![Step::new(format!("Change the estimates of {}.", self.id()), alter)])
    }
}
