use std::collections::BTreeMap;
use std::io;

use super::*;
use crate::model::{ElementType, QName};
use crate::testing::assert_parts;

/// Scans files that are in memory only.
fn read(files: &[(&str, &str)]) -> Result<Linked, Vec<Diagnostic>> {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let cfg = Cfg::new(["on".to_owned()]);
    let roots = files.keys().filter(|path| path.ends_with("lib.rs"));
    let roots: Vec<_> = roots.map(|path| (Path::new(path), cfg.clone())).collect();
    scan(&roots, &mut |path| {
        let path = path.to_str().unwrap().replace("/./", "/");
        files.get(path.as_str()).map(|text| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    })
}

fn ok(files: &[(&str, &str)]) -> Linked {
    read(files).unwrap_or_else(|errors| panic!("{}", show(&errors)))
}

/// A crate of one file.
fn lib(text: &str) -> Linked {
    ok(&[("src/lib.rs", text)])
}

fn show(errors: &[Diagnostic]) -> String {
    errors.iter().map(|error| format!("{error}\n  help: {:?}\n", error.help)).collect()
}

/// The errors of a crate of one file, with what each says to do.
fn check(text: &str, expect: &[&str]) {
    let errors = read(&[("src/lib.rs", text)]).err().unwrap_or_default();
    let text_of = |error: &Diagnostic| format!("{error} {}", error.help.as_deref().unwrap_or_default());
    assert_parts(text, &errors.iter().map(text_of).collect::<Vec<_>>(), expect);
}

/// The type of the column `a` of the model `M`.
fn is_type(text: &str, expect: &str) {
    let linked = lib(text);
    let ty = &linked.schema.tables[&QName::public("m")].column("a").unwrap().ty;
    let kind = if matches!(ty.element, ElementType::Enum(_)) { "enum " } else { "" };
    assert_eq!(format!("{kind}{ty}"), expect, "{text}");
}

fn field(ty: &str) -> String {
    format!("#[derive(Model)] struct M {{ a: {ty} }} #[derive(Model)] struct T {{ id: Id<T> }}")
}

#[test]
fn the_closed_list() {
    for (rust, sql) in [
        ("bool", "boolean"),
        ("i16", "smallint"),
        ("i32", "integer"),
        ("i64", "bigint"),
        ("f32", "real"),
        ("f64", "double precision"),
        ("String", "text"),
        ("std::string::String", "text"),
        ("Vec<u8>", "bytea"),
        ("Option<Vec<u8>>", "bytea"),
        ("Vec<Vec<u8>>", "bytea[]"),
        ("uuid::Uuid", "uuid"),
        ("Id<T>", "uuid"),
        ("Vec<Id<T>>", "uuid[]"),
        ("chrono::NaiveDate", "date"),
        ("NaiveTime", "time without time zone"),
        ("NaiveDateTime", "timestamp without time zone"),
        ("DateTime<Utc>", "timestamp with time zone"),
        ("chrono::DateTime<chrono::Utc>", "timestamp with time zone"),
        ("rust_decimal::Decimal", "numeric"),
        ("serde_json::Value", "jsonb"),
        ("whimbrel::Json", "jsonb"),
        ("Json<Vec<Whatever>>", "jsonb"),
        ("Vec<Option<String>>", "text[]"),
    ] {
        is_type(&field(rust), sql);
    }
}

#[test]
fn what_is_not_in_the_list_says_what_to_do() {
    for (rust, part) in [
        ("u32", "use `i64`"),
        ("u64", "numeric(20)"),
        ("u8", "`i16`"),
        ("&'static str", "#[column(type"),
        ("[i32; 3]", "#[column(type"),
        ("(i32, i32)", "#[column(type"),
        ("HashMap<String, String>", "`Json<…>`"),
        ("Vec<Vec<i32>>", "an array of arrays"),
        ("DateTime<Local>", "`DateTime<Utc>`"),
        ("bson::DateTime", "bson::DateTime"),
        ("ObjectId", "`Id<Model>`"),
        ("Whatever", "#[column(type"),
        ("M", "`Id<M>`"),
        ("Id<i32>", "not a model"),
        ("Option", "without a parameter"),
    ] {
        check(&field(rust), &[part]);
    }
    check("struct Plain(i32); #[derive(Model)] struct M { a: Plain }", &["derive `PgEnum`"]);
    check("#[derive(Model)] struct M { #[column(type = \"int\")] a: Whatever }", &[]);
}

#[test]
fn aliases_newtypes_and_enums_are_followed() {
    is_type("type A = i32; #[derive(Model)] struct M { a: A }", "integer");
    is_type("type A<T> = Option<Vec<T>>; #[derive(Model)] struct M { a: A<i64> }", "bigint[]");
    is_type("type A<T = i16> = Option<T>; type B = A; #[derive(Model)] struct M { a: B }", "smallint");
    is_type("#[derive(Newtype)] struct A(String); #[derive(Model)] struct M { a: Option<A> }", "text");
    is_type("#[derive(PgEnum)] enum Stage { X } #[derive(Model)] struct M { a: Stage }", "enum stage");
    is_type(
        "#[derive(PgEnum)] #[pg(name = \"S\")] enum Stage { X } #[derive(Model)] struct M { #[column(type = \"\\\"S\\\"[]\")] a: W }",
        "enum S[]",
    );
    check("type A = B; type B = A; #[derive(Model)] struct M { a: A }", &["refers to itself"]);
    check(
        "type A = Option<i32>; #[derive(Model)] struct M { a: Option<A> }",
        &["an `Option` in an `Option`"],
    );
    check("type A = Option<i32>; #[derive(Model)] struct M { #[column(primary_key)] a: A }", &["never NULL"]);
    let linked = lib("type A = Option<W>; #[derive(Model)] struct M { #[column(type = \"x\")] a: A }");
    assert!(!linked.schema.tables[&QName::public("m")].columns[0].not_null);
}

#[test]
fn modules_are_followed_as_rustc_does() {
    let linked = ok(&[
        (
            "src/lib.rs",
            "mod a; mod inline { mod b; } #[path = \"other/place.rs\"] mod c; #[cfg(test)] mod tests; #[cfg(windows)] mod w;",
        ),
        ("src/a.rs", "pub mod deep; #[derive(Model)] pub struct InA { id: i32 }"),
        ("src/a/deep/mod.rs", "mod deeper; #[derive(Model)] pub struct InDeep { id: i32 }"),
        ("src/a/deep/deeper.rs", "#[derive(Model)] pub struct InDeeper { id: i32 }"),
        ("src/inline/b.rs", "#[derive(Model)] pub struct InB { id: i32 }"),
        ("src/other/place.rs", "mod d; #[derive(Model)] pub struct InC { id: i32 }"),
        ("src/other/d.rs", "#[derive(Model)] pub struct InD { id: i32 }"),
    ]);
    let found: Vec<_> =
        linked.models.iter().map(|model| format!("{}::{}", model.module_path, model.ident)).collect();
    assert_eq!(
        found,
        [
            "crate::a::InA",
            "crate::inline::b::InB",
            "crate::c::InC",
            "crate::c::d::InD",
            "crate::a::deep::InDeep",
            "crate::a::deep::deeper::InDeeper"
        ]
    );
    assert_eq!(linked.files.len(), 7);
    check("mod nowhere;", &["src/nowhere.rs nor src/nowhere/mod.rs"]);
}

#[test]
fn paths_are_resolved_as_rustc_does() {
    let models = "pub mod m { #[derive(whimbrel::Model)] pub struct Account { id: Id<Account>, #[column(unique)] code: i32 } }";
    let refers = |user: &str| {
        let text = format!("{models} {user}");
        let linked = lib(&text);
        let table = &linked.schema.tables[&QName::public("u")];
        let key = table.foreign_keys.values().next().unwrap_or_else(|| panic!("{user}: no key"));
        assert_eq!(key.references, QName::public("account"), "{user}");
    };
    refers("use m::Account; #[derive(Model)] struct U { a: Id<Account> }");
    refers("use m::*; #[derive(Model)] struct U { a: Id<Account> }");
    refers("use crate::m::Account as Other; #[derive(Model)] struct U { a: whimbrel::Id<Other> }");
    refers("#[derive(Model)] struct U { a: Id<crate::m::Account> }");
    refers("#[derive(Model)] struct U { a: Id<m::Account> }");
    refers(
        "mod n { #[derive(Model)] struct U { a: super::Key } } use m::{self, Account}; type Key = Option<Id<Account>>;",
    );
    refers("mod n { use super::*; #[derive(Model)] struct U { a: Id<Account> } } pub use m::*;");
    refers("mod n { mod o { #[derive(Model)] struct U { a: Id<super::super::m::Account> } } }");
    refers("#[derive(Model)] struct U { #[column(references(m::Account(code)))] a: i32 }");
    refers("use whimbrel::{Model as Table, Id as Key}; #[derive(Table)] struct U { a: Key<m::Account> }");
    refers("#[cfg_attr(not(test), derive(Model))] struct U { a: Id<m::Account> }");
}

#[test]
fn imports_in_circles_end() {
    check(
        "mod a { pub use super::b::*; } mod b { pub use super::a::*; pub use super::c as d; } use b::d as c;
         #[derive(Model)] struct M { a: Id<a::Account> }",
        &["not a model of the scanned sources"],
    );
}

#[test]
fn crates_that_are_scanned_together_know_each_other() {
    let linked = ok(&[
        ("a/src/lib.rs", "pub mod m { #[derive(Model)] pub struct Account { id: Id<Account> } }"),
        ("b/src/lib.rs", "use a::m::Account; #[derive(Model)] struct U { account: Id<Account> }"),
    ]);
    assert_eq!(linked.schema.tables[&QName::public("u")].foreign_keys.len(), 1);
}

#[test]
fn errors_have_their_place() {
    let text = "// ä\n#[derive(Model)]\nstruct M {\n    /* ü */ a: Whatever,\n}\n";
    let errors = read(&[("src/lib.rs", text)]).unwrap_err();
    let [error] = errors.as_slice() else { panic!("{}", show(&errors)) };
    assert_eq!((error.line, error.column), (4, 16));
    assert_eq!(&error.source[error.span.clone()], "Whatever");
    assert_eq!(error.path, Path::new("src/lib.rs"));
    assert!(error.to_string().starts_with("src/lib.rs:4:16: "));
    let errors = read(&[("src/lib.rs", "\u{feff}struct M {")]).unwrap_err();
    assert!(errors[0].message.contains("not valid Rust"), "{}", show(&errors));
    let errors = read(&[("src/lib.rs", "#!/usr/bin/env run\nmod x;")]).unwrap_err();
    assert_eq!((errors[0].line, errors[0].column), (2, 5));
}

#[test]
fn all_errors_of_all_files_come_at_once() {
    let errors = read(&[
        ("src/lib.rs", "mod a; #[derive(Model)] struct M { #[column(nam = \"x\")] a: i32 }"),
        ("src/a.rs", "#[derive(PgEnum)] enum E {} #[derive(Newtype)] struct N;"),
    ])
    .unwrap_err();
    let places: Vec<_> = errors.iter().map(|error| error.path.to_str().unwrap()).collect();
    assert_eq!(places, ["src/lib.rs", "src/a.rs", "src/a.rs"]);
    assert!(
        scan(&[(Path::new("x/lib.rs"), Cfg::default())], &mut |_| Err(io::ErrorKind::NotFound.into()))
            .unwrap_err()[0]
            .message
            .contains("cannot read")
    );
}

#[test]
fn only_what_derives_is_a_model() {
    let linked = lib(
        "struct A { a: u32 } #[cfg(test)] #[derive(Model)] struct B { a: i32 } #[derive(Clone, Model)] struct C { a: i32 }",
    );
    assert_eq!(linked.schema.tables.len(), 1);
    check("#[derive(Transform)] #[source(collection = \"c\")] struct M { a: i32 }", &["without `Model`"]);
    check("#[derive(Model, Transform)] struct M { a: i32 }", &["without a collection"]);
    let linked = lib("#[derive(Model, Transform)] #[source(collection = \"c\")] struct M { a: i32 }");
    assert!(linked.models[0].has_transform);
}

#[test]
fn references_are_checked_on_both_sides() {
    let target = "#[derive(Model)] struct T { id: i32, b: i64, #[column(unique)] c: String }";
    let with = |model: &str, expect: &[&str]| check(&format!("{target} #[derive(Model)] {model}"), expect);
    with("struct M { #[column(references(T))] a: i64 }", &[]);
    with("struct M { #[column(references(T(c)))] a: Option<String> }", &[]);
    with("struct M { #[column(references(T))] a: String }", &["`a` is a text, but `id` of `t` is a number"]);
    with("struct M { #[column(references(T(b)))] a: i64 }", &["not unique"]);
    with("struct M { #[column(references(T(x)))] a: i64 }", &["`T` has no field `x`"]);
    with("struct M { #[column(references(U))] a: i64 }", &["`U` is not a model"]);
    with("struct M { #[column(references(M))] a: i64 }", &["no primary key"]);
    with("struct M { #[column(on_delete = \"cascade\")] a: A } type A = i32;", &["not a foreign key"]);
    with(
        "#[model(foreign_key(columns(a, b), references(T)))] struct M { a: i32, b: i32 }",
        &["2 columns reference 1"],
    );
    check(
        "#[derive(Model)] #[model(primary_key(a, b))] struct M { a: i32, b: Id<M>, c: Id<M>, #[column(no_reference)] d: Id<M> }",
        &["several columns"],
    );
}

#[test]
fn names_that_collide_are_found() {
    check(
        "#[derive(Model)] #[model(table = \"x\")] struct A { a: i32 } #[derive(Model)] #[model(table = \"x\")] struct B { a: i32 }",
        &["`x` is already used by the table of `crate::A`"],
    );
    check(
        "#[derive(Model)] struct A { a: i32 } #[derive(PgEnum)] #[pg(name = \"a\")] enum E { X }",
        &["`a` is already used by the table"],
    );
    check(
        "#[derive(PgEnum)] enum E { X } mod m { #[derive(PgEnum)] enum E { X } }",
        &["already used by the enum `E`"],
    );
    check(
        "#[derive(PgEnum)] enum E { X } mod m { #[derive(PgEnum)] #[pg(schema = \"s\")] enum E { X } }",
        &[],
    );
    check(
        "#[derive(Model)] #[model(index(columns(a), name = \"b\"))] struct A { a: i32 } #[derive(Model)] struct B { a: i32 }",
        &["`b` is already used by an index of `A`"],
    );
    check(
        "#[derive(Model)] #[model(table = \"a_b\")] struct A { #[column(index)] c: i32 }
         #[derive(Model)] #[model(table = \"a\", index(columns(b, c)))] struct B { b: i32, c: i32 }",
        &["`a_b_c_idx` is already used by an index of `A`"],
    );
    check(
        "#[derive(Model)] #[model(check(a_pkey, \"id > 0\"))] struct A { id: i32 }",
        &["already used by the primary key"],
    );
}

#[test]
fn renames_must_be_of_what_is_gone() {
    check(
        "#[derive(Model)] #[model(renamed_from = \"b\")] struct A { a: i32 } #[derive(Model)] struct B { a: i32 }",
        &["`b` is the table of `B`"],
    );
    check(
        "#[derive(Model)] #[model(renamed_from = \"x\")] struct A { a: i32 }
         #[derive(Model)] #[model(renamed_from = \"x\")] struct B { a: i32 }",
        &["one table cannot become two"],
    );
    check(
        "#[derive(Model)] struct A { #[column(renamed_from = \"b\")] a: i32, b: i32 }",
        &["still a column"],
    );
    let linked = lib("#[derive(Model)] struct A { #[column(renamed_from = \"b\")] a: i32 }");
    assert_eq!(linked.hints.columns.len(), 1);
}

/// The tables that a text makes, and the columns of the first one.
fn tables(text: &str) -> String {
    let linked = lib(text);
    let names: Vec<_> = linked.schema.tables.keys().map(ToString::to_string).collect();
    let first = linked.schema.tables.values().next();
    let columns = first.iter().flat_map(|table| &table.columns).map(|column| column.name.as_str());
    format!("{}: {}", names.join(" "), columns.collect::<Vec<_>>().join(" "))
}

#[test]
fn what_is_compiled_out_is_not_a_table() {
    let model = |cfg: &str| tables(&format!("{cfg} #[derive(Model)] struct M {{ a: i32 }}"));
    for cfg in [
        "#[cfg(feature = \"on\")]",
        "#[cfg(all())]",
        "#[cfg(true)]",
        "#[cfg(any(test, feature = \"on\",))]",
        "#[cfg(not(any(test, feature = \"off\")))]",
        "#[cfg(any(unix, windows, not(any(unix, windows))))]",
        "#[cfg(any(unknown, not(test)))]",
        "#[cfg_attr(feature = \"off\", cfg(test))]",
    ] {
        assert_eq!(model(cfg), "m: a", "{cfg}");
    }
    for cfg in [
        "#[cfg(test)]",
        "#[cfg(feature = \"off\")]",
        "#[cfg(false)]",
        "#[cfg(all(unknown, test))]",
        "#[cfg(target_os = \"none\")]",
        "#[cfg_attr(feature = \"on\", cfg(test))]",
        "#[cfg(not(unix))] #[cfg(not(windows))] #[cfg(test)]",
    ] {
        assert_eq!(model(cfg), ": ", "{cfg}");
    }
    assert_eq!(tables("#[cfg(test)] mod m { #[derive(Model)] struct M { a: i32 } }"), ": ");
    assert_eq!(tables("#![cfg(feature = \"off\")] #[derive(Model)] struct M { a: i32 }"), ": ");
    assert_eq!(tables("mod m { #![cfg(feature = \"off\")] #[derive(Model)] struct M { a: i32 } }"), ": ");
    assert_eq!(
        tables("#[derive(Model)] struct M { a: i32, #[cfg(test)] b: i32, #[cfg(all())] c: i32 }"),
        "m: a c"
    );
    let linked = lib("#[derive(PgEnum)] enum E { A, #[cfg(feature = \"off\")] B, C }");
    assert_eq!(linked.schema.enums[&QName::public("e")].labels, ["A", "C"]);
    is_type(
        "#[cfg(test)] type A = i16; #[cfg(not(test))] type A = i64; #[derive(Model)] struct M { a: A }",
        "bigint",
    );
}

#[test]
fn attributes_under_a_condition_are_read() {
    let unique = |condition: &str| {
        let text = format!("#[derive(Model)] struct M {{ #[cfg_attr({condition}, column(unique))] a: i32 }}");
        lib(&text).schema.tables[&QName::public("m")].uniques.len()
    };
    assert_eq!(unique("feature = \"on\""), 1);
    assert_eq!(unique("all(), cfg_attr(not(test), doc = \"\")"), 1);
    assert_eq!(unique("feature = \"off\""), 0);
    assert_eq!(
        tables("#[cfg_attr(feature = \"on\", derive(Model), model(table = \"x\"))] struct M { a: i32 }"),
        "x: a"
    );
    assert_eq!(tables("#[cfg_attr(feature = \"off\", derive(Model))] struct M { a: i32 }"), ": ");
    let linked = ok(&[
        ("src/lib.rs", "#[cfg_attr(not(test), path = \"b.rs\")] mod a;"),
        ("src/b.rs", "#[derive(Model)] struct M { a: i32 }"),
    ]);
    assert_eq!(linked.schema.tables.len(), 1);
}

#[test]
fn a_condition_that_cannot_be_evaluated_is_an_error_where_it_decides_about_a_model() {
    let why = "cannot be evaluated";
    check("#[cfg(loom)]\n#[derive(Model)] struct M { a: i32 }", &[why]);
    check(
        "#[cfg(loom)] mod m { mod n { #[derive(PgEnum)] enum E { A } #[derive(PgEnum)] enum F { A } } }",
        &[why],
    );
    check("#[derive(Model)] struct M { a: i32, #[cfg(loom)] b: i32 }", &[why]);
    check("#[derive(Model)] struct M { #[cfg_attr(loom, column(unique))] a: i32 }", &[why]);
    check("#[cfg_attr(loom, derive(Model))] struct M { a: i32 }", &[why]);
    check("#[cfg_attr(loom, path = \"b.rs\")] mod a { }", &[why]);
    check("#[cfg(loom)] type A = i32; #[derive(Model)] struct M { a: A }", &[why]);
    for harmless in [
        "#[cfg(loom)] mod m; #[cfg(loom)] struct S; #[cfg(loom)] use a::b;",
        "#[cfg_attr(docsrs, doc(cfg(all())), derive(Debug))] #[derive(Model)] struct M { a: i32 }",
        "#[derive(Model)] struct M { #[cfg_attr(docsrs, doc = \"x\")] a: i32 } #[cfg(loom)] type A = i32;",
    ] {
        check(harmless, &[]);
    }
    let errors =
        read(&[("src/lib.rs", "\n  #[cfg(loom)] #[derive(Model)] struct M { a: i32 }")]).unwrap_err();
    assert_eq!((errors[0].line, errors[0].column), (2, 3));
    assert_eq!(&errors[0].source[errors[0].span.clone()], "#[cfg(loom)]");
}

#[test]
fn included_files_are_read() {
    let linked = ok(&[
        ("src/lib.rs", "mod m { include!(\"parts/models.rs\"); }"),
        ("src/parts/models.rs", "mod deep; #[derive(Model)] struct M { a: A } include!(\"more.rs\",);"),
        ("src/parts/more.rs", "type A = i32;"),
        ("src/parts/deep.rs", "#[derive(Model)] struct N { a: i32 }"),
    ]);
    let found: Vec<_> =
        linked.models.iter().map(|model| format!("{}::{}", model.module_path, model.ident)).collect();
    assert_eq!(found, ["crate::m::M", "crate::m::deep::N"]);
    check("include!(\"nowhere.rs\");", &["cannot read `src/nowhere.rs`"]);
    check("include!(\"lib.rs\");", &["more than 64 deep"]);
    check("include!(concat!(env!(\"OUT_DIR\"), \"/x.rs\"));", &["string literal"]);
    check("#[cfg(test)] include!(\"nowhere.rs\");", &[]);
}

#[test]
fn models_in_macros_are_errors() {
    let why = "a model in a macro is not found";
    check(
        "macro_rules! table { ($name:ident) => { #[derive(Debug, Model)] struct $name { a: i32 } } }",
        &[why],
    );
    check("tables! { #[derive(whimbrel::PgEnum)] enum E { A } }", &[why]);
    check(
        "macro_rules! other { () => { #[derive(Debug)] struct Model; } } other!(); #[cfg(test)] t! { #[derive(Model)] }",
        &[],
    );
}

mod properties {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(whimbrel_scratch::seed()), ..Default::default() })]

        /// No text makes it panic, and every place lies in the text.
        #[test]
        fn any_text_is_read_or_refused(
            text in r##"(#\[derive\((Model|PgEnum|Newtype|Transform)\)\] |#\[(model|column|pg|source)\(|[a-z_]{1,5}|[(){}\[\]<>,;:="' äß#!.0-9]|struct |enum |mod |use |type |::|pub ){0,40}"##
        ) {
            if let Err(errors) = read(&[("src/lib.rs", &text)]) {
                for error in errors {
                    prop_assert!(error.source.get(error.span.clone()).is_some());
                }
            }
        }
    }
}

#[test]
fn what_other_items_must_have_for_relations() {
    check(
        "#[derive(Model)] #[model(unlogged)] struct A { id: Id<A> } #[derive(Model)] struct B { id: Id<B>, a: Id<A> }",
        &["`a` is unlogged, and this table is not"],
    );
    check(
        "#[derive(Model)] #[model(view = \"SELECT 1 AS id\")] struct V { id: i32 }
         #[derive(Model)] struct B { id: Id<B>, #[column(references(V(id)))] v: i32 }",
        &["`V` is a view, and a foreign key refers to a table"],
    );
    check(
        "#[derive(Model)] #[model(audit)] struct A { id: i32 } #[derive(Model)] #[model(audit)] struct B { id: i32 }
         #[derive(Model)] struct AuditLog { id: i32 }",
        &["the name `audit_log` is already used by the table of `audit`"],
    );
}
