use whimbrel::Newtype;

#[derive(Newtype)]
struct Email(Option<String>);

fn main() {}
