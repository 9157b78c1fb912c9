use whimbrel::Model;

#[derive(Model)]
struct Account {
    #[column(check = "", comment = " ", default = "")]
    id: i32,
}

fn main() {}
