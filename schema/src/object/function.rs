//! Functions and procedures, but for those that come with a range type.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::enum_type::old_name;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::{QName, quote};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Function {
    pub name: QName,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub procedure: bool,
    /// The types of its input arguments, by which it is known.
    pub types: String,
    /// Its arguments with names, modes and defaults.
    pub arguments: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returns: Option<String>,
    /// `CREATE OR REPLACE …`, as `pg_get_functiondef` prints it.
    pub definition: String,
}

impl Function {
    fn word(&self) -> &'static str {
        if self.procedure { "PROCEDURE" } else { "FUNCTION" }
    }

    fn step(&self, what: &str) -> Vec<Step> {
        let step = Step::new(format!("{what} {}.", self.id()), self.definition.trim_end());
        vec![Step { unchecked_bodies: true, ..step }]
    }
}

impl Object for Function {
    const CATALOG: Query = Query::with_acl(
        "SELECT 'pg_proc'::regclass AS class, p.oid, 0 AS part, p.pronamespace AS namespace,
    json_strip_nulls(json_build_object('name', json_build_array(n.nspname, p.proname), 'procedure', p.prokind = 'p',
        'types', oidvectortypes(p.proargtypes), 'arguments', pg_get_function_arguments(p.oid),
        'returns', pg_get_function_result(p.oid), 'definition', pg_get_functiondef(p.oid))) AS definition,
    p.proacl AS acl, p.proowner AS owner, 'f'::\"char\" AS acl_type
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p', 'w') AND p.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Function, &QName::new(&self.name.schema, format!("{}({})", self.name.name, self.types)))
    }

    fn address(&self) -> String {
        format!("{} {}({})", self.word(), self.name.full(), self.types)
    }

    /// Another one of its name may take the same arguments as it does.
    fn takes(&self) -> Vec<Id> {
        vec![Id::new(Kind::Function, &QName::new(&self.name.schema, format!("{}(", self.name.name)))]
    }

    /// What calls it is changed to call another one of its name, which could not be told from it.
    fn give_way(&self) -> Option<(Vec<Step>, Vec<Step>)> {
        let old = old_name(&self.name);
        let (comment, drop) =
            (format!("Drop {} {old}.", self.id().kind), format!("DROP {} {}", self.word(), old.full()));
        Some((vec![self.rename(&old.name)], vec![Step::new(comment, format!("{drop}({})", self.types))]))
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        self.step("Create")
    }

    fn rename(&self, to: &str) -> Step {
        let name = to.strip_suffix(&format!("({})", self.types)).unwrap_or(to);
        let sql = format!("ALTER {} RENAME TO {}", self.address(), quote(name));
        Step::new(format!("Rename {} to {name}.", self.id()), sql)
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        let name = to.name().strip_suffix(&format!("({})", self.types))?;
        let name = QName::new(&self.name.schema, name);
        let text = |name: &QName| format!(" {} {}(", self.word(), name.full());
        let definition = self.definition.replacen(&text(&self.name), &text(&name), 1);
        Some(Function { name, definition, ..self.clone() })
    }

    /// `CREATE OR REPLACE` may not change what callers rely on.
    fn alter(&self, next: &Self) -> Alter {
        let kept =
            |function: &Function| (function.procedure, function.arguments.clone(), function.returns.clone());
        if kept(self) != kept(next) {
            return Alter::Replace;
        }
        if self.definition == next.definition { Alter::Same } else { Alter::InPlace(next.step("Change")) }
    }

    /// A body that is not a text (`BEGIN ATOMIC`, `RETURN`) has its needs in the catalog.
    fn body(&self) -> Option<&str> {
        self.definition.split_once("\nAS ").map(|(_, body)| body)
    }

    fn acl_class(&self) -> Option<AclClass> {
        Some(AclClass::Functions)
    }
}
