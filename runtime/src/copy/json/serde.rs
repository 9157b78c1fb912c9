//! JSON values that a `with` function or a default has made.

use serde_json::Value;

use crate::transform::error::ValueError;

use super::{Form, Writer, check_depth, scalar, string};

pub fn write_value(value: &Value, form: Form, out: &mut Writer<'_>) -> Result<(), ValueError> {
    form.begin(out);
    nested(value, form, 0, out)
}

fn nested(value: &Value, form: Form, depth: usize, out: &mut Writer<'_>) -> Result<(), ValueError> {
    match value {
        Value::Null => out.put(b"null"),
        Value::Bool(value) => out.put(if *value { b"true" } else { b"false" }),
        Value::String(text) => string(text, out)?,
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(double) => scalar::double(double, out),
            None => out.put(number.to_string().as_bytes()),
        },
        Value::Array(values) => {
            check_depth(depth)?;
            out.put_byte(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.put(b", ");
                }
                nested(value, form, depth + 1, out)
                    .map_err(|error| error.within(at.to_string().as_bytes()))?;
            }
            out.put_byte(b']');
        }
        Value::Object(fields) => {
            check_depth(depth)?;
            let mut fields: Vec<_> = fields.iter().collect();
            if form == Form::Jsonb {
                fields.sort_unstable_by_key(|(key, _)| (key.len(), key.as_bytes()));
            }
            out.put_byte(b'{');
            for (at, (key, value)) in fields.into_iter().enumerate() {
                if at > 0 {
                    out.put(b", ");
                }
                string(key, out)?;
                out.put(b": ");
                nested(value, form, depth + 1, out).map_err(|error| error.within(key.as_bytes()))?;
            }
            out.put_byte(b'}');
        }
    }
    Ok(())
}
