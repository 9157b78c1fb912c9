use whimbrel::PgEnum;

#[derive(PgEnum)]
struct Stage {
    id: i32,
}

fn main() {}
