//! What the catalog says about the tables' constraints, indexes and triggers.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::PgConnection;
use whimbrel::__private::introspect;
use whimbrel_schema::name::{QName, quote};
use whimbrel_schema::object::constraint::ConstraintType;
use whimbrel_schema::object::trigger::Enabled;
use whimbrel_schema::object::{self, Constraint, Table};
use whimbrel_schema::{Definition, Entry, Id, State};
use whimbrel_syntax::model;

use super::{DroppedObject, Kind, Rule};
use crate::error::{Doing, TransferError};
use crate::statements::table_sql;

/// The schemas of the tables that refer to these or inherit from them.
const SCHEMAS: &str = "\
SELECT DISTINCT n.nspname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
WHERE c.oid IN (SELECT conrelid FROM pg_catalog.pg_constraint WHERE confrelid = ANY($1::text[]::regclass[]) \
UNION SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = ANY($1::text[]::regclass[]))";

/// What objects do not say of the tables' indexes: tablespaces, and keys and predicates as expressions.
const INDEXES: &str = "\
SELECT n.nspname::text, ic.relname::text, ts.spcname::text, \
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnkeyatts) AS k ORDER BY k), \
       pg_catalog.pg_get_expr(i.indpred, i.indrelid), \
       coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) \
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid \
JOIN pg_catalog.pg_namespace n ON n.oid = ic.relnamespace \
LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = ic.reltablespace \
WHERE i.indrelid = ANY($1::text[]::regclass[])";

pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) table: model::QName,
    pub(super) name: String,
    pub(super) drop: String,
    pub(super) restore: Vec<String>,
    pub(super) rule: Option<Rule>,
}

/// The tables' objects. To be called in a transaction.
pub(super) async fn objects(
    connection: &mut PgConnection,
    tables: &[&model::QName],
) -> Result<Vec<Object>, TransferError> {
    use object::Kind::{Constraint, Index, Table, Trigger};
    let names: Vec<String> = tables.iter().map(|table| table_sql(table)).collect();
    let doing = || "looking up the target tables";
    let referring = sqlx::query_scalar(SCHEMAS).bind(&names).fetch_all(&mut *connection).await;
    let referring: Vec<String> = referring.doing(doing)?;
    let schemas: Vec<&str> =
        referring.iter().chain(tables.iter().map(|table| &table.schema)).map(String::as_str).collect();
    let state = introspect::objects(connection, &schemas, &[Table, Constraint, Index, Trigger]).await?;
    let rows: Vec<(String, String, _, _, _, _)> =
        sqlx::query_as(INDEXES).bind(&names).fetch_all(connection).await.doing(doing)?;
    let index = |(schema, name, tablespace, keys, predicate, nulls_equal)| {
        (QName { schema, name }, (tablespace, Rule::Unique { keys, predicate, nulls_equal }))
    };
    let loaded = Loaded {
        tables: tables.iter().map(|table| (*table).clone()).collect(),
        parents: state.objects.values().flat_map(parents).collect(),
        indexes: rows.into_iter().map(index).collect(),
        state: &state,
    };
    Ok(state.objects.values().filter_map(|entry| loaded.object(entry)).collect())
}

/// Whether the catalog has what the object's first statement would make.
pub(super) async fn stands(
    connection: &mut PgConnection,
    object: &DroppedObject,
) -> Result<bool, TransferError> {
    let kinds = [object::Kind::Constraint, object::Kind::Index];
    let state = introspect::objects(connection, &[&object.table.schema], &kinds).await?;
    Ok(state.objects.values().any(|entry| entry.create().first() == object.restore.first()))
}

/// The tables that are loaded, and what the catalog has in their schemas.
struct Loaded<'a> {
    tables: BTreeSet<QName>,
    state: &'a State,
    /// Partitioned and inherited tables.
    parents: BTreeSet<&'a QName>,
    /// Tablespaces, unless it is the database's own, and the rules of those that are unique.
    indexes: BTreeMap<QName, (Option<String>, Rule)>,
}

fn parents(entry: &Entry) -> Vec<&QName> {
    let Definition::Table(table) = &entry.definition else { return Vec::new() };
    table.partition_of.iter().map(|of| &of.parent).chain(&table.inherits).collect()
}

impl Loaded<'_> {
    fn object(&self, entry: &Entry) -> Option<Object> {
        let (kind, on, name, stays) = match &entry.definition {
            Definition::Constraint(it) => {
                (kind(it)?, it.table.clone(), &it.name, it.clustered || it.replica_identity)
            }
            Definition::Index(it) => {
                (Kind::Index, it.on.qname(), &it.name, it.clustered || it.replica_identity)
            }
            Definition::Trigger(it) => {
                let fires = matches!(it.enabled, Enabled::Origin | Enabled::Always);
                (Kind::Trigger, it.on.qname(), &it.name, !fires)
            }
            _ => return None,
        };
        let refers = matches!(&entry.definition, Definition::Constraint(it)
            if it.references.as_ref().is_some_and(|to| self.is_plain(to)) && self.table(&on).is_some());
        if stays || !(refers || self.is_plain(&on)) {
            return None;
        }
        let has_index = matches!(kind, Kind::PrimaryKey | Kind::Unique | Kind::Index);
        let index = self.indexes.get(&QName::new(&on.schema, name)).filter(|_| has_index);
        let drop = entry.definition.drop().into_iter().flat_map(|step| step.statements).collect();
        let (mut drop, mut restore, mut rule): (String, _, _) = (drop, entry.create(), None);
        match &entry.definition {
            Definition::Constraint(it) if !has_index => rule = self::rule(it),
            Definition::Index(it) if !it.unique => {}
            Definition::Trigger(it) => {
                let (on, name) = (on.full(), quote(name));
                let always = if it.enabled == Enabled::Always { "ALWAYS " } else { "" };
                drop = format!("ALTER TABLE {on} DISABLE TRIGGER {name}");
                restore = vec![format!("ALTER TABLE {on} ENABLE {always}TRIGGER {name}")];
            }
            _ => rule = index.map(|(_, rule)| rule.clone()),
        }
        if let Some((Some(tablespace), _)) = index {
            let index = QName::new(&on.schema, name).full();
            restore.push(format!("ALTER INDEX {index} SET TABLESPACE {}", quote(tablespace)));
        }
        let table = on;
        Some(Object { kind, table, name: name.clone(), drop, restore, rule })
    }

    /// The table, unless it is partitioned or a partition.
    fn table(&self, name: &QName) -> Option<&Table> {
        let entry = self.state.objects.get(&Id::new(object::Kind::Table, name))?;
        let Definition::Table(table) = &entry.definition else { return None };
        (table.partition_by.is_none() && table.partition_of.is_none()).then_some(table)
    }

    /// Whether it is a loaded table that neither inherits nor is inherited.
    fn is_plain(&self, name: &QName) -> bool {
        let alone = self.tables.contains(name) && !self.parents.contains(name);
        alone && self.table(name).is_some_and(|table| table.inherits.is_empty())
    }
}

fn kind(constraint: &Constraint) -> Option<Kind> {
    match constraint.ty {
        ConstraintType::PrimaryKey => Some(Kind::PrimaryKey),
        ConstraintType::Unique => Some(Kind::Unique),
        ConstraintType::Check => Some(Kind::Check),
        ConstraintType::ForeignKey => Some(Kind::ForeignKey),
        ConstraintType::Exclusion => None,
    }
}

/// What a check or a foreign key demands of rows.
fn rule(constraint: &Constraint) -> Option<Rule> {
    let definition = constraint.definition.as_str();
    let Some(table) = &constraint.references else {
        let condition = definition.trim_end_matches(" NOT ENFORCED").trim_end_matches(" NO INHERIT");
        let expr = condition.strip_prefix("CHECK (")?.strip_suffix(')')?.to_owned();
        return Some(Rule::Check { expr });
    };
    Some(Rule::Reference {
        columns: constraint.columns.clone(),
        table: table.clone(),
        referenced: constraint.referenced(),
        full: definition.contains(") MATCH FULL"),
    })
}
