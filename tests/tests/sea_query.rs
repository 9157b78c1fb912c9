//! Queries that sea-query builds from the names of models, on a server.
#![allow(dead_code)]

use example_crm::account::AccountColumn;
use example_crm::opportunity::OpportunityColumn;
use example_crm::{Account, Opportunity, Stage};
use sea_query_sqlx::SqlxBinder as _;
use whimbrel::sea_query::{Expr, ExprTrait as _, Order, PostgresQueryBuilder, Query};
use whimbrel::{Id, Model, PgEnum as _};
use whimbrel_tests::example::Target;

mod odd {
    /// Columns whose names collide or cannot be variants.
    #[derive(whimbrel::Model)]
    #[model(table = "Odd one", schema = "other")]
    pub(super) struct Odd {
        pub id: i32,
        pub a1: i32,
        pub a_1: i32,
        pub self_: i32,
        #[column(name = "say \"x\"")]
        pub r#type: i32,
    }
}

#[test]
fn names_are_quoted_and_every_column_has_one() {
    use odd::{Odd, OddColumn::*};
    let query = Query::select().columns([Id, A1, a_1, self_, Type]).from(Odd::table()).to_owned();
    assert_eq!(
        query.to_string(PostgresQueryBuilder),
        r#"SELECT "id", "a1", "a_1", "self_", "say ""x""" FROM "other"."Odd one""#
    );
}

#[tokio::test]
async fn a_join_runs() {
    let Some(scratch) = whimbrel_scratch::for_tests() else { return };
    let target = Target::new(scratch, "sea_query").await.unwrap();
    let (account, opportunity) = (Id::<Account>::now_v7(), Id::<Opportunity>::now_v7());
    sqlx::raw_sql("ALTER TABLE accounts DISABLE TRIGGER ALL").execute(&target.pool).await.unwrap();
    sqlx::query("INSERT INTO accounts (id, name, owner_id, extra) VALUES ($1, 'Acme', $1, '{}')")
        .bind(account)
        .execute(&target.pool)
        .await
        .unwrap();

    let (insert, values) = Query::insert()
        .into_table(Opportunity::table())
        .columns([
            OpportunityColumn::Id,
            OpportunityColumn::Name,
            OpportunityColumn::AccountId,
            OpportunityColumn::Stage,
            OpportunityColumn::Extra,
        ])
        .values_panic([
            opportunity.into(),
            "Anvils".into(),
            account.into(),
            Stage::Negotiation.label().as_enum("stage"),
            Expr::val("{}").cast_as("jsonb"),
        ])
        .build_sqlx(PostgresQueryBuilder);
    sqlx::query_with(sqlx::AssertSqlSafe(insert), values).execute(&target.pool).await.unwrap();

    let (select, values) = Query::select()
        .column((Opportunity::TABLE, OpportunityColumn::Name))
        .expr_as(Expr::col((Account::TABLE, AccountColumn::Name)), "account")
        .from(Opportunity::table())
        .inner_join(
            Account::table(),
            Expr::col((Account::TABLE, AccountColumn::Id))
                .equals((Opportunity::TABLE, OpportunityColumn::AccountId)),
        )
        .and_where(Expr::col((Account::TABLE, AccountColumn::Id)).eq(account))
        .and_where(Expr::col(OpportunityColumn::Stage).eq(Stage::Negotiation.label().as_enum("stage")))
        .order_by((Opportunity::TABLE, OpportunityColumn::CreatedAt), Order::Desc)
        .build_sqlx(PostgresQueryBuilder);
    let rows: Vec<(String, String)> =
        sqlx::query_as_with(sqlx::AssertSqlSafe(select), values).fetch_all(&target.pool).await.unwrap();
    assert_eq!(rows, [("Anvils".to_owned(), "Acme".to_owned())]);
}
