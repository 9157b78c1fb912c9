use whimbrel::{Model, Newtype, PgEnum};

#[derive(Model)]
#[model(crate)]
struct Account {
    id: uuid::Uuid,
}

#[derive(PgEnum)]
#[pg(crate = "no path")]
enum Stage {
    Open,
}

#[derive(Newtype)]
#[newtype(krate = "whimbrel")]
struct Email(String);

#[derive(Newtype)]
#[newtype(crate = "framework::whimbrel")]
struct Name(String);

fn main() {}
