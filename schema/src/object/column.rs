//! Columns of tables. Those that a table has from a parent belong to the parent.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::sequence::{SequenceOptions, sequence_options};
use super::table::Table;
use crate::catalog::Query;
use crate::kind::{Alter, Id, Object};
use crate::name::{QName, qualified, quote};
use crate::step::{HazardKind, Lock, Step};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub table: QName,
    pub name: String,
    /// Where it stands among the table's columns. PostgreSQL cannot move a column, so this is not compared.
    pub position: i32,
    /// As `format_type` prints it: `character varying(20)`, `mood[]`.
    #[serde(rename = "type")]
    pub ty: String,
    /// `COLLATE`, when it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QName>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// `plain`, `external`, `extended` or `main`, when it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// `pglz` or `lz4`, when it is not the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// The statistics target, when it is not the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<i32>,
    /// `n_distinct=…`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// `GENERATED ALWAYS AS (expression)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    pub expression: String,
    /// Computed when it is read (PostgreSQL 18).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub r#virtual: bool,
}

/// `GENERATED … AS IDENTITY`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// A value given by hand is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
    pub sequence: QName,
    #[serde(flatten)]
    pub options: SequenceOptions,
}

impl Column {
    fn alter_step(&self, comment: &str, action: &str) -> Step {
        Table::alter_step(&self.table, format!("{comment} {}.", self.id()), action)
    }

    /// `ALTER TABLE … ALTER COLUMN …`.
    fn step(&self, comment: &str, action: &str) -> Step {
        self.alter_step(comment, &format!("ALTER COLUMN {} {action}", quote(&self.name)))
    }

    fn collate(&self) -> String {
        match &self.collation {
            Some(name) if name.schema == "pg_catalog" => format!(" COLLATE {}", quote(&name.name)),
            Some(name) => format!(" COLLATE {}", name.sql()),
            None => String::new(),
        }
    }

    fn identity_sql(&self, identity: &Identity) -> String {
        let always = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
        let mut options = String::new();
        let chosen = format!("{}_{}_seq", self.table.name, self.name);
        if identity.sequence != QName::new(&self.table.schema, chosen) {
            options.push_str(&format!(" SEQUENCE NAME {}", identity.sequence.sql()));
        }
        options.push_str(&identity.options.sql());
        let options = match options.trim_start() {
            "" => String::new(),
            options => format!(" ({options})"),
        };
        format!("GENERATED {always} AS IDENTITY{options}")
    }

    fn sql(&self) -> String {
        let mut text = format!("{} {}{}", quote(&self.name), self.ty, self.collate());
        if self.not_null {
            text.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            text.push_str(&format!(" DEFAULT {default}"));
        }
        if let Some(generated) = &self.generated {
            let stored = if generated.r#virtual { "VIRTUAL" } else { "STORED" };
            text.push_str(&format!(" GENERATED ALWAYS AS ({}) {stored}", generated.expression));
        }
        if let Some(identity) = &self.identity {
            text.push_str(&format!(" {}", self.identity_sql(identity)));
        }
        if let Some(compression) = &self.compression {
            text.push_str(&format!(" COMPRESSION {compression}"));
        }
        text
    }

    /// What no column definition says, as it differs from `prev`.
    fn settings(&self, prev: &Column) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.storage != prev.storage {
            let storage = self.storage.as_deref().unwrap_or("DEFAULT").to_uppercase();
            steps.push(self.step("Change the storage of", &format!("SET STORAGE {storage}")));
        }
        if self.statistics != prev.statistics {
            let target = self.statistics.unwrap_or(-1);
            let step = self.step("Change the statistics target of", &format!("SET STATISTICS {target}"));
            steps.push(step.lock(Lock::ShareUpdateExclusive));
        }
        let options = super::table::options(&prev.options, &self.options, |action| {
            self.step("Change options of", action).lock(Lock::ShareUpdateExclusive)
        });
        steps.extend(options);
        steps
    }

    fn identity_steps(&self, next: &Column) -> Vec<Step> {
        match (&self.identity, &next.identity) {
            (Some(prev), Some(next)) => {
                let mut action = String::new();
                if prev.always != next.always {
                    action.push_str(if next.always { " SET GENERATED ALWAYS" } else { " SET GENERATED BY DEFAULT" });
                }
                for option in next.options.changes(&prev.options) {
                    action.push_str(&format!(" SET {option}"));
                }
                if action.is_empty() { Vec::new() } else { vec![self.step("Change the identity of", action.trim_start())] }
            }
            (None, Some(identity)) => {
                vec![self.step("Add an identity to", &format!("ADD {}", next.identity_sql(identity)))]
            }
            _ => Vec::new(),
        }
    }
}

impl Object for Column {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_class'::regclass AS class, c.oid, a.attnum::int4 AS part, c.relnamespace AS namespace,
    json_strip_nulls(json_build_object('table', json_build_array(n.nspname, c.relname), 'name', a.attname,
        'position', a.attnum, 'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
        'collation', CASE WHEN a.attcollation <> t.typcollation THEN json_build_array(cn.nspname, col.collname) END,
        'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
        'generated', CASE WHEN a.attgenerated <> '' THEN json_build_object(
            'expression', pg_get_expr(d.adbin, d.adrelid), 'virtual', a.attgenerated = 'v') END,
        'identity', CASE WHEN a.attidentity <> '' THEN (SELECT json_build_object('always', a.attidentity = 'a',
                'sequence', json_build_array(sn.nspname, sc.relname), ",
        sequence_options!(),
        ")
            FROM pg_catalog.pg_depend sd JOIN pg_catalog.pg_class sc ON sc.oid = sd.objid AND sc.relkind = 'S'
            JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace
            JOIN pg_catalog.pg_sequence s ON s.seqrelid = sc.oid
            WHERE sd.classid = 'pg_class'::regclass AND sd.refclassid = 'pg_class'::regclass
            AND sd.refobjid = c.oid AND sd.refobjsubid = a.attnum AND sd.deptype = 'i') END,
        'storage', CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'plain'
            WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END,
        'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
        'statistics', nullif(a.attstattarget, -1), 'options', a.attoptions)) AS definition,
    a.attacl AS acl, c.relowner AS owner, 'c'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation col ON col.oid = a.attcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = col.collnamespace
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attislocal AND c.relnamespace <> 11"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::Table, &self.table).part(Kind::Column, &self.name)
    }

    fn address(&self) -> String {
        format!("COLUMN {}.{}", qualified(&self.table.schema, &self.table.name), quote(&self.name))
    }

    fn part_of(&self) -> Option<Id> {
        Some(Id::new(Kind::Table, &self.table))
    }

    fn depends(&self) -> Vec<Id> {
        vec![Id::new(Kind::Table, &self.table)]
    }

    fn clause(&self) -> Option<String> {
        Some(self.sql())
    }

    fn place(&self) -> i32 {
        self.position
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let mut steps = vec![self.alter_step("Add", &format!("ADD COLUMN {}", self.sql()))];
        steps.extend(self.after_create());
        steps
    }

    fn after_create(&self) -> Vec<Step> {
        let plain = Column { storage: None, statistics: None, options: Vec::new(), ..self.clone() };
        self.settings(&plain)
    }

    fn drop(&self) -> Vec<Step> {
        let drop = self.alter_step("Drop", &format!("DROP COLUMN {}", quote(&self.name)));
        vec![drop.hazard(HazardKind::DataLoss, format!("all values of {}.{} are lost", self.table, self.name))]
    }

    fn alter(&self, next: &Self) -> Alter {
        if next.generated.is_some() && self.generated != next.generated {
            return Alter::Replace;
        }
        let retyped = self.ty != next.ty || self.collation != next.collation;
        let mut steps = Vec::new();
        if self.generated.is_some() && next.generated.is_none() {
            steps.push(self.step("Keep the values of", "DROP EXPRESSION"));
        }
        let redefault = self.default != next.default || (retyped && self.ty != next.ty);
        if self.default.is_some() && redefault {
            steps.push(self.step("Drop the default of", "DROP DEFAULT"));
        }
        if self.not_null && !next.not_null {
            steps.push(self.step("Allow NULL in", "DROP NOT NULL"));
        }
        if retyped {
            let using = if self.ty == next.ty { String::new() } else { format!(" USING {}::{}", quote(&self.name), next.ty) };
            let action = format!("TYPE {}{}{using}", next.ty, next.collate());
            let step = self.step("Change the type of", &action);
            steps.push(
                step.hazard(HazardKind::Rewrite, format!("{} is rewritten", self.table))
                    .hazard(HazardKind::MayFail, format!("values that are not of type {} are refused", next.ty)),
            );
        }
        if let Some(default) = &next.default
            && redefault
        {
            steps.push(self.step("Set the default of", &format!("SET DEFAULT {default}")));
        }
        if !self.not_null && next.not_null {
            let step = self.step("Forbid NULL in", "SET NOT NULL");
            steps.push(step.hazard(HazardKind::MayFail, format!("fails if {}.{} has NULL", self.table, self.name)));
        }
        steps.extend(self.identity_steps(next));
        if self.compression != next.compression {
            let method = next.compression.as_deref().unwrap_or("default");
            steps.push(self.step("Change the compression of", &format!("SET COMPRESSION {method}")));
        }
        steps.extend(next.settings(self));
        let early = (self.identity.is_some() && next.identity.is_none())
            .then(|| self.step("Drop the identity of", "DROP IDENTITY"));
        match early {
            Some(early) if !retyped => Alter::Split(vec![early], steps),
            Some(early) => Alter::Around(vec![early].into_iter().chain(steps).collect()),
            None if retyped => Alter::Around(steps),
            None => Alter::steps(steps),
        }
    }

    /// A default can be dropped and set again; a type that goes is text meanwhile. The sequence of a default goes before
    /// an identity takes its name.
    fn release(&self, dependency: &Id, returns: bool) -> Option<(Self, Vec<Step>)> {
        let mut released = self.clone();
        released.default = None;
        match dependency.kind {
            Kind::Table | Kind::Column => return None,
            Kind::Sequence => {}
            _ if !returns => return None,
            Kind::Function => {}
            _ => released.ty = "text".to_owned(),
        }
        match self.alter(&released) {
            Alter::InPlace(steps) | Alter::Around(steps) => Some((released, steps)),
            Alter::Same | Alter::Split(..) | Alter::Replace => None,
        }
    }

    fn grant(&self, privilege: &str) -> Option<String> {
        Some(format!("{privilege} ({}) ON TABLE {}", quote(&self.name), self.table.sql()))
    }
}
