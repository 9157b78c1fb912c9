//! What genes mean: the statements that make a schema. One that the server refuses is left out.

use super::dice::{Dice, Genes, Place};

pub const ROLES: [&str; 3] = ["reader", "writer", "\"Odd Role\""];
const ENUMS: [&str; 3] = ["mood", "app.stage", "\"Odd\".\"Kind\""];
const DOMAINS: [&str; 4] = ["email", "app.amount", "\"Odd\".label", "moods"];
const COMPOSITES: [&str; 2] = ["app.point", "address"];
const SEQUENCES: [&str; 3] = ["numbers", "app.counter", "\"Odd\".\"Seq\""];
/// The last one is partitioned.
const TABLES: [&str; 6] = ["accounts", "app.orders", "\"Odd\".\"Items\"", "people", "app.notes", "events"];
const VIEWS: [&str; 5] = ["v0", "app.v1", "v2", "\"Odd\".v3", "v4"];
const MATERIALIZED: [&str; 2] = ["m0", "app.m1"];
const PARTITIONED: usize = 5;

/// Kinds with how many of them there may be, and how many within each, in the order in which they are made.
const KINDS: [(&str, usize, usize); 32] = [
    ("schema", 2, 1),
    ("default privileges", 6, 1),
    ("enum", ENUMS.len(), 1),
    ("domain", DOMAINS.len(), 1),
    ("composite", COMPOSITES.len(), 1),
    ("sequence", SEQUENCES.len(), 1),
    ("function", 10, 1),
    ("aggregate", 2, 1),
    ("table", TABLES.len(), 1),
    ("column", TABLES.len(), 8),
    ("inherits", 2, 1),
    ("row function", 6, 1),
    ("constraint", TABLES.len(), 5),
    ("partition", 4, 1),
    ("foreign key", 9, 1),
    ("index", TABLES.len(), 4),
    ("view", VIEWS.len(), 1),
    ("view function", 3, 1),
    ("materialized view", MATERIALIZED.len(), 1),
    ("materialized index", MATERIALIZED.len(), 2),
    ("circle", 4, 1),
    ("trigger", TABLES.len(), 2),
    ("view trigger", 2, 1),
    ("policy", TABLES.len(), 2),
    ("security", TABLES.len(), 1),
    ("setting", TABLES.len(), 2),
    ("owned", SEQUENCES.len(), 1),
    ("grant", 14, 1),
    ("comment", 20, 1),
    ("statistics target", 4, 1),
    ("view option", 2, 1),
    ("domain default", 2, 1),
];

pub fn places() -> Vec<Place> {
    let all = |(kind, many, within): (&'static str, usize, usize)| {
        (0..many).flat_map(move |a| (0..within).map(move |b| (kind, a, b)))
    };
    KINDS.into_iter().flat_map(all).collect()
}

/// The statements, in an order in which a server can run them.
pub fn statements(genes: &Genes, places: &[Place]) -> Vec<String> {
    let present = places.iter().filter_map(|place| Some((place, *genes.get(place)?)));
    present.flat_map(|((kind, a, b), gene)| statement(kind, *a, *b, &mut Dice(gene))).collect()
}

fn statement(kind: &str, a: usize, b: usize, dice: &mut Dice) -> Vec<String> {
    let one = match kind {
        "schema" => format!("CREATE SCHEMA {}", ["app", "\"Odd\""][a]),
        "default privileges" => default_privileges(a, dice),
        "enum" => format!("CREATE TYPE {} AS ENUM ({})", ENUMS[a], labels(dice)),
        "domain" => domain(a, dice),
        "domain default" => {
            format!(
                "ALTER DOMAIN {} ADD CONSTRAINT late CHECK ({})",
                DOMAINS[0],
                dice.pick(&["VALUE <> 'late'", "twice(length(VALUE)) > 0"])
            )
        }
        "composite" => composite(a, dice),
        "sequence" => sequence(a, dice),
        "function" => function(a, dice),
        "aggregate" => aggregate(a, dice),
        "table" => return table(a, dice),
        "column" => format!("ALTER TABLE {} ADD COLUMN {}", TABLES[a], column(a, b, dice)),
        "inherits" => format!("CREATE TABLE child{a} (own integer) INHERITS ({})", TABLES[3 + dice.below(2)]),
        "row function" => row_function(a, dice),
        "constraint" => {
            format!("ALTER TABLE {} ADD CONSTRAINT con{a}_{b} {}", TABLES[a], constraint(b, dice))
        }
        "partition" => partition(a, dice),
        "foreign key" => foreign_key(a, dice),
        "index" => index(TABLES[a], &format!("idx{a}_{b}"), dice),
        "view" => view(a, dice),
        "view option" => format!(
            "ALTER VIEW {} SET ({})",
            VIEWS[a],
            dice.pick(&["security_barrier=true", "check_option=local"])
        ),
        "view function" => view_function(a, dice),
        "materialized view" => materialized_view(a, dice),
        "materialized index" => materialized_index(a, b, dice),
        "circle" => circle(a, dice),
        "trigger" => return trigger(a, b, dice),
        "view trigger" => format!(
            "CREATE TRIGGER instead INSTEAD OF {} ON {} FOR EACH ROW EXECUTE FUNCTION touch()",
            dice.pick(&["INSERT", "UPDATE", "DELETE OR INSERT"]),
            VIEWS[a]
        ),
        "policy" => policy(a, b, dice),
        "security" => {
            format!("ALTER TABLE {} {} ROW LEVEL SECURITY", TABLES[a], dice.pick(&["ENABLE", "FORCE"]))
        }
        "setting" => setting(a, dice),
        "owned" => format!("ALTER SEQUENCE {} OWNED BY {}.c0", SEQUENCES[a], TABLES[dice.below(2)]),
        "grant" => grant(a, dice),
        "comment" => comment(a, dice),
        "statistics target" => format!(
            "ALTER TABLE {} ALTER COLUMN c{} SET STATISTICS {}",
            TABLES[a],
            dice.below(4),
            dice.below(300)
        ),
        _ => unreachable!("{kind}"),
    };
    vec![one]
}

fn labels(dice: &mut Dice) -> String {
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

fn default_privileges(a: usize, dice: &mut Dice) -> String {
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

fn domain(a: usize, dice: &mut Dice) -> String {
    let rest = match a {
        0 => format!(
            "{} {}",
            dice.pick(&["text", "varchar(40)", "text COLLATE \"C\""]),
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

fn composite(a: usize, dice: &mut Dice) -> String {
    let other = dice.pick(&["text", "mood", "app.stage", "email", "integer", "mood[]"]);
    let attributes = [
        format!("x integer, y {other}"),
        format!("x {}, y {other}", dice.pick(&["integer", "bigint"])),
        format!("y {other}, x integer"),
        format!("x integer, y {other}, z text"),
    ];
    format!("CREATE TYPE {} AS ({})", COMPOSITES[a], attributes[dice.below(4)])
}

fn sequence(a: usize, dice: &mut Dice) -> String {
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

fn function(a: usize, dice: &mut Dice) -> String {
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

fn aggregate(a: usize, dice: &mut Dice) -> String {
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

fn table(a: usize, dice: &mut Dice) -> Vec<String> {
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
fn column(a: usize, b: usize, dice: &mut Dice) -> String {
    let null = dice.pick(&["", "", "NOT NULL"]);
    let rest = match b {
        0 | 1 => format!(
            "{} {} {null}",
            dice.pick(&["text", "text", "varchar(30)", "email", "text COLLATE \"C\"", "character(5)"]),
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
                ("inet", "'::1'"),
                ("mood", "'a'"),
                ("text", "'t'"),
                ("integer", "9"),
            ][dice.below(15)];
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
    // A table that has children takes no identity.
    let rest = if (3..5).contains(&a) { rest.replace("GENERATED ALWAYS AS IDENTITY", "") } else { rest };
    format!("{} {rest}", if b == 0 { format!("odd{}", a % 2) } else { format!("c{b}") })
}

fn row_function(a: usize, dice: &mut Dice) -> String {
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

fn constraint(b: usize, dice: &mut Dice) -> String {
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

fn partition(a: usize, dice: &mut Dice) -> String {
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

fn foreign_key(a: usize, dice: &mut Dice) -> String {
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

fn index(table: &str, name: &str, dice: &mut Dice) -> String {
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

/// What a view reads: a table, or a view before it.
fn from(a: usize, dice: &mut Dice) -> &'static str {
    if a > 0 && dice.one_in(2) { VIEWS[dice.below(a)] } else { TABLES[dice.below(TABLES.len())] }
}

fn query(a: usize, dice: &mut Dice) -> String {
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

fn view(a: usize, dice: &mut Dice) -> String {
    let with = if dice.one_in(5) { " WITH (security_barrier=true)" } else { "" };
    format!("CREATE VIEW {}{with} AS {}", VIEWS[a], query(a, dice))
}

fn view_function(a: usize, dice: &mut Dice) -> String {
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

fn materialized_view(a: usize, dice: &mut Dice) -> String {
    let no_data = if dice.one_in(4) { " WITH NO DATA" } else { "" };
    format!("CREATE MATERIALIZED VIEW {} AS {}{no_data}", MATERIALIZED[a], query(VIEWS.len(), dice))
}

fn materialized_index(a: usize, b: usize, dice: &mut Dice) -> String {
    format!(
        "CREATE {}INDEX m{a}_{b} ON {} ({})",
        dice.pick(&["", "", "UNIQUE "]),
        MATERIALIZED[a],
        dice.pick(&["c0", "c1", "c0, c1", "lower(c1::text)"])
    )
}

/// Tables that need functions which need the tables.
fn circle(a: usize, dice: &mut Dice) -> String {
    match a {
        0 => format!("ALTER TABLE {} ADD CONSTRAINT circle CHECK (row0({}) > -5)", TABLES[0], "accounts"),
        1 => format!("ALTER TABLE {} ALTER COLUMN c3 SET DEFAULT app.count_them()", TABLES[dice.below(3)]),
        2 => format!("CREATE INDEX circle ON {} (row1(orders))", TABLES[1]),
        _ => format!("ALTER TABLE {} ALTER COLUMN c1 SET DEFAULT twice(1)::text", TABLES[dice.below(3)]),
    }
}

fn trigger(a: usize, b: usize, dice: &mut Dice) -> Vec<String> {
    let table = TABLES[a];
    let what = match dice.below(7) {
        0 => format!("TRIGGER tr{b} BEFORE INSERT ON {table} FOR EACH ROW"),
        1 => format!("TRIGGER tr{b} AFTER UPDATE OF c1, c0 ON {table} FOR EACH ROW"),
        2 => format!(
            "TRIGGER tr{b} BEFORE UPDATE ON {table} FOR EACH ROW WHEN (old.c1 IS DISTINCT FROM new.c1)"
        ),
        3 => {
            format!("TRIGGER tr{b} AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT")
        }
        4 => format!(
            "CONSTRAINT TRIGGER tr{b} AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
        ),
        5 => format!("TRIGGER tr{b} AFTER TRUNCATE ON {table} FOR EACH STATEMENT"),
        _ => format!("TRIGGER tr{b} BEFORE INSERT ON {table} FOR EACH ROW WHEN (new.c2 IS NULL)"),
    };
    let mut statements = vec![format!("CREATE {what} EXECUTE FUNCTION touch()")];
    if dice.one_in(4) {
        let state = dice.pick(&["DISABLE", "ENABLE ALWAYS", "ENABLE REPLICA"]);
        statements.push(format!("ALTER TABLE {table} {state} TRIGGER tr{b}"));
    }
    statements
}

fn policy(a: usize, b: usize, dice: &mut Dice) -> String {
    let condition = match dice.below(5) {
        0 => "c0 > 0".to_owned(),
        1 => "twice(c0::integer) > 0".to_owned(),
        2 => format!("EXISTS (SELECT FROM {} o WHERE o.c0 = 1)", TABLES[dice.below(5)]),
        3 => "c2 = 'a'".to_owned(),
        _ => "c1 = current_user".to_owned(),
    };
    let kind = match dice.below(5) {
        0 => format!("FOR SELECT TO {} USING ({condition})", dice.pick(&ROLES)),
        1 => format!("FOR INSERT WITH CHECK ({condition})"),
        2 => format!("AS RESTRICTIVE FOR ALL TO reader, writer USING ({condition})"),
        3 => format!("FOR UPDATE USING ({condition}) WITH CHECK (true)"),
        _ => format!("USING ({condition})"),
    };
    format!("CREATE POLICY po{b} ON {} {kind}", TABLES[a])
}

fn setting(a: usize, dice: &mut Dice) -> String {
    let table = TABLES[a];
    match dice.below(6) {
        0 => format!("ALTER TABLE {table} REPLICA IDENTITY {}", dice.pick(&["FULL", "NOTHING"])),
        1 => format!("ALTER TABLE {table} CLUSTER ON con{a}_{}", dice.below(2)),
        2 => format!("ALTER TABLE {table} SET (fillfactor={})", 50 + dice.below(4)),
        3 => format!("ALTER TABLE {table} ALTER COLUMN c1 SET STORAGE {}", dice.pick(&["EXTERNAL", "MAIN"])),
        4 => format!("ALTER TABLE {table} REPLICA IDENTITY USING INDEX con{a}_0"),
        _ => format!("ALTER TABLE {table} ALTER COLUMN c0 SET (n_distinct={})", dice.below(20)),
    }
}

fn grant(a: usize, dice: &mut Dice) -> String {
    let (role, option) = (dice.pick(&ROLES), dice.pick(&["", "", " WITH GRANT OPTION"]));
    let table = TABLES[a % TABLES.len()];
    match a {
        0..6 => format!(
            "GRANT {} ON {table} TO {role}{option}",
            dice.pick(&["SELECT", "SELECT, INSERT", "ALL", "SELECT (c0)", "UPDATE (c0, c1)"])
        ),
        6 => format!("GRANT USAGE ON SCHEMA app TO {role}{option}"),
        7 => format!("{} EXECUTE ON FUNCTION twice(integer) FROM PUBLIC", "REVOKE"),
        8 => format!("GRANT EXECUTE ON FUNCTION twice(integer) TO {role}{option}"),
        9 => format!(
            "GRANT {} ON SEQUENCE {} TO {role}",
            dice.pick(&["USAGE", "ALL"]),
            SEQUENCES[dice.below(3)]
        ),
        10 => format!("GRANT USAGE ON TYPE mood TO {role}{option}"),
        11 => format!("GRANT SELECT ON {} TO {role}{option}", VIEWS[dice.below(4)]),
        12 => format!("GRANT SELECT ON {} TO {role}{option}", MATERIALIZED[dice.below(2)]),
        _ => format!(
            "REVOKE {} ON {} FROM CURRENT_USER",
            dice.pick(&["DELETE", "UPDATE"]),
            TABLES[dice.below(2)]
        ),
    }
}

fn comment(a: usize, dice: &mut Dice) -> String {
    let text = dice.pick(&["'one'", "'it''s two'", "E'back\\\\slash'"]);
    let on = match a {
        0..4 => format!("TABLE {}", TABLES[a]),
        4..8 => format!("COLUMN {}.c{}", TABLES[a - 4], dice.below(4)),
        8 => "TYPE mood".to_owned(),
        9 => "FUNCTION twice(integer)".to_owned(),
        10 => format!("VIEW {}", VIEWS[dice.below(3)]),
        11 => "SCHEMA app".to_owned(),
        12 => format!("INDEX idx0_{}", dice.below(3)),
        13 => format!("CONSTRAINT con0_{} ON accounts", dice.below(3)),
        14 => "TRIGGER tr0 ON accounts".to_owned(),
        15 => "POLICY po0 ON accounts".to_owned(),
        16 => format!("MATERIALIZED VIEW {}", MATERIALIZED[0]),
        17 => format!("SEQUENCE {}", SEQUENCES[0]),
        18 => format!("DOMAIN {}", DOMAINS[0]),
        _ => "COLUMN v0.c1".to_owned(),
    };
    format!("COMMENT ON {on} IS {text}")
}
