use whimbrel::Newtype;

#[derive(Newtype)]
enum AnEnum {
    Work,
}

#[derive(Newtype)]
struct Generic<T>(T);

#[derive(Newtype)]
struct OfAnOption(Option<String>);

#[derive(Newtype)]
struct TwoFields(String, String);

fn main() {}
