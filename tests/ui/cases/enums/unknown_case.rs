use whimbrel::PgEnum;

#[derive(PgEnum)]
#[pg(rename_all = "SnakeCase")]
enum Stage {
    Open,
}

fn main() {}
