use whimbrel::Newtype;

#[derive(Newtype)]
enum Email {
    Work,
}

fn main() {}
