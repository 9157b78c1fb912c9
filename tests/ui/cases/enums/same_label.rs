use whimbrel::PgEnum;

#[derive(PgEnum)]
enum Stage {
    Open,
    #[pg(rename = "Open")]
    Closed,
}

fn main() {}
