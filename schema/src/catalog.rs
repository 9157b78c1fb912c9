//! The catalog of a server as a [`State`]: the queries, and how their rows become objects that depend on each other.
//!
//! Nothing here talks to a server. The number of queries is that of the kinds and two more, whatever the size of the
//! database. They are run in one transaction whose search path is `public`, so that the server prints names the same
//! way everywhere. PostgreSQL 14 to 18.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::in_list::readable;
use crate::kind::Id;
use crate::object::{Definition, Kind, QUERIES};
use crate::privilege::{Owners, Privilege};
use crate::state::{Entry, State};
use crate::unnamed::named;

/// The query of a kind. It gives, for each object, the columns
/// `class` (regclass), `oid`, `part` (integer, the number of a column or 0), `namespace` (oid, 0 outside of schemas) and
/// `definition` (JSON), and, where the kind has privileges, `acl`, `owner` and `acl_type` (as `acldefault` takes it).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query {
    pub(crate) sql: &'static str,
    pub(crate) acl: bool,
}

impl Query {
    pub(crate) const fn new(sql: &'static str) -> Self {
        Query { sql, acl: false }
    }

    pub(crate) const fn with_acl(sql: &'static str) -> Self {
        Query { sql, acl: true }
    }
}

/// A join to `n`, the schema of an object: not the system's, not Whimbrel's, and among those of parameter 1, if it
/// names any.
pub(crate) const NAMESPACES: &str = "SELECT oid, nspname FROM pg_catalog.pg_namespace \
    WHERE nspname <> ALL (ARRAY['pg_catalog', 'information_schema', 'pg_toast', 'whimbrel']) \
    AND nspname !~ '^pg_(toast_)?temp_' AND (cardinality($1::text[]) = 0 OR nspname = ANY ($1::text[]))";

/// The statement that lists the schemas, with the same parameter as [`queries`].
pub fn schemas() -> String {
    format!("SELECT nspname::text FROM ({NAMESPACES}) n ORDER BY nspname")
}

/// What differs from the privileges that an object has when nothing was granted or revoked. The owner is called '', and can
/// always grant what it has.
const PRIVILEGES: &str = "CASE WHEN q.acl IS NOT NULL THEN (SELECT json_agg(json_build_object(
    'to', CASE WHEN x.grantee = 0 THEN 'PUBLIC' WHEN x.grantee = q.owner THEN '' ELSE pg_get_userbyid(x.grantee) END,
    'privilege', x.privilege_type, 'grantable', x.is_grantable, 'revoked', x.revoked)
    ORDER BY x.revoked DESC, pg_get_userbyid(x.grantee), x.privilege_type)
FROM ((SELECT grantee, privilege_type, is_grantable AND grantee <> q.owner AS is_grantable, false AS revoked FROM aclexplode(q.acl)
       EXCEPT SELECT grantee, privilege_type, is_grantable, false FROM aclexplode(acldefault(q.acl_type, q.owner)))
      UNION ALL
      (SELECT grantee, privilege_type, is_grantable, true FROM aclexplode(acldefault(q.acl_type, q.owner))
       EXCEPT SELECT grantee, privilege_type, is_grantable AND grantee <> q.owner, true FROM aclexplode(q.acl))) x) END";

/// The statement that lists the objects of each kind: kind, then class, oid, part, definition, comment, privileges, owner.
/// Parameter 1 is the list of schemas to read; an empty one means all.
pub fn queries() -> Vec<(Kind, String)> {
    let query = |(kind, query): &(Kind, Query)| {
        let privileges = if query.acl { PRIVILEGES } else { "NULL" };
        let owner = if query.acl { "pg_get_userbyid(q.owner)" } else { "NULL" };
        let sql = format!(
            "SELECT q.class::oid::int8, q.oid::int8, q.part::int4, q.definition::text, d.description, {privileges}::text, {owner}::text
FROM ({}) q
LEFT JOIN pg_catalog.pg_description d ON d.classoid = q.class AND d.objoid = q.oid AND d.objsubid = q.part
WHERE (q.namespace = 0 OR EXISTS (SELECT FROM ({NAMESPACES}) n WHERE n.oid = q.namespace))
AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = q.class AND e.objid = q.oid AND (e.deptype = 'e'
    OR (e.deptype IN ('a', 'i') AND EXISTS (SELECT FROM pg_catalog.pg_depend w
        WHERE w.classid = e.refclassid AND w.objid = e.refobjid AND w.deptype = 'e'))))",
            query.sql
        );
        (*kind, sql)
    };
    QUERIES.iter().map(query).collect()
}

/// What stands for something else in `pg_depend`: the rule of a view for the view, the index of a constraint for the
/// constraint, the row type of a table for the table, a column of a parent for an inherited one, the relation of a
/// composite type for the type, the functions of a range type for the type, what an extension made for the extension. Class, oid, part of the
/// one, then of the other.
pub const ALIASES: &str = "SELECT 'pg_rewrite'::regclass::oid::int8, oid::int8, 0, 'pg_class'::regclass::oid::int8, ev_class::int8, 0
FROM pg_catalog.pg_rewrite WHERE oid >= 16384 AND rulename = '_RETURN'
UNION ALL SELECT 'pg_attrdef'::regclass::oid::int8, oid::int8, 0, 'pg_class'::regclass::oid::int8, adrelid::int8, adnum
FROM pg_catalog.pg_attrdef
UNION ALL SELECT 'pg_type'::regclass::oid::int8, oid::int8, 0, 'pg_class'::regclass::oid::int8, typrelid::int8, 0
FROM pg_catalog.pg_type WHERE typrelid <> 0 AND oid >= 16384
UNION ALL SELECT 'pg_class'::regclass::oid::int8, oid::int8, 0, 'pg_type'::regclass::oid::int8, reltype::int8, 0
FROM pg_catalog.pg_class WHERE relkind = 'c' AND oid >= 16384
UNION ALL SELECT 'pg_class'::regclass::oid::int8, i.inhrelid::int8, own.attnum, 'pg_class'::regclass::oid::int8, i.inhparent::int8, its.attnum
FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_attribute own ON own.attrelid = i.inhrelid AND own.attnum > 0 AND NOT own.attislocal
JOIN pg_catalog.pg_attribute its ON its.attrelid = i.inhparent AND its.attname = own.attname
UNION ALL SELECT 'pg_type'::regclass::oid::int8, typarray::int8, 0, 'pg_type'::regclass::oid::int8, oid::int8, 0
FROM pg_catalog.pg_type WHERE typarray <> 0 AND oid >= 16384
UNION ALL SELECT 'pg_type'::regclass::oid::int8, rngmultitypid::int8, 0, 'pg_type'::regclass::oid::int8, rngtypid::int8, 0
FROM pg_catalog.pg_range WHERE rngtypid >= 16384
UNION ALL SELECT 'pg_constraint'::regclass::oid::int8, oid::int8, 0, 'pg_type'::regclass::oid::int8, contypid::int8, 0
FROM pg_catalog.pg_constraint WHERE contypid <> 0 AND oid >= 16384
UNION ALL SELECT 'pg_class'::regclass::oid::int8, conindid::int8, 0, 'pg_constraint'::regclass::oid::int8, oid::int8, 0
FROM pg_catalog.pg_constraint WHERE conindid <> 0 AND contype IN ('p', 'u', 'x')
UNION ALL SELECT classid::int8, objid::int8, 0, refclassid::int8, refobjid::int8, 0
FROM pg_catalog.pg_depend WHERE deptype = 'e' OR (deptype = 'i' AND classid = 'pg_proc'::regclass)";

/// What depends on what: class, oid and part of the one, then of what it needs, and whether that cannot be dropped alone. A foreign key needs each key of the columns
/// that it refers to, and those from which a partition has them: PostgreSQL takes the oldest, which differs with the history of a
/// database. An index of whole rows needs each column.
pub const DEPENDENCIES: &str =
    "SELECT classid::int8, objid::int8, objsubid, refclassid::int8, refobjid::int8, refobjsubid, deptype = 'n'
FROM pg_catalog.pg_depend WHERE objid >= 16384 AND refobjid >= 16384 AND deptype IN ('n', 'a', 'i')
UNION ALL SELECT 'pg_constraint'::regclass::oid::int8, o.oid::int8, 0, 'pg_constraint'::regclass::oid::int8, k.oid::int8, 0, false
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_constraint k ON k.conrelid = o.confrelid AND k.contype IN ('p', 'u')
    AND NOT k.condeferrable AND k.conkey @> o.confkey AND k.conkey <@ o.confkey
WHERE o.contype = 'f'
UNION ALL SELECT 'pg_constraint'::regclass::oid::int8, o.oid::int8, 0, 'pg_constraint'::regclass::oid::int8, w.oid::int8, 0, false
FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_constraint k ON k.conrelid = o.confrelid AND k.contype IN ('p', 'u')
    AND k.conparentid <> 0 AND NOT k.condeferrable AND k.conkey @> o.confkey AND k.conkey <@ o.confkey
CROSS JOIN LATERAL pg_partition_ancestors(k.conindid) a JOIN pg_catalog.pg_constraint w ON w.conindid = a.relid AND w.contype IN ('p', 'u')
WHERE o.contype = 'f'
UNION ALL SELECT 'pg_class'::regclass::oid::int8, i.indexrelid::int8, 0, 'pg_class'::regclass::oid::int8, a.attrelid::int8, a.attnum, false
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum > 0 AND NOT a.attisdropped
WHERE i.indexrelid >= 16384 AND concat(i.indexprs, i.indpred) LIKE '%:varattno 0 %'";

/// Class, oid and part of an object: how the catalog names it.
pub type Address = (i64, i64, i32);

/// An object as a query of [`queries`] describes it.
#[derive(Debug, Clone)]
pub struct Row {
    pub kind: Kind,
    pub address: Address,
    pub definition: String,
    pub comment: Option<String>,
    pub privileges: Option<String>,
    /// Where it has privileges: who owns it.
    pub owner: Option<String>,
}

/// A dependency between an object of a state and what the state does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outside<T> {
    pub object: Id,
    pub other: T,
    /// Whether the object needs the other; otherwise the other needs the object, which cannot be dropped alone.
    pub needs: bool,
}

/// The catalog said something that its reader does not understand.
#[derive(Debug, thiserror::Error)]
#[error("the catalog describes a {kind} in a way that is not understood: {definition}")]
pub struct CatalogError {
    kind: Kind,
    definition: String,
    #[source]
    cause: serde_json::Error,
}

/// Puts together what the queries returned: the rows of [`queries`], of [`ALIASES`] and of [`DEPENDENCIES`], and lists the
/// dependencies on what they do not describe. `migrator` is the role that owns what no other one is said to own.
///
/// # Errors
/// A row is not what its query promises: the server is of a version that is not known.
pub fn state(
    migrator: &str,
    rows: Vec<Row>,
    aliases: Vec<(Address, Address)>,
    dependencies: Vec<(Address, Address, bool)>,
) -> Result<(State, Vec<Outside<Address>>), CatalogError> {
    let mut ids: FxHashMap<Address, Id> = FxHashMap::with_capacity_and_hasher(rows.len(), FxBuildHasher);
    let mut state = State::default();
    for row in rows {
        let failed = |cause| CatalogError { kind: row.kind, definition: row.definition.clone(), cause };
        let mut definition = read(row.kind, &row.definition).map_err(failed)?;
        if let Definition::DefaultPrivileges(defaults) = &mut definition {
            defaults.role.take_if(|role| role == migrator);
        }
        let privileges: Vec<Privilege> = match &row.privileges {
            Some(json) => serde_json::from_str(json).map_err(failed)?,
            None => Vec::new(),
        };
        let id = definition.id();
        ids.insert(row.address, id.clone());
        let depends = definition.depends().into_iter().collect();
        let owner = row.owner.filter(|owner| owner != migrator && definition.has_owner());
        state.objects.insert(id, Entry { definition, comment: row.comment, owner, privileges, depends });
    }
    let aliases: FxHashMap<Address, Address> = aliases.into_iter().collect();
    let find = |mut address: Address| {
        // A chain of aliases is short: the array of the row type of a view.
        for _ in 0..8 {
            if let Some(id) = ids.get(&address) {
                return (Some(id), address);
            }
            address = match aliases.get(&address) {
                Some(next) => *next,
                None if address.2 != 0 => (address.0, address.1, 0),
                None => break,
            };
        }
        (None, address)
    };
    let mut outside = Vec::new();
    for (from, to, normal) in dependencies {
        let ((id, dependent), (needed_id, needed)) = (find(from), find(to));
        let (id, needed_id) = match (id, needed_id) {
            (Some(id), Some(needed)) => (id, needed),
            (Some(id), None) if normal => {
                outside.push(Outside { object: id.clone(), other: needed, needs: true });
                continue;
            }
            (None, Some(id)) if normal => {
                outside.push(Outside { object: id.clone(), other: dependent, needs: false });
                continue;
            }
            _ => continue,
        };
        let Some(entry) = state.objects.get_mut(id) else { continue };
        entry.depends.insert(needed_id.clone());
        // What reads an inherited column also needs the table that has it.
        if to.2 != 0
            && needed.2 != 0
            && needed.1 != dependent.1
            && needed.1 != to.1
            && let (Some(child), _) = find((to.0, to.1, 0))
        {
            entry.depends.insert(child.clone());
        }
        entry.depends.remove(id);
    }
    for entry in state.objects.values_mut() {
        if let Some(later) = entry.definition.later() {
            let later: BTreeSet<Id> = later.depends.into_iter().collect();
            entry.depends.retain(|id| !later.contains(id));
        }
    }
    Ok((state, outside))
}

/// Who owns what a session's `user` does not own, as far as it has privileges; the role that migrates is `migrator`.
///
/// # Errors
/// As [`state`].
pub fn owners(user: String, migrator: String, rows: &[Row]) -> Result<Owners, CatalogError> {
    let mut owners = Owners { user, migrator, others: BTreeMap::new() };
    for row in rows {
        let Some(owner) = row.owner.as_ref().filter(|owner| **owner != owners.user) else { continue };
        let failed = |cause| CatalogError { kind: row.kind, definition: row.definition.clone(), cause };
        let definition = read(row.kind, &row.definition).map_err(failed)?;
        owners.others.insert(definition.id(), owner.clone());
    }
    Ok(owners)
}

/// An object, whose texts can be read again.
fn read(kind: Kind, definition: &str) -> Result<Definition, serde_json::Error> {
    if !["ARRAY[", "SELECT ", "RETURNING "].iter().any(|word| definition.contains(word)) {
        return Definition::read(kind, definition);
    }
    let mut value: serde_json::Value = serde_json::from_str(definition)?;
    rewrite(&mut value);
    Definition::read(kind, &value.to_string())
}

fn rewrite(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = named(&readable(text)).into_owned(),
        serde_json::Value::Array(values) => values.iter_mut().for_each(rewrite),
        serde_json::Value::Object(values) => values.values_mut().for_each(rewrite),
        _ => {}
    }
}
