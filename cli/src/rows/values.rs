//! Values of any type, as PostgreSQL reads them.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_schema::lex::{Token, tokens};
use whimbrel_schema::object::constraint::ConstraintType;
use whimbrel_schema::object::{Column, Composite, Domain, Enum};
use whimbrel_schema::pg_type::PgType;
use whimbrel_schema::{Definition, Id, Kind, State};

/// Which text is a number, and is written differently as one: `0123`.
pub const NUMBER: usize = 3;

/// Values by type. Those of a type that is not here are tried anyway.
const VALUES: &[(&str, &[&str])] = &[
    ("smallint,integer,bigint,oid", &["1", "2", "3", "10", "0", "-1"]),
    ("real,double precision", &["1", "2.5", "3", "0", "-1"]),
    ("money", &["1", "2", "3"]),
    ("boolean", &["true", "false"]),
    ("json,jsonb", &["{\"a\": 1}", "[]", "{}"]),
    ("date", &["2024-01-01", "2024-02-29", "1999-12-31"]),
    ("time without time zone", &["12:34:56.789", "01:00"]),
    ("time with time zone", &["12:34:56.789+02", "01:00+00"]),
    ("timestamp without time zone", &["2024-01-01 12:34:56.789012", "2024-02-29 00:00"]),
    ("timestamp with time zone", &["2024-01-01 12:34:56.789012+00", "2024-02-29 00:00+02"]),
    ("interval", &["1 day", "2 days 03:04:05.6", "1 year"]),
    ("bytea", &["\\x01", "\\x0203"]),
    ("inet", &["10.0.0.1", "::1"]),
    ("cidr", &["10.0.0.0/8", "::/0"]),
    ("macaddr", &["08:00:2b:01:02:03", "08:00:2b:01:02:04"]),
    ("macaddr8", &["08:00:2b:01:02:03:04:05"]),
    ("tsvector,tsquery", &["a", "b"]),
    ("xml", &["<a/>"]),
    ("point", &["(1,2)", "(3,4)"]),
    ("line", &["{1,2,3}"]),
    ("lseg,path", &["[(1,2),(3,4)]"]),
    ("box", &["(3,4),(1,2)"]),
    ("polygon", &["((1,2),(3,4),(5,6))"]),
    ("circle", &["<(1,2),3>"]),
    ("int4range,int8range,numrange", &["[1,5)", "[6,9)", "[10,12)"]),
    ("daterange,tsrange,tstzrange", &["[2024-01-01,2024-02-01)", "[2024-03-01,2024-04-01)"]),
    ("jsonpath", &["$"]),
    ("hstore", &["a=>1"]),
    ("ltree", &["a.b", "c"]),
];

/// Texts; what is longer than a type lets in is cut.
const TEXTS: &[&str] =
    &["a", "b", "c d", "0123", "ABC", "é", "a@example.com", "https://example.com", "2024-01-01"];

/// Values for a column, the most likely first.
pub fn of(state: &State, types: &Types<'_>, column: &Column) -> Vec<String> {
    let mut values = Vec::new();
    let id = Id::new(Kind::Table, &column.table);
    for entry in state.objects.values() {
        match &entry.definition {
            Definition::Constraint(check)
                if check.ty == ConstraintType::Check
                    && check.table == column.table
                    && check.columns.contains(&column.name) =>
            {
                values.extend(literals(&check.definition));
            }
            // What a partition takes, if the column decides.
            Definition::Table(partition) => {
                let of = partition.partition_of.as_ref().filter(|of| of.parent == column.table);
                let key = state.objects.get(&id).map(|entry| &entry.definition);
                if let (Some(of), Some(Definition::Table(table))) = (of, key)
                    && table.partition_by.as_ref().is_some_and(|by| by.contains(&column.name))
                {
                    values.extend(literals(&of.bound));
                }
            }
            _ => {}
        }
    }
    values.extend(of_type(types, &column.ty));
    let mut seen = BTreeSet::new();
    values.retain(|value| seen.insert(value.clone()));
    values
}

pub type Types<'a> = BTreeMap<String, &'a Definition>;

/// Enums, domains and composite types, as `format_type` prints them.
pub fn user_types(state: &State) -> Types<'_> {
    let definitions = state.objects.values().map(|entry| &entry.definition);
    let named = definitions.filter_map(|definition| match definition {
        Definition::Enum(Enum { name, .. })
        | Definition::Domain(Domain { name, .. })
        | Definition::Composite(Composite { name, .. }) => Some((name.type_sql(), definition)),
        _ => None,
    });
    named.collect()
}

fn of_type(types: &Types<'_>, text: &str) -> Vec<String> {
    if let Some(element) = text.strip_suffix("[]") {
        let elements = of_type(types, element);
        let quoted = elements
            .iter()
            .map(|value| format!("{{\"{}\"}}", value.replace('\\', "\\\\").replace('"', "\\\"")));
        return quoted.take(3).chain(["{}".to_owned()]).collect();
    }
    match types.get(text) {
        Some(Definition::Enum(it)) => return it.labels.clone(),
        Some(Definition::Domain(it)) => {
            let literals = it.checks.values().flat_map(|check| literals(check));
            return literals.chain(of_type(types, &it.ty)).collect();
        }
        Some(Definition::Composite(it)) => {
            let first = |ty: &str| of_type(types, ty).into_iter().next().unwrap_or_default();
            let quoted = it.attributes.iter().map(|attribute| {
                format!("\"{}\"", first(&attribute.ty).replace('\\', "\\\\").replace('"', "\\\""))
            });
            return vec![format!("({})", quoted.collect::<Vec<_>>().join(","))];
        }
        _ => {}
    }
    built_in(&PgType::parse(text))
}

fn built_in(ty: &PgType) -> Vec<String> {
    let number = |at: usize| ty.modifiers.get(at).and_then(|modifier| modifier.parse::<usize>().ok());
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    match ty.name.as_str() {
        "text" | "citext" | "name" | "character varying" | "character" | "bpchar" => {
            let length = number(0).unwrap_or(usize::MAX);
            TEXTS.iter().map(|text| text.chars().take(length).collect()).collect()
        }
        "numeric" => match (number(0), number(1)) {
            (Some(precision), Some(scale)) if precision <= scale => owned(&["0", "0.1", "0.2"]),
            (_, Some(0)) => owned(&["1", "2", "3", "0"]),
            _ => owned(&["1.5", "2", "3.25", "0", "-1"]),
        },
        "uuid" => (1..4).map(|number| format!("00000000-0000-7000-8000-{number:012}")).collect(),
        "bit" => vec![format!("{:0<1$}", "1", number(0).unwrap_or(1)), "0".repeat(number(0).unwrap_or(1))],
        "bit varying" => vec!["1".to_owned(), "0".to_owned()],
        "vector" | "halfvec" => vec![format!("[{}]", vec!["1"; number(0).unwrap_or(1)].join(","))],
        name if name.ends_with("multirange") => owned(&["{}"]),
        name => {
            let known = VALUES.iter().find(|(names, _)| names.split(',').any(|one| one == name));
            known.map_or_else(|| owned(&["1", "a", "{}", ""]), |(_, values)| owned(values))
        }
    }
}

/// The literals of an expression, of numbers also those beside it and a text of that length.
fn literals(expression: &str) -> Vec<String> {
    let mut values = Vec::new();
    for token in tokens(expression) {
        match token {
            Token::Text(text) => {
                let inside = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                values.extend(inside.map(|text| text.replace("''", "'")));
            }
            Token::Sign(text) => {
                if let Ok(number) = text.parse::<i64>() {
                    values.extend(
                        [number, number.saturating_add(1), number.saturating_sub(1)].map(|it| it.to_string()),
                    );
                    values.extend(
                        (1..=200).contains(&number).then(|| "x".repeat(number.unsigned_abs() as usize)),
                    );
                }
            }
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_checks_are_tried() {
        assert_eq!(literals("CHECK ((kind = ANY (ARRAY['a'::text, 'it''s'::text])))"), ["a", "it's"]);
        assert_eq!(literals("CHECK ((length(code) = 3))"), ["3", "4", "2", "xxx"]);
        assert_eq!(built_in(&PgType::parse("character varying(2)"))[..4], ["a", "b", "c ", "01"]);
        assert_eq!(built_in(&PgType::parse("time with time zone")).len(), 2);
    }
}
