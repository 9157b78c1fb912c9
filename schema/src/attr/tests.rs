use super::*;
use crate::ast;

/// What a model's attributes are read as, or the texts of all errors.
fn read(text: &str) -> Result<ast::Model, Vec<String>> {
    let input: syn::DeriveInput = syn::parse_str(text).unwrap();
    let (errors, source_errors) = (Errors::new(), Errors::new());
    let model = model(&errors, &source_errors, &input);
    let mut errors = errors.finish();
    errors.extend(source_errors.finish());
    match model {
        Some(model) if errors.is_empty() => Ok(model),
        _ => Err(errors.iter().map(Error::text).collect()),
    }
}

fn ok(text: &str) -> ast::Model {
    read(text).unwrap_or_else(|errors| panic!("{text}: {errors:#?}"))
}

/// Every error contains its part of `expect`, in order, and there are no others.
fn check(text: &str, expect: &[&str]) {
    let errors = read(text).err().unwrap_or_default();
    assert_eq!(errors.len(), expect.len(), "{text}: {errors:#?}");
    for (error, part) in errors.iter().zip(expect) {
        assert!(error.contains(part), "{text}: {error:?} lacks {part:?}");
    }
}

fn value<T: Clone>(spanned: &Option<Spanned<T>>) -> Option<T> {
    spanned.as_ref().map(|spanned| spanned.value.clone())
}

#[test]
fn every_setting_of_a_model_is_read() {
    let model = ok(r#"
        #[model(table = "t", schema = "s", primary_key(a, b), comment = "c", renamed_from = "o")]
        #[model(rename_all = "camelCase", unique(a, b), unique(columns(a), name = "u", deferrable))]
        #[model(check(positive, "a > 0"), check("b > 0"))]
        #[model(foreign_key(columns(a, b), references(crate::m::Other(x, y)), name = "f",
                on_delete = "cascade", on_update = "restrict", deferrable = "initially_deferred"))]
        struct M { a: i32, b: i32 }
    "#);
    assert_eq!(value(&model.table).as_deref(), Some("t"));
    assert_eq!(value(&model.schema).as_deref(), Some("s"));
    assert_eq!(model.primary_key.unwrap().value, ["a", "b"]);
    assert_eq!(value(&model.comment).as_deref(), Some("c"));
    assert_eq!(value(&model.renamed_from).as_deref(), Some("o"));
    assert_eq!(value(&model.rename_all), Some(crate::case::Case::Camel));
    assert_eq!(model.uniques[0].columns, ["a", "b"]);
    assert_eq!(model.uniques[1].columns, ["a"]);
    assert_eq!(value(&model.uniques[1].name).as_deref(), Some("u"));
    assert_eq!(value(&model.uniques[1].deferrable), Some(crate::model::Deferrable::InitiallyImmediate));
    assert_eq!(value(&model.checks[0].name).as_deref(), Some("positive"));
    assert_eq!(model.checks[0].expr.value, "a > 0");
    assert!(model.checks[1].name.is_none());
    let key = &model.foreign_keys[0];
    assert_eq!(key.columns, ["a", "b"]);
    assert_eq!(key.references.value.model.segments.len(), 3);
    assert_eq!(key.references.value.columns, ["x", "y"]);
    assert_eq!(value(&key.on_delete), Some(crate::model::Action::Cascade));
    assert_eq!(value(&key.on_update), Some(crate::model::Action::Restrict));
    assert_eq!(value(&key.deferrable), Some(crate::model::Deferrable::InitiallyDeferred));
}

#[test]
fn every_setting_of_an_index_is_read() {
    let model = ok(r#"
        #[model(index(columns(a, b(desc, nulls = "last", opclass = "o", collate = "C"), "lower(c)",
                ("upper(c)", desc)), name = "i", unique, method = "gist", where = "a > 0", include(d)))]
        #[model(index(columns(a, b), order = "desc", nulls(first, last), opclass("x", "y")))]
        struct M { a: i32, b: i32, c: String, d: i32 }
    "#);
    let index = &model.indexes[0];
    assert_eq!(value(&index.name).as_deref(), Some("i"));
    assert!(index.unique.is_some());
    assert_eq!(value(&index.method).as_deref(), Some("gist"));
    assert_eq!(value(&index.predicate).as_deref(), Some("a > 0"));
    assert_eq!(index.include, ["d"]);
    assert_eq!(index.keys.len(), 4);
    assert_eq!(value(&index.keys[1].descending), Some(true));
    assert_eq!(value(&index.keys[1].nulls_first), Some(false));
    assert_eq!(value(&index.keys[1].opclass).as_deref(), Some("o"));
    assert_eq!(value(&index.keys[1].collate).as_deref(), Some("C"));
    assert!(matches!(&index.keys[2].on, ast::IndexOn::Expr(expr) if expr.value == "lower(c)"));
    assert_eq!(value(&index.keys[3].descending), Some(true));
    let index = &model.indexes[1];
    assert_eq!(index.keys.iter().map(|key| value(&key.descending)).collect::<Vec<_>>(), [Some(true); 2]);
    assert_eq!(
        index.keys.iter().map(|key| value(&key.nulls_first)).collect::<Vec<_>>(),
        [Some(true), Some(false)]
    );
    assert_eq!(value(&index.keys[1].opclass).as_deref(), Some("y"));
}

#[test]
fn every_setting_of_a_column_is_read() {
    let model = ok(r#"
        struct M {
            #[column(name = "n", type = "text", primary_key, unique, index, default = "now()", check = "a > 0")]
            #[column(references(Other), on_delete = "set_null", on_update = "set_default", deferrable)]
            #[column(no_reference, collate = "C", generated = "1", identity = "by_default")]
            #[column(comment = "c", renamed_from = "o")]
            r#type: i32,
            #[column(default = -1.5)] b: f64,
            #[column(default = true)] c: bool,
        }
    "#);
    let column = &model.fields[0].column;
    assert_eq!(model.fields[0].name(), "type");
    assert_eq!(value(&column.name).as_deref(), Some("n"));
    assert_eq!(value(&column.ty).as_deref(), Some("text"));
    assert_eq!(value(&column.default).as_deref(), Some("now()"));
    assert_eq!(value(&column.check).as_deref(), Some("a > 0"));
    assert!(column.references.as_ref().unwrap().value.columns.is_empty());
    assert_eq!(value(&column.on_delete), Some(crate::model::Action::SetNull));
    assert_eq!(value(&column.on_update), Some(crate::model::Action::SetDefault));
    assert_eq!(value(&column.identity), Some(crate::model::Identity::ByDefault));
    assert_eq!(value(&column.collate).as_deref(), Some("C"));
    assert_eq!(value(&column.generated).as_deref(), Some("1"));
    assert_eq!(value(&column.renamed_from).as_deref(), Some("o"));
    let flags = [column.primary_key, column.unique, column.index, column.no_reference];
    assert!(flags.iter().all(Option::is_some));
    assert_eq!(value(&model.fields[1].column.default).as_deref(), Some("-1.5"));
    assert_eq!(value(&model.fields[2].column.default).as_deref(), Some("true"));
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
fn all_mistakes_come_at_once() {
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
fn mistakes_in_the_grammar_are_found() {
    check("#[model] struct M { a: i32 }", &["write `#[model(…)]`"]);
    check("#[model = \"x\"] struct M { a: i32 }", &["write `#[model(…)]`"]);
    check(
        "#[model(table \"x\", comment = )] struct M { a: i32 }",
        &["expected `,`", "expected an expression"],
    );
    check("#[model(5)] struct M { a: i32 }", &["expected a name"]);
    check("#[model(\"x\")] struct M { a: i32 }", &["takes named settings only"]);
    check("#[model(index(columns(a), order(desc, desc)))] struct M { a: i32 }", &["2 values for 1 columns"]);
    check(
        "#[model(index(columns(a(desc)), order = \"asc\"))] struct M { a: i32 }",
        &["set for this column and for the whole index"],
    );
    check(
        "#[model(index(columns(a), order = \"down\"))] struct M { a: i32 }",
        &["allowed here: `asc`, `desc`"],
    );
    check("#[model(check(\"a\", \"b\"))] struct M { a: i32 }", &["`check` needs a condition"]);
    check("#[model(foreign_key(columns(a)))] struct M { a: i32 }", &["needs `columns` and `references`"]);
    check("struct M { #[column(references = \"x\")] a: i32 }", &["`references` needs a model"]);
    check("struct M { #[column(references(\"x\"))] a: i32 }", &["the name of a struct, not of a table"]);
    check("struct M { #[column(identity)] a: i32 }", &["is `always`"]);
    check("struct M { #[column(default = f())] a: i32 }", &["needs an SQL expression"]);
    check("struct M { #[source(with = \"a b\")] a: i32 }", &["needs the path of a function"]);
    check("struct M { #[source(id = \"objectid\")] a: i32 }", &["did you mean `object_id`?"]);
}

#[test]
fn only_structs_with_named_fields_are_models() {
    check("struct M<T> { a: T }", &["generic parameters"]);
    check("struct M(i32);", &["derive `Newtype`"]);
    check("struct M;", &["no fields"]);
    check("enum M { A }", &["derive `PgEnum`"]);
    check("union M { a: i32 }", &["union"]);
}

#[test]
fn enums_are_read() {
    let read = |text: &str| {
        let input: syn::DeriveInput = syn::parse_str(text).unwrap();
        let errors = Errors::new();
        let item = pg_enum(&errors, &input);
        (item, errors.finish().iter().map(Error::text).collect::<Vec<_>>())
    };
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
    let read = |text: &str| {
        let input: syn::DeriveInput = syn::parse_str(text).unwrap();
        let errors = Errors::new();
        let item = newtype(&errors, &input);
        (item, errors.finish().len())
    };
    assert!(read("struct Email(String);").0.unwrap().field.is_none());
    assert!(read("struct Email { text: String }").0.unwrap().field.is_some());
    for text in ["struct E;", "struct E(i32, i32);", "enum E { A }", "struct E<T>(T);"] {
        let (item, errors) = read(text);
        assert!(item.is_none() && errors == 1, "{text}");
    }
}
