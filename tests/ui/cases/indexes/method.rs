use whimbrel::Model;

#[derive(Model)]
#[model(index(columns(code), method = "gin", unique))]
#[model(index(columns(code, name), method = "hash"))]
#[model(index(columns(code), method = "gin", include(name)))]
#[model(index(columns(code(desc)), method = "brin"))]
#[model(index(columns(code), method = "GIN"))]
struct Account {
    code: i32,
    name: String,
}

fn main() {}
