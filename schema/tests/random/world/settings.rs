//! What is said of tables and the rest.

use super::*;

/// Tables that need functions which need the tables.
pub fn circle(a: usize, dice: &mut Dice) -> String {
    match a {
        0 => format!("ALTER TABLE {} ADD CONSTRAINT circle CHECK (row0({}) > -5)", TABLES[0], "accounts"),
        1 => format!("ALTER TABLE {} ALTER COLUMN c3 SET DEFAULT app.count_them()", TABLES[dice.below(3)]),
        2 => format!("CREATE INDEX circle ON {} (row1(orders))", TABLES[1]),
        _ => format!("ALTER TABLE {} ALTER COLUMN c1 SET DEFAULT twice(1)::text", TABLES[dice.below(3)]),
    }
}

pub fn trigger(a: usize, b: usize, dice: &mut Dice) -> Vec<String> {
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

pub fn policy(a: usize, b: usize, dice: &mut Dice) -> String {
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

pub fn setting(a: usize, dice: &mut Dice) -> String {
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

/// The owner of a table may not be allowed to use functions that its indexes use.
pub fn owner(a: usize, dice: &mut Dice) -> String {
    let what = match a {
        0..4 => format!("SEQUENCE {}", SEQUENCES[dice.below(SEQUENCES.len())]),
        4 => format!("TYPE {}", dice.pick(&[ENUMS[0], COMPOSITES[0], RANGES[0]])),
        5 => format!("DOMAIN {}", DOMAINS[dice.below(DOMAINS.len())]),
        6 => "FUNCTION twice(integer)".to_owned(),
        _ => "SCHEMA app".to_owned(),
    };
    format!("ALTER {what} OWNER TO {}", dice.pick(&ROLES))
}

pub fn grant(a: usize, dice: &mut Dice) -> String {
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

pub fn comment(a: usize, dice: &mut Dice) -> String {
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
