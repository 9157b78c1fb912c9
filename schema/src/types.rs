//! Types: how PostgreSQL spells them, and which Rust types have one.

/// A type's canonical spelling and whether it is an array of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The element type as `format_type` prints it.
    pub element: String,
    pub array: bool,
}

/// Why a text is not the type of a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TypeError {
    pub message: String,
    pub hint: String,
}

impl TypeError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        TypeError { message: message.into(), hint: hint.into() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A word, in lower case as PostgreSQL folds it.
    Word(String),
    Quoted(String),
    /// `(…)` with the text inside.
    Arguments(Vec<String>),
    /// `[]` or `[3]`.
    Brackets,
    /// `.`
    Dot,
}

/// The spelling that PostgreSQL's `format_type` prints: `varchar(20)` is `character varying(20)`, `int` is
/// `integer`, `timestamptz` is `timestamp with time zone`.
///
/// # Errors
/// The text is not a type, or not one a column can have (`serial`).
pub fn canonical(text: &str) -> Result<Canonical, TypeError> {
    let mut tokens = tokens(text)?;
    let mut array = false;
    loop {
        match tokens.last() {
            Some(Token::Brackets) => {}
            Some(Token::Word(word)) if word == "array" && tokens.len() > 1 => {}
            _ => break,
        }
        array = true;
        tokens.pop();
    }
    if tokens.contains(&Token::Brackets) {
        return Err(TypeError::new(
            format!("`{text}` is not a PostgreSQL type"),
            "`[]` belongs at the end of a type",
        ));
    }
    Ok(Canonical { element: element(text, &tokens)?, array })
}

fn tokens(text: &str) -> Result<Vec<Token>, TypeError> {
    let wrong = |what: &str| TypeError::new(format!("`{text}` is not a PostgreSQL type: {what}"), EXAMPLES);
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let (name, length) = quoted(rest).ok_or_else(|| wrong("a quotation mark is missing"))?;
                tokens.push(Token::Quoted(name));
                length
            }
            '(' => {
                let end = rest.find(')').ok_or_else(|| wrong("`)` is missing"))?;
                let arguments: Vec<_> = rest[1..end].split(',').map(|part| part.trim().to_owned()).collect();
                if arguments.iter().any(String::is_empty) {
                    return Err(wrong("there is nothing between the parentheses"));
                }
                tokens.push(Token::Arguments(arguments));
                end + 1
            }
            '[' => {
                let end = rest.find(']').ok_or_else(|| wrong("`]` is missing"))?;
                if !rest[1..end].trim().bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(wrong("only a length may stand in the brackets"));
                }
                tokens.push(Token::Brackets);
                end + 1
            }
            '.' => {
                tokens.push(Token::Dot);
                1
            }
            first if first.is_alphabetic() || first == '_' => {
                let end =
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_lowercase()));
                end
            }
            other => return Err(wrong(&format!("it contains `{}`", other.escape_default()))),
        };
        rest = rest[length..].trim_start();
    }
    if tokens.is_empty() { Err(wrong("it is empty")) } else { Ok(tokens) }
}

const EXAMPLES: &str = "write a type as in CREATE TABLE: `numeric(14,2)`, `character varying(20)`, `text[]`";

/// A quoted name at the beginning of the text, and how many bytes it takes there.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut name = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != '"' {
            name.push(character);
        } else if characters.next_if(|(_, next)| *next == '"').is_some() {
            name.push('"');
        } else {
            return (!name.is_empty()).then_some((name, at + 1));
        }
    }
    None
}

fn element(text: &str, tokens: &[Token]) -> Result<String, TypeError> {
    let mut words = Vec::new();
    let mut arguments: Option<&[String]> = None;
    let mut after = Vec::new();
    for token in tokens {
        match token {
            Token::Word(word) if arguments.is_none() => words.push(word.as_str()),
            Token::Word(word) => after.push(word.as_str()),
            Token::Arguments(list) if arguments.is_none() && !words.is_empty() => arguments = Some(list),
            _ => return user_defined(text, tokens),
        }
    }
    let name = words.join(" ");
    let after = after.join(" ");
    match known(text, &name, arguments, &after)? {
        Some(known) => Ok(known),
        None => user_defined(text, tokens),
    }
}

/// PostgreSQL's own types whose spelling differs or that take arguments; `None` for any other.
fn known(
    text: &str,
    name: &str,
    arguments: Option<&[String]>,
    after: &str,
) -> Result<Option<String>, TypeError> {
    let plain = |spelling: &str| match (arguments, after) {
        (None, "") => Ok(Some(spelling.to_owned())),
        _ => Err(TypeError::new(
            format!("`{text}`: `{name}` takes no arguments"),
            format!("write `{spelling}`"),
        )),
    };
    let length = |spelling: &str, without: &str| {
        Ok(Some(match numbers(text, arguments, 1, after)?.as_slice() {
            [length] => format!("{spelling}({})", in_range(text, *length, 1, 10_485_760)?),
            _ => without.to_owned(),
        }))
    };
    match name {
        "smallint" | "int2" => plain("smallint"),
        "integer" | "int" | "int4" => plain("integer"),
        "bigint" | "int8" => plain("bigint"),
        "real" | "float4" => plain("real"),
        "double precision" | "float8" => plain("double precision"),
        "boolean" | "bool" => plain("boolean"),
        "text" | "bytea" | "uuid" | "date" | "json" | "jsonb" | "xml" | "inet" | "cidr" | "macaddr"
        | "money" | "tsvector" | "tsquery" | "point" | "oid" | "name" => plain(name),
        "float" => match numbers(text, arguments, 1, after)?.as_slice() {
            [bits] if in_range(text, *bits, 1, 53)? <= 24 => Ok(Some("real".to_owned())),
            _ => Ok(Some("double precision".to_owned())),
        },
        "numeric" | "decimal" | "dec" => match numbers(text, arguments, 2, after)?.as_slice() {
            [] => Ok(Some("numeric".to_owned())),
            [precision, scale @ ..] => {
                let precision = in_range(text, *precision, 1, 1000)?;
                let scale = in_range(text, scale.first().copied().unwrap_or(0), -1000, 1000)?;
                Ok(Some(format!("numeric({precision},{scale})")))
            }
        },
        "varchar"
        | "character varying"
        | "char varying"
        | "nchar varying"
        | "national character varying"
        | "national char varying" => length("character varying", "character varying"),
        "char" | "character" | "nchar" | "national character" | "national char" => {
            length("character", "character(1)")
        }
        "bpchar" => length("character", "bpchar"),
        "bit" => length("bit", "bit(1)"),
        "varbit" | "bit varying" => length("bit varying", "bit varying"),
        "time" | "timestamp" => time(text, name, arguments, after),
        "timetz" => time(text, "time", arguments, "with time zone"),
        "timestamptz" => time(text, "timestamp", arguments, "with time zone"),
        "time with time zone"
        | "time without time zone"
        | "timestamp with time zone"
        | "timestamp without time zone" => {
            let (name, zone) = name.split_once(' ').unwrap_or((name, ""));
            time(text, name, arguments, zone)
        }
        _ if name == "interval" || name.starts_with("interval ") => interval(text, name, arguments, after),
        "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8" => Err(TypeError::new(
            format!("`{text}` is not a type but an integer with a default from a sequence"),
            "use an integer type with `#[column(identity = \"by_default\")]`",
        )),
        _ => Ok(None),
    }
}

fn time(
    text: &str,
    name: &str,
    arguments: Option<&[String]>,
    zone: &str,
) -> Result<Option<String>, TypeError> {
    let zone = match zone {
        "" => "without time zone",
        "with time zone" | "without time zone" => zone,
        _ => {
            return Err(TypeError::new(
                format!("`{text}` is not a PostgreSQL type"),
                format!("write `{name} with time zone` or `{name} without time zone`"),
            ));
        }
    };
    Ok(Some(match numbers(text, arguments, 1, "")?.as_slice() {
        [digits] => format!("{name}({}) {zone}", in_range(text, *digits, 0, 6)?),
        _ => format!("{name} {zone}"),
    }))
}

fn interval(
    text: &str,
    name: &str,
    arguments: Option<&[String]>,
    after: &str,
) -> Result<Option<String>, TypeError> {
    const FIELDS: &[&str] = &[
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "year to month",
        "day to hour",
        "day to minute",
        "day to second",
        "hour to minute",
        "hour to second",
        "minute to second",
    ];
    let fields = name.strip_prefix("interval").unwrap_or_default().trim();
    if !(after.is_empty() && (fields.is_empty() || FIELDS.contains(&fields))) {
        return Err(TypeError::new(
            format!("`{text}` is not a PostgreSQL type"),
            "write `interval` or `interval(3)`",
        ));
    }
    let space = if fields.is_empty() { "" } else { " " };
    Ok(Some(match numbers(text, arguments, 1, "")?.as_slice() {
        [digits] => format!("interval{space}{fields}({})", in_range(text, *digits, 0, 6)?),
        _ => format!("interval{space}{fields}"),
    }))
}

/// At most `most` whole numbers, and nothing after the parentheses.
fn numbers(
    text: &str,
    arguments: Option<&[String]>,
    most: usize,
    after: &str,
) -> Result<Vec<i64>, TypeError> {
    let numbers: Option<Vec<i64>> =
        arguments.unwrap_or_default().iter().map(|text| text.parse().ok()).collect();
    match numbers {
        Some(numbers) if numbers.len() <= most && after.is_empty() => Ok(numbers),
        _ => Err(TypeError::new(
            format!("`{text}` is not a PostgreSQL type"),
            format!("at most {most} whole number(s) may stand in the parentheses, and nothing after them"),
        )),
    }
}

fn in_range(text: &str, number: i64, least: i64, most: i64) -> Result<i64, TypeError> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(TypeError::new(
            format!("`{text}`: {number} is out of range"),
            format!("from {least} to {most} is allowed"),
        ))
    }
}

/// `schema.name(arguments)`: an extension's type or a user-defined one.
fn user_defined(text: &str, tokens: &[Token]) -> Result<String, TypeError> {
    let part = |token: &Token| match token {
        Token::Word(name) | Token::Quoted(name) => Some(name.clone()),
        _ => None,
    };
    let (tokens, arguments) = match tokens {
        [names @ .., Token::Arguments(arguments)] => (names, format!("({})", arguments.join(","))),
        _ => (tokens, String::new()),
    };
    let parts: Option<(Option<String>, String)> = match tokens {
        [name] => part(name).map(|name| (None, name)),
        [schema, Token::Dot, name] => part(schema).zip(part(name)).map(|(schema, name)| (Some(schema), name)),
        _ => None,
    };
    match parts {
        Some((Some(schema), name)) if schema == "pg_catalog" => {
            canonical(&format!("{name}{arguments}")).map(|c| c.element)
        }
        Some((Some(schema), name)) if schema != crate::model::DEFAULT_SCHEMA => {
            Ok(format!("{}.{}{arguments}", crate::name::quote(&schema), crate::name::quote(&name)))
        }
        Some((_, name)) if name == "char" => Ok(format!("\"char\"{arguments}")),
        Some((_, name)) => Ok(format!("{}{arguments}", crate::name::quote(&name))),
        None => Err(TypeError::new(format!("`{text}` is not a PostgreSQL type"), EXAMPLES)),
    }
}

/// The closed list: the PostgreSQL type of a Rust type that stands for itself, by the last part of its path.
/// `Option`, `Vec`, `Id`, `Json`, `DateTime` and `Box` take parameters and are resolved in `link`.
pub const SCALARS: &[(&str, &str)] = &[
    ("bool", "boolean"),
    ("i16", "smallint"),
    ("i32", "integer"),
    ("i64", "bigint"),
    ("f32", "real"),
    ("f64", "double precision"),
    ("String", "text"),
    ("Uuid", "uuid"),
    ("NaiveDate", "date"),
    ("NaiveTime", "time without time zone"),
    ("NaiveDateTime", "timestamp without time zone"),
    ("Decimal", "numeric"),
    ("Value", "jsonb"),
];

/// The PostgreSQL type of a Rust type of the closed list.
pub fn scalar(last: &str) -> Option<&'static str> {
    SCALARS.iter().find(|(rust, _)| *rust == last).map(|(_, sql)| *sql)
}

/// What to use instead of a Rust type that can never be a column; `None` for one that can, or may.
#[cfg(feature = "parse")]
pub(crate) fn instead_of(ty: &syn::Type) -> Option<&'static str> {
    match ty {
        syn::Type::Reference(reference) => match &*reference.elem {
            syn::Type::Path(path) if path.path.is_ident("str") => Some("use `String`"),
            _ => Some("use the type without `&`"),
        },
        syn::Type::Array(_) | syn::Type::Slice(_) => Some("use `Vec<…>`"),
        syn::Type::Tuple(_) => Some("make a column of each part, or use `Json<…>`"),
        syn::Type::Path(path) => instead_of_name(&path.path.get_ident()?.to_string()),
        _ => None,
    }
}

/// As [`instead_of`], by the name of a primitive type.
#[cfg(feature = "parse")]
pub(crate) fn instead_of_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "u8" | "i8" | "u16" => "PostgreSQL has no such integer: use `i16` or `i32`",
        "u32" => "PostgreSQL has no unsigned integers: use `i64`",
        "u64" | "usize" | "isize" | "u128" | "i128" => {
            "PostgreSQL has no such integer: use `i64`, or `Decimal` with `#[column(type = \"numeric(20)\")]`"
        }
        "str" | "char" => "use `String`",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
