use whimbrel::Model;

#[derive(Model)]
struct Account {
    name: String,
    #[column(name = "name")]
    title: String,
}

fn main() {}
