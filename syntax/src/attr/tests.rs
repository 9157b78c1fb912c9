use super::*;
use crate::ast;
use crate::testing::{assert_parts, read};

fn ok(text: &str) -> ast::Model {
    let (model, errors) = read(text, model);
    assert!(errors.is_empty(), "{text}: {errors:#?}");
    model.unwrap()
}

fn check(text: &str, expect: &[&str]) {
    assert_parts(text, &read(text, model).1, expect);
}

fn value<T: Clone>(spanned: &Option<Spanned<T>>) -> Option<T> {
    spanned.as_ref().map(|spanned| spanned.value.clone())
}

#[test]
fn every_setting_of_a_source_is_read() {
    let model = ok(r#"
        #[source(collection = "c", rename_all = "camelCase", each = "a.b")]
        struct M {
            #[source(parent = "_id")] a: i32,
            #[source(element)] b: i32,
            #[source(ordinal)] c: i32,
            #[source(field = "x.y", with = "f::g", default = 1 + 1, required, id = "hex")] d: i32,
            #[source(rest)] e: Json,
            #[source(default, with = f::g)] some_name: i32,
        }
    "#);
    let source = model.source.as_ref().unwrap();
    assert_eq!(value(&source.collection).as_deref(), Some("c"));
    assert_eq!(value(&source.each).as_deref(), Some("a.b"));
    let case = source.rename_all.as_ref().map(|case| case.value);
    let origins: Vec<_> = model.fields.iter().map(|field| field.origin(case)).collect();
    use ast::Origin::*;
    assert_eq!(
        origins,
        [Parent("_id".into()), Element, Ordinal, Field("x.y".into()), Rest, Field("someName".into())]
    );
    let field = &model.fields[3].source;
    assert_eq!(field.with.as_ref().unwrap().value.segments.len(), 2);
    assert!(matches!(field.default.as_ref().unwrap().value, ast::SourceDefault::Expr(_)));
    assert_eq!(value(&field.id), Some(crate::id::IdStrategy::Hex));
    assert!(field.required.is_some());
    assert!(matches!(model.fields[5].source.default.as_ref().unwrap().value, ast::SourceDefault::Trait));
}

#[test]
fn all_errors_come_at_once() {
    check(
        r#"#[model(tabel = "x", schema, table = 5, table = "a", table = "b", index(name = "n"))]
           struct M { #[column(on_delete = "casacde", unique = 1)] #[source(fields = "x")] a: i32 }"#,
        &[
            "did you mean `table`?",
            "`schema` needs a string",
            "`table` needs a string",
            "`table` is set twice",
            "`index` needs its columns",
            "did you mean `cascade`?",
            "`unique` takes no value",
            "did you mean `field`?",
        ],
    );
}

#[test]
fn errors_in_the_grammar_are_found() {
    check(
        "#[model(table \"x\", comment = )] struct M { a: i32 }",
        &["expected `,`", "expected an expression"],
    );
    check("#[model(\"x\")] struct M { a: i32 }", &["takes named settings only"]);
    check("#[model(index(columns(a), order(desc, desc)))] struct M { a: i32 }", &["2 values for 1 columns"]);
}

#[test]
fn only_structs_with_named_fields_are_models() {
    check("union M { a: i32 }", &["union"]);
}

#[test]
fn enums_are_read() {
    let read = |text: &str| read(text, |errors, _, input| pg_enum(errors, input));
    let (item, errors) = read(
        r#"#[pg(name = "n", schema = "s", rename_all = "UPPERCASE", comment = "c", renamed_from = "o")]
           enum E { A, #[pg(rename = "bee", renamed_from = "B")] B }"#,
    );
    let item = item.unwrap();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(value(&item.name).as_deref(), Some("n"));
    assert_eq!(value(&item.renamed_from).as_deref(), Some("o"));
    assert_eq!(value(&item.variants[1].rename).as_deref(), Some("bee"));
    assert_eq!(value(&item.variants[1].renamed_from).as_deref(), Some("B"));
    let (_, errors) = read("#[pg(nam = \"x\")] enum E { A(i32), #[pg(name = \"b\")] B }");
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(read("struct E;").1[0].contains("is not an enum"));
    assert!(read("enum E<T> { A(T) }").1[0].contains("generic"));
}

#[test]
fn newtypes_are_read() {
    let read = |text: &str| read(text, |errors, _, input| newtype(errors, input));
    assert!(read("struct Email(String);").0.unwrap().field.is_none());
    assert!(read("struct Email { text: String }").0.unwrap().field.is_some());
    for text in ["struct E;", "struct E(i32, i32);", "enum E { A }", "struct E<T>(T);"] {
        let (item, errors) = read(text);
        assert!(item.is_none() && errors.len() == 1, "{text}");
    }
}
