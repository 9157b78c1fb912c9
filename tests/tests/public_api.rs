//! What the two crates that programs link make public, one line an item, so that growth is seen: names of items,
//! public fields, variants and methods, read from the sources. Hidden items and trait impls are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::{Attribute, Ident, ImplItem, Item, TraitItem, Type, UseTree, Visibility};

/// The modules of a crate by their path (`["migrator", "plan"]`), each with its items.
#[derive(Default)]
struct Sources(BTreeMap<Vec<String>, Vec<Item>>);

impl Sources {
    fn read(folder: &str) -> Self {
        let mut sources = Sources::default();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("src");
        let root = syn::parse_file(&std::fs::read_to_string(folder.join("lib.rs")).unwrap()).unwrap();
        sources.add(&folder, Vec::new(), root.items);
        sources
    }

    fn add(&mut self, folder: &Path, path: Vec<String>, items: Vec<Item>) {
        for item in &items {
            let Item::Mod(module) = item else { continue };
            let name = module.ident.to_string();
            let path = [path.as_slice(), std::slice::from_ref(&name)].concat();
            let files = [folder.join(&name).with_extension("rs"), folder.join(&name).join("mod.rs")];
            let file: Option<&PathBuf> = files.iter().find(|file| file.exists());
            let items = match (&module.content, file) {
                (Some((_, items)), _) => items.clone(),
                (None, Some(file)) => syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap().items,
                (None, None) => continue,
            };
            self.add(&folder.join(&name), path, items);
        }
        self.0.insert(path, items);
    }

    /// Whether there is such a module.
    fn has(&self, path: &[String]) -> bool {
        self.0.contains_key(path)
    }
}

/// The public items of a crate.
struct Listing {
    crates: BTreeMap<String, Sources>,
    lines: BTreeSet<String>,
}

impl Listing {
    fn of(name: &str, folder: &str) -> String {
        let crates = [(name, folder), ("whimbrel_syntax", "syntax")];
        let crates = crates.map(|(name, folder)| (name.to_owned(), Sources::read(folder))).into();
        let mut listing = Listing { crates, lines: BTreeSet::new() };
        listing.module(name, &[], name);
        let roots = listing.crates[name].0.values().flatten().filter_map(|item| match item {
            Item::Macro(item) if has(&item.attrs, "macro_export") && !hidden(&item.attrs) => {
                item.ident.as_ref()
            }
            _ => None,
        });
        let macros: Vec<_> = roots.map(|macro_name| format!("{name}::{macro_name}!")).collect();
        listing.lines.extend(macros);
        let lines: Vec<_> = listing.lines.into_iter().collect();
        format!("{} items\n\n{}", lines.len(), lines.join("\n"))
    }

    /// Every public item of a module, as items of `shown`.
    fn module(&mut self, krate: &str, path: &[String], shown: &str) {
        for item in self.crates[krate].0[path].clone() {
            if !head(&item).is_some_and(|(vis, attributes, _)| is_public(vis) && !hidden(attributes)) {
                continue;
            }
            match &item {
                Item::Mod(module) => {
                    let name = module.ident.to_string();
                    self.module(
                        krate,
                        &[path, std::slice::from_ref(&name)].concat(),
                        &format!("{shown}::{name}"),
                    );
                }
                Item::Use(item) => {
                    let mut names = Vec::new();
                    flatten(&item.tree, &mut Vec::new(), &mut names);
                    names
                        .into_iter()
                        .for_each(|(target, name)| self.import(krate, path, &target, &name, shown));
                }
                _ => self.item(krate, &item, &name(&item), shown),
            }
        }
    }

    /// What `pub use target as name` makes public.
    fn import(&mut self, krate: &str, from: &[String], target: &[String], name: &str, shown: &str) {
        let (krate, path) = match target[0].as_str() {
            "crate" => (krate, target[1..].to_vec()),
            other if self.crates[krate].has(&[from, &[other.to_owned()]].concat()) => {
                (krate, [from, target].concat())
            }
            other if self.crates.contains_key(other) => (other, target[1..].to_vec()),
            _ => {
                self.lines.insert(format!("{shown}::{name} = {}", target.join("::")));
                return;
            }
        };
        let krate = krate.to_owned();
        if name == "*" {
            return self.module(&krate, &path[..path.len() - 1], shown);
        }
        if self.crates[&krate].has(&path) {
            return self.module(&krate, &path, &format!("{shown}::{name}"));
        }
        let (module, last) = path.split_at(path.len() - 1);
        for item in self.crates[&krate].0[module].clone() {
            if let Item::Use(item) = &item {
                let mut names = Vec::new();
                flatten(&item.tree, &mut Vec::new(), &mut names);
                for (target, _) in names.iter().filter(|(_, again)| *again == last[0]) {
                    self.import(&krate, module, target, name, shown);
                }
            } else if self::name(&item) == last[0] {
                self.item(&krate, &item, name, shown);
            }
        }
    }

    fn item(&mut self, krate: &str, item: &Item, name: &str, shown: &str) {
        let path = format!("{shown}::{name}");
        let mut parts = Vec::new();
        match item {
            Item::Struct(item) => {
                let public = item.fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis));
                parts.extend(public.map(|(at, field)| match &field.ident {
                    Some(ident) => ident.to_string(),
                    None => at.to_string(),
                }));
            }
            Item::Enum(item) => parts.extend(item.variants.iter().map(|variant| variant.ident.to_string())),
            Item::Trait(item) => parts.extend(item.items.iter().filter_map(|item| match item {
                TraitItem::Fn(item) if !hidden(&item.attrs) => Some(format!("{}()", item.sig.ident)),
                TraitItem::Const(item) if !hidden(&item.attrs) => Some(item.ident.to_string()),
                TraitItem::Type(item) if !hidden(&item.attrs) => Some(item.ident.to_string()),
                _ => None,
            })),
            _ => {}
        }
        let own = self::name(item);
        for item in self.crates[krate].0.values().flatten() {
            let Item::Impl(block) = item else { continue };
            let Type::Path(ty) = &*block.self_ty else { continue };
            if block.trait_.is_some() || ty.path.segments.last().is_none_or(|last| last.ident != own) {
                continue;
            }
            parts.extend(block.items.iter().filter_map(|item| match item {
                ImplItem::Fn(item) if is_public(&item.vis) && !hidden(&item.attrs) => {
                    Some(format!("{}()", item.sig.ident))
                }
                ImplItem::Const(item) if is_public(&item.vis) && !hidden(&item.attrs) => {
                    Some(item.ident.to_string())
                }
                _ => None,
            }));
        }
        self.lines.extend(parts.into_iter().map(|part| format!("{path}::{part}")));
        self.lines.insert(path);
    }
}

fn flatten(tree: &UseTree, path: &mut Vec<String>, names: &mut Vec<(Vec<String>, String)>) {
    let with = |last: &str| [path.as_slice(), &[last.to_owned()]].concat();
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            flatten(&inner.tree, path, names);
            path.pop();
        }
        UseTree::Name(name) => names.push((with(&name.ident.to_string()), name.ident.to_string())),
        UseTree::Rename(name) => names.push((with(&name.ident.to_string()), name.rename.to_string())),
        UseTree::Glob(_) => names.push((with("*"), "*".to_owned())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, path, names)),
    }
}

/// What every item has: visibility, attributes and, unless it is a `use`, a name.
fn head(item: &Item) -> Option<(&Visibility, &[Attribute], Option<&Ident>)> {
    Some(match item {
        Item::Const(item) => (&item.vis, &item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.vis, &item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.vis, &item.attrs, Some(&item.sig.ident)),
        Item::Mod(item) => (&item.vis, &item.attrs, Some(&item.ident)),
        Item::Static(item) => (&item.vis, &item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.vis, &item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.vis, &item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.vis, &item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.vis, &item.attrs, None),
        _ => return None,
    })
}

fn name(item: &Item) -> String {
    head(item).and_then(|(_, _, name)| name).map(ToString::to_string).unwrap_or_default()
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident(name))
}

fn hidden(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .any(|attribute| attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "hidden"))
}

#[test]
fn of_whimbrel() {
    insta::assert_snapshot!(Listing::of("whimbrel", "runtime"));
}

#[test]
fn of_whimbrel_transfer() {
    insta::assert_snapshot!(Listing::of("whimbrel_transfer", "transfer"));
}
