//! What changing a column's type does to the values in it, and the USING clause it needs.
//!
//! From PostgreSQL's `pg_cast`: where an assignment cast exists, no `USING` is written, since an explicit cast may
//! cut what an assignment refuses (`'abcdef'::varchar(3)`). Where only an explicit cast exists it is written;
//! between all other types values go through their text.

use crate::pg_type::PgType;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Values {
    /// Every value stays what it is.
    Kept,
    /// A value that does not fit stops the migration.
    MayFail,
    /// Values may be cut or rounded without a word.
    Changed,
    /// A value that does not fit stops the migration, and others may be cut or rounded without a word.
    MayFailOrChange,
    /// Read from text: a text that does not fit stops the migration, and none is kept as it was written.
    Parsed,
}

impl Values {
    /// What values may not do with another type, and what that does to them: ends of sentences.
    pub(crate) fn effects(self) -> (Option<&'static str>, Option<&'static str>) {
        match self {
            Values::Kept => (None, None),
            Values::MayFail => (Some("fit"), None),
            Values::Changed => (None, Some("cannot hold every value")),
            Values::MayFailOrChange => (Some("fit"), Some("cannot hold every value")),
            Values::Parsed => (Some("be a valid"), Some("keeps no text as it was written")),
        }
    }

    /// What becomes of values of one type as `format_type` prints it in another one.
    pub(crate) fn between(from: &str, to: &str) -> Values {
        conversion("", (from, None), (to, None)).values
    }
}

/// What stands for the name of a type of which another one takes the name: none that a type has.
pub(crate) fn replaced_type(ty: &str) -> String {
    format!("replaced {ty}")
}

/// How a column gets from one type to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conversion {
    pub(crate) using: Option<String>,
    pub(crate) values: Values,
    pub(crate) rewrite: bool,
}

/// How a value, an expression in SQL, gets from one type to another: each as `format_type` prints it and, if it is a domain, what that
/// is made of.
pub(crate) fn conversion(value: &str, from: (&str, Option<&str>), to: (&str, Option<&str>)) -> Conversion {
    let (target, is_domain) = (to.0, to.1.is_some());
    let parse = |(ty, base): (&str, Option<&str>)| PgType::parse(base.unwrap_or(ty));
    let crosses = from.0 != to.0 && (from.1.is_some() || is_domain);
    let (from, to) = (parse(from), parse(to));
    // A type that a domain or an array is made of may be another one of the same name.
    let cast = |from: &PgType, to: &PgType| match cast(&from.name, &to.name) {
        Cast::Assignment
            if (crosses || from.array != to.array) && from.name == to.name && !is_builtin(&to.name) =>
        {
            Cast::Text
        }
        cast => cast,
    };
    if from.array != to.array {
        let through = match cast(&from, &to) {
            Cast::Text => "::text",
            Cast::Assignment | Cast::Explicit => "",
        };
        let using = if to.array {
            format!("CASE WHEN {value} IS NULL THEN NULL ELSE ARRAY[{value}{through}]::{target} END")
        } else {
            format!("({value})[1]{through}::{target}")
        };
        // An element is cast explicitly, which cuts.
        let values = match (to.array, to.name.as_str()) {
            (true, _) if to.modifiers.is_empty() => {
                values(&from, &PgType { array: false, ..to.clone() }).max(Values::MayFail)
            }
            (false, "text") => Values::Changed,
            _ => Values::MayFailOrChange,
        };
        return Conversion { using: Some(using), values, rewrite: true };
    }
    let using = match cast(&from, &to) {
        Cast::Assignment => None,
        Cast::Explicit => Some(format!("{value}::{target}")),
        Cast::Text => Some(format!("{value}::text{}::{target}", if from.array { "[]" } else { "" })),
    };
    let values = match values(&from, &to) {
        // A domain may have checks.
        Values::Kept if is_domain => Values::MayFail,
        values => values,
    };
    let rewrite = is_domain || (from != to && !(values == Values::Kept && same_bytes(&from, &to)));
    Conversion { using, values, rewrite }
}

/// How the value of one column becomes that of another one, by a cast that PostgreSQL has between their types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned {
    /// The cast is written: `::integer`. Otherwise an assignment does it, which cuts nothing off.
    pub is_written: bool,
    /// A value may not fit.
    pub may_fail: bool,
    /// The cast back may give another value.
    pub changes: bool,
}

/// The cast between two types as `format_type` prints them, if there is one.
pub fn assigned(from: &str, to: &str) -> Option<Assigned> {
    let (from, to) = (PgType::parse(from), PgType::parse(to));
    if from.array != to.array {
        return None;
    }
    let is_written = match cast(&from.name, &to.name) {
        Cast::Assignment => false,
        Cast::Explicit => true,
        Cast::Text => return None,
    };
    let (may_fail, changes) = match values(&from, &to) {
        Values::Kept => (false, false),
        Values::MayFail => (true, false),
        Values::Changed => (false, true),
        Values::MayFailOrChange | Values::Parsed => (true, true),
    };
    Some(Assigned { is_written, may_fail, changes })
}

enum Cast {
    Assignment,
    Explicit,
    Text,
}

const TIMESTAMP: &str = "timestamp without time zone";
const TIMESTAMPTZ: &str = "timestamp with time zone";
const TIME: &str = "time without time zone";
const TIMETZ: &str = "time with time zone";
const CHAR: &str = "\"char\"";
const GEOMETRIC: [&str; 7] = ["point", "box", "path", "polygon", "lseg", "circle", "line"];
const NUMBERS: [&str; 6] = ["smallint", "integer", "bigint", "numeric", "real", "double precision"];

fn is_number(base: &str) -> bool {
    NUMBERS.contains(&base)
}

fn is_string(base: &str) -> bool {
    ["text", "character varying", "character", "citext"].contains(&base)
}

fn is_builtin(base: &str) -> bool {
    is_string(base) || is_spelled(base) || ["uuid", "json", "inet", "bytea"].contains(&base)
}

/// A value may be written in several ways: `1` and `01`, `t` and `true`. Of types that are not PostgreSQL's own, those of
/// well-known extensions; others are taken for enums, whose labels are written in one way.
fn is_spelled(base: &str) -> bool {
    const OTHERS: [&str; 37] = [
        "boolean",
        "date",
        "jsonb",
        "money",
        TIMESTAMP,
        TIMESTAMPTZ,
        TIME,
        TIMETZ,
        "uuid",
        "bytea",
        "inet",
        "cidr",
        "macaddr",
        "macaddr8",
        "tsvector",
        "tsquery",
        "point",
        "box",
        "path",
        "polygon",
        "lseg",
        "circle",
        "line",
        "oid",
        "jsonpath",
        "pg_lsn",
        "bit",
        "hstore",
        "ltree",
        "lquery",
        "cube",
        "vector",
        "halfvec",
        "sparsevec",
        "geometry",
        "geography",
        "seg",
    ];
    is_number(base)
        || is_interval(base)
        || OTHERS.contains(&base)
        || ["range", "multirange"].iter().any(|end| base.ends_with(end))
}

/// Also one of certain fields: `interval day to second`.
fn is_interval(base: &str) -> bool {
    base.split(' ').next() == Some("interval")
}

/// What is written with a value is the value: `1.50`, `<a >`.
fn is_text(base: &str) -> bool {
    is_string(base) || ["name", CHAR, "json", "xml"].contains(&base)
}

/// The strongest cast that PostgreSQL has between two types.
fn cast(from: &str, to: &str) -> Cast {
    let assignment = from == to
        || is_string(to)
        || is_number(from) && is_number(to)
        || matches!(
            (from, to),
            ("date", TIMESTAMP | TIMESTAMPTZ)
                | (TIMESTAMP, "date" | TIMESTAMPTZ | TIME)
                | (TIMESTAMPTZ, "date" | TIMESTAMP | TIME | TIMETZ)
                | (TIME, "interval" | TIMETZ)
                | ("interval" | TIMETZ, TIME)
                | ("json", "jsonb")
                | ("jsonb", "json")
                | ("cidr", "inet")
                | ("inet", "cidr")
                | ("macaddr", "macaddr8")
                | ("macaddr8", "macaddr")
                | ("bit", "bit varying")
                | ("bit varying", "bit")
                | ("money", "numeric")
                | ("numeric" | "integer" | "bigint", "money")
        );
    let explicit = is_string(from)
        || matches!((from, to), ("boolean", "integer") | ("integer", "boolean"))
        || from == "jsonb" && (is_number(to) || to == "boolean")
        || matches!((from, to), ("integer" | "bigint", "bit") | ("bit", "integer" | "bigint"));
    match (assignment, explicit) {
        (true, _) => Cast::Assignment,
        (_, true) => Cast::Explicit,
        _ => Cast::Text,
    }
}

/// What happens to the values between two types that are not both the same enum.
fn values(from: &PgType, to: &PgType) -> Values {
    if from == to {
        return Values::Kept;
    }
    match (from.name.as_str(), to.name.as_str()) {
        ("character varying" | "text" | "character" | "citext", "text" | "character varying" | "citext") => {
            fits(from.modifier(0), to.modifier(0), Values::MayFail)
        }
        (a, b) if a == b && b == "character varying" => {
            fits(from.modifier(0), to.modifier(0), Values::MayFail)
        }
        (CHAR, "name") => Values::Kept,
        // Cut to 63 bytes, to one.
        (_, "name" | CHAR) => Values::Changed,
        ("character", "character") => fits(from.modifier(0), to.modifier(0), Values::MayFail),
        // Blanks at the end do not count there.
        (a, "character") if is_text(a) => Values::MayFailOrChange,
        (a, "text" | "citext") if !is_string(a) => Values::Kept,
        (_, "character varying") if to.modifiers.is_empty() => Values::Kept,
        (_, "character varying" | "character") => Values::MayFail,
        ("numeric", "numeric") => numeric(from, to),
        ("smallint", "integer" | "bigint") | ("integer", "bigint") | ("real", "double precision") => {
            Values::Kept
        }
        ("smallint" | "integer" | "bigint", "numeric") if to.modifiers.is_empty() => Values::Kept,
        ("smallint" | "integer", "double precision") | ("smallint", "real") => Values::Kept,
        ("smallint" | "integer" | "bigint", "smallint" | "integer" | "bigint" | "numeric") => Values::MayFail,
        (a, b) if is_number(b) && (is_number(a) || a == "jsonb") => Values::MayFailOrChange,
        // Since PostgreSQL 18 a null of JSON becomes NULL.
        ("jsonb", "boolean") => Values::MayFailOrChange,
        (a, b)
            if (a == b || is_interval(a) && b == "interval")
                && ([TIMESTAMP, TIMESTAMPTZ, TIME, TIMETZ].contains(&a) || is_interval(a)) =>
        {
            fits(from.modifier(0).or(Some(6)), to.modifier(0).or(Some(6)), Values::Changed)
        }
        (a, b) if is_interval(a) && is_interval(b) => Values::Changed,
        ("date", TIMESTAMP | TIMESTAMPTZ)
        | (TIME, "interval")
        | ("cidr", "inet")
        | ("macaddr", "macaddr8") => Values::Kept,
        // Read in the time zone of the session that migrates.
        (TIMESTAMP, TIMESTAMPTZ) | (TIMESTAMPTZ, TIMESTAMP) => Values::Changed,
        (TIMESTAMP | TIMESTAMPTZ, "date" | TIME | TIMETZ) | (TIMETZ, TIME) | (TIME, TIMETZ) => {
            Values::Changed
        }
        (a, TIME) | (TIME, a) if is_interval(a) => Values::MayFailOrChange,
        ("tsrange", "daterange" | "tstzrange") | ("tstzrange", "daterange" | "tsrange") => Values::Changed,
        // jsonb keeps neither spacing nor duplicate keys.
        ("jsonb", "json") | ("boolean", "integer") => Values::Kept,
        ("inet", "cidr") | ("integer", "boolean") => Values::Changed,
        (a, b) if is_text(a) && (is_spelled(b) || b == "bit varying" && !to.modifiers.is_empty()) => {
            Values::Parsed
        }
        ("bit" | "bit varying", b) if is_number(b) || b == "oid" => Values::MayFailOrChange,
        (a, "bit" | "bit varying") if is_number(a) || ["oid", "jsonb"].contains(&a) => {
            Values::MayFailOrChange
        }
        ("money", "numeric") if to.modifiers.is_empty() || to.modifier(1) >= Some(2) => Values::MayFail,
        ("money", b) if is_number(b) => Values::MayFailOrChange,
        ("numeric" | "real" | "double precision", "money") => Values::MayFailOrChange,
        (a, b) if a != b && GEOMETRIC.contains(&a) && GEOMETRIC.contains(&b) => Values::MayFailOrChange,
        // Words of a text.
        (_, "tsvector" | "tsquery" | "bytea") => Values::MayFailOrChange,
        ("bit", "bit varying") if to.modifiers.is_empty() => Values::Kept,
        _ => Values::MayFail,
    }
}

/// Whether a text that is too long fits when its end is blank: such blanks are cut without a word.
pub(crate) fn cuts_blanks(from: &str, to: &str) -> bool {
    let to = PgType::parse(to);
    is_text(&PgType::parse(from).name) && to.name == "character varying" && !to.modifiers.is_empty()
}

/// A length or precision that grows, or is removed, keeps every value.
fn fits(from: Option<i32>, to: Option<i32>, otherwise: Values) -> Values {
    match (from, to) {
        (_, None) => Values::Kept,
        (Some(from), Some(to)) if to >= from => Values::Kept,
        _ => otherwise,
    }
}

fn numeric(from: &PgType, to: &PgType) -> Values {
    let scale = |ty: &PgType| ty.modifier(1).unwrap_or(0);
    match (from.modifier(0), to.modifier(0)) {
        (_, None) => Values::Kept,
        // Digits after the decimal point may be rounded.
        (None, Some(_)) => Values::MayFailOrChange,
        (Some(digits), Some(new)) if scale(to) < scale(from) => {
            if new - scale(to) > digits - scale(from) {
                Values::Changed
            } else {
                Values::MayFailOrChange
            }
        }
        (Some(digits), Some(new)) if new - scale(to) >= digits - scale(from) => Values::Kept,
        _ => Values::MayFail,
    }
}

/// Whether PostgreSQL keeps the stored bytes, so that the table is not rewritten.
fn same_bytes(from: &PgType, to: &PgType) -> bool {
    // Each element is cast.
    if to.array {
        return from.name == to.name && to.modifiers.is_empty();
    }
    let strings = ["text", "character varying"];
    match (from.name.as_str(), to.name.as_str()) {
        (a, b) if strings.contains(&a) && strings.contains(&b) => true,
        // More digits before the point change nothing; another scale does.
        ("numeric", "numeric") => to.modifiers.is_empty() || from.modifiers.get(1) == to.modifiers.get(1),
        (a, b) if a == b => [TIMESTAMP, TIMESTAMPTZ, TIME, TIMETZ, "interval", "bit varying"].contains(&a),
        ("cidr", "inet") => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, to: &str, using: Option<&str>, values: Values, rewrite: bool) {
        let result = conversion("c", (from, None), (to, None));
        let expected = Conversion { using: using.map(str::to_owned), values, rewrite };
        assert_eq!(result, expected, "{from} -> {to}");
    }

    #[test]
    fn conversions() {
        use Values::*;
        check("integer", "bigint", None, Kept, true);
        check("bigint", "integer", None, MayFail, true);
        check("character varying(20)", "text", None, Kept, false);
        check("text", "character varying(20)", None, MayFail, true);
        check("character varying(20)", "character varying(40)", None, Kept, false);
        check("character varying(20)", "character varying(10)", None, MayFail, true);
        check("character varying(20)[]", "character varying(40)[]", None, Kept, true);
        check("character varying(20)[]", "text[]", None, Kept, true);
        check("character varying(20)[]", "character varying[]", None, Kept, false);
        check("numeric(10,2)", "numeric(12,2)", None, Kept, false);
        check("numeric(10,4)", "numeric(12,2)", None, Changed, true);
        check("numeric(10,4)", "numeric(8,2)", None, MayFailOrChange, true);
        check("jsonb", "bigint", Some("c::bigint"), MayFailOrChange, true);
        check("jsonb", "date", Some("c::text::date"), MayFail, true);
        check("numeric(10,2)", "numeric(10,4)", None, MayFail, true);
        check("timestamp(3) without time zone", "timestamp(6) without time zone", None, Kept, false);
        check("timestamp without time zone", "timestamp(3) without time zone", None, Changed, true);
        check("timestamp with time zone", "date", None, Changed, true);
        check("text", "integer", Some("c::integer"), Parsed, true);
        check(
            "character varying(5)",
            "timestamp with time zone",
            Some("c::timestamp with time zone"),
            Parsed,
            true,
        );
        check("text", "uuid", Some("c::uuid"), Parsed, true);
        check("text", "stage", Some("c::stage"), MayFail, true);
        check("uuid", "text", None, Kept, true);
        check("integer", "uuid", Some("c::text::uuid"), MayFail, true);
        check("boolean", "integer", Some("c::integer"), Kept, true);
        check("vector(3)", "vector(4)", None, MayFail, true);
        check("geometry(Point,4326)", "geometry(Polygon,4326)", None, MayFail, true);
    }

    #[test]
    fn only_casts_assign() {
        let check = |from, to| assigned(from, to).map(|it| (it.is_written, it.may_fail, it.changes));
        assert_eq!(check("integer", "bigint"), Some((false, false, false)));
        assert_eq!(check("text", "integer"), Some((true, true, true)));
        assert_eq!(check("numeric(10,2)", "integer"), Some((false, true, true)));
        assert_eq!(check("text", "stage"), Some((true, true, false)));
        assert_eq!(check("integer", "uuid"), None);
        assert_eq!(check("text", "text[]"), None);
    }

    #[test]
    fn arrays_and_enums() {
        let using = |from, to| conversion("c", (from, None), (to, None)).using.unwrap_or_default();
        assert_eq!(using("text", "stage"), "c::stage");
        assert_eq!(using("stage", "text"), "");
        assert_eq!(using("stage", "phase"), "c::text::phase");
        assert_eq!(using("stage[]", "phase[]"), "c::text[]::phase[]");
        assert_eq!(using("text", "text[]"), "CASE WHEN c IS NULL THEN NULL ELSE ARRAY[c]::text[] END");
        assert_eq!(using("text[]", "text"), "(c)[1]::text");
        assert_eq!(conversion("c", ("text[]", None), ("text", None)).values, Values::Changed);
    }
}
