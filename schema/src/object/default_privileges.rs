//! Default privileges: what objects are given when they are created.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::catalog::Query;
use crate::kind::{AclClass, Alter, Id, Object};
use crate::name::quote;
use crate::privilege::{self, Privilege};
use crate::step::Step;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DefaultPrivileges {
    /// Whose objects; none means those of the role that runs the migrations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Where; none means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    pub class: AclClass,
    pub privileges: Vec<Privilege>,
}

impl DefaultPrivileges {
    /// Whether an object that the migrating role creates there gets them.
    pub(crate) fn apply(&self, class: AclClass, schema: Option<&str>) -> bool {
        self.role.is_none()
            && self.class == class
            && (self.schema.is_none() || self.schema.as_deref() == schema)
    }

    fn words(&self) -> &'static str {
        match self.class {
            AclClass::Tables => "TABLES",
            AclClass::Sequences => "SEQUENCES",
            AclClass::Functions => "FUNCTIONS",
            AclClass::Types => "TYPES",
            AclClass::Schemas => "SCHEMAS",
            AclClass::LargeObjects => "LARGE OBJECTS",
        }
    }

    fn change(&self, prev: &[Privilege], next: &[Privilege]) -> Vec<Step> {
        let role = self.role.as_ref().map_or_else(String::new, |role| format!(" FOR ROLE {}", quote(role)));
        let schema =
            self.schema.as_ref().map_or_else(String::new, |schema| format!(" IN SCHEMA {}", quote(schema)));
        let target = |privilege: &str| Some(format!("{privilege} ON {}", self.words()));
        let (what, owner) = (self.id().to_string(), self.role.as_deref());
        let mut steps = privilege::change(&what, (owner, owner), prev, next, target);
        for step in &mut steps {
            let whose = self.role.as_ref().map_or_else(String::new, |role| format!(" for role {role}"));
            let place =
                self.schema.as_ref().map_or_else(String::new, |schema| format!(" in schema {schema}"));
            step.comment =
                format!("Alter default privileges{whose}{place} on {}.", self.words().to_lowercase());
            for statement in &mut step.statements {
                *statement = format!("ALTER DEFAULT PRIVILEGES{role}{schema} {statement}");
            }
        }
        steps
    }
}

impl Object for DefaultPrivileges {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_default_acl'::regclass AS class, a.oid, 0 AS part, a.defaclnamespace AS namespace,
    json_strip_nulls(json_build_object('role', r.rolname, 'schema', n.nspname, 'class', CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences'
            WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large_objects' END,
        'privileges', coalesce(x.privileges, '[]'))) AS definition
FROM pg_catalog.pg_default_acl a JOIN pg_catalog.pg_roles r ON r.oid = a.defaclrole
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = a.defaclnamespace
CROSS JOIN LATERAL (SELECT CASE WHEN a.defaclnamespace = 0
    THEN acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole)
    END AS acl) base
CROSS JOIN LATERAL (SELECT json_agg(json_build_object('to', CASE WHEN p.grantee = 0 THEN 'PUBLIC'
        WHEN p.grantee = a.defaclrole THEN '' ELSE pg_get_userbyid(p.grantee) END,
        'privilege', p.privilege_type, 'grantable', p.is_grantable, 'revoked', p.revoked)
    ORDER BY p.revoked DESC, pg_get_userbyid(p.grantee), p.privilege_type) AS privileges
FROM ((SELECT grantee, privilege_type, is_grantable, false AS revoked FROM aclexplode(a.defaclacl)
       EXCEPT SELECT grantee, privilege_type, is_grantable, false FROM aclexplode(base.acl))
      UNION ALL
      (SELECT grantee, privilege_type, is_grantable, true FROM aclexplode(base.acl)
       EXCEPT SELECT grantee, privilege_type, is_grantable, true FROM aclexplode(a.defaclacl))) p) x
WHERE a.defaclobjtype IN ('r', 'S', 'f', 'T', 'n', 'L')",
    );

    fn id(&self) -> Id {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        Id::of(
            Kind::DefaultPrivileges,
            &[&text(&self.schema), &text(&self.role), &self.words().to_lowercase()],
        )
    }

    /// COMMENT and DROP do not take it.
    fn address(&self) -> String {
        String::new()
    }

    fn depends(&self) -> Vec<Id> {
        self.schema
            .iter()
            .filter(|name| *name != "public")
            .map(|name| Id::global(Kind::Namespace, name))
            .collect()
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        self.change(&[], &self.privileges)
    }

    fn drop(&self) -> Vec<Step> {
        self.change(&self.privileges, &[])
    }

    fn alter(&self, next: &Self) -> Alter {
        Alter::steps(self.change(&self.privileges, &next.privileges))
    }

    fn default_privileges(&self) -> Option<&DefaultPrivileges> {
        Some(self)
    }
}
