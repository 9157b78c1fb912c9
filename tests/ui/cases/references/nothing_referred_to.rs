use whimbrel::Model;

#[derive(Model)]
struct Account {
    id: i32,
    #[column(on_delete = "cascade")]
    name: String,
    #[column(deferrable)]
    tags: Vec<String>,
}

fn main() {}
