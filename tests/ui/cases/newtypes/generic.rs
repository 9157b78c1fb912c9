use whimbrel::Newtype;

#[derive(Newtype)]
struct Email<T>(T);

fn main() {}
