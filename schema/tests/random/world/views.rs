//! Views and what reads them.

use super::*;

/// What a view reads: a table, or a view before it.
pub fn from(a: usize, dice: &mut Dice) -> &'static str {
    if a > 0 && dice.one_in(2) { VIEWS[dice.below(a)] } else { TABLES[dice.below(TABLES.len())] }
}

pub fn query(a: usize, dice: &mut Dice) -> String {
    let (one, other) = (from(a, dice), from(a, dice));
    match dice.below(14) {
        0 => format!("SELECT * FROM {one}"),
        1 => format!("SELECT c0, c1 FROM {one} WHERE c0 > 3"),
        2 => format!("SELECT c0, c1, c2 FROM {one}"),
        3 => format!("SELECT a.c0, b.c1 FROM {one} a JOIN {other} b ON a.c0 = b.c0"),
        4 => format!("SELECT c0, c1, count(*) AS n FROM {one} GROUP BY c0"),
        5 => format!("SELECT c0, twice(c0::integer) AS c1 FROM {one}"),
        6 => format!("SELECT c0, c1 FROM {one} UNION ALL SELECT c0, c1 FROM {other}"),
        7 => format!("SELECT c0, c2::text AS c1, c2 FROM {one}"),
        8 => format!("SELECT c0, upper(c1::text) AS c1 FROM {one}"),
        9 => format!("SELECT c0, c1, row0(one) AS c2 FROM {} one", TABLES[0]),
        10 => format!("SELECT c0, c1 FROM {one} WHERE c2 = 'a'"),
        11 => format!("SELECT total(c0::integer) AS c0, app.join(c1::text) AS c1 FROM {one}"),
        12 => format!("SELECT c0, c3, c1, c6 FROM {one}"),
        _ => format!("SELECT c0, c1 FROM app.rows() WHERE EXISTS (SELECT FROM {one})"),
    }
}

pub fn view(a: usize, dice: &mut Dice) -> String {
    let with = if dice.one_in(5) { " WITH (security_barrier=true)" } else { "" };
    format!("CREATE VIEW {}{with} AS {}", VIEWS[a], query(a, dice))
}

pub fn view_function(a: usize, dice: &mut Dice) -> String {
    match a {
        0 => format!(
            "CREATE FUNCTION of_view(v {}) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            VIEWS[dice.below(3)]
        ),
        1 => format!(
            "CREATE FUNCTION app.from_view() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM {})",
            VIEWS[dice.below(4)]
        ),
        _ => format!(
            "CREATE FUNCTION views() RETURNS SETOF {} LANGUAGE sql AS 'SELECT NULL'",
            VIEWS[dice.below(2)]
        ),
    }
}

pub fn materialized_view(a: usize, dice: &mut Dice) -> String {
    let no_data = if dice.one_in(4) { " WITH NO DATA" } else { "" };
    format!("CREATE MATERIALIZED VIEW {} AS {}{no_data}", MATERIALIZED[a], query(VIEWS.len(), dice))
}

pub fn materialized_index(a: usize, b: usize, dice: &mut Dice) -> String {
    format!(
        "CREATE {}INDEX m{a}_{b} ON {} ({})",
        dice.pick(&["", "", "UNIQUE "]),
        MATERIALIZED[a],
        dice.pick(&["c0", "c1", "c0, c1", "lower(c1::text)"])
    )
}
