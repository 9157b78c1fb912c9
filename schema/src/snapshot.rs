//! The text form of a [`State`]: versioned, canonical JSON with one object a line, so that a changed object is a changed
//! line.

use serde::Deserialize;

use crate::kind::Id;
use crate::state::{Entry, State};

/// The version of the format this library writes. It reads this one and all before it.
pub const FORMAT: u32 = 1;

/// Why a text is not the snapshot of a state.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error("it is not a snapshot: {0}")]
    Syntax(#[from] serde_json::Error),
    #[error("its format is {found}, and this version reads formats from 1 to {FORMAT}")]
    Format { found: u32 },
    #[error("it has {0} twice")]
    Twice(Id),
}

#[derive(Deserialize)]
struct Document {
    objects: Vec<Entry>,
}

/// Only the version: read before anything that may have changed its shape.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

/// A state as JSON, in the order of its objects, with a line feed at the end. Equal states give equal bytes.
///
/// # Errors
/// None that is known: every definition can be written as JSON.
pub fn to_json(state: &State) -> Result<String, serde_json::Error> {
    let mut text = format!("{{\n\"format\": {FORMAT},\n\"objects\": [");
    for (at, entry) in state.objects.values().enumerate() {
        let mut entry = entry.clone();
        for implied in entry.implied() {
            entry.depends.remove(&implied);
        }
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&serde_json::to_string(&entry)?);
    }
    text.push_str("\n]\n}\n");
    Ok(text)
}

/// Reads what [`to_json`] wrote.
///
/// # Errors
/// The text is damaged, or of a format that is not known.
pub fn from_json(text: &str) -> Result<State, SnapshotError> {
    let Version { format: found } = serde_json::from_str(text)?;
    if found == 0 || found > FORMAT {
        return Err(SnapshotError::Format { found });
    }
    let document: Document = serde_json::from_str(text)?;
    let mut state = State::default();
    for mut entry in document.objects {
        entry.depends.extend(entry.implied());
        let id = entry.definition.id();
        if state.objects.insert(id.clone(), entry).is_some() {
            return Err(SnapshotError::Twice(id));
        }
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Definition, Kind};
    use crate::privilege::Privilege;

    /// Objects as the catalog describes them; sequences are flattened, default privileges have privileges of their own.
    fn example() -> State {
        let mut state = State::default();
        for (kind, json) in [
            (Kind::Namespace, r#"{"name":"app"}"#),
            (Kind::Enum, r#"{"name":["app","mood"],"labels":["a","b\nc"]}"#),
            (Kind::Table, r#"{"name":["app","t"],"options":["fillfactor=70"]}"#),
            (
                Kind::Column,
                r#"{"table":["app","t"],"name":"id","position":1,"type":"bigint","not_null":true,"identity":
                {"always":true,"sequence":["app","t_id_seq"],"data_type":"bigint","start":1,"increment":1,"min":1,
                "max":9223372036854775807,"cache":1,"cycle":false}}"#,
            ),
            (
                Kind::Sequence,
                r#"{"name":["app","s"],"data_type":"bigint","start":1,"increment":1,"min":1,"max":9223372036854775807,
                "cache":1,"cycle":false,"owned_by":{"kind":"column","path":["app","t","id"]}}"#,
            ),
            (
                Kind::DefaultPrivileges,
                r#"{"schema":"app","class":"tables","privileges":[{"to":"app","privilege":"SELECT"}]}"#,
            ),
        ] {
            let definition = Definition::read(kind, json).unwrap();
            state.insert(definition, Some(format!("a {kind}")));
        }
        let table = Id::of(Kind::Table, &["app", "t"]);
        let entry = state.objects.get_mut(&table).unwrap();
        entry.depends.insert(Id::of(Kind::Enum, &["app", "mood"]));
        entry.privileges.push(Privilege {
            revoked: false,
            to: "PUBLIC".into(),
            privilege: "SELECT".into(),
            grantable: true,
        });
        state
    }

    #[test]
    fn reads_what_it_wrote() {
        let text = to_json(&example()).unwrap();
        assert_eq!(from_json(&text).unwrap(), example());
        assert_eq!(to_json(&from_json(&text).unwrap()).unwrap(), text);
        assert_eq!(text.lines().count(), 5 + example().objects.len(), "{text}");
        let empty = to_json(&State::default()).unwrap();
        assert_eq!(from_json(&empty).unwrap(), State::default());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let text = to_json(&example()).unwrap();
        let check = |text: &str, expected: &str| {
            let error = from_json(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        for format in ["0", "2", "99"] {
            let other = text.replacen("\"format\": 1", &format!("\"format\": {format}"), 1);
            check(&other, &format!("its format is {format}, and this version reads formats from 1 to 1"));
        }
        check("{}", "it is not a snapshot: missing field `format`");
        check("nonsense", "it is not a snapshot");
        check(&text[..text.len() / 2], "it is not a snapshot: EOF");
        check(&text.replacen("\"kind\":\"table\"", "\"kind\":\"teble\"", 1), "unknown variant `teble`");
        let line = text.lines().nth(3).unwrap();
        check(&text.replacen(line, &format!("{line}\n{line}"), 1), "it has schema app twice");
    }
}
