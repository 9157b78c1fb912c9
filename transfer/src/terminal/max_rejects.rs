//! `--max-rejects`, and the last line of a report.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::format::counted;
use super::style::{ERROR, WARNING};

/// How many rejects are acceptable; `None` for any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaxRejects(pub Option<u64>);

impl FromStr for MaxRejects {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(MaxRejects(None)),
            number => {
                number.parse().map(|max| MaxRejects(Some(max))).map_err(|_| "neither a number nor `all`")
            }
        }
    }
}

impl MaxRejects {
    /// The last line, if there are rejects: how many, where they are, and how to list them.
    pub(super) fn last_line(self, count: u64, out: &mut String) -> fmt::Result {
        let place = format!("{} in whimbrel.rejects", counted(count, "reject"));
        let list = "list them with `whimbrel rejects list`";
        match self.0 {
            _ if count == 0 => Ok(()),
            Some(max) if count > max => {
                writeln!(out, "{ERROR}error:{ERROR:#} {place}, {max} acceptable (--max-rejects): {list}")
            }
            _ => writeln!(out, "{WARNING}note:{WARNING:#} {place}, which is acceptable: {list}"),
        }
    }
}
