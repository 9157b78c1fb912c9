//! Types: how PostgreSQL spells them, and which Rust types have one.

#[cfg(feature = "parse")]
mod rust;

use std::borrow::Cow;

use crate::lex;
use crate::model::ColumnType;

#[cfg(feature = "parse")]
pub(crate) use rust::read_as;
#[cfg(feature = "parse")]
pub use rust::{FEATURES, RustType, mentioned, rust};

/// Why a text is not the type of a column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TypeError {
    pub message: String,
    pub hint: String,
}

impl TypeError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
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
pub fn canonical(text: &str) -> Result<ColumnType, TypeError> {
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
    Ok(ColumnType { array, ..ColumnType::sql(element(text, &tokens)?) })
}

/// The name of a canonical type without its arguments, and these: `timestamp with time zone` and `[3]`.
pub fn parts(canonical: &str) -> (Cow<'_, str>, Vec<i32>) {
    let Some((before, (inside, after))) =
        canonical.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?)))
    else {
        return (Cow::Borrowed(canonical), Vec::new());
    };
    let arguments = inside.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    (Cow::Owned(format!("{before}{after}")), arguments)
}

fn tokens(text: &str) -> Result<Vec<Token>, TypeError> {
    let wrong = |what: &str| TypeError::new(format!("`{text}` is not a PostgreSQL type: {what}"), EXAMPLES);
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(token) = lex::first(rest) {
        let length = match token {
            lex::Token::Quoted(text) if !text.matches('"').count().is_multiple_of(2) => {
                return Err(wrong("a quotation mark is missing"));
            }
            lex::Token::Word(_) | lex::Token::Quoted(_) => {
                let name = token.name().filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| wrong("a name is empty"))?.into_owned();
                let quoted = matches!(token, lex::Token::Quoted(_));
                tokens.push(if quoted { Token::Quoted(name) } else { Token::Word(name) });
                token.text().len()
            }
            lex::Token::Sign("(") => {
                let end = rest.find(')').ok_or_else(|| wrong("`)` is missing"))?;
                let arguments: Vec<_> = rest[1..end].split(',').map(|part| part.trim().to_owned()).collect();
                if arguments.iter().any(String::is_empty) {
                    return Err(wrong("there is nothing between the parentheses"));
                }
                tokens.push(Token::Arguments(arguments));
                end + 1
            }
            lex::Token::Sign("[") => {
                let end = rest.find(']').ok_or_else(|| wrong("`]` is missing"))?;
                if !rest[1..end].trim().bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(wrong("only a length may stand in the brackets"));
                }
                tokens.push(Token::Brackets);
                end + 1
            }
            lex::Token::Sign(".") => {
                tokens.push(Token::Dot);
                1
            }
            other => return Err(wrong(&format!("it contains `{}`", other.text().escape_default()))),
        };
        rest = rest[length..].trim_start();
    }
    if tokens.is_empty() { Err(wrong("it is empty")) } else { Ok(tokens) }
}

const EXAMPLES: &str = "write a type as in CREATE TABLE: `numeric(14,2)`, `character varying(20)`, `text[]`";

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
    let written = Written { text, name: &words.join(" "), arguments, after: &after.join(" ") };
    written.known()?.map_or_else(|| user_defined(text, tokens), Ok)
}

/// A type as it is written: `time` `(3)` `with time zone`.
struct Written<'t> {
    text: &'t str,
    name: &'t str,
    arguments: Option<&'t [String]>,
    after: &'t str,
}

impl Written<'_> {
    fn error(&self, hint: impl Into<String>) -> TypeError {
        TypeError::new(format!("`{}` is not a PostgreSQL type", self.text), hint)
    }

    /// PostgreSQL's own types whose spelling differs or that take arguments; `None` for any other.
    fn known(&self) -> Result<Option<String>, TypeError> {
        let Written { text, name, .. } = *self;
        let known = match name {
            "smallint" | "int2" => self.plain("smallint"),
            "integer" | "int" | "int4" => self.plain("integer"),
            "bigint" | "int8" => self.plain("bigint"),
            "real" | "float4" => self.plain("real"),
            "double precision" | "float8" => self.plain("double precision"),
            "boolean" | "bool" => self.plain("boolean"),
            "text" | "bytea" | "uuid" | "date" | "json" | "jsonb" | "xml" | "inet" | "cidr" | "macaddr"
            | "money" | "tsvector" | "tsquery" | "point" | "oid" | "name" => self.plain(name),
            "float" => match self.numbers(1)?.as_slice() {
                [bits] if self.in_range(*bits, 1, 53)? <= 24 => Ok("real".to_owned()),
                _ => Ok("double precision".to_owned()),
            },
            "numeric" | "decimal" | "dec" => match self.numbers(2)?.as_slice() {
                [] => Ok("numeric".to_owned()),
                [precision, scale @ ..] => {
                    let precision = self.in_range(*precision, 1, 1000)?;
                    let scale = self.in_range(scale.first().copied().unwrap_or(0), -1000, 1000)?;
                    Ok(format!("numeric({precision},{scale})"))
                }
            },
            "varchar"
            | "character varying"
            | "char varying"
            | "nchar varying"
            | "national character varying"
            | "national char varying" => self.length("character varying", "character varying"),
            "char" | "character" | "nchar" | "national character" | "national char" => {
                self.length("character", "character(1)")
            }
            "bpchar" => self.length("character", "bpchar"),
            "bit" => self.length("bit", "bit(1)"),
            "varbit" | "bit varying" => self.length("bit varying", "bit varying"),
            "time" | "timestamp" => self.time(name, self.after),
            "timetz" => self.time("time", "with time zone"),
            "timestamptz" => self.time("timestamp", "with time zone"),
            "time with time zone"
            | "time without time zone"
            | "timestamp with time zone"
            | "timestamp without time zone" => {
                let (name, zone) = name.split_once(' ').unwrap_or((name, ""));
                self.time(name, zone)
            }
            _ if name == "interval" || name.starts_with("interval ") => self.interval(),
            "serial" | "bigserial" | "smallserial" | "serial2" | "serial4" | "serial8" => {
                Err(TypeError::new(
                    format!("`{text}` is not a type but an integer with a default from a sequence"),
                    "use an integer type with `#[column(identity = \"by_default\")]`",
                ))
            }
            _ => return Ok(None),
        };
        known.map(Some)
    }

    fn plain(&self, spelling: &str) -> Result<String, TypeError> {
        match (self.arguments, self.after) {
            (None, "") => Ok(spelling.to_owned()),
            _ => Err(TypeError::new(
                format!("`{}`: `{}` takes no arguments", self.text, self.name),
                format!("write `{spelling}`"),
            )),
        }
    }

    fn length(&self, spelling: &str, without: &str) -> Result<String, TypeError> {
        Ok(match self.numbers(1)?.as_slice() {
            [length] => format!("{spelling}({})", self.in_range(*length, 1, 10_485_760)?),
            _ => without.to_owned(),
        })
    }

    fn time(&self, name: &str, zone: &str) -> Result<String, TypeError> {
        let zone = match zone {
            "" => "without time zone",
            "with time zone" | "without time zone" => zone,
            _ => {
                let hint = format!("write `{name} with time zone` or `{name} without time zone`");
                return Err(self.error(hint));
            }
        };
        Ok(format!("{name}{} {zone}", self.digits()?))
    }

    fn interval(&self) -> Result<String, TypeError> {
        const FIELDS: &str = "year, month, day, hour, minute, second, year to month, day to hour, day to minute, \
                              day to second, hour to minute, hour to second, minute to second";
        let fields = self.name.strip_prefix("interval ").map(str::trim);
        if !self.after.is_empty() || fields.is_some_and(|fields| !FIELDS.split(", ").any(|one| one == fields))
        {
            return Err(self.error("write `interval` or `interval(3)`"));
        }
        Ok(format!("{}{}", self.name, self.digits()?))
    }

    /// The digits of a second.
    fn digits(&self) -> Result<String, TypeError> {
        Ok(match (Written { after: "", ..*self }).numbers(1)?.as_slice() {
            [digits] => format!("({})", self.in_range(*digits, 0, 6)?),
            _ => String::new(),
        })
    }

    /// At most `most` whole numbers, and nothing after the parentheses.
    fn numbers(&self, most: usize) -> Result<Vec<i64>, TypeError> {
        let arguments = self.arguments.unwrap_or_default();
        let numbers: Option<Vec<i64>> = arguments.iter().map(|text| text.parse().ok()).collect();
        numbers.filter(|numbers| numbers.len() <= most && self.after.is_empty()).ok_or_else(|| {
            self.error(format!(
                "at most {most} whole number(s) may stand in the parentheses, and nothing after them"
            ))
        })
    }

    fn in_range(&self, number: i64, least: i64, most: i64) -> Result<i64, TypeError> {
        if (least..=most).contains(&number) {
            return Ok(number);
        }
        Err(TypeError::new(
            format!("`{}`: {number} is out of range", self.text),
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
            canonical(&format!("{name}{arguments}")).map(|ty| ty.to_string())
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
pub(crate) const SCALARS: &[(&str, &str)] = &[
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
