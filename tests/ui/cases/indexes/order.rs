use whimbrel::Model;

#[derive(Model)]
#[model(index(columns(code), order = "descending"))]
#[model(index(columns(code(down))))]
#[model(index(columns(code, name), order(asc, desc, asc)))]
#[model(index(columns(code(desc)), order = "asc"))]
struct Account {
    code: i32,
    name: String,
}

fn main() {}
