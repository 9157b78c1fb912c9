use whimbrel::Model;

#[derive(Model)]
#[model(check(positive), check(named, ""))]
struct CheckWithoutCondition {
    code: i32,
}

#[derive(Model)]
#[model(primary_key(a, a))]
struct ColumnTwice {
    a: i32,
}

#[derive(Model)]
#[model(primary_key(), unique())]
struct Empty {
    a: i32,
}

#[derive(Model)]
struct Null {
    id: Option<i32>,
}

#[derive(Model)]
struct Redundant {
    #[column(primary_key, unique)]
    code: i32,
    #[column(unique, index)]
    name: String,
}

#[derive(Model)]
#[model(primary_key(a))]
struct Twice {
    a: i32,
    #[column(primary_key)]
    b: i32,
}

#[derive(Model)]
struct TwoColumnsMarked {
    #[column(primary_key)]
    a: i32,
    #[column(primary_key)]
    b: i32,
}

#[derive(Model)]
#[model(unique(id))]
struct UniquePrimaryKeyAccount {
    id: i32,
    #[column(primary_key)]
    code: i32,
}

#[derive(Model)]
#[model(unique(id))]
struct UniquePrimaryKeyContact {
    id: i32,
}

#[derive(Model)]
#[model(unique(code))]
struct UniqueTwice {
    #[column(unique)]
    code: i32,
}

#[derive(Model)]
#[model(primary_key(accuont_id, user_id))]
struct UnknownField {
    account_id: i32,
    user_id: i32,
}

fn main() {}
