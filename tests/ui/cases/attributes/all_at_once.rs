use whimbrel::Model;

#[derive(Model)]
#[model(tabel = "a", schema = 1, index(name = "x"))]
struct Account {
    #[column(on_delete = "casacde")]
    id: i32,
    #[column(defualt = "1")]
    code: i32,
}

fn main() {}
