//! How generated migrations read. The expected text stands beside the case.

mod common;

use common::{Renames, schema, table};
use whimbrel_syntax::migration::generate;
use whimbrel_syntax::model::*;

fn files(prev: &Schema, next: &Schema, renames: Renames) -> String {
    let generated = generate(prev, next, &renames.0).unwrap().unwrap();
    format!("==== up\n{}==== down\n{}", generated.up_sql, generated.down_sql)
}

#[test]
fn the_first_migration() {
    let next = schema(
        &[("stage", &["prospecting", "closed won"])],
        &[
            table("accounts").col("id", "uuid").col("name", "text not null").pk(&["id"]).unique(&["name"]),
            table("opportunities")
                .col("id", "uuid")
                .col("account_id", "uuid not null")
                .col("stage", "enum stage not null default 'prospecting'")
                .col("amount", "numeric(14,2)")
                .col("created_at", "timestamp with time zone not null default now()")
                .with(|column| column.comment = Some("when it was entered".into()))
                .pk(&["id"])
                .check("opportunities_amount_check", "amount >= 0")
                .fk_with(&["account_id"], "accounts", &["id"], |key| key.on_delete = Action::Cascade)
                .index(&["account_id", "stage"])
                .index_with(&["=lower(stage::text)"], |index| {
                    index.predicate = Some(Expr::new("amount IS NOT NULL"));
                }),
        ],
    );
    insta::assert_snapshot!(files(&Schema::default(), &next, Renames::default()));
}

#[test]
fn a_model_change() {
    let (prev, next, renames) = busy();
    insta::assert_snapshot!(files(&prev, &next, renames));
}

#[test]
fn changes_in_words() {
    let (prev, next, renames) = busy();
    let generated = generate(&prev, &next, &renames.0).unwrap().unwrap();
    let lines: Vec<String> = generated.changes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_cannot_be_generated_is_named() {
    let mut next = schema(
        &[("e", &["a", "a"])],
        &[table("t")
            .col("a", "enum f")
            .col("a", "text")
            .pk(&["b"])
            .fk(&["a"], "u", &["id"])
            .index(&["c"])
            .check("t_check", " ")],
    );
    next.tables.insert(QName::public("x".repeat(64)), Table::new(QName::public("x".repeat(64))));
    let error = generate(&Schema::default(), &next, &Hints::default()).unwrap_err();
    insta::assert_snapshot!(error.to_string());
}

fn busy() -> (Schema, Schema, Renames) {
    let prev = schema(
        &[("stage", &["new", "won", "lost"]), ("kind", &["person", "company"])],
        &[
            table("accounts")
                .col("id", "uuid")
                .col("name", "character varying(80) not null")
                .col("kind", "enum kind not null default 'person'::kind")
                .col("fax", "text")
                .pk(&["id"])
                .index(&["name"]),
            table("deals")
                .col("id", "uuid")
                .col("account", "uuid")
                .col("stage", "enum stage not null default 'new'::stage")
                .col("amount", "integer")
                .pk(&["id"])
                .check("deals_amount_check", "amount > 0")
                .fk(&["account"], "accounts", &["id"]),
            table("scratch").col("note", "text"),
        ],
    );
    let next = schema(
        &[("stage", &["new", "open", "won"]), ("kind", &["person", "company", "authority"])],
        &[
            table("accounts")
                .col("id", "uuid")
                .col("name", "text not null")
                .with(|column| column.comment = Some("as on the letterhead".into()))
                .col("kind", "enum kind not null default 'person'::kind")
                .pk(&["id"])
                .index(&["name"]),
            table("opportunities")
                .col("id", "uuid")
                .col("account_id", "uuid not null")
                .col("stage", "enum stage not null default 'new'::stage")
                .col("amount", "numeric(14,2)")
                .col("score", "integer not null")
                .pk(&["id"])
                .check("opportunities_amount_check", "amount > 0")
                .fk_with(&["account_id"], "accounts", &["id"], |key| key.on_delete = Action::Cascade)
                .index(&["account_id", "stage"]),
        ],
    );
    (
        prev,
        next,
        Renames::default().table("deals", "opportunities").column("opportunities", "account", "account_id"),
    )
}
