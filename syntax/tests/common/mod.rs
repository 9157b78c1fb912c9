//! Schemas to try things on, in a notation short enough to read.
#![allow(dead_code)]

use whimbrel_syntax::model::*;
use whimbrel_syntax::name;

#[derive(Debug, Clone)]
pub struct Build(pub Table);

/// A table called `name`; a dot parts it from its schema.
pub fn table(name: &str) -> Build {
    Build(Table::new(qname(name)))
}

/// `name` or `schema.name`.
pub fn qname(name: &str) -> QName {
    match name.split_once('.') {
        Some((schema, name)) => QName::new(schema, name),
        None => QName::public(name),
    }
}

/// A type: `uuid`, `text[]`, or `enum stage`.
pub fn ty(text: &str) -> ColumnType {
    let (element, array) = text.strip_suffix("[]").map_or((text, false), |element| (element, true));
    let ty = match element.strip_prefix("enum ") {
        Some(name) => ColumnType::enumeration(qname(name)),
        None => ColumnType::sql(element),
    };
    if array { ty.array_of() } else { ty }
}

impl Build {
    /// A column: its type, then ` not null` and ` default …` as wanted.
    pub fn col(mut self, name: &str, definition: &str) -> Self {
        let (definition, default) = match definition.split_once(" default ") {
            Some((definition, default)) => (definition, Some(Expr::new(default))),
            None => (definition, None),
        };
        let (definition, not_null) =
            definition.strip_suffix(" not null").map_or((definition, false), |definition| (definition, true));
        self.0.columns.push(Column { not_null, default, ..Column::new(name, ty(definition)) });
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut Column)) -> Self {
        change(self.0.columns.last_mut().unwrap());
        self
    }

    pub fn identity(self, identity: Identity) -> Self {
        self.with(|column| column.identity = Some(identity))
    }

    pub fn generated(self, expr: &str) -> Self {
        self.with(|column| column.generated = Some(Expr::new(expr)))
    }

    pub fn pk(mut self, columns: &[&str]) -> Self {
        let name = name::primary_key(&self.0.name.name);
        self.0.primary_key = Some(PrimaryKey { name, columns: strings(columns) });
        for column in &mut self.0.columns {
            column.not_null |= columns.contains(&column.name.as_str());
        }
        self
    }

    pub fn unique(mut self, columns: &[&str]) -> Self {
        let name = name::unique(&self.0.name.name, columns);
        self.0.uniques.insert(name, Unique { columns: strings(columns), deferrable: Deferrable::No });
        self
    }

    pub fn check(mut self, name: &str, expr: &str) -> Self {
        self.0.checks.insert(name.into(), Check { expr: Expr::new(expr) });
        self
    }

    pub fn fk(self, columns: &[&str], references: &str, referenced: &[&str]) -> Self {
        self.fk_with(columns, references, referenced, |_| {})
    }

    pub fn fk_with(
        mut self,
        columns: &[&str],
        references: &str,
        referenced: &[&str],
        change: impl FnOnce(&mut ForeignKey),
    ) -> Self {
        let mut key = ForeignKey {
            columns: strings(columns),
            references: qname(references),
            referenced_columns: strings(referenced),
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferrable: Deferrable::No,
        };
        change(&mut key);
        self.0.foreign_keys.insert(name::foreign_key(&self.0.name.name, columns), key);
        self
    }

    pub fn index(self, columns: &[&str]) -> Self {
        self.index_with(columns, |_| {})
    }

    pub fn index_with(mut self, columns: &[&str], change: impl FnOnce(&mut Index)) -> Self {
        let keys: Vec<IndexKey> = columns
            .iter()
            .map(|column| match column.strip_prefix('=') {
                Some(expr) => IndexKey { on: IndexOn::Expr(Expr::new(expr)), ..IndexKey::column("") },
                None => IndexKey::column(*column),
            })
            .collect();
        let name = name::index(&self.0.name.name, &name::index_columns(&keys));
        let mut index = Index::new(keys);
        change(&mut index);
        self.0.indexes.insert(name, index);
        self
    }

    pub fn comment(mut self, text: &str) -> Self {
        self.0.comment = Some(text.into());
        self
    }
}

pub fn strings(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// A schema of these enums (name and labels) and tables.
pub fn schema(enums: &[(&str, &[&str])], tables: &[Build]) -> Schema {
    let mut schema = Schema::default();
    for (name, labels) in enums {
        let definition = Enum { name: qname(name), labels: strings(labels), comment: None };
        schema.enums.insert(definition.name.clone(), definition);
    }
    for Build(table) in tables {
        schema.tables.insert(table.name.clone(), table.clone());
    }
    schema
}

#[derive(Debug, Default, Clone)]
pub struct Renames(pub Hints);

impl Renames {
    pub fn table(mut self, from: &str, to: &str) -> Self {
        self.0.tables.insert(qname(to), qname(from));
        self
    }

    pub fn column(mut self, table: &str, from: &str, to: &str) -> Self {
        self.0.columns.insert((qname(table), to.into()), from.into());
        self
    }

    pub fn enumeration(mut self, from: &str, to: &str) -> Self {
        self.0.enums.insert(qname(to), qname(from));
        self
    }

    pub fn label(mut self, ty: &str, from: &str, to: &str) -> Self {
        self.0.labels.insert((qname(ty), to.into()), from.into());
        self
    }
}
