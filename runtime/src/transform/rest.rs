//! `#[source(rest)]`: the fields that no column takes, as one JSON object.

use crate::copy::json::{self, Form, Json};
use crate::copy::{Writer, Written};

use super::fault::Fault;
use super::plan::Node;
use super::value::{Elements, Tag};
use super::walk::Untaken;

/// Who takes a field besides the columns of this model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elsewhere {
    Nobody,
    Wholly,
    InPart,
}

/// Writes the object.
pub(crate) struct Rest<'s, 'c, 'a> {
    pub(crate) form: Form,
    /// Paths that other models take.
    pub(crate) elsewhere: &'c [&'c str],
    pub(crate) json: Json<'s, 'a>,
}

impl<'a> Rest<'_, '_, 'a> {
    /// Writes the rest; nothing left is NULL where the column allows it, otherwise an empty object.
    pub(crate) fn write(
        &mut self,
        untaken: &mut Vec<Untaken<'a>>,
        nullable: bool,
        out: &mut Writer<'_>,
    ) -> Result<Written, Fault> {
        let start = out.position();
        self.form.begin(out);
        let any = self.object(untaken, 0, "", 0, out)?;
        if nullable && !any {
            out.truncate(start);
            return Ok(Written::Null);
        }
        Ok(Written::Value)
    }

    /// Writes the elements from `start` on and takes them away; says whether any field was written.
    fn object(
        &mut self,
        untaken: &mut Vec<Untaken<'a>>,
        start: usize,
        prefix: &str,
        depth: usize,
        out: &mut Writer<'_>,
    ) -> Result<bool, Fault> {
        json::check_depth(depth)?;
        if self.form == Form::Jsonb {
            json::sort_by_key(&mut untaken[start..], |untaken| untaken.element.key)?;
        }
        out.put_byte(b'{');
        let mut any = false;
        for at in start..untaken.len() {
            let entry = untaken[at];
            let elsewhere = self.elsewhere(prefix, entry.element.key);
            if elsewhere == Elsewhere::Wholly {
                continue;
            }
            let before = out.position();
            if any {
                out.put(b", ");
            }
            json::key(entry.element.key, out)?;
            let partly = elsewhere == Elsewhere::InPart || !entry.taken.is_empty();
            if partly && entry.element.value.tag == Tag::Document {
                if !self.part(untaken, entry, prefix, depth, out).map_err(|f| f.within(entry.element.key))? {
                    out.truncate(before);
                    continue;
                }
            } else {
                self.json
                    .value(entry.element.value, depth + 1, out)
                    .map_err(|fault| fault.within(entry.element.key))?;
            }
            any = true;
        }
        out.put_byte(b'}');
        untaken.truncate(start);
        Ok(any)
    }

    /// Writes what is left of a document of which some fields are taken.
    fn part(
        &mut self,
        untaken: &mut Vec<Untaken<'a>>,
        entry: Untaken<'a>,
        prefix: &str,
        depth: usize,
        out: &mut Writer<'_>,
    ) -> Result<bool, Fault> {
        let start = untaken.len();
        let mut elements = Elements::new(entry.element.value.bytes)?;
        while let Some(element) = elements.next_element()? {
            match entry.taken.iter().find(|node| node.name.as_bytes() == element.key) {
                Some(Node { whole: true, .. }) => {}
                Some(node) => untaken.push(Untaken { element, taken: node.children }),
                None => untaken.push(Untaken { element, taken: &[] }),
            }
        }
        let prefix = format!("{prefix}{}.", String::from_utf8_lossy(entry.element.key));
        self.object(untaken, start, &prefix, depth + 1, out)
    }

    fn elsewhere(&self, prefix: &str, key: &[u8]) -> Elsewhere {
        let mut found = Elsewhere::Nobody;
        for path in self.elsewhere {
            let below = path.strip_prefix(prefix).and_then(|path| path.as_bytes().strip_prefix(key));
            match below {
                Some([]) => return Elsewhere::Wholly,
                Some([b'.', ..]) => found = Elsewhere::InPart,
                _ => {}
            }
        }
        found
    }
}
