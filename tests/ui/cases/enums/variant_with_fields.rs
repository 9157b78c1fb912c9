use whimbrel::PgEnum;

#[derive(PgEnum)]
enum Stage {
    Open,
    Closed(i32),
    Lost { why: String },
}

fn main() {}
