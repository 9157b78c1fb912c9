//! Tables and what they contain.

use super::*;

pub fn table(a: usize, dice: &mut Dice) -> Vec<String> {
    let id = dice.pick(&["integer", "integer", "bigint"]);
    if a == PARTITIONED {
        let by = dice.pick(&["RANGE (c0)", "RANGE (c0)", "RANGE (c0)", "LIST (c0)", "HASH (c0)"]);
        return vec![format!("CREATE TABLE {} (c0 {id} NOT NULL) PARTITION BY {by}", TABLES[a])];
    }
    let (unlogged, with) = (dice.one_in(4) && a == 2, dice.one_in(6));
    let c0 = match dice.below(5) {
        0 => format!(
            "{id} GENERATED {} AS IDENTITY {}",
            dice.pick(&["ALWAYS", "BY DEFAULT"]),
            dice.pick(&["", "(START 10)", "(SEQUENCE NAME named INCREMENT 2)"])
        ),
        1 => if id == "bigint" { "bigserial" } else { "serial" }.to_owned(),
        2 => format!("{id} DEFAULT nextval('{}')", SEQUENCES[dice.below(3)]),
        _ => format!("{id} {}", dice.maybe("NOT NULL")),
    };
    let unlogged = if unlogged { "UNLOGGED " } else { "" };
    let with = if with { " WITH (fillfactor=70)" } else { "" };
    vec![format!("CREATE {unlogged}TABLE {} (c0 {c0}){with}", TABLES[a])]
}

/// `c0` is a number, `c1` text, `c2` has a type of the schema; the others are anything.
pub fn column(a: usize, b: usize, dice: &mut Dice) -> String {
    let null = dice.pick(&["", "", "NOT NULL"]);
    let rest = match b {
        0 | 1 => format!(
            "{} {} {null}",
            dice.pick(&[
                "text",
                "text",
                "varchar(30)",
                "email",
                "text COLLATE \"C\"",
                "character(5)",
                "text COLLATE plain",
                "citext",
            ]),
            dice.pick(&["", "", "DEFAULT 'x'", "DEFAULT lower('Y')", "DEFAULT twice('z')"])
        ),
        2 => {
            let (ty, default) = [
                ("mood", "'a'"),
                ("mood", "first_mood()"),
                ("mood[]", "'{a}'"),
                ("app.stage", "'b'"),
                ("app.stage[]", "ARRAY['a'::app.stage]"),
                ("\"Odd\".\"Kind\"", "'a'"),
                ("\"Odd\".label", "'a'"),
                ("moods", "NULL"),
                ("app.point", "NULL"),
                ("address[]", "NULL"),
                ("app.amount", "3"),
            ][dice.below(11)];
            let default = if dice.one_in(2) { format!("DEFAULT {default}") } else { String::new() };
            format!("{ty} {default} {null}")
        }
        3 => {
            let (ty, default) = [
                ("integer", "1"),
                ("bigint", "twice(4)"),
                ("numeric(10,2)", "0.5"),
                ("smallint", "2"),
                ("double precision", "1.5"),
                ("app.amount", "4"),
                ("bigint", "\"Odd\".next()"),
                ("integer", "nextval('app.counter')"),
            ][dice.below(8)];
            let default = if dice.one_in(2) { format!("DEFAULT {default}") } else { String::new() };
            format!("{ty} {default} {null}")
        }
        4 | 5 => {
            let (ty, default) = [
                ("boolean", "true"),
                ("uuid", "gen_random_uuid()"),
                ("jsonb", "'{}'"),
                ("timestamptz", "now()"),
                ("date", "CURRENT_DATE"),
                ("text[]", "'{}'"),
                ("bytea", "'\\x00'"),
                ("interval day to second", "'1 day'"),
                ("timestamp(3)", "now()"),
                ("bit varying(5)", "B'101'"),
                ("int4range", "'[1,3)'"),
                ("span", "'[1,3)'"),
                ("app.range[]", "NULL"),
                ("inet", "'::1'"),
                ("mood", "'a'"),
                ("text", "'t'"),
                ("integer", "9"),
            ][dice.below(17)];
            let default = if dice.one_in(2) { format!("DEFAULT {default}") } else { String::new() };
            format!("{ty} {default} {null}")
        }
        6 => dice
            .pick(&[
                "integer GENERATED ALWAYS AS (c0 + 1) STORED",
                "bigint GENERATED ALWAYS AS (twice(c0::integer)) STORED",
                "text GENERATED ALWAYS AS (c1 || 'x') STORED",
                "boolean GENERATED ALWAYS AS (c2 IS NULL) STORED",
                "text GENERATED ALWAYS AS (app.mood_text(c2)) STORED",
                "text",
                "integer GENERATED ALWAYS AS IDENTITY",
                "serial",
                "smallserial",
                "bigint DEFAULT nextval('app.counter')",
                "integer",
            ])
            .to_owned(),
        _ => dice
            .pick(&["text COMPRESSION pglz", "integer", "mood", "app.stage", "address", "app.point[]"])
            .to_owned(),
    };
    format!("{} {rest}", if b == 0 { format!("odd{}", a % 2) } else { format!("c{b}") })
}

pub fn row_function(a: usize, dice: &mut Dice) -> String {
    let table = TABLES[a % 5];
    let body = ["AS 'SELECT 1'", "RETURN 2", "RETURN r.c0::integer", "RETURN (r).c0 + 1"];
    match a {
        0 | 1 => {
            format!(
                "CREATE FUNCTION row{a}(r {table}) RETURNS integer IMMUTABLE LANGUAGE sql {}",
                dice.pick(&body)
            )
        }
        2 => format!(
            "CREATE FUNCTION app.rows() RETURNS SETOF {} LANGUAGE sql AS 'SELECT NULL'",
            TABLES[dice.below(3)]
        ),
        3 => format!(
            "CREATE FUNCTION app.count_them() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count({}) FROM {}; END",
            dice.pick(&["*", "c1", "c2"]),
            TABLES[dice.below(4)]
        ),
        4 => format!(
            "CREATE FUNCTION listed(a integer, OUT c1 text, OUT c2 {}) LANGUAGE sql AS 'SELECT NULL, NULL'",
            dice.pick(&["mood", "integer"])
        ),
        _ => format!(
            "CREATE FUNCTION tabled(a {}) RETURNS TABLE (x integer, y {}) LANGUAGE sql AS 'SELECT 1, NULL'",
            TABLES[dice.below(2)],
            dice.pick(&["text", "email"])
        ),
    }
}

pub fn constraint(b: usize, dice: &mut Dice) -> String {
    match b {
        0 => dice
            .pick(&[
                "PRIMARY KEY (c0)",
                "PRIMARY KEY (c0)",
                "PRIMARY KEY (c0, c3)",
                "UNIQUE (c0)",
                "UNIQUE (c0) INCLUDE (c1)",
            ])
            .to_owned(),
        1 => format!(
            "UNIQUE ({}) {}",
            dice.pick(&["c1", "c1, c3", "c0, c1", "c2"]),
            dice.pick(&["", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"])
        ),
        2 | 3 => {
            let check = dice.pick(&[
                "c0 > -100",
                "c1 <> 'no'",
                "twice(c0::integer) < 1000000",
                "c2 IS NOT NULL OR c0 > -5",
                "app.mood_text(c2) <> ''",
                "c2 <> 'c'",
                "c1::text <> c0::text",
                "c3 <> 77",
                "c2::text <> 'zz'",
            ]);
            format!("CHECK ({check}) {}", dice.pick(&["", "", "NOT VALID", "NO INHERIT"]))
        }
        _ => dice
            .pick(&[
                "EXCLUDE USING gist (int4range(c0::integer, c0::integer + 1) WITH &&)",
                "UNIQUE (c0)",
                "EXCLUDE (c1 WITH =) WHERE (c0 > 5)",
                "UNIQUE (c1)",
            ])
            .to_owned(),
    }
}

pub fn partition(a: usize, dice: &mut Dice) -> String {
    let bounds = [
        "FOR VALUES FROM (0) TO (100)",
        "FOR VALUES FROM (100) TO (200)",
        "DEFAULT",
        "FOR VALUES FROM (200) TO (300)",
    ];
    let bound = if dice.one_in(5) {
        dice.pick(&[
            "FOR VALUES IN (1, 2)",
            "FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            "FOR VALUES FROM (300) TO (400)",
        ])
    } else {
        bounds[a]
    };
    format!("CREATE TABLE events_{a} PARTITION OF {} {bound}", TABLES[PARTITIONED])
}

pub fn foreign_key(a: usize, dice: &mut Dice) -> String {
    let (from, to) = [(0, 1), (1, 0), (2, 2), (3, 0), (0, 3), (5, 0), (1, 5), (4, 4), (4, 2)][a];
    let column = dice.pick(&["c0", "c3", "c3", "c4"]);
    let rest = dice.pick(&[
        "",
        "ON DELETE CASCADE",
        "ON UPDATE SET NULL",
        "DEFERRABLE INITIALLY DEFERRED",
        "NOT VALID",
        "MATCH FULL",
        "ON DELETE SET DEFAULT DEFERRABLE",
    ]);
    format!(
        "ALTER TABLE {} ADD CONSTRAINT fk{a} FOREIGN KEY ({column}) REFERENCES {} (c0) {rest}",
        TABLES[from], TABLES[to]
    )
}

pub fn index(table: &str, name: &str, dice: &mut Dice) -> String {
    let keys = dice.pick(&[
        "(c1)",
        "(lower(c1::text))",
        "(c0 DESC NULLS LAST, c1)",
        "(twice(c0::integer))",
        "(c2)",
        "(c3) INCLUDE (c1)",
        "(c1 COLLATE \"C\")",
        "(app.mood_text(c2))",
        "(c1) WHERE c2 IS NOT NULL",
        "(c0) WHERE c2 = 'a'",
        "(c0) WHERE twice(c0::integer) > 5",
        "(c1) WITH (fillfactor=50)",
        "USING gin (c2)",
        "USING hash (c0)",
        "(c1 text_pattern_ops)",
        "((c0 + 1), c3)",
        "USING brin (c0)",
        "(c4)",
        "(c6)",
    ]);
    let unique = if dice.one_in(6) { "UNIQUE " } else { "" };
    format!("CREATE {unique}INDEX {name} ON {table} {keys}")
}
