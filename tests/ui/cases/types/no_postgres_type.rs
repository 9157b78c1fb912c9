use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(type = "varchar(")]
    name: String,
    #[column(type = "timestamp(9)")]
    at: chrono::NaiveDateTime,
    #[column(type = "unsigned int")]
    number: i32,
}

fn main() {}
