//! What the README repeats is what its home says.

use std::path::Path;

fn read(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path))
}

/// The home of the table is beside the macros, whose own test holds it against the parser.
#[test]
fn the_readme_has_the_table_of_attributes() -> std::io::Result<()> {
    let table = read("macros/ATTRIBUTES.md")?;
    assert!(
        read("README.md")?.contains(&table),
        "README.md does not have macros/ATTRIBUTES.md word for word"
    );
    Ok(())
}
