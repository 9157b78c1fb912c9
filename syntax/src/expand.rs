//! A column that takes the place of another one (`expand`): both are there until every program uses the new one. The old
//! one, and what keeps them in step, follow from what the new one says.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use whimbrel_schema::cast::{Assigned, assigned};
use whimbrel_schema::name::quote;
use whimbrel_schema::object::twin::Twin;
use whimbrel_schema::{Definition, Id, Kind, State};

use crate::expr;
use crate::model::{Column, DEFAULT_SCHEMA, Expand, Expr, IndexKey, IndexOn, QName, Schema, Table};
use crate::name::{self, MAX_BYTES, join_names, object_name};
use crate::objects::column_type;
use crate::parts::parts;
use crate::trigger;
use crate::validate::SchemaError;

mod order;

pub use order::after_sync;

/// Puts the old columns into a table, with their keys, indexes and triggers. Without the types of columns it does nothing
/// that depends on them.
pub(crate) fn complete(table: &mut Table) {
    let mut old_names = BTreeMap::new();
    for at in 0..table.columns.len() {
        let new = &mut table.columns[at];
        let Some(expand) = &mut new.expand else { continue };
        // The trigger gives it: a column with a default would always be given.
        expand.default = new.default.take();
        let plain = expand.forward.is_none() && expand.back.is_none();
        let ty = expand.old_type.clone().unwrap_or_else(|| new.ty.clone());
        let same = ty == new.ty;
        let old = Column {
            name: expand.from.clone(),
            not_null: new.not_null && plain,
            expand: None,
            collation: new.collation.clone().filter(|_| same),
            ty,
            ..new.clone()
        };
        old_names.insert(new.name.clone(), (old.name.clone(), same));
        table.columns.push(old);
    }
    if old_names.is_empty() {
        return;
    }
    let mut state = State::default();
    for pair in pairs(table) {
        pair.keep_in_step(&mut state);
    }
    table.companions.extend(state.objects.into_values());
    mirror(table, &old_names);
}

/// Names of new columns, with those of the old ones, and whether they are of the same type.
type OldNames = BTreeMap<String, (String, bool)>;

/// The old columns have the unique constraints, indexes and foreign keys of the new ones, as far as their types allow.
fn mirror(table: &mut Table, old: &OldNames) {
    let is_new = |column: &String| old.contains_key(column);
    let old_name = |column: &String| old.get(column).map_or(column, |(name, _)| name).clone();
    let all = |columns: &[String]| columns.iter().map(old_name).collect::<Vec<_>>();
    for unique in table.uniques.clone().into_values().filter(|unique| unique.columns.iter().any(is_new)) {
        let columns = all(&unique.columns);
        let name = free(table, &columns, "key");
        table.uniques.insert(name, crate::model::Unique { columns, ..unique });
    }
    let is_same = |column: &String| old.get(column).is_none_or(|(_, same)| *same);
    for key in table.foreign_keys.clone().into_values().filter(|key| key.columns.iter().any(is_new)) {
        if key.columns.iter().all(is_same) {
            let columns = all(&key.columns);
            let name = free(table, &columns, "fkey");
            table.foreign_keys.insert(name, crate::model::ForeignKey { columns, ..key });
        }
    }
    for mut index in table.indexes.clone().into_values() {
        let texts = index.keys.iter().filter_map(|key| match &key.on {
            IndexOn::Expr(expr) => Some(expr),
            IndexOn::Column(_) => None,
        });
        let texts: Vec<&Expr> = texts.chain(&index.predicate).collect();
        let mentioned =
            |(new, _): &(&String, &(String, bool))| texts.iter().any(|text| expr::mentions(&text.0, new));
        let of_text: Vec<bool> = old.iter().filter(mentioned).map(|(_, (_, same))| *same).collect();
        let plain = |key: &IndexKey| key.opclass.is_none() && key.collation.is_none();
        let fits = |key: &IndexKey| match &key.on {
            IndexOn::Column(column) => is_same(column) || plain(key),
            IndexOn::Expr(_) => true,
        };
        let of_columns =
            index.keys.iter().any(|key| matches!(&key.on, IndexOn::Column(name) if is_new(name)));
        let concerned = of_columns || index.include.iter().any(is_new) || !of_text.is_empty();
        if !concerned || of_text.contains(&false) || !index.keys.iter().all(fits) {
            continue;
        }
        let word = |word: &str| old.get(word).map(|(name, _)| name.clone());
        for key in &mut index.keys {
            match &mut key.on {
                IndexOn::Column(column) => *column = old_name(column),
                IndexOn::Expr(expr) => expr.0 = expr::rename_words(&expr.0, &word),
            }
        }
        index.include = all(&index.include);
        index.predicate.iter_mut().for_each(|expr| expr.0 = expr::rename_words(&expr.0, &word));
        let included = index.include.iter().map(IndexKey::column);
        let keys: Vec<IndexKey> = index.keys.iter().cloned().chain(included).collect();
        let name = free(table, &name::index_columns(&keys), "idx");
        table.indexes.insert(name, index);
    }
}

/// The name that PostgreSQL would choose.
fn free(table: &Table, columns: &[String], label: &str) -> String {
    let taken = parts(table);
    let columns = join_names(columns);
    let is_taken = |name: &str| taken.iter().any(|(other, _)| *other == name);
    name::first_free(&table.name.name, Some(&columns), label, is_taken)
}

/// A column that takes the place of another one.
struct Pair<'a> {
    table: &'a Table,
    expand: &'a Expand,
    old: &'a Column,
    new: &'a Column,
}

fn pairs(table: &Table) -> impl Iterator<Item = Pair<'_>> {
    table.columns.iter().filter_map(move |new| {
        let expand = new.expand.as_ref()?;
        Some(Pair { table, expand, old: table.column(&expand.from)?, new })
    })
}

fn between(from: &Column, to: &Column) -> Option<Assigned> {
    assigned(&column_type(&from.ty), &column_type(&to.ty))
}

/// The cast that is written where it is not that of an assignment.
fn written(from: &Column, to: &Column) -> String {
    match between(from, to) {
        Some(Assigned { is_written: false, .. }) => String::new(),
        _ => format!("::{}", column_type(&to.ty)),
    }
}

/// What a column has by another one: an expression over the row.
fn value(from: &Column, to: &Column, given: Option<&Expr>) -> String {
    match given {
        Some(expr) => format!("({expr})"),
        None => format!("{}{}", quote(&from.name), written(from, to)),
    }
}

impl Pair<'_> {
    fn twin(&self, to: &Column) -> Twin {
        let (from, given, back) = match to.name == self.new.name {
            true => (self.old, &self.expand.forward, &self.expand.back),
            false => (self.new, &self.expand.back, &self.expand.forward),
        };
        // What an expression keeps is unknown.
        let loses = back.is_some() || given.is_some() || between(to, from).is_none_or(|cast| cast.changes);
        let may_fail = given.is_some() || between(from, to).is_none_or(|cast| cast.may_fail);
        let reason = || {
            format!(
                "values of {}.{} may not fit {}: update such rows first",
                self.table.name, from.name, to.ty
            )
        };
        let may_fail = may_fail.then(reason);
        Twin { column: from.name.clone(), value: value(from, to, given.as_ref()), may_fail, loses }
    }

    /// What a column of the row that is written has by the other one.
    fn of_row(&self, from: &Column, to: &Column, given: Option<&Expr>) -> String {
        match given {
            Some(expr) => {
                format!("(SELECT {expr} FROM (SELECT NEW.*) AS {})", quote(&self.table.name.name))
            }
            None => format!("NEW.{}{}", trigger::field(&from.name), written(from, to)),
        }
    }

    /// Adds the trigger. Row images are compared because not every type has an operator, nor one that tells all
    /// values apart.
    fn keep_in_step(&self, state: &mut State) {
        let Pair { table, expand, old, new } = self;
        let (old_name, new_name) = (trigger::field(&old.name), trigger::field(&new.name));
        let by_old = self.of_row(old, new, expand.forward.as_ref());
        let forward = format!("NEW.{new_name} := {by_old};");
        let back = format!("NEW.{old_name} := {};", self.of_row(new, old, expand.back.as_ref()));
        let by_old = format!("({by_old})::{}", column_type(&new.ty));
        let default = expand.default.as_ref().map_or_else(String::new, |default| {
            format!(
                "\n            IF NEW.{new_name} IS NULL THEN\n                NEW.{new_name} := {default};\n                \
                 {back}\n            END IF;"
            )
        });
        let body = format!(
            "    -- The column that a program gives, or changes, fills the other one; of both, the new one counts.
    IF TG_OP = 'INSERT' THEN
        IF NEW.{new_name} IS NULL THEN
            {forward}{default}
        -- A row that goes to another partition has both.
        ELSIF NEW.{old_name} IS NULL OR record_image_ne(ROW(NEW.{new_name}), ROW({by_old})) THEN
            {back}
        END IF;
    ELSIF record_image_ne(ROW(NEW.{new_name}), ROW(OLD.{new_name})) THEN
        {back}
    ELSIF NEW.{new_name} IS NULL OR record_image_ne(ROW(NEW.{old_name}), ROW(OLD.{old_name})) THEN
        {forward}
    ELSIF NEW.{old_name} IS NULL THEN
        {back}
    END IF;
    RETURN NEW;"
        );
        let on = table.name.clone();
        let name = QName::new(&on.schema, unique_name(&on.name, &new.name));
        let function = trigger::function(name, "", DEFAULT_SCHEMA, &body);
        let id = function.id();
        state.insert(function, None);
        let name = format!("{TRIGGER}{}", new.name);
        let name = if name.len() > MAX_BYTES { unique_name(TRIGGER, &new.name) } else { name };
        trigger::add(&on, &name, "BEFORE INSERT OR UPDATE", "ROW", &id, state);
    }
}

/// Triggers run in the order of their names, and others may change what is written.
const TRIGGER: &str = "zz_sync_";

/// A name that is cut, or joined from two, may be that of another pair, too: so it ends with a part of their hash.
fn unique_name(table: &str, column: &str) -> String {
    let hash = HEXLOWER.encode(&Sha256::digest(format!("{table}\0{column}")));
    object_name(table, Some(column), &format!("sync_{}", &hash[..8]))
}

/// The columns of a table that are kept in step with others.
pub(crate) fn in_step(table: &Table) -> BTreeSet<String> {
    pairs(table).flat_map(|pair| [pair.old.name.clone(), pair.new.name.clone()]).collect()
}

/// What is wrong with the types of a table's columns: the new column, and what to say.
#[cfg(feature = "parse")]
pub(crate) fn no_cast(table: &Table) -> Vec<(&str, String, String)> {
    let mut errors = Vec::new();
    for Pair { expand, old, new, .. } in pairs(table) {
        let ways = [(old, new, &expand.forward, "forward"), (new, old, &expand.back, "back")];
        for (from, to, given, setting) in ways {
            let types = [from, to].map(|column| column_type(&column.ty));
            let known = types.iter().all(|ty| !ty.is_empty());
            let has_cast = between(from, to).is_some();
            let [zone, other] = types.map(|ty| ty.contains("with time zone"));
            if known && given.is_none() && (!has_cast || zone != other) {
                let message = match has_cast {
                    true => {
                        format!("casts from {} to {} depend on the TimeZone of each session", from.ty, to.ty)
                    }
                    false => format!("PostgreSQL has no cast from {} to {}", from.ty, to.ty),
                };
                let hint = format!("say how `{}` becomes `{}`: `{setting} = \"…\"`", from.name, to.name);
                errors.push((new.name.as_str(), message, hint));
            }
        }
    }
    errors
}

/// Columns that cannot take the place of what was there.
pub(crate) fn errors(prev: &Schema, next: &Schema) -> Vec<SchemaError> {
    let mut errors = Vec::new();
    for table in next.tables.values() {
        let Some(before) = prev.tables.get(&table.name) else { continue };
        for pair in pairs(table) {
            if let Some(error) = pair.error(before) {
                errors.push(SchemaError { place: format!("column {}.{}", table.name, pair.new.name), error });
            }
        }
    }
    errors
}

impl Pair<'_> {
    /// Why the column cannot take the place of the other one in the table as it was.
    fn error(&self, before: &Table) -> Option<String> {
        let Pair { table, old, new, .. } = self;
        let (table, name) = (&table.name, &old.name);
        match (before.column(name), before.column(&new.name)) {
            (_, Some(before)) if before.expand.is_some() => None,
            (None, None) => Some(format!(
                "`expand` is for a column that takes the place of another one, and {table} had no column {name}: correct \
                 `renamed_from`, or remove both for a new column"
            )),
            (Some(_), Some(_)) => Some(format!(
                "{table} has a column {} already, whose values are not those of {name}: give the column that takes its place \
                 a name of its own",
                new.name
            )),
            (Some(was), None) if was.identity.is_some() => {
                Some(format!("{table}.{name} is an identity column: `expand` cannot keep its numbers going"))
            }
            (Some(was), None) if was.generated.is_some() => {
                Some(format!("{table}.{name} is a generated column, which nothing can write"))
            }
            (Some(was), None) if was.ty != old.ty => {
                Some(format!("{table}.{name} is {0}, and stays so: `expand(old_type = \"{0}\")`", was.ty))
            }
            (Some(was), None) if was.default.is_some() && self.expand.default.is_none() => Some(format!(
                "{table}.{name} has a default, which the old program may rely on: give the new column a `default`, too, until \
                 `expand` is removed"
            )),
            _ => None,
        }
    }
}

/// Says in a state which columns are kept in step, and whether their rows have their values. Those of which the other state
/// has neither have no rows that could.
pub fn pair_up(state: &mut State, schema: &Schema, other: &State) {
    for table in schema.tables.values() {
        // Writing a row runs the triggers of all.
        let may_fail = pairs(table).find_map(|pair| pair.twin(pair.new).may_fail);
        for pair in pairs(table) {
            let is_there = |column: &Column| other.objects.contains_key(&id(table, column));
            if ![pair.old, pair.new].into_iter().any(is_there) {
                continue;
            }
            for (column, other) in [(pair.new, pair.old), (pair.old, pair.new)] {
                let twin = pair.twin(column);
                let may_fail = twin.may_fail.or_else(|| may_fail.clone());
                let twin = Twin { loses: twin.loses || other.unfilled, may_fail, ..twin };
                set(state, table, column, twin);
            }
        }
    }
}

fn id(table: &Table, column: &Column) -> Id {
    Id::new(Kind::Table, &table.name).part(Kind::Column, &column.name)
}

fn set(state: &mut State, table: &Table, column: &Column, twin: Twin) {
    let filled = !column.unfilled;
    let entry = state.objects.get_mut(&id(table, column));
    if let Some(Definition::Column(column)) = entry.map(|entry| &mut entry.definition) {
        (column.twin, column.filled) = (Some(Box::new(twin)), filled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::generate_all;
    use crate::model::{ColumnType, ForeignKey, Hints, Index, PrimaryKey, QName, Unique};
    use whimbrel_schema::plan::Form;

    fn schema(expand: Option<Expand>) -> Schema {
        let mut table = Table::new(QName::public("items"));
        let column =
            |name: &str, ty: &str| Column { not_null: true, ..Column::new(name, ColumnType::sql(ty)) };
        let new = if expand.is_some() { "code" } else { "label" };
        table.columns = vec![column("id", "uuid"), Column { expand, ..column(new, "text") }];
        table.primary_key = Some(PrimaryKey { name: "items_pkey".into(), columns: vec!["id".into()] });
        let unique = Unique { columns: vec![new.into()], deferrable: Default::default() };
        table.uniques.insert(format!("items_{new}_key"), unique);
        let lower =
            IndexKey { on: IndexOn::Expr(Expr::new(format!("lower({new})"))), ..IndexKey::column("") };
        table.indexes.insert("items_expr_idx".into(), Index::new(vec![lower]));
        let key = ForeignKey {
            columns: vec![new.into()],
            references: QName::public("items"),
            referenced_columns: vec![new.into()],
            on_delete: Default::default(),
            on_update: Default::default(),
            deferrable: Default::default(),
        };
        table.foreign_keys.insert(format!("items_{new}_fkey"), key);
        complete(&mut table);
        crate::draft::schema([table], [])
    }

    fn taking_over(old_type: Option<&str>) -> Schema {
        let old_type = old_type.map(ColumnType::sql);
        let (forward, back, default) = (None, None, None);
        schema(Some(Expand { from: "label".into(), old_type, forward, back, default }))
    }

    #[test]
    fn the_old_column_has_what_its_type_allows() {
        let names = |schema: &Schema| -> Vec<String> {
            let table = schema.tables.values().next().unwrap();
            parts(table).into_iter().map(|(name, _)| name.to_owned()).collect()
        };
        let same = "items_pkey items_code_key items_label_key items_code_fkey items_label_fkey items_expr_idx items_expr_idx1";
        assert_eq!(names(&taking_over(None)).join(" "), same);
        let other = "items_pkey items_code_key items_label_key items_code_fkey items_expr_idx";
        assert_eq!(names(&taking_over(Some("integer"))).join(" "), other);
    }

    #[test]
    fn a_second_migration_that_is_deleted_is_made_again() {
        let (prev, next) = (schema(None), taking_over(None));
        let both = generate_all(&prev, &next, &Hints::default(), Form::Online).unwrap();
        let [(_, middle), (second, _)] = &both[..] else { panic!("{both:?}") };
        assert!(second.up_sql.contains("DO $backfill$") && !second.transactional);
        let again = generate_all(middle, &next, &Hints::default(), Form::Online).unwrap();
        let [(again, _)] = &again[..] else { panic!("{again:?}") };
        assert_eq!(again.up_sql, second.up_sql);
        let nothing = generate_all(&next, &next, &Hints::default(), Form::Online).unwrap();
        assert!(nothing.is_empty(), "{nothing:?}");
    }
}
