use whimbrel::Model;

#[derive(Model)]
#[model(primary_key(accuont_id, user_id))]
struct Watcher {
    account_id: i32,
    user_id: i32,
}

fn main() {}
