//! Columns of tables. What becomes of those that a table has from a parent only is said in `inherited`.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::collation::own_collation;
use super::domain::is_array_of;
use super::inherited::{self, Inherited, column_of_parent, storage};
use super::not_null;
use super::sequence::{SequenceOptions, sequence_options};
use super::table::Table;
use super::twin::{self, Twin};
use crate::catalog::Query;
use crate::kind::{Alter, Find, Id, Object, Online};
use crate::name::{QName, qualified, quote};
use crate::step::{HazardKind, Lock, Step};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub table: QName,
    pub name: String,
    /// Where it stands among the table's columns. PostgreSQL cannot move a column, so this is not compared.
    pub position: i32,
    /// As `format_type` prints it: `character varying(20)`, `mood[]`.
    #[serde(rename = "type")]
    pub ty: String,
    /// What its type is made of, if that is a domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Its values consist of attributes: its type is a composite one, or made of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub composite: bool,
    /// Of its types, those of which another one takes the name.
    #[serde(skip)]
    pub replaced: Vec<String>,
    /// `COLLATE`, when it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<QName>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_null: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Its default, or that of its type, may give each row its own value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub volatile: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// There are tables that have the column from this one, without its identity: partitions before PostgreSQL 17.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_identity: bool,
    /// When it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// The type's own storage, then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_storage: Option<Storage>,
    /// `pglz` or `lz4`, when it is not the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// The statistics target, when it is not the server's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<i32>,
    /// `n_distinct=…`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The table has it from a parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited: Option<Box<Inherited>>,
    /// Another column that a trigger keeps in step with it. No catalog knows that.
    #[serde(skip)]
    pub twin: Option<Box<Twin>>,
    /// Rows that were there before that trigger have their values.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filled: bool,
}

/// How long values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    Plain,
    External,
    Extended,
    Main,
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

mod steps;

use steps::volatile_defaults;

/// What a `pg_type t` is made of, if it is a domain, also one over another.
macro_rules! base_type {
    () => {
        "CASE WHEN t.typtype = 'd' THEN (WITH RECURSIVE b (oid, modifier) AS (SELECT t.typbasetype, t.typtypmod
            UNION ALL SELECT d.typbasetype, d.typtypmod FROM b JOIN pg_catalog.pg_type d ON d.oid = b.oid AND d.typtype = 'd')
            SELECT format_type(b.oid, b.modifier) FROM b JOIN pg_catalog.pg_type d ON d.oid = b.oid AND d.typtype <> 'd') END"
    };
}

/// Whether a `pg_type t` is a composite type, or an array of one, or a domain over either. The server's own are not.
macro_rules! is_composite {
    () => {
        "t.oid >= 16384 AND (WITH RECURSIVE w (oid) AS (SELECT t.oid UNION SELECT p.oid
                FROM w JOIN pg_catalog.pg_type d ON d.oid = w.oid
                JOIN pg_catalog.pg_type p ON p.oid = d.typbasetype OR (p.oid = d.typelem AND p.typarray = d.oid))
            SELECT bool_or(p.typtype = 'c') FROM w JOIN pg_catalog.pg_type p ON p.oid = w.oid)"
    };
}

impl std::fmt::Display for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.table, self.name)
    }
}

impl Column {
    /// Whether its values are of a type, or arrays of such.
    pub(crate) fn is_of(&self, ty: &QName) -> bool {
        self.ty.trim_end_matches("[]") == ty.type_sql()
    }

    /// The column of a parent from which it has something, and which it does, or does not, declare, too.
    fn of_parent(&self, local: bool) -> Option<Id> {
        let of = self.inherited.as_ref().filter(|of| of.local == local)?;
        Some(Id::new(Kind::Table, &of.table).part(Kind::Column, &self.name))
    }
}

impl Object for Column {
    const CATALOG: Query = Query::with_acl(concat!(
        "SELECT 'pg_class'::regclass AS class, c.oid, a.attnum::int4 AS part, c.relnamespace AS namespace,
    json_strip_nulls(json_build_object('table', json_build_array(n.nspname, c.relname), 'name', a.attname,
        'position', a.attnum, 'type', format_type(a.atttypid, a.atttypmod), 'base', ",
        base_type!(),
        ", 'composite', ",
        is_composite!(),
        ", 'not_null', a.attnotnull,
        'collation', ",
        own_collation!("a.attcollation", "t.typcollation"),
        ",
        'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
        'volatile', coalesce(d.adbin, t.typdefaultbin)::text IN ",
        volatile_defaults!(),
        ",
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
        'own_identity', a.attidentity <> '' AND EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid)
            AND (c.relkind = 'r' OR current_setting('server_version_num')::integer < 170000),
        'storage', CASE WHEN a.attstorage <> t.typstorage THEN ",
        storage!("a.attstorage"),
        " END, 'type_storage', CASE WHEN a.attstorage <> t.typstorage THEN ",
        storage!("t.typstorage"),
        " END,
        'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END,
        'statistics', nullif(a.attstattarget, -1), 'options', a.attoptions, 'inherited', ",
        column_of_parent!(),
        ")) AS definition,
    a.attacl AS acl, c.relowner AS owner, 'c'::\"char\" AS acl_type
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND c.relnamespace <> 11"
    ));

    fn id(&self) -> Id {
        Id::new(Kind::Table, &self.table).part(Kind::Column, &self.name)
    }

    fn address(&self) -> String {
        format!("COLUMN {}.{}", qualified(&self.table.schema, &self.table.name), quote(&self.name))
    }

    fn comes_with(&self) -> Option<Id> {
        self.of_parent(false)
    }

    fn merges_with(&self) -> Option<Id> {
        self.of_parent(true)
    }

    fn part_of(&self) -> Option<Id> {
        Some(Id::new(Kind::Table, &self.table))
    }

    fn relation(&self) -> Option<QName> {
        Some(self.table.clone())
    }

    fn comment_lock(&self) -> Lock {
        Lock::ShareUpdateExclusive
    }

    fn depends(&self) -> Vec<Id> {
        [Id::new(Kind::Table, &self.table)].into_iter().chain(self.of_parent(false)).collect()
    }

    fn clause(&self) -> Option<String> {
        Some(if self.comes_with().is_some() { String::new() } else { self.sql() })
    }

    fn place(&self) -> i32 {
        self.position
    }

    fn computed(&self) -> Option<String> {
        self.generated.as_ref().filter(|generated| !generated.r#virtual)?;
        Some(format!("UPDATE {} SET {} = DEFAULT", self.table.sql(), quote(&self.name)))
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        if self.comes_with().is_some() {
            return self.after_create();
        }
        if let Some(twin) = twin::to_fill(None, self) {
            return twin::create(self, twin);
        }
        let Column { table, name, .. } = self;
        let comment = format!("Add column {name} to {table}.");
        let action = format!("ADD COLUMN {}", self.sql());
        // A generated column may read one that is added just before.
        let mut step = match self.generated {
            Some(_) => Table::alter_step(table, comment, &action),
            None => Table::action_step(table, comment, &action),
        };
        if let Some(identity) = self.identity.as_ref().filter(|_| self.own_identity) {
            step.statements = self.add_own_identity(identity);
            step.action = None;
        }
        let computed = self.generated.is_some() || self.identity.is_some();
        // A domain keeps `DEFAULT NULL`.
        let has_default = self.default.as_ref().is_some_and(|text| !text.starts_with("NULL::"));
        if self.not_null && !has_default && !computed {
            let message = format!(
                "{table} may have rows, and {self} has no default: add one, or add the column as nullable, fill it, \
                 and set NOT NULL in a later migration"
            );
            step = step.hazard(HazardKind::MayFail, message);
        }
        let virtual_column = self.generated.as_ref().is_some_and(|generated| generated.r#virtual);
        if (computed && !virtual_column) || self.volatile {
            step = self.rewritten(step);
        }
        let mut steps = vec![step];
        steps.extend(self.after_create());
        steps
    }

    fn create_with_computed(&self, clauses: &[String]) -> Vec<Step> {
        let mut steps = self.create(clauses);
        let rewrites = |step: &Step| step.hazards.iter().any(|hazard| hazard.kind == HazardKind::Rewrite);
        if let Some(first) = steps.first_mut().filter(|step| step.action.is_some() && !rewrites(step)) {
            *first = self.rewritten(first.clone());
        }
        steps
    }

    fn after_create(&self) -> Vec<Step> {
        if let Some(of) = self.inherited.as_ref().filter(|of| !of.local) {
            return inherited::create(self, of);
        }
        let plain = Column { storage: None, statistics: None, options: Vec::new(), ..self.clone() };
        self.settings(&plain)
    }

    fn drop(&self) -> Vec<Step> {
        if self.comes_with().is_some() {
            return Vec::new();
        }
        let Column { table, name, .. } = self;
        let comment = format!("Drop column {name} from {table}.");
        let drop = Table::action_step(table, comment, &format!("DROP COLUMN {}", quote(name)));
        if self.generated.is_some() {
            return vec![drop];
        }
        let but = match self.twin.as_deref() {
            Some(twin) if !twin.loses => return vec![drop],
            Some(twin) => format!(", but for what {} gives back", twin.column),
            None => String::new(),
        };
        vec![drop.hazard(HazardKind::DataLoss, format!("drops column {self} and all its values{but}"))]
    }

    fn drop_for(&self, next: &Self) -> Vec<Step> {
        let mut steps = self.drop();
        let is_virtual = self.generated.as_ref().is_some_and(|generated| generated.r#virtual);
        if let Some(drop) = steps.first_mut().filter(|_| is_virtual && next.generated.is_none()) {
            let message = format!("{self} loses the values that were computed when it was read");
            *drop = drop.clone().hazard(HazardKind::DataLoss, message);
        }
        steps
    }

    fn rename(&self, to: &str) -> Step {
        let action = format!("RENAME COLUMN {} TO {}", quote(&self.name), quote(to));
        Table::alter_step(&self.table, format!("Rename column {self} to {to}."), &action)
    }

    fn online(prev: Option<&Self>, next: Option<&Self>, find: &Find<'_>) -> Option<Online<Self>> {
        match next.and_then(|next| Some((next, twin::to_fill(prev, next)?))) {
            Some((next, twin)) => twin::online(next, twin, find),
            None => not_null::online(prev?, next?, find),
        }
    }

    fn is_filled(&self) -> bool {
        self.twin.is_none() || self.filled
    }

    fn shape(&self) -> Option<Vec<String>> {
        Some(vec![self.ty.clone()])
    }

    fn alter(&self, next: &Self) -> Alter {
        if let (Some(prev_of), Some(of)) = (&self.inherited, &next.inherited) {
            return inherited::alter(self, next, prev_of, of);
        }
        // PostgreSQL drops no expression of a virtual column.
        let is_virtual = self.generated.as_ref().is_some_and(|generated| generated.r#virtual);
        if self.generated != next.generated && (next.generated.is_some() || is_virtual) {
            return Alter::Replace;
        }
        let retyped =
            self.ty != next.ty || self.collation != next.collation || self.replaced != next.replaced;
        let mut steps = Vec::new();
        if self.generated.is_some() && next.generated.is_none() {
            steps.push(self.step("Drop expression of generated column", "DROP EXPRESSION").alone());
        }
        let redefault = self.default != next.default || self.ty != next.ty || self.replaced != next.replaced;
        if self.default.is_some() && redefault {
            steps.push(self.step("Drop default of", "DROP DEFAULT"));
        }
        if self.not_null && !next.not_null {
            steps.push(self.step("Drop NOT NULL from", "DROP NOT NULL"));
        }
        if retyped {
            steps.push(self.change_type(next));
        }
        if let Some(default) = &next.default
            && redefault
        {
            steps.push(self.step("Set default of", &format!("SET DEFAULT {default}")));
        }
        steps.extend(twin::to_fill(Some(self), next).map(|twin| twin::fill_by_trigger(next, twin)));
        if !self.not_null && next.not_null {
            steps.push(not_null::set(self));
        }
        steps.extend(self.identity_steps(next));
        // Another type brings its own storage and compression.
        let (storage, compression) =
            if retyped { (None, None) } else { (self.storage, self.compression.as_ref()) };
        if compression != next.compression.as_ref() {
            let method = next.compression.as_deref().unwrap_or("default");
            steps.push(self.step("Change the compression of", &format!("SET COMPRESSION {method}")));
        }
        steps.extend(next.settings(&Column { storage, ..self.clone() }));
        let early = (self.identity.is_some() && next.identity.is_none()).then(|| self.drop_identity());
        match retyped {
            true => Alter::Around(early.into_iter().collect(), steps),
            false => Alter::split(early.into_iter().collect(), steps),
        }
    }

    /// A default can be dropped and set again; a type that goes is renamed meanwhile. The sequence of a
    /// default goes before an identity takes its name.
    fn release(&self, dependency: &Id, returns: bool) -> Option<(Self, Vec<Step>)> {
        let mut released = Column { default: None, ..self.clone() };
        let ty = dependency.qname();
        let is_type = self.is_of(&ty);
        match dependency.kind {
            Kind::Column => return None,
            _ if *dependency == Id::new(Kind::Table, &self.table) || self.generated.is_some() => return None,
            Kind::Enum | Kind::Domain | Kind::Composite if returns => {
                let is_base = |base: &str| base.trim_end_matches("[]") == ty.type_sql();
                if is_type || self.base.as_deref().is_some_and(is_base) {
                    released.replaced.push(ty.type_sql());
                }
            }
            // The type may have it.
            Kind::Collation if returns => {}
            Kind::Extension | Kind::RangeType if returns => released.ty = "text".to_owned(),
            Kind::Enum | Kind::Domain | Kind::Composite | Kind::RangeType => return None,
            Kind::Namespace | Kind::Extension | Kind::Collation => return None,
            _ if is_type => return None,
            // Its default uses it, or names it as a regclass.
            _ => {}
        }
        // What its types are called when it is changed is not a change of its own.
        let present = Column { replaced: self.replaced.clone(), ..released.clone() };
        let steps = match self.alter(&present) {
            Alter::Same => Vec::new(),
            Alter::InPlace(steps) => steps,
            Alter::Around(early, steps) if early.is_empty() => steps,
            Alter::Around(..) | Alter::Split(..) | Alter::Joined(..) | Alter::Replace => return None,
        };
        if let Some(collation) =
            released.collation.as_mut().filter(|name| *dependency == Id::new(Kind::Collation, name))
        {
            collation.name = format!("old_{}", collation.name);
        }
        Some((released, steps))
    }

    fn holds(&self, ty: &QName) -> bool {
        is_array_of(&self.ty, ty)
    }

    fn grant(&self, privilege: &str) -> Option<String> {
        Some(format!("{privilege} ({}) ON TABLE {}", quote(&self.name), self.table.sql()))
    }
}
