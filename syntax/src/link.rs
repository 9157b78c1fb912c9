//! All items together: what a derive cannot see is looked up here.
//!
//! Aliases and newtypes are followed to the types that they stand for, `Id<T>` and `references(T)` to tables, and names
//! that PostgreSQL would refuse beside each other are found. Drafts are completed by
//! [`crate::draft::TableDraft::assemble`], as a program does it at run time.

mod collisions;
mod references;
mod types;

use crate::draft::{self, ColumnInfo, Target};
use crate::errors::{Errors, Spanned};
use crate::lower;
use crate::model::{Hints, Table};
use crate::scan::{Crates, Def, Found, Linked, ModelInfo, Resolved};

use crate::ast::{Field, Model, Reference};

struct Assembled<'c> {
    found: &'c Found<Model>,
    table: Table,
}

/// Links what was scanned. Errors are left with the files they are in.
pub(crate) fn link(crates: &Crates) -> Linked {
    let linker = Linker { crates };
    let assembled: Vec<_> = crates.models.iter().map(|found| linker.assemble(found)).collect();
    let mut hints = Hints::default();
    for found in &crates.models {
        lower::model_hints(&found.item, &mut hints);
    }
    for found in &crates.enums {
        lower::enum_hints(&found.item, &mut hints);
    }
    collisions::check(crates, &assembled);
    // A reference to nothing would be reported twice.
    if crates.files.iter().all(|file| file.errors.is_empty()) {
        references::check(crates, &assembled);
    }
    let mut models: Vec<_> = assembled.iter().map(|assembled| linker.info(assembled)).collect();
    models.sort_by(|a, b| (&a.table, &a.module_path).cmp(&(&b.table, &b.module_path)));
    let enums = crates.enums.iter().map(|found| lower::enumeration(&found.item));
    let tables = assembled.into_iter().map(|assembled| assembled.table);
    Linked {
        schema: draft::schema(tables, enums),
        hints,
        models,
        files: crates.files.iter().map(|file| file.path.clone()).collect(),
    }
}

struct Linker<'c> {
    crates: &'c Crates,
}

impl<'c> Linker<'c> {
    fn errors(&self, file: usize) -> &'c Errors {
        &self.crates.files[file].errors
    }

    fn info(&self, assembled: &Assembled<'_>) -> ModelInfo {
        let Assembled { found, table } = assembled;
        ModelInfo {
            ident: found.item.ident.to_string(),
            module_path: self.crates.modules[found.module].path.clone(),
            table: table.name.clone(),
            has_transform: found.has_transform,
            file: self.crates.files[found.file].path.clone(),
            line: found.item.ident.span().start().line,
        }
    }

    fn assemble(&self, found: &'c Found<Model>) -> Assembled<'c> {
        let model = &found.item;
        let infos: Vec<ColumnInfo> = model.fields.iter().map(|field| self.column(found, field)).collect();
        // The place of a target that is missing is never seen: with an error there is no result.
        let missing = || Target { table: lower::table_name(model), columns: Vec::new() };
        let targets = lower::targets(model).into_iter();
        let targets: Vec<Target> =
            targets.map(|reference| self.target(found, reference).unwrap_or_else(missing)).collect();
        let table = lower::table(model).assemble(&infos, &targets);
        self.actions_have_a_key(found, &table);
        self.old_columns_become_new_ones(found, &table);
        Assembled { found, table }
    }

    /// `on_delete` and the like need a foreign key. The derive sees only keys that the type itself names.
    fn actions_have_a_key(&self, found: &Found<Model>, table: &Table) {
        let has_actions = |field: &&Field| field.column.actions.written().next().is_some();
        for field in found.item.fields.iter().filter(has_actions) {
            let name = lower::column_name(&found.item, field);
            if table.foreign_keys.values().any(|key| key.columns == [name.as_str()]) {
                continue;
            }
            crate::check::not_a_key(self.errors(found.file), field);
        }
    }

    fn old_columns_become_new_ones(&self, found: &Found<Model>, table: &Table) {
        for (column, message, hint) in crate::expand::no_cast(table) {
            let named = |field: &&Field| lower::column_name(&found.item, field) == column;
            let expand = found.item.fields.iter().find(named).and_then(|field| field.column.expand.as_ref());
            expand
                .into_iter()
                .for_each(|expand| self.errors(found.file).add(expand.span, &message).help(&hint));
        }
    }

    /// The model that a foreign key names, if there is one and it has the fields.
    fn target(&self, found: &Found<Model>, reference: &Spanned<Reference>) -> Option<Target> {
        let Reference { model: named, columns } = &reference.value;
        let errors = self.errors(found.file);
        let path: Vec<String> = types::segments(named);
        let written = path.join("::");
        let Resolved::Local(Def::Model(at)) = self.crates.resolve(found.module, &path) else {
            let all = self.crates.models.iter().map(|found| found.item.ident.to_string()).collect::<Vec<_>>();
            let near = crate::errors::nearest(&written, all.iter().map(String::as_str));
            errors.add(named, format!("`{written}` is not a model")).help(match near {
                Some(near) if near == written => {
                    format!("`{near}` is a model, but not in scope here: import it")
                }
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a struct that derives `Model`".to_owned(),
            });
            return None;
        };
        let model = &self.crates.models[at].item;
        let mut fields = if columns.is_empty() { lower::primary_key(model) } else { Vec::new() };
        for name in columns {
            let Some(field) = lower::field(model, name) else {
                let all: Vec<_> = model.fields.iter().map(|field| field.name()).collect();
                let name = syn::ext::IdentExt::unraw(name);
                errors
                    .add(name.span(), format!("`{}` has no field `{name}`", model.ident))
                    .help(format!("its fields are {}", crate::errors::list(&all)));
                return None;
            };
            fields.push(field);
        }
        if model.relation.view.is_some() {
            errors
                .add(
                    reference.span,
                    format!("`{}` is a view, and a foreign key refers to a table", model.ident),
                )
                .help("name the model of a table that it reads");
            return None;
        }
        if fields.is_empty() {
            errors
                .add(reference.span, format!("`{}` has no primary key to reference", model.ident))
                .help(format!("name a column of it: `references({written}(…))`"));
            return None;
        }
        let columns = fields.into_iter().map(|field| lower::column_name(model, field)).collect();
        Some(Target { table: lower::table_name(model), columns })
    }
}
