use whimbrel::PgEnum;

#[derive(PgEnum)]
enum Stage<T> {
    Open(T),
}

fn main() {}
