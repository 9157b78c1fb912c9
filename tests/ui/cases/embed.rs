static MIGRATOR: whimbrel::Migrator = whimbrel::embed!("no/such/folder");
static NO_TEXT: whimbrel::Migrator = whimbrel::embed!(migrations);
static NOTHING: whimbrel::Migrator = whimbrel::embed!();

fn main() {}
