//! Objects that few schemas have.

use super::*;

pub fn extension(a: usize, dice: &mut Dice) -> String {
    let schema = dice.pick(&["", " SCHEMA app"]);
    format!("CREATE EXTENSION {}{schema}", ["citext", "pg_trgm", "btree_gist"][a])
}

pub fn collation(a: usize, dice: &mut Dice) -> String {
    let options = ["LOCALE = 'C'", "LOCALE = 'POSIX'", "PROVIDER = icu, LOCALE = 'und'"];
    let chosen = if dice.one_in(2) { options[0] } else { options[1 + dice.below(2)] };
    format!("CREATE COLLATION {} ({chosen})", COLLATIONS[a])
}

pub fn range_type(a: usize, dice: &mut Dice) -> String {
    let subtype = dice.pick(&["integer", "integer", "bigint", "text"]);
    let many = format!(", MULTIRANGE_TYPE_NAME = spans{a}");
    let rest = dice.pick(&["", "", &many]);
    format!("CREATE TYPE {} AS RANGE (SUBTYPE = {subtype}{rest})", RANGES[a])
}

/// Functions for operators and casts, in pairs with those.
pub fn helper(a: usize, dice: &mut Dice) -> String {
    let number = dice.below(3);
    match a {
        0 => format!(
            "CREATE FUNCTION app.same(a integer, b integer) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT $1 + {number} = $2'"
        ),
        1 => format!(
            "CREATE FUNCTION to_number(s app.stage) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT {number}'"
        ),
        _ => format!(
            "CREATE FUNCTION \"Odd\".point_text(p app.point) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT {number}::text'"
        ),
    }
}

pub fn cast(a: usize, dice: &mut Dice) -> String {
    let context = dice.pick(&["", " AS ASSIGNMENT"]);
    match a {
        0 => format!("CREATE CAST (app.stage AS integer) WITH FUNCTION to_number(app.stage){context}"),
        1 => format!("CREATE CAST (app.point AS text) WITH FUNCTION \"Odd\".point_text(app.point){context}"),
        _ => format!("CREATE CAST (mood AS app.stage) WITH INOUT{context}"),
    }
}

pub fn operator(a: usize, dice: &mut Dice) -> String {
    let rest = dice.pick(&["", ", COMMUTATOR = OPERATOR(app.===)", ", RESTRICT = eqsel, JOIN = eqjoinsel"]);
    match a {
        0 => format!(
            "CREATE OPERATOR app.=== (FUNCTION = app.same, LEFTARG = integer, RIGHTARG = integer{rest})"
        ),
        _ => "CREATE OPERATOR !!! (FUNCTION = twice, RIGHTARG = integer)".to_owned(),
    }
}

pub fn dictionary(dice: &mut Dice) -> String {
    let options = dice.pick(&["", ", ACCEPT = false", ", STOPWORDS = 'english'"]);
    format!("CREATE TEXT SEARCH DICTIONARY app.words (TEMPLATE = simple{options})")
}

pub fn configuration(a: usize, dice: &mut Dice) -> Vec<String> {
    let name = ["search", "app.search"][a];
    let mut statements = vec![format!("CREATE TEXT SEARCH CONFIGURATION {name} (COPY = simple)")];
    let change = dice.pick(&[
        "",
        "ALTER MAPPING FOR word, asciiword WITH app.words, simple",
        "DROP MAPPING FOR email, url",
        "ALTER MAPPING REPLACE simple WITH app.words",
    ]);
    if !change.is_empty() {
        statements.push(format!("ALTER TEXT SEARCH CONFIGURATION {name} {change}"));
    }
    statements
}

pub fn statistics(a: usize, dice: &mut Dice) -> Vec<String> {
    let (name, on) =
        [("stat0", TABLES[0]), ("app.stat1", TABLES[1]), ("stat2", TABLES[5]), ("stat3", MATERIALIZED[0])][a];
    let kinds = dice.pick(&["", "", " (ndistinct)", " (dependencies, mcv)"]);
    let of = dice.pick(&["c0, c1", "c1, c2", "c0, lower(c1::text)", "c3, c4", "twice(c0::integer), c1"]);
    let mut statements = vec![format!("CREATE STATISTICS {name}{kinds} ON {of} FROM {on}")];
    if dice.one_in(3) {
        statements.push(format!("ALTER STATISTICS {name} SET STATISTICS {}", dice.below(50)));
    }
    statements
}

pub fn rule(a: usize, dice: &mut Dice) -> Vec<String> {
    let on = [TABLES[0], TABLES[1], VIEWS[0], VIEWS[1]][a];
    let rule = match dice.below(5) {
        0 => format!("ON UPDATE TO {on} DO ALSO NOTHING"),
        1 => format!("ON DELETE TO {on} DO INSTEAD DELETE FROM {} o WHERE o.c0 = old.c0", TABLES[3]),
        2 => format!("ON UPDATE TO {on} WHERE old.c1 IS NULL DO ALSO SELECT twice(1)"),
        3 => format!("ON UPDATE TO {on} DO INSTEAD UPDATE {} SET c1 = new.c1", TABLES[4]),
        _ => format!("ON DELETE TO {on} DO INSTEAD NOTHING"),
    };
    let mut statements = vec![format!("CREATE RULE ru AS {rule}")];
    if a < 2 && dice.one_in(3) {
        let enabled = dice.pick(&["DISABLE", "ENABLE ALWAYS"]);
        statements.push(format!("ALTER TABLE {on} {enabled} RULE ru"));
    }
    statements
}

/// Something that uses what is above.
pub fn user(a: usize, dice: &mut Dice) -> String {
    let table = TABLES[dice.below(TABLES.len())];
    match a {
        0 => format!("CREATE INDEX used0 ON {table} USING gin (to_tsvector('search', c1::text))"),
        1 => format!(
            "CREATE INDEX used1 ON {table} USING gin (to_tsvector('app.search'::regconfig, c1::text))"
        ),
        2 => format!("CREATE INDEX used2 ON {table} USING gin (c1 gin_trgm_ops)"),
        3 => format!("CREATE INDEX used3 ON {table} (c1 COLLATE {})", COLLATIONS[dice.below(2)]),
        4 => format!(
            "ALTER TABLE {table} ADD CONSTRAINT used4 CHECK (c0::integer OPERATOR(app.===) 1 OR c0 > -9)"
        ),
        5 => format!(
            "CREATE VIEW used5 AS SELECT c0, c2::app.stage::integer AS n, !!! 3 AS three FROM {table}"
        ),
        6 => format!(
            "CREATE VIEW app.used6 AS SELECT c1 COLLATE {} AS c1 FROM {table}",
            COLLATIONS[dice.below(2)]
        ),
        7 => format!("ALTER TABLE {table} ADD CONSTRAINT used7 EXCLUDE USING gist (c0 WITH =)"),
        _ => format!(
            "CREATE FUNCTION used8(r {}) RETURNS boolean LANGUAGE sql RETURN r IS NULL",
            RANGES[dice.below(2)]
        ),
    }
}
