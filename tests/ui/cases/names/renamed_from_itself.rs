use whimbrel::Model;

#[derive(Model)]
#[model(renamed_from = "account")]
struct Account {
    #[column(renamed_from = "id")]
    id: i32,
}

fn main() {}
