use crate::attr;
use crate::errors::{Error, Errors};

/// The errors of a model, its `#[source]` included when it has one.
fn errors(text: &str) -> Vec<String> {
    let input: syn::DeriveInput = syn::parse_str(text).unwrap();
    let (errors, source_errors) = (Errors::new(), Errors::new());
    let model = attr::model(&errors, &source_errors, &input);
    if let Some(model) = &model {
        super::model(&errors, model);
        if model.source.is_some() {
            super::source(&source_errors, model);
        }
    }
    let mut errors = errors.finish();
    errors.extend(source_errors.finish());
    errors.iter().map(Error::text).collect()
}

/// Every error contains its part of `expect`, in order, and there are no others.
fn check(text: &str, expect: &[&str]) {
    let errors = errors(text);
    assert_eq!(errors.len(), expect.len(), "{text}: {errors:#?}");
    for (error, part) in errors.iter().zip(expect) {
        assert!(error.contains(part), "{text}: {error:?} lacks {part:?}");
    }
}

#[test]
fn sound_models_have_no_mistakes() {
    check(
        r#"#[model(table = "opportunities", index(columns(account_id, stage)), unique(name, stage))]
           #[source(collection = "crm_Opportunities", rename_all = "camelCase")]
           struct Opportunity {
               #[source(field = "_id")] id: Id<Opportunity>,
               name: String,
               #[column(on_delete = "cascade")] account_id: Id<Account>,
               #[column(on_delete = "set_null")] owner_id: Option<Id<User>>,
               stage: Stage,
               #[column(type = "numeric(14,2)", check = "amount >= 0")] amount: Option<Decimal>,
               #[source(rest)] extra: Json,
           }"#,
        &[],
    );
    check(
        r#"#[model(primary_key(opportunity_id, user_id))]
           #[source(collection = "x", each = "watchers")]
           struct Watcher {
               #[source(parent = "_id")] opportunity_id: Id<Opportunity>,
               #[source(element)] user_id: Id<User>,
               #[source(ordinal)] position: i32,
           }"#,
        &[],
    );
}

#[test]
fn names() {
    let long = "a".repeat(64);
    check("struct M {}", &["no fields"]);
    check(&format!("#[model(table = \"{long}\")] struct M {{ a: i32 }}"), &["64 bytes"]);
    check(&format!("struct {long} {{ a: i32 }}"), &["`table = \"…\"`"]);
    check(&format!("struct M {{ {long}: i32 }}"), &["`name = \"…\"`"]);
    check("#[model(table = \"\")] struct M { a: i32 }", &["must not be empty"]);
    check("#[model(table = \"a.b\")] struct M { a: i32 }", &["`table = \"b\", schema = \"a\"`"]);
    check("#[model(schema = \"pg_x\")] struct M { a: i32 }", &["reserved"]);
    check("#[model(schema = \"whimbrel\")] struct M { a: i32 }", &["reserved"]);
    check("#[model(renamed_from = \"m\")] struct M { a: i32 }", &["already its name"]);
    check("#[model(comment = \"\")] struct M { a: i32 }", &["`comment` is empty"]);
    check("#[model(comment = \"a\\0\")] struct M { a: i32 }", &["U+0000"]);
    check("struct M { xmin: i32 }", &["system column"]);
    check("struct M { a: i32, #[column(name = \"a\")] b: i32 }", &["that of field `a`"]);
    check("struct M { #[column(renamed_from = \"a\")] a: i32 }", &["already its name"]);
    check(
        "#[model(check(x, \"a > 0\"), index(columns(a), name = \"x\"))] struct M { a: i32 }",
        &["already used by the index"],
    );
}

#[test]
fn columns() {
    check("struct M { #[column(type = \"serial\")] a: i32 }", &["identity"]);
    check("struct M { a: Option<Option<i32>> }", &["`Option` in an `Option`"]);
    check("struct M { #[column(default = 1, generated = \"1\")] a: i32 }", &["`default` and `generated`"]);
    check("struct M { #[column(default = 1, identity = \"always\")] a: i32 }", &["`default` and `identity`"]);
    check("struct M { #[column(identity = \"always\")] a: Option<i32> }", &["never NULL"]);
    check("struct M { #[column(identity = \"always\")] a: String }", &["cannot be text"]);
    check("struct M { #[column(identity = \"always\", type = \"bigint\")] a: Unknown }", &[]);
    check("struct M { #[column(collate = \"C\")] a: i32 }", &["no collation"]);
    check("struct M { #[column(on_delete = \"cascade\")] a: i32 }", &["not a foreign key"]);
    check("struct M { #[column(on_delete = \"cascade\")] a: Alias }", &[]);
    check(
        "struct M { #[column(no_reference, on_delete = \"cascade\")] a: Id<B> }",
        &["`no_reference` and `on_delete`"],
    );
    check("struct M { #[column(no_reference)] a: i32 }", &["not a foreign key anyway"]);
    check("struct M { #[column(on_delete = \"set_null\")] a: Id<B> }", &["never NULL"]);
    check("struct M { #[column(on_delete = \"set_default\")] a: Id<B> }", &["without a default"]);
    check("struct M { #[column(primary_key, unique)] a: i32 }", &["implied by `primary_key`"]);
    check("struct M { #[column(unique, index)] a: i32 }", &["implied by `unique`"]);
    check("struct M { #[column(check = \" \")] a: i32 }", &["`check` is empty"]);
    check("struct M { #[column(generated = \"GENERATED ALWAYS AS (1)\")] a: i32 }", &["expression only"]);
}

#[test]
fn keys() {
    check("#[model(primary_key(b))] struct M { a: i32 }", &["`M` has no field `b`"]);
    check("#[model(primary_key(accuont))] struct M { account: i32 }", &["did you mean `account`?"]);
    check("#[model(primary_key(a, a))] struct M { a: i32 }", &["named twice"]);
    check("#[model(primary_key())] struct M { a: i32 }", &["has no columns"]);
    check("#[model(primary_key(a))] struct M { #[column(primary_key)] a: i32 }", &["declared twice"]);
    check(
        "struct M { #[column(primary_key)] a: i32, #[column(primary_key)] b: i32 }",
        &["#[model(primary_key(a, b))]"],
    );
    check("struct M { id: Option<i32> }", &["never NULL"]);
    check("#[model(unique(id))] struct M { id: i32 }", &["primary key, which is unique"]);
    check("#[model(unique(a))] struct M { #[column(unique)] a: i32 }", &["unique already"]);
    check("#[model(unique())] struct M { a: i32 }", &["has no columns"]);
    check("#[model(check(x, \"\"))] struct M { a: i32 }", &["`check` is empty"]);
}

#[test]
fn indexes() {
    let check = |index: &str, expect: &[&str]| {
        check(&format!("#[model(index({index}))] struct M {{ a: i32, b: i32 }}"), expect);
    };
    check("columns(a, b(desc, nulls = \"last\"), \"a + b\"), where = \"a > 0\"", &[]);
    check("columns(c)", &["no field `c`"]);
    check("columns()", &["has no columns"]);
    check("columns(a), include(a)", &["included, too"]);
    check("columns(a), include(c)", &["no field `c`"]);
    check("columns(a), method = \"gin\", unique", &["cannot be unique"]);
    check("columns(a), method = \"gin\", include(b)", &["cannot include"]);
    check("columns(a, b), method = \"hash\"", &["several keys"]);
    check("columns(a(desc)), method = \"gin\"", &["cannot be ordered"]);
    check("columns(a), method = \"GIN\"", &["lower case"]);
    check("columns(a), method = \"hnsw\"", &[]);
    check("columns(a), method = \"rum\"", &[]);
    check("columns(\"\")", &["is empty"]);
    check("columns(a), where = \"\"", &["is empty"]);
}

#[test]
fn foreign_keys() {
    check(
        "#[model(foreign_key(columns(a, b), references(B(x))))] struct M { a: i32, b: i32 }",
        &["2 columns reference 1"],
    );
    check("#[model(foreign_key(columns(c), references(B)))] struct M { a: i32 }", &["no field `c`"]);
    check(
        "#[model(foreign_key(columns(a), references(B), on_delete = \"set_null\"))] struct M { a: i32 }",
        &["`a` is never NULL"],
    );
    check(
        "#[model(foreign_key(columns(a), references(B)))] struct M { #[column(references(B))] a: i32 }",
        &["`references` of its own"],
    );
    check("struct M { #[column(references(B(x, y)))] a: i32 }", &["cannot reference several"]);
    check("struct M { #[column(references(B))] a: Vec<Uuid> }", &["an array cannot be"]);
}

#[test]
fn sources() {
    let check = |source: &str, fields: &str, expect: &[&str]| {
        check(&format!("#[source({source})] struct M {{ {fields} }}"), expect);
    };
    check("rename_all = \"camelCase\"", "a: i32", &["has no `collection`"]);
    check("collection = \"\"", "a: i32", &["is empty"]);
    check("collection = \"a\", table = \"b\"", "a: i32", &["`table` is set twice"]);
    check("collection = \"c\"", "#[source(element)] a: i32", &["without an array"]);
    check("collection = \"c\"", "#[source(parent = \"_id\")] a: i32", &["without an array"]);
    check("collection = \"c\", each = \"a..b\"", "a: i32", &["not the path"]);
    check("collection = \"c\"", "#[source(field = \"\")] a: i32", &["not the path"]);
    check("collection = \"c\"", "#[source(field = \"x\", rest)] a: Json", &["`field` and `rest`"]);
    check(
        "collection = \"c\"",
        "#[source(rest)] a: Json, #[source(rest)] b: Json",
        &["another field has `rest`"],
    );
    check("collection = \"c\"", "#[source(rest)] a: String", &["any document"]);
    check("collection = \"c\"", "#[source(rest)] a: Option<Json>", &[]);
    check(
        "collection = \"c\"",
        "#[source(rest, with = \"f\", id = \"hex\")] a: Json",
        &["`with` cannot be combined", "`id` cannot be combined"],
    );
    check("collection = \"c\", each = \"x\"", "#[source(ordinal)] a: String", &["whole number"]);
    check("collection = \"c\", each = \"x\"", "#[source(ordinal, with = \"f\")] a: i32", &["no conversion"]);
    check("collection = \"c\"", "#[source(required, default)] a: Option<i32>", &["`required` and `default`"]);
    check("collection = \"c\"", "#[source(required)] a: i32", &["cannot be missing anyway"]);
    check("collection = \"c\"", "#[source(id = \"hex\", with = \"f\")] a: Id<M>", &["`id` and `with`"]);
    check("collection = \"c\"", "#[source(id = \"hex\")] a: String", &["not a key"]);
    check("collection = \"c\"", "#[source(id = \"hex\")] a: Vec<Id<M>>", &[]);
    check(
        "collection = \"c\"",
        "#[column(generated = \"1\")] #[source(field = \"x\")] a: i32",
        &["nothing can be loaded"],
    );
    check("collection = \"c\"", "#[column(generated = \"1\")] a: i32", &[]);
}

#[test]
fn a_transform_needs_a_source() {
    let input: syn::DeriveInput = syn::parse_str("struct M { a: i32 }").unwrap();
    let (errors, source_errors) = (Errors::new(), Errors::new());
    let model = attr::model(&errors, &source_errors, &input).unwrap();
    super::source(&errors, &model);
    assert!(errors.finish()[0].text().contains("without a collection"));
    assert!(source_errors.finish().is_empty());
}

#[test]
fn enums() {
    let check = |text: &str, expect: &[&str]| {
        let input: syn::DeriveInput = syn::parse_str(text).unwrap();
        let errors = Errors::new();
        let item = attr::pg_enum(&errors, &input).unwrap();
        super::pg_enum(&errors, &item);
        let errors: Vec<_> = errors.finish().iter().map(Error::text).collect();
        assert_eq!(errors.len(), expect.len(), "{text}: {errors:#?}");
        for (error, part) in errors.iter().zip(expect) {
            assert!(error.contains(part), "{text}: {error:?} lacks {part:?}");
        }
    };
    check("enum E { A, B }", &[]);
    check("enum E {}", &["no variants"]);
    check("enum E { A, #[pg(rename = \"A\")] B }", &["this one and `A`"]);
    check("#[pg(rename_all = \"lowercase\")] enum E { AB, Ab }", &["two variants"]);
    check("enum E { #[pg(rename = \"\")] A }", &["must not be empty"]);
    check("enum E { #[pg(renamed_from = \"A\")] A }", &["already its name"]);
    check("#[pg(schema = \"pg_catalog\")] enum E { A }", &["reserved"]);
    check(&format!("enum E {{ {} }}", "A".repeat(64)), &["64 bytes"]);
}

#[test]
fn what_may_be_left_out() {
    check(
        r#"#[source(collection = "x", ignore(), ignore_rest)] struct M { id: i32, #[source(rest)] extra: Json }"#,
        &["needs the paths", "contradict"],
    );
    check(
        r#"#[source(collection = "x", ignore("a", 7))] struct M { id: i32 }"#,
        &["expected string literal"],
    );
    check(r#"#[source(collection = "x", ignore("a", "b[].c"))] struct M { id: i32 }"#, &[]);
}
