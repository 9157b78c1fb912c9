use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(generated = "GENERATED ALWAYS AS (id + 1) STORED")]
    id: i32,
}

fn main() {}
