//! Types, sequences and functions.

use super::*;

pub fn labels(dice: &mut Dice) -> String {
    let mut labels = vec!["'a'", "'b'", "'c'", "'it''s'", "'New'"];
    // Mostly the beginning of the list, so that labels are often only added.
    if dice.one_in(3) {
        for at in 0..labels.len() {
            labels.swap(at, dice.below(5));
        }
    }
    labels.truncate(1 + dice.below(5));
    labels.join(", ")
}

pub fn default_privileges(a: usize, dice: &mut Dice) -> String {
    let (schema, role) = (["", " IN SCHEMA app", " IN SCHEMA public"][a % 3], dice.pick(&ROLES));
    let what = match (a, dice.below(4)) {
        (0 | 3, 0) => "REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC".to_owned(),
        (0 | 3, 1) => "REVOKE USAGE ON TYPES FROM PUBLIC".to_owned(),
        (_, 2) => format!("GRANT USAGE ON SEQUENCES TO {role}"),
        (_, 3) => format!("GRANT EXECUTE ON FUNCTIONS TO {role} {}", dice.maybe("WITH GRANT OPTION")),
        _ => format!("GRANT SELECT, {} ON TABLES TO {role}", dice.pick(&["INSERT", "UPDATE"])),
    };
    format!("ALTER DEFAULT PRIVILEGES{schema} {what}")
}

pub fn domain(a: usize, dice: &mut Dice) -> String {
    let rest = match a {
        0 => format!(
            "{} {}",
            dice.pick(&["text", "varchar(40)", "text COLLATE \"C\"", "text COLLATE plain"]),
            dice.maybe("CHECK (VALUE <> '')")
        ),
        1 => format!(
            "{} {}",
            dice.pick(&["numeric(10,2)", "integer", "bigint"]),
            dice.pick(&["", "DEFAULT 7", "CHECK (VALUE > -1000)"])
        ),
        2 => format!(
            "{} {}",
            ENUMS[dice.below(2)],
            dice.pick(&["", "NOT NULL", "DEFAULT 'a'", "CHECK (VALUE <> 'b')"])
        ),
        _ => format!("{}{}", dice.pick(&[ENUMS[0], DOMAINS[0]]), dice.maybe("[]")),
    };
    format!("CREATE DOMAIN {} AS {rest}", DOMAINS[a])
}

pub fn composite(a: usize, dice: &mut Dice) -> String {
    let other = dice.pick(&["text", "mood", "app.stage", "email", "integer", "mood[]"]);
    let attributes = [
        format!("x integer, y {other}"),
        format!("x {}, y {other}", dice.pick(&["integer", "bigint"])),
        format!("y {other}, x integer"),
        format!("x integer, y {other}, z text"),
    ];
    format!("CREATE TYPE {} AS ({})", COMPOSITES[a], attributes[dice.below(4)])
}

pub fn sequence(a: usize, dice: &mut Dice) -> String {
    let options = dice.pick(&[
        "",
        "AS integer",
        "INCREMENT 5 START 10",
        "MAXVALUE 100 CYCLE",
        "INCREMENT -1",
        "CACHE 10",
        "AS smallint MINVALUE 3",
    ]);
    format!("CREATE SEQUENCE {} {options}", SEQUENCES[a])
}

pub fn function(a: usize, dice: &mut Dice) -> String {
    let number = dice.below(4);
    let set = dice.pick(&["", " STRICT", " PARALLEL SAFE", " COST 7"]);
    match a {
        0 => {
            let body = [
                format!("AS 'SELECT $1 * 2 + {number}'"),
                format!("RETURN $1 * {number}"),
                format!("BEGIN ATOMIC SELECT $1 + {number}; END"),
            ];
            let name = dice.pick(&["n", "n", "m"]);
            format!(
                "CREATE FUNCTION twice({name} integer) RETURNS integer IMMUTABLE LANGUAGE sql{set} {}",
                body[dice.below(3)]
            )
        }
        1 => format!(
            "CREATE FUNCTION app.mood_text(m mood) RETURNS {} IMMUTABLE LANGUAGE sql{set} AS 'SELECT {number}::text'",
            dice.pick(&["text", "varchar"])
        ),
        2 => format!(
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql{set} AS $$BEGIN -- {number}\nRETURN NEW; END$$"
        ),
        3 => format!(
            "CREATE FUNCTION first_mood() RETURNS mood {} LANGUAGE sql AS $$SELECT (enum_range(NULL::mood))[1]$$",
            dice.pick(&["STABLE", "IMMUTABLE"])
        ),
        4 => format!(
            "CREATE FUNCTION app.mail(e email, n integer DEFAULT {}) RETURNS email LANGUAGE sql{set} AS 'SELECT $1'",
            dice.pick(&["1", "twice(2)", "3"])
        ),
        5 => format!(
            "CREATE FUNCTION move(p app.point) RETURNS app.point LANGUAGE sql{set} {}",
            dice.pick(&["AS 'SELECT $1'", "RETURN p"])
        ),
        6 => format!(
            "CREATE PROCEDURE app.clean(a integer, b {}) LANGUAGE sql AS 'SELECT 1'",
            dice.pick(&["text", "mood", "app.stage"])
        ),
        7 => format!(
            "CREATE FUNCTION stages({}) RETURNS SETOF app.stage LANGUAGE sql AS 'SELECT NULL::app.stage'",
            dice.pick(&["", "VARIADIC a app.stage[]", "OUT s app.stage"])
        ),
        8 => format!(
            "CREATE FUNCTION twice(n text) RETURNS text IMMUTABLE LANGUAGE sql {}",
            dice.pick(&["RETURN n || n", "AS 'SELECT $1'", "RETURN twice(1)::text"])
        ),
        _ => format!(
            "CREATE FUNCTION \"Odd\".next() RETURNS bigint LANGUAGE sql {}",
            dice.pick(&[
                "RETURN nextval('numbers')",
                "AS 'SELECT 1::bigint'",
                "RETURN nextval('app.counter')"
            ])
        ),
    }
}

pub fn aggregate(a: usize, dice: &mut Dice) -> String {
    match a {
        0 => format!(
            "CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '{}')",
            dice.below(2)
        ),
        _ => format!(
            "CREATE AGGREGATE app.join(text) (SFUNC = {}, STYPE = text)",
            dice.pick(&["textcat", "textcat"])
        ),
    }
}
