static MIGRATOR: whimbrel::Migrator = whimbrel::embed!(migrations);
static OTHER: whimbrel::Migrator = whimbrel::embed!();

fn main() {}
