use whimbrel::PgEnum;

#[derive(PgEnum)]
#[pg(nam = "x")]
enum Stage {
    Open,
}

#[derive(whimbrel::Model)]
struct Account {
    id: i32,
    stage: Stage,
}

fn use_it(account: Account) -> String {
    account.stage.to_string()
}

fn main() {}
