use whimbrel::Model;

#[derive(Model)]
#[model(unique(code))]
struct Account {
    #[column(unique)]
    code: i32,
}

fn main() {}
