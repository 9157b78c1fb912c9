//! Names: those of `whimbrel_schema`, for what this crate calls a name and an index.

pub use whimbrel_schema::name::{
    MAX_BYTES, NameError, check, clip, first_free, foreign_key, index, join_names, list, literal,
    object_name, primary_key, quote, sequence, unique,
};

use crate::model::{IndexKey, IndexOn};

/// The names PostgreSQL gives the columns of an index: an expression is called `expr`, and a name that is taken
/// gets a number.
pub fn index_columns(keys: &[IndexKey]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(keys.len());
    for key in keys {
        let wanted = match &key.on {
            IndexOn::Column(column) => column.as_str(),
            IndexOn::Expr(_) => "expr",
        };
        let mut name = wanted.to_owned();
        let mut number = 0_u32;
        while names.contains(&name) {
            number += 1;
            let digits = number.to_string();
            name = format!("{}{digits}", clip(wanted, MAX_BYTES - digits.len()));
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Expr;

    #[test]
    fn expressions_in_an_index_get_names() {
        let expr = |text: &str| IndexKey { on: IndexOn::Expr(Expr::new(text)), ..IndexKey::column("") };
        let keys = [expr("lower(a)"), IndexKey::column("a"), expr("lower(b)")];
        assert_eq!(index_columns(&keys), ["expr", "a", "expr1"]);
    }
}
