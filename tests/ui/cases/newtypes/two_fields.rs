use whimbrel::Newtype;

#[derive(Newtype)]
struct Email(String, String);

fn main() {}
