//! How generated migrations read. The expected text stands beside the case.

mod common;

use common::{Renames, schema, table};
use whimbrel_schema::migration::generate;
use whimbrel_schema::model::*;

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
