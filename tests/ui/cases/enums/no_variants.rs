use whimbrel::PgEnum;

#[derive(PgEnum)]
enum Stage {}

fn main() {}
