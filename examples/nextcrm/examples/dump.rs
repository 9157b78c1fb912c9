//! Writes a dump of 200 documents in each collection, as mongodump does, into a folder.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| "dump".into());
    example_nextcrm::dump::write(Path::new(&folder), 200).map(drop)
}
