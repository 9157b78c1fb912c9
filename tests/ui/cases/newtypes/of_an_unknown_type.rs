use whimbrel::Newtype;

struct Inner;

#[derive(Newtype)]
struct Email(Inner);

fn main() {}
