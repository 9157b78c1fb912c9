static MIGRATOR: whimbrel::Migrator = whimbrel::embed!("no/such/folder");

fn main() {}
