//! `#[source(rest)]`: the fields that no column takes, as one JSON object.

use crate::copy::json::{self, Form, Json};
use crate::copy::{Writer, Written};

use super::error::ValueError;
use super::plan::Node;
use super::value::{Element, Elements, Tag};
use super::walk::Untaken;

/// What other models take of a field.
#[derive(Clone, Copy, Default)]
struct Elsewhere {
    wholly: bool,
    /// Fields, if it is a document.
    fields: bool,
    /// Fields of its elements, if it is an array.
    elements: bool,
}

pub(crate) struct Rest<'s, 'c, 'a> {
    pub(crate) form: Form,
    /// The fields to write, those of nested documents after their parent's.
    pub(crate) untaken: &'s mut Vec<Untaken<'a>>,
    pub(crate) elsewhere: &'c [&'c str],
    pub(crate) json: Json<'s, 'a>,
}

impl<'a> Rest<'_, '_, 'a> {
    /// Writes the rest; nothing left is NULL where the column allows it, otherwise an empty object.
    pub(crate) fn write(&mut self, nullable: bool, out: &mut Writer<'_>) -> Result<Written, ValueError> {
        let start = out.position();
        self.form.begin(out);
        let any = self.object(0, "", 0, out)?;
        if nullable && !any {
            out.truncate(start);
            return Ok(Written::Null);
        }
        Ok(Written::Value)
    }

    /// Writes the elements from `start` on and takes them away; says whether any field was written.
    fn object(
        &mut self,
        start: usize,
        prefix: &str,
        depth: usize,
        out: &mut Writer<'_>,
    ) -> Result<bool, ValueError> {
        json::check_depth(depth)?;
        if self.form == Form::Jsonb {
            json::sort_by_key(&mut self.untaken[start..], |untaken| untaken.element.key)?;
        }
        out.put_byte(b'{');
        let mut any = false;
        for at in start..self.untaken.len() {
            let entry = self.untaken[at];
            let elsewhere = self.elsewhere(prefix, entry.element.key);
            if elsewhere.wholly {
                continue;
            }
            let before = out.position();
            if any {
                out.put(b", ");
            }
            json::key(entry.element.key, out)?;
            let partly = elsewhere.fields || !entry.taken.is_empty();
            let within = |error: ValueError| error.within(entry.element.key);
            let some = match entry.element.value.tag {
                Tag::Document if partly => self.part(entry, prefix, depth, out).map_err(within)?,
                Tag::Array if elsewhere.elements => {
                    self.elements(entry.element, prefix, depth, out).map_err(within)?
                }
                _ => {
                    self.json.value(entry.element.value, depth + 1, out).map_err(within)?;
                    true
                }
            };
            if !some {
                out.truncate(before);
                continue;
            }
            any = true;
        }
        out.put_byte(b'}');
        self.untaken.truncate(start);
        Ok(any)
    }

    /// Writes what is left of an array of which other models take some fields of the elements.
    fn elements(
        &mut self,
        array: Element<'a>,
        prefix: &str,
        depth: usize,
        out: &mut Writer<'_>,
    ) -> Result<bool, ValueError> {
        json::check_depth(depth + 1)?;
        let prefix = format!("{prefix}{}[].", String::from_utf8_lossy(array.key));
        let mut elements = Elements::new(array.value.bytes)?;
        let (mut any, mut separator) = (false, "");
        out.put_byte(b'[');
        while let Some(item) = elements.next_element()? {
            out.put(separator.as_bytes());
            separator = ", ";
            if item.value.tag == Tag::Document {
                let start = self.untaken.len();
                let mut fields = Elements::new(item.value.bytes)?;
                while let Some(element) = fields.next_element()? {
                    self.untaken.push(Untaken { element, taken: &[] });
                }
                any |= self.object(start, &prefix, depth + 2, out).map_err(|error| error.within(item.key))?;
            } else {
                self.json.value(item.value, depth + 2, out).map_err(|error| error.within(item.key))?;
                any = true;
            }
        }
        out.put_byte(b']');
        Ok(any)
    }

    /// Writes what is left of a document of which some fields are taken.
    fn part(
        &mut self,
        entry: Untaken<'a>,
        prefix: &str,
        depth: usize,
        out: &mut Writer<'_>,
    ) -> Result<bool, ValueError> {
        let start = self.untaken.len();
        let mut elements = Elements::new(entry.element.value.bytes)?;
        while let Some(element) = elements.next_element()? {
            match entry.taken.iter().find(|node| node.name.as_bytes() == element.key) {
                Some(Node { whole: true, .. }) => {}
                Some(node) => self.untaken.push(Untaken { element, taken: node.children }),
                None => self.untaken.push(Untaken { element, taken: &[] }),
            }
        }
        let prefix = format!("{prefix}{}.", String::from_utf8_lossy(entry.element.key));
        self.object(start, &prefix, depth + 1, out)
    }

    fn elsewhere(&self, prefix: &str, key: &[u8]) -> Elsewhere {
        let mut found = Elsewhere::default();
        for path in self.elsewhere {
            let below = path.strip_prefix(prefix).and_then(|path| path.as_bytes().strip_prefix(key));
            match below {
                Some([]) => found.wholly = true,
                Some([b'.', ..]) => found.fields = true,
                Some([b'[', b']', b'.', ..]) => found.elements = true,
                _ => {}
            }
        }
        found
    }
}
