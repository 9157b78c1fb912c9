//! What genes mean: the statements that make a schema. One that the server refuses is left out.

#[path = "world/others.rs"]
mod others;
#[path = "world/settings.rs"]
mod settings;
#[path = "world/tables.rs"]
mod tables;
#[path = "world/types.rs"]
mod types;
#[path = "world/views.rs"]
mod views;

use others::*;
use settings::*;
use tables::*;
use types::*;
use views::*;

use super::dice::{Dice, Genes, Place};

pub const ROLES: [&str; 3] = ["reader", "writer", "\"Odd Role\""];
const ENUMS: [&str; 3] = ["mood", "app.stage", "\"Odd\".\"Kind\""];
const DOMAINS: [&str; 4] = ["email", "app.amount", "\"Odd\".label", "moods"];
const COMPOSITES: [&str; 2] = ["app.point", "address"];
const COLLATIONS: [&str; 2] = ["plain", "app.\"Sorted\""];
const RANGES: [&str; 2] = ["span", "app.range"];
const SEQUENCES: [&str; 3] = ["numbers", "app.counter", "\"Odd\".\"Seq\""];
/// The last one is partitioned.
const TABLES: [&str; 6] = ["accounts", "app.orders", "\"Odd\".\"Items\"", "people", "app.notes", "events"];
const VIEWS: [&str; 5] = ["v0", "app.v1", "v2", "\"Odd\".v3", "v4"];
const MATERIALIZED: [&str; 2] = ["m0", "app.m1"];
const PARTITIONED: usize = 5;

/// Kinds with how many of them there may be, and how many within each, in the order in which they are made.
const KINDS: [(&str, usize, usize); 44] = [
    ("schema", 2, 1),
    ("extension", 3, 1),
    ("collation", COLLATIONS.len(), 1),
    ("default privileges", 6, 1),
    ("enum", ENUMS.len(), 1),
    ("domain", DOMAINS.len(), 1),
    ("composite", COMPOSITES.len(), 1),
    ("range type", RANGES.len(), 1),
    ("sequence", SEQUENCES.len(), 1),
    ("function", 10, 1),
    ("aggregate", 2, 1),
    ("helper", 3, 1),
    ("cast", 3, 1),
    ("operator", 2, 1),
    ("dictionary", 1, 1),
    ("configuration", 2, 1),
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
    ("statistics", 4, 1),
    ("rule", 4, 1),
    ("user", 9, 1),
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
    ("owner", 8, 1),
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
        "extension" => extension(a, dice),
        "collation" => collation(a, dice),
        "range type" => range_type(a, dice),
        "helper" => helper(a, dice),
        "cast" => cast(a, dice),
        "operator" => operator(a, dice),
        "dictionary" => dictionary(dice),
        "configuration" => return configuration(a, dice),
        "statistics" => return statistics(a, dice),
        "rule" => return rule(a, dice),
        "user" => user(a, dice),
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
        "owner" => owner(a, dice),
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
