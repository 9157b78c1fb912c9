//! Constraints of tables. Those that a table has from a parent belong to the parent.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::table::Table;
use super::{Definition, Kind};
use crate::catalog::Query;
use crate::kind::{Alter, Find, Id, Object, Online};
use crate::lex;
use crate::name::{self, QName, qualified, quote};
use crate::state::State;
use crate::step::{HazardKind, Lock, Step};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    pub table: QName,
    pub name: String,
    #[serde(rename = "type")]
    pub ty: ConstraintType,
    /// What stands after `CONSTRAINT name`, as `pg_get_constraintdef` prints it, without `NOT VALID`.
    pub definition: String,
    /// The columns it is about, for a check those it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The table that a foreign key refers to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<QName>,
    /// The parent that has it, too, and passes it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inherited: Option<QName>,
    /// Existing rows were not checked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_valid: bool,
    /// Another key of the table has the same columns: in one CREATE TABLE PostgreSQL would make one key of the two.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub twin: bool,
    /// Storage parameters of the index of a key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The comment on the index of a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index_comment: Option<String>,
    /// The table is clustered by its index.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clustered: bool,
    /// Logical replication knows a row by its index.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replica_identity: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintType {
    PrimaryKey,
    Unique,
    #[default]
    Check,
    Exclusion,
    ForeignKey,
}

impl ConstraintType {
    fn word(self) -> &'static str {
        match self {
            ConstraintType::PrimaryKey => "primary key",
            ConstraintType::Unique => "unique constraint",
            ConstraintType::Check => "check constraint",
            ConstraintType::Exclusion => "exclusion constraint",
            ConstraintType::ForeignKey => "foreign key",
        }
    }
}

impl Constraint {
    fn step(&self, comment: String, action: &str) -> Step {
        Table::action_step(&self.table, comment, action)
    }

    /// What existing rows may say to it, and how long it blocks.
    fn hazards(&self, step: Step) -> Step {
        let (may_fail, blocks) = self.messages();
        step.hazard(HazardKind::MayFail, may_fail).hazard(HazardKind::LongLock, blocks)
    }

    fn messages(&self) -> (String, String) {
        let Constraint { table, name, .. } = self;
        let other = self.references.as_ref().map(ToString::to_string).unwrap_or_default();
        let columns = self.columns.join(", ");
        let every_row = "while every row is checked";
        match self.ty {
            ConstraintType::PrimaryKey | ConstraintType::Unique => (
                format!("two rows of {table} may have the same {columns} ({name})"),
                format!("blocks reads and writes of {table} while the index of {name} is built"),
            ),
            ConstraintType::Check => (
                format!("rows of {table} may violate {name}"),
                format!("blocks reads and writes of {table} {every_row}"),
            ),
            ConstraintType::Exclusion => (
                format!("two rows of {table} may conflict under {name}"),
                format!("blocks reads and writes of {table} while the index of {name} is built"),
            ),
            ConstraintType::ForeignKey => (
                format!("rows of {table} may reference rows missing in {other} ({name})"),
                format!("blocks writes to {table} and {other} {every_row}"),
            ),
        }
    }

    /// `Add foreign key NAME: a(b) → c(d).`
    fn comment(&self) -> String {
        let Constraint { table, name, ty, .. } = self;
        if self.references.is_none() {
            return format!("Add {} {name} to {table}.", ty.word());
        }
        let (columns, word) = (self.columns.join(", "), ty.word());
        let to = self.definition.split(" REFERENCES ").nth(1).unwrap_or_default();
        let to = to.split_inclusive(')').next().unwrap_or_default();
        format!("Add {word} {name}: {table}({columns}) → {to}.")
    }

    /// Whether PostgreSQL can add it and look at the rows later.
    fn has_online_form(&self, find: &Find<'_>) -> bool {
        let partitioned = |table: &QName| Table::is_partitioned(find(&Id::new(Kind::Table, table)));
        match self.ty {
            ConstraintType::Check => !self.definition.ends_with(" NOT ENFORCED"),
            ConstraintType::ForeignKey => {
                let tables = [&self.table].into_iter().chain(&self.references);
                !self.definition.ends_with(" NOT ENFORCED") && !tables.into_iter().any(partitioned)
            }
            ConstraintType::Exclusion => false,
            ConstraintType::PrimaryKey | ConstraintType::Unique => {
                !self.definition.contains(" WITHOUT OVERLAPS") && !partitioned(&self.table)
            }
        }
    }

    /// Adds it in the place of `prev`, if there is one, and looks at the rows while reads and writes continue.
    fn online_steps(&self, prev: Option<&Self>, find: &Find<'_>) -> Vec<Step> {
        let word = prev.map_or_else(String::new, |prev| format!("DROP CONSTRAINT {}, ", quote(&prev.name)));
        if matches!(self.ty, ConstraintType::PrimaryKey | ConstraintType::Unique) {
            let is_taken = |name: &str| {
                let index = Id::new(Kind::Index, &QName::new(&self.table.schema, name));
                let constraint = Id::new(Kind::Table, &self.table).part(Kind::Constraint, name);
                find(&index).or(find(&constraint)).is_some()
            };
            let index = prev.map(|_| name::free(&self.name, "new", is_taken));
            let unset = (false, prev.is_some_and(|prev| prev.replica_identity));
            let (mut steps, _) = super::index::choose(&self.table, &self.name, unset, (false, false));
            steps.extend(self.key_steps(index.as_ref().unwrap_or(&self.name), &word));
            return steps;
        }
        let lock = if prev.is_some() { Lock::AccessExclusive } else { self.create_lock() };
        let add = self.step(self.comment(), &format!("{word}ADD {} NOT VALID", self.sql())).lock(lock);
        // The table that the previous one refers to is locked, too.
        let others: BTreeSet<QName> = prev.into_iter().chain([self]).filter_map(Self::other).collect();
        vec![add.locks(others, lock).apart(), self.validate().apart()]
    }

    /// Builds the index of a key under the name `index`, then the key; `word` is what goes with the same statement.
    fn key_steps(&self, index: &str, word: &str) -> Vec<Step> {
        let ty = if self.ty == ConstraintType::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
        let keys = self.definition.strip_prefix(ty).unwrap_or_default();
        let deferred = " INITIALLY DEFERRED";
        let (keys, initially) = keys.strip_suffix(deferred).map_or((keys, ""), |keys| (keys, deferred));
        let (keys, deferrable) =
            keys.strip_suffix(" DEFERRABLE").map_or((keys, ""), |keys| (keys, " DEFERRABLE"));
        let (keys, distinct) = match keys.strip_prefix(" NULLS NOT DISTINCT") {
            Some(keys) => (keys, " NULLS NOT DISTINCT"),
            None => (keys, ""),
        };
        let table = &self.table;
        let sql =
            format!("CREATE UNIQUE INDEX CONCURRENTLY {} ON {}{keys}{distinct}", quote(index), table.sql());
        let comment = format!(
            "Create the index of {} {} on {table}, while reads and writes continue.",
            self.ty.word(),
            self.name
        );
        let create = Step::new(comment, sql).locks(self.relation(), Lock::ShareUpdateExclusive);
        let create = create.hazard(HazardKind::MayFail, self.messages().0).apart();
        let (name, index) = (quote(&self.name), quote(index));
        let action = format!("{word}ADD CONSTRAINT {name} {ty} USING INDEX {index}{deferrable}{initially}");
        let mut steps = vec![create, self.step(self.comment(), &action).apart()];
        steps.extend(self.after_create());
        steps
    }

    fn create_lock(&self) -> Lock {
        if self.ty == ConstraintType::ForeignKey { Lock::ShareRowExclusive } else { Lock::AccessExclusive }
    }

    fn validate(&self) -> Step {
        let comment = format!("Validate {} {} of {}.", self.ty.word(), self.name, self.table);
        let step = self.step(comment, &format!("VALIDATE CONSTRAINT {}", quote(&self.name)));
        step.lock(Lock::ShareUpdateExclusive).hazard(HazardKind::MayFail, self.messages().0)
    }

    /// The columns of the table that a foreign key refers to.
    pub fn referenced(&self) -> Vec<String> {
        let after = lex::tokens(&self.definition).skip_while(|token| !token.is("references"));
        let list = after.skip_while(|token| token.text() != "(").take_while(|token| token.text() != ")");
        let names = list.filter(|token| token.text() != "PERIOD").filter_map(|token| token.name());
        names.map(Cow::into_owned).collect()
    }

    /// The referenced table, if it is another one.
    fn other(&self) -> Option<QName> {
        self.references.clone().filter(|table| *table != self.table)
    }

    fn set_options(&self, prev: &[String]) -> Vec<Step> {
        super::table::options(prev, &self.options, |action| {
            let alter = format!("ALTER INDEX {} {action}", qualified(&self.table.schema, &self.name));
            let step = Step::new(format!("Change storage parameters of {}.", self.id()), alter);
            step.locks(self.relation(), Lock::ShareUpdateExclusive)
        })
    }

    fn comment_on_index(&self) -> Step {
        let text = self.index_comment.as_deref().map_or_else(|| "NULL".to_owned(), name::literal);
        let index = qualified(&self.table.schema, &self.name);
        let sql = format!("COMMENT ON INDEX {index} IS {text}");
        let step = Step::new(format!("Comment on the index of {}.", self.id()), sql);
        step.locks(self.relation(), Lock::ShareUpdateExclusive)
    }

    /// The check of this name that a table has itself, or has from the one of which it is a partition.
    pub(super) fn check<'a>(state: &'a State, table: &QName, name: &str) -> Option<&'a Constraint> {
        let id = Id::new(Kind::Table, table);
        let own = state.objects.get(&id.part(Kind::Constraint, name)).map(|entry| &entry.definition);
        match (own, &state.objects.get(&id)?.definition) {
            (Some(Definition::Constraint(it)), _) => Some(it).filter(|it| it.ty == ConstraintType::Check),
            (_, Definition::Table(table)) => {
                Constraint::check(state, &table.partition_of.as_ref()?.parent, name)
            }
            _ => None,
        }
    }

    /// Whether PostgreSQL makes the one of a partition a part of this one of its table. A check is told by its name, and no
    /// exclusion constraint is taken.
    pub(crate) fn attaches(&self, part: &Constraint) -> bool {
        let is_taken = !matches!(self.ty, ConstraintType::Check | ConstraintType::Exclusion);
        is_taken && (self.ty, &self.definition) == (part.ty, &part.definition)
    }

    /// The same of another table.
    pub(super) fn on(&self, table: &QName) -> Constraint {
        Constraint { table: table.clone(), inherited: None, ..self.clone() }
    }

    fn sql(&self) -> String {
        format!("CONSTRAINT {} {}", quote(&self.name), self.definition)
    }
}

impl Object for Constraint {
    const CATALOG: Query = Query::new(
        "SELECT 'pg_constraint'::regclass AS class, o.oid, 0 AS part, o.connamespace AS namespace,
    json_strip_nulls(json_build_object('table', json_build_array(n.nspname, c.relname), 'name', o.conname,
        'type', CASE o.contype WHEN 'p' THEN 'primary_key' WHEN 'u' THEN 'unique' WHEN 'c' THEN 'check'
            WHEN 'x' THEN 'exclusion' ELSE 'foreign_key' END,
        'definition', regexp_replace(pg_get_constraintdef(o.oid), ' NOT VALID$', ''), 'not_valid', NOT o.convalidated
            AND coalesce((to_jsonb(o) ->> 'conenforced')::boolean, true),
        'columns', (SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(o.conkey) WITH ORDINALITY k (num, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.num),
        'references', CASE WHEN o.contype = 'f' THEN json_build_array(fn.nspname, f.relname) END,
        'inherited', CASE WHEN o.coninhcount > 0 THEN (SELECT json_build_array(pn.nspname, p.relname)
            FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class p ON p.oid = h.inhparent
            JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
            JOIN pg_catalog.pg_constraint po ON po.conrelid = p.oid AND po.conname = o.conname
            WHERE h.inhrelid = o.conrelid ORDER BY h.inhseqno LIMIT 1) END,
        'twin', o.contype = 'u' AND EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = o.conrelid
            AND k.conkey = o.conkey AND (k.contype = 'p' OR (k.contype = 'u' AND k.oid < o.oid))),
        'index_comment', obj_description(i.indexrelid, 'pg_class'),
        'options', (SELECT c.reloptions FROM pg_catalog.pg_class c WHERE c.oid = i.indexrelid AND o.contype IN ('p', 'u')),
        'clustered', i.indisclustered, 'replica_identity', i.indisreplident)) AS definition
FROM pg_catalog.pg_constraint o
JOIN pg_catalog.pg_class c ON c.oid = o.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = o.confrelid LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = o.conindid AND o.contype IN ('p', 'u', 'x')
WHERE o.contype IN ('p', 'u', 'c', 'x', 'f') AND o.conparentid = 0 AND o.conislocal AND c.relkind IN ('r', 'p')",
    );

    fn id(&self) -> Id {
        Id::new(Kind::Table, &self.table).part(Kind::Constraint, &self.name)
    }

    fn address(&self) -> String {
        format!("CONSTRAINT {} ON {}", quote(&self.name), self.table.sql())
    }

    fn part_of(&self) -> Option<Id> {
        Some(Id::new(Kind::Table, &self.table))
    }

    fn merges_with(&self) -> Option<Id> {
        let parent = self.inherited.as_ref()?;
        Some(Id::new(Kind::Table, parent).part(Kind::Constraint, &self.name))
    }

    /// Its index has its name. A table has one primary key: the part without a name.
    fn takes(&self) -> Vec<Id> {
        let index = Id::new(Kind::Index, &QName::new(&self.table.schema, &self.name));
        match self.ty {
            ConstraintType::Check | ConstraintType::ForeignKey => Vec::new(),
            ConstraintType::Unique | ConstraintType::Exclusion => vec![index],
            ConstraintType::PrimaryKey => {
                vec![index, Id::new(Kind::Table, &self.table).part(Kind::Constraint, "")]
            }
        }
    }

    fn relation(&self) -> Option<QName> {
        Some(self.table.clone())
    }

    fn depends(&self) -> Vec<Id> {
        let referenced = self.references.iter().map(|table| Id::new(Kind::Table, table));
        self.part_of().into_iter().chain(referenced).collect()
    }

    fn clause(&self) -> Option<String> {
        let inside = self.ty != ConstraintType::ForeignKey && !self.not_valid && !self.twin;
        inside.then(|| self.sql())
    }

    /// A foreign key would have to join two types while only one has changed, an exclusion constraint to use the operators of
    /// the old type. A key that includes a column is not rebuilt while foreign keys refer to it.
    fn is_rebuilt(&self) -> bool {
        let rebuilt = !matches!(self.ty, ConstraintType::ForeignKey | ConstraintType::Exclusion);
        rebuilt && !self.definition.contains(" INCLUDE (")
    }

    fn reads_when_rebuilt(&self, collation: bool) -> bool {
        match self.ty {
            ConstraintType::Check => !self.not_valid && !self.definition.ends_with(" NOT ENFORCED"),
            _ => collation,
        }
    }

    fn computed(&self) -> Option<String> {
        Some("drop and add it, so that rows are checked again".to_owned())
    }

    fn create(&self, _: &[String]) -> Vec<Step> {
        let (comment, lock) = (self.comment(), self.create_lock());
        let step = if self.not_valid {
            self.step(comment, &format!("ADD {} NOT VALID", self.sql()))
        } else {
            self.hazards(self.step(comment, &format!("ADD {}", self.sql())))
        };
        let mut steps = vec![step.lock(lock).locks(self.other(), lock)];
        steps.extend(self.after_create());
        steps
    }

    fn after_create(&self) -> Vec<Step> {
        let settings = self.set_options(&[]).into_iter();
        let comment = self.index_comment.iter().map(|_| self.comment_on_index());
        let mut steps: Vec<Step> = settings.chain(comment).map(|step| step.lock(Lock::None)).collect();
        let chosen = (self.clustered, self.replica_identity);
        steps.extend(super::index::choose(&self.table, &self.name, (false, false), chosen).1);
        steps
    }

    fn drop(&self) -> Vec<Step> {
        let comment = format!("Drop {} {} from {}.", self.ty.word(), self.name, self.table);
        let chosen = (false, self.replica_identity);
        let (mut steps, _) = super::index::choose(&self.table, &self.name, chosen, (false, false));
        let drop = self.step(comment, &format!("DROP CONSTRAINT {}", quote(&self.name)));
        steps.push(drop.locks(self.other(), Lock::AccessExclusive));
        steps
    }

    fn rename(&self, to: &str) -> Step {
        let comment = format!("Rename {} {} of {} to {to}.", self.ty.word(), self.name, self.table);
        Table::alter_step(
            &self.table,
            comment,
            &format!("RENAME CONSTRAINT {} TO {}", quote(&self.name), quote(to)),
        )
    }

    fn renamed(&self, to: &Id) -> Option<Self> {
        Some(Constraint { name: to.name().to_owned(), ..self.clone() })
    }

    fn online(prev: Option<&Self>, next: Option<&Self>, find: &Find<'_>) -> Option<Online<Self>> {
        let sides = || prev.into_iter().chain(next);
        if !sides().all(|side| side.has_online_form(find)) || sides().all(|side| side.not_valid) {
            return None;
        }
        match (prev, next) {
            (None, Some(next)) => Online::create(next.online_steps(None, find)),
            (Some(prev), None) => Online::change(prev.clone(), prev.drop()),
            (Some(prev), Some(next)) if next.not_valid || prev.ty != next.ty => None,
            (Some(prev), Some(next)) if prev.alter(next) == Alter::Replace => {
                Online::change(prev.clone(), next.online_steps(Some(prev), find))
            }
            (Some(prev), Some(next)) if prev.not_valid => {
                Online::change(Constraint { not_valid: true, ..next.clone() }, vec![next.validate().apart()])
            }
            _ => None,
        }
    }

    fn keeps_needs(&self) -> bool {
        true
    }

    fn alter(&self, next: &Self) -> Alter {
        if (&self.definition, self.ty) != (&next.definition, next.ty) || (!self.not_valid && next.not_valid) {
            return Alter::Replace;
        }
        let mut steps = Vec::new();
        if self.not_valid && !next.not_valid {
            steps.push(self.validate());
        }
        steps.extend(next.set_options(&self.options));
        if self.index_comment != next.index_comment {
            steps.push(next.comment_on_index());
        }
        let (prev, chosen) =
            ((self.clustered, self.replica_identity), (next.clustered, next.replica_identity));
        let (unset, set) = super::index::choose(&self.table, &self.name, prev, chosen);
        steps.extend(set);
        Alter::split(unset, steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn referenced_columns_are_names() {
        let definition = "FOREIGN KEY (a, PERIOD b) REFERENCES \"r (\".\"s)\"(id, \"B, \"\"c\", PERIOD at) ON DELETE SET NULL (a)";
        let key = Constraint { definition: definition.to_owned(), ..Constraint::default() };
        assert_eq!(key.referenced(), ["id", "B, \"c", "at"]);
    }
}
