//! `snapshot`: a state as text, to be compared later, or without a server.

use whimbrel_schema::snapshot;

use crate::args::Global;
use crate::comparison::warn_not_compared;
use crate::connect;
use crate::failure::{Failure, Outcome};
use crate::output::Output;
use crate::state::{Source, States};

pub fn run(
    source: &Source,
    schemas: &[String],
    global: &Global,
    output: &Output,
) -> Result<Outcome, Failure> {
    let states = States::new(global, schemas, output);
    let reading = connect::block_on(states.read(source))?;
    states.refuse_unknown_schemas()?;
    let text = snapshot::to_json(&reading.state)
        .map_err(|error| Failure::new("the snapshot cannot be written as JSON").caused_by(&error))?;
    output.data(text.trim_end());
    warn_not_compared(&reading.not_compared, output);
    Ok(Outcome::FINE)
}
