//! Rust types -> PostgreSQL types, through imports, aliases and newtypes.

use std::collections::BTreeMap;
use std::rc::Rc;

use syn::{GenericArgument, GenericParam, PathArguments, Type};

use super::Linker;
use crate::ast::{Field, Model, unraw};
use crate::draft::ColumnInfo;
use crate::errors::list;
use crate::lower;
use crate::model::{ColumnType, QName};
use crate::scan::{Def, Found, Resolved};
use crate::types::{self, TypeError};

/// Where the names in a type are looked up: a module, and the parameters of an alias.
#[derive(Clone)]
struct Scope<'t> {
    module: usize,
    parameters: Rc<BTreeMap<String, (&'t Type, Scope<'t>)>>,
}

struct Known {
    ty: ColumnType,
    nullable: bool,
    references: Option<(QName, String)>,
    /// Why an `Id<T>` refers to nothing although it should.
    no_key: Option<String>,
}

/// Aliases can form circles, and types be nested deeper than the stack.
const MAX_DEPTH: usize = 64;

pub(super) fn segments(path: &syn::Path) -> Vec<String> {
    let start = path.leading_colon.map(|_| String::new());
    start.into_iter().chain(path.segments.iter().map(|part| unraw(&part.ident))).collect()
}

/// The type parameters of a path's last part.
fn arguments(path: &syn::Path) -> Vec<&Type> {
    match path.segments.last().map(|part| &part.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

impl Linker<'_> {
    /// What is known of a column. With a declared type its Rust type may be unknown.
    pub(super) fn column(&self, found: &Found<Model>, field: &Field) -> ColumnInfo {
        let scope = Scope { module: found.module, parameters: Rc::default() };
        let declared = lower::declared_type(field).is_some();
        let refers_by_type = field.column.no_reference.is_none() && field.column.references.is_none();
        match self.known(&field.ty, &scope, 0) {
            Ok(known) => {
                if let Some(why) = known.no_key
                    && refers_by_type
                    && !lower::in_primary_key(&found.item, field)
                {
                    self.errors(found.file)
                        .add(&field.ty, why)
                        .help("write `#[column(no_reference)]`, or `references(…)`");
                }
                self.nullable_key(found, field, known.nullable);
                let ty = (!declared).then_some(known.ty);
                ColumnInfo { ty, nullable: known.nullable, references: known.references }
            }
            Err(unknown) => {
                if !declared {
                    self.errors(found.file).add(&field.ty, unknown.message).help(unknown.hint);
                }
                let nullable = self.is_option(&field.ty, &scope, 0);
                self.nullable_key(found, field, nullable);
                ColumnInfo { ty: None, nullable, references: None }
            }
        }
    }

    /// An alias can hide an `Option` from the derive.
    fn nullable_key(&self, found: &Found<Model>, field: &Field, nullable: bool) {
        let is_hidden = nullable && crate::check::in_option(&field.ty).is_none();
        if is_hidden && lower::in_primary_key(&found.item, field) {
            let message = format!("`{}` is in the primary key and is never NULL", field.name());
            self.errors(found.file)
                .add(&field.ty, message)
                .help("this type is an `Option`: use the inner type");
        }
    }

    fn known<'t>(&'t self, ty: &'t Type, scope: &Scope<'t>, depth: usize) -> Result<Known, TypeError> {
        if depth > MAX_DEPTH {
            return Err(TypeError::new(
                "this type refers to itself",
                "an alias or newtype must end at a type that is known",
            ));
        }
        let path = match ty {
            Type::Path(path) if path.qself.is_none() => &path.path,
            Type::Group(group) => return self.known(&group.elem, scope, depth + 1),
            Type::Paren(inner) => return self.known(&inner.elem, scope, depth + 1),
            _ => return Err(not_in_the_list("this type")),
        };
        let names = segments(path);
        if let [name] = names.as_slice()
            && let Some((ty, scope)) = scope.parameters.get(name)
        {
            return self.known(ty, scope, depth + 1);
        }
        match self.crates.resolve(scope.module, &names) {
            Resolved::Local(def) => self.local(def, &names.join("::"), path, scope, depth),
            Resolved::External(full) => self.external(&full, path, scope, depth),
        }
    }

    fn local<'t>(
        &'t self,
        def: Def,
        name: &str,
        path: &'t syn::Path,
        scope: &Scope<'t>,
        depth: usize,
    ) -> Result<Known, TypeError> {
        match def {
            Def::Enum(at) => {
                let name = lower::enum_name(&self.crates.enums[at].item);
                Ok(Known::plain(ColumnType::enumeration(name)))
            }
            Def::Newtype(at) => {
                let found = &self.crates.newtypes[at];
                let scope = Scope { module: found.module, parameters: Rc::default() };
                self.known(&found.item.inner, &scope, depth + 1)
            }
            Def::Alias(at) => {
                let (ty, scope) = self.alias(at, path, scope);
                self.known(ty, &scope, depth + 1)
            }
            Def::Model(_) => Err(TypeError::new(
                format!("`{name}` is a model, and a column cannot hold a row"),
                format!("write `Id<{name}>` to refer to one"),
            )),
            Def::Module(_) => Err(TypeError::new(format!("`{name}` is a module"), "name a type")),
            Def::Conditional => Err(TypeError::new(
                format!("`{name}` is declared under a `cfg` that cannot be evaluated"),
                "name the type that it stands for, or write `#[column(type = \"…\")]`",
            )),
            Def::Other => Err(TypeError::new(
                format!("`{name}` cannot be a column: its PostgreSQL type is not known"),
                "derive `PgEnum` for an enum or `Newtype` for a struct with one field, or write `#[column(type = \"…\")]`",
            )),
        }
    }

    /// What an alias stands for, and where the names in it are looked up.
    fn alias<'t>(&'t self, at: usize, path: &'t syn::Path, scope: &Scope<'t>) -> (&'t Type, Scope<'t>) {
        let found = &self.crates.aliases[at];
        let given = arguments(path);
        let mut parameters = BTreeMap::new();
        let own = Scope { module: found.module, parameters: Rc::default() };
        let declared = found.item.generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter),
            _ => None,
        });
        for (at, parameter) in declared.enumerate() {
            let value = match given.get(at) {
                Some(ty) => Some((*ty, scope.clone())),
                None => default_of(parameter).map(|ty| (ty, own.clone())),
            };
            if let Some(value) = value {
                parameters.insert(unraw(&parameter.ident), value);
            }
        }
        (&found.item.ty, Scope { module: found.module, parameters: Rc::new(parameters) })
    }

    fn external<'t>(
        &'t self,
        full: &[String],
        path: &'t syn::Path,
        scope: &Scope<'t>,
        depth: usize,
    ) -> Result<Known, TypeError> {
        let name = full.last().map_or("", String::as_str);
        let given = arguments(path);
        let inner = |at: usize| match given.get(at) {
            Some(ty) => self.known(ty, scope, depth + 1),
            None => Err(not_in_the_list(&format!("`{name}` without a parameter"))),
        };
        // The same names in other crates are other types.
        if full.len() > 1 && matches!(full[0].as_str(), "bson" | "mongodb" | "time" | "jiff" | "bigdecimal") {
            return Err(not_in_the_list(&format!("`{}`", full.join("::"))));
        }
        match name {
            "Option" => match inner(0)? {
                known if known.nullable => Err(TypeError::new(
                    "an `Option` in an `Option`",
                    "a column is NULL or not: use one `Option`",
                )),
                known => Ok(Known { nullable: true, ..known }),
            },
            "Vec" if given.first().is_some_and(|ty| self.is_byte(ty, scope)) => Ok(Known::sql("bytea")),
            "Vec" => match inner(0)? {
                known if known.ty.array => Err(TypeError::new(
                    "an array of arrays",
                    "PostgreSQL does not keep the number of dimensions; use `Json`, or write `#[column(type = \"…\")]`",
                )),
                known => Ok(Known::plain(known.ty.array_of())),
            },
            "Id" => self.id(given.first().copied(), scope),
            "Json" => Ok(Known::sql("jsonb")),
            "DateTime" => match given.first().and_then(|ty| crate::check::last_part(ty)) {
                Some(part) if part.ident == "Utc" => Ok(Known::sql("timestamp with time zone")),
                _ => Err(TypeError::new(
                    "`DateTime` of a time zone other than `Utc`",
                    "PostgreSQL keeps moments in UTC: use `DateTime<Utc>`",
                )),
            },
            _ => match types::scalar(name) {
                Some(sql) => Ok(Known::sql(sql)),
                None => Err(near(name)),
            },
        }
    }

    fn id(&self, of: Option<&Type>, scope: &Scope<'_>) -> Result<Known, TypeError> {
        let uuid = Known::sql("uuid");
        let Some(Type::Path(path)) = of else {
            return Err(TypeError::new("`Id` of what?", "write `Id<Model>`"));
        };
        let names = segments(&path.path);
        let written = names.join("::");
        let mut resolved = self.crates.resolve(scope.module, &names);
        if let [name] = names.as_slice()
            && let Some((Type::Path(path), scope)) = scope.parameters.get(name)
        {
            resolved = self.crates.resolve(scope.module, &segments(&path.path));
        }
        for _ in 0..MAX_DEPTH {
            let Resolved::Local(Def::Alias(at)) = resolved else { break };
            let found = &self.crates.aliases[at];
            let Type::Path(path) = &*found.item.ty else { break };
            resolved = self.crates.resolve(found.module, &segments(&path.path));
        }
        match resolved {
            Resolved::Local(Def::Model(at)) => {
                let model = &self.crates.models[at].item;
                match lower::primary_key(model).as_slice() {
                    [key] => {
                        let column = lower::column_name(model, key);
                        Ok(Known { references: Some((lower::table_name(model), column)), ..uuid })
                    }
                    [] => Ok(Known {
                        no_key: Some(format!("`{written}` has no primary key to reference")),
                        ..uuid
                    }),
                    _ => Ok(Known {
                        no_key: Some(format!("the primary key of `{written}` has several columns")),
                        ..uuid
                    }),
                }
            }
            Resolved::Local(_) => Err(TypeError::new(
                format!("`{written}` is not a model"),
                "derive `Model` for it, or use `Uuid`",
            )),
            Resolved::External(_) => Err(TypeError::new(
                format!("`{written}` is not a model of the scanned sources"),
                "models that refer to each other are scanned together; otherwise use `Uuid`",
            )),
        }
    }

    fn is_byte(&self, ty: &Type, scope: &Scope<'_>) -> bool {
        match ty {
            Type::Path(path) => match self.crates.resolve(scope.module, &segments(&path.path)) {
                Resolved::External(full) => full == ["u8"],
                Resolved::Local(_) => false,
            },
            _ => false,
        }
    }

    /// Whether a type is an `Option`, whatever is in it.
    fn is_option<'t>(&'t self, ty: &'t Type, scope: &Scope<'t>, depth: usize) -> bool {
        let Type::Path(path) = ty else { return false };
        if depth > MAX_DEPTH || path.qself.is_some() {
            return false;
        }
        match self.crates.resolve(scope.module, &segments(&path.path)) {
            Resolved::External(full) => full.last().is_some_and(|name| name == "Option"),
            Resolved::Local(Def::Alias(at)) => {
                let (ty, scope) = self.alias(at, &path.path, scope);
                self.is_option(ty, &scope, depth + 1)
            }
            Resolved::Local(_) => false,
        }
    }
}

fn default_of(parameter: &syn::TypeParam) -> Option<&Type> {
    parameter.default.as_ref().map(|(_, ty)| ty)
}

impl Known {
    fn plain(ty: ColumnType) -> Self {
        Known { ty, nullable: false, references: None, no_key: None }
    }

    fn sql(name: &str) -> Self {
        Known::plain(ColumnType::sql(name))
    }
}

fn not_in_the_list(what: &str) -> TypeError {
    let scalars: Vec<_> = types::SCALARS.iter().map(|(rust, _)| *rust).collect();
    TypeError::new(
        format!("{what} cannot be a column: its PostgreSQL type is not known"),
        format!(
            "write `#[column(type = \"…\")]`, or use {}, `Vec<u8>`, `DateTime<Utc>`, `Id<Model>`, `Json<T>`, `Option` or `Vec` of these, or a `PgEnum` or `Newtype`",
            list(&scalars)
        ),
    )
}

/// Types that are close to one of the list: what to use instead.
fn near(name: &str) -> TypeError {
    let instead = match name {
        "Cow" => "use `String`",
        "HashMap" | "BTreeMap" => "use `Json<…>`",
        "SystemTime" | "OffsetDateTime" => "use `DateTime<Utc>`",
        "ObjectId" => "use `Id<Model>`: ObjectIds become UUIDs",
        _ => match types::instead_of_name(name) {
            Some(instead) => instead,
            None => return not_in_the_list(&format!("`{name}`")),
        },
    };
    TypeError::new(format!("`{name}` cannot be a column"), instead)
}
