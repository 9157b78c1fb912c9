use crate::attr;
use crate::testing::{assert_parts, read};

// Most rules have their test where their place is seen, too: in `tests/ui`.

/// The errors of a model, its `#[source]` included when it has one.
fn check(text: &str, expect: &[&str]) {
    let (_, errors) = read(text, |errors, source_errors, input| {
        if let Some(model) = attr::model(errors, source_errors, input) {
            super::model(errors, &model);
            if model.source.is_some() {
                super::source(source_errors, &model);
            }
        }
    });
    assert_parts(text, &errors, expect);
}

#[test]
fn sound_models_have_no_errors() {
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
    check(&format!("#[model(table = \"{long}\")] struct M {{ a: i32 }}"), &["64 bytes"]);
    check(&format!("struct {long} {{ a: i32 }}"), &["`table = \"…\"`"]);
    check("#[model(table = \"a.b\")] struct M { a: i32 }", &["`table = \"b\", schema = \"a\"`"]);
    check("#[model(schema = \"whimbrel\")] struct M { a: i32 }", &["reserved"]);
    check("#[model(comment = \"a\\0\")] struct M { a: i32 }", &["U+0000"]);
    check("struct M { a: i32, #[column(name = \"a\")] b: i32 }", &["that of field `a`"]);
}

#[test]
fn columns() {
    check("struct M { #[column(identity = \"always\", type = \"bigint\")] a: Unknown }", &[]);
    check("struct M { #[column(on_delete = \"cascade\")] a: Alias }", &[]);
}

#[test]
fn keys() {
    check("#[model(primary_key(b))] struct M { a: i32 }", &["`M` has no field `b`"]);
    check("#[model(foreign_key(columns(c), references(B)))] struct M { a: i32 }", &["no field `c`"]);
    check("#[model(primary_key(accuont))] struct M { account: i32 }", &["did you mean `account`?"]);
}

#[test]
fn indexes() {
    let check = |index: &str, expect: &[&str]| {
        check(&format!("#[model(index({index}))] struct M {{ a: i32, b: i32 }}"), expect);
    };
    check("columns(a, b(desc, nulls = \"last\"), \"a + b\"), where = \"a > 0\"", &[]);
    check("columns(c)", &["no field `c`"]);
    check("columns(a), include(c)", &["no field `c`"]);
    check("columns(a), method = \"hnsw\"", &[]);
    check("columns(a), method = \"rum\"", &[]);
    check("columns(\"\")", &["is empty"]);
}

#[test]
fn sources() {
    let check = |source: &str, fields: &str, expect: &[&str]| {
        check(&format!("#[source({source})] struct M {{ {fields} }}"), expect);
    };
    check("collection = \"\"", "a: i32", &["is empty"]);
    check("collection = \"c\"", "#[source(field = \"x\", rest)] a: Json", &["`field` and `rest`"]);
    check("collection = \"c\"", "#[source(rest)] a: Option<Json>", &[]);
    check(
        "collection = \"c\"",
        "#[source(rest, with = \"f\", id = \"hex\")] a: Json",
        &["`with` cannot be combined", "`id` cannot be combined"],
    );
    check("collection = \"c\", each = \"x\"", "#[source(ordinal)] a: String", &["whole number"]);
    check("collection = \"c\"", "#[source(id = \"hex\", with = \"f\")] a: Id<M>", &["`id` and `with`"]);
    check("collection = \"c\"", "#[source(id = \"hex\")] a: Vec<Id<M>>", &[]);
    check("collection = \"c\"", "#[column(generated = \"1\")] a: i32", &[]);
}

#[test]
fn a_transform_needs_a_source() {
    let text = "struct M { a: i32 }";
    let (_, errors) = read(text, |errors, source_errors, input| {
        super::source(errors, &attr::model(errors, source_errors, input).unwrap());
    });
    assert_parts(text, &errors, &["without a collection"]);
}

#[test]
fn enums() {
    let check = |text: &str, expect: &[&str]| {
        let (_, errors) = read(text, |errors, _, input| {
            super::pg_enum(errors, &attr::pg_enum(errors, input).unwrap());
        });
        assert_parts(text, &errors, expect);
    };
    check("enum E { A, B }", &[]);
    check("enum E { A, #[pg(rename = \"A\")] B }", &["this one and `A`"]);
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

#[test]
fn nothing_is_written_into_a_view() {
    check(
        r#"#[model(view = "SELECT 1 AS a")] #[source(collection = "x")] struct V { a: i32 }"#,
        &["`V` is a view, and nothing can be written into one"],
    );
    check(r#"#[model(view = "SELECT 1 AS id", materialized(unique(id)))] struct V { id: Id<User> }"#, &[]);
}
