//! A column that takes the place of another one (`expand`): both are there until every program uses the new one. The old
//! one, and what keeps them in step, follow from what the new one says.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::cast::{Assigned, assigned};
use whimbrel_schema::name::quote;
use whimbrel_schema::object::twin::Twin;
use whimbrel_schema::{Definition, Id, Kind, State};

use crate::expr;
use crate::model::{Column, DEFAULT_SCHEMA, Expand, Expr, IndexKey, IndexOn, Schema, Table};
use crate::name::{self, MAX_BYTES, clip, join_names, object_name};
use crate::objects::column_type;
use crate::parts::parts;
use crate::trigger;
use crate::validate::SchemaError;

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
    let numbered = (1_u32..).map(|number| format!("{label}{number}"));
    let labels = std::iter::once(label.to_owned()).chain(numbered);
    let mut names = labels.map(|label| object_name(&table.name.name, Some(&columns), &label));
    names.find(|name| taken.iter().all(|(other, _)| other != name)).unwrap_or_default()
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
        Twin { column: from.name.clone(), value: value(from, to, given.as_ref()), may_fail, loses }
    }

    /// The column of the row that is written, by the other one.
    fn assign(&self, from: &Column, to: &Column, given: Option<&Expr>) -> String {
        let value = match given {
            Some(expr) => {
                format!("(SELECT {expr} FROM (SELECT NEW.*) AS {})", quote(&self.table.name.name))
            }
            None => format!("NEW.{}{}", quote(&from.name), written(from, to)),
        };
        format!("NEW.{} := {value};", quote(&to.name))
    }

    /// Adds the trigger. Its name comes after those of others, which may change what is written: PostgreSQL runs them in
    /// the order of their names. Row images are compared because not every type has an operator, nor one that tells all
    /// values apart.
    fn keep_in_step(&self, state: &mut State) {
        let Pair { table, expand, old, new } = self;
        let (old_name, new_name) = (quote(&old.name), quote(&new.name));
        let forward = self.assign(old, new, expand.forward.as_ref());
        let back = self.assign(new, old, expand.back.as_ref());
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
        ELSE
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
        let name = object_name(&on.name, Some(&new.name), "sync");
        let name = whimbrel_schema::name::QName::new(&on.schema, name);
        let function = trigger::function(name, "", DEFAULT_SCHEMA, &body);
        let id = function.id();
        state.insert(function, None);
        let name = format!("sync_{}", new.name);
        trigger::add(&on, clip(&name, MAX_BYTES), "BEFORE INSERT OR UPDATE", "ROW", &id, state);
    }
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
            let known = [from, to].iter().all(|column| !column_type(&column.ty).is_empty());
            if known && given.is_none() && between(from, to).is_none() {
                let message = format!("PostgreSQL has no cast from {} to {}", from.ty, to.ty);
                let hint = format!("say how `{}` becomes `{}`: `{setting} = \"…\"`", from.name, to.name);
                errors.push((new.name.as_str(), message, hint));
            }
        }
    }
    errors
}

/// Columns that take the place of none.
pub(crate) fn errors(prev: &Schema, next: &Schema) -> Vec<SchemaError> {
    let mut errors = Vec::new();
    for table in next.tables.values() {
        let Some(before) = prev.tables.get(&table.name) else { continue };
        for Pair { old, new, .. } in pairs(table) {
            if [old, new].iter().all(|column| before.column(&column.name).is_none()) {
                let error = format!(
                    "`expand` is for a column that takes the place of another one, and {} had no column {}: correct \
                     `renamed_from`, or remove both for a new column",
                    table.name, old.name
                );
                errors.push(SchemaError { place: format!("column {}.{}", table.name, new.name), error });
            }
        }
    }
    errors
}

/// Says in a state which columns are kept in step, and whether their rows have their values.
pub fn pair_up(state: &mut State, schema: &Schema) {
    for table in schema.tables.values() {
        for pair in pairs(table) {
            for (column, other) in [(pair.new, pair.old), (pair.old, pair.new)] {
                let twin = pair.twin(column);
                let twin = Twin { loses: twin.loses || other.unfilled, ..twin };
                set(state, table, column, twin, !column.unfilled);
            }
        }
    }
}

/// The same for the state before: a column that is to take the place of another one from now on has its values not yet.
pub(crate) fn pair_up_before(state: &mut State, (prev, next): (&Schema, &Schema)) {
    pair_up(state, prev);
    for table in next.tables.values() {
        let before = prev.tables.get(&table.name);
        let is_new = |pair: &Pair<'_>| {
            let [new, old] =
                [pair.new, pair.old].map(|column| before.and_then(|before| before.column(&column.name)));
            old.is_some() && new.is_some_and(|new| new.expand.is_none())
        };
        for pair in pairs(table).filter(is_new) {
            set(state, table, pair.new, pair.twin(pair.new), false);
        }
    }
}

fn set(state: &mut State, table: &Table, column: &Column, twin: Twin, filled: bool) {
    let id = Id::new(Kind::Table, &table.name).part(Kind::Column, &column.name);
    if let Some(Definition::Column(column)) = state.objects.get_mut(&id).map(|entry| &mut entry.definition) {
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
