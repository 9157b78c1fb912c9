//! `diff`: compares two states. Writes to no database but scratch ones.

use std::path::Path;

use serde_json::json;
use whimbrel_schema::plan::Form;
use whimbrel_schema::step::HazardKind;

use crate::args::{Diff, Global};
use crate::comparison::{self, Comparison};
use crate::connect;
use crate::failure::{Failure, Outcome};
use crate::output::{Output, counted};
use crate::state::States;

pub fn run(command: &Diff, global: &Global, output: &Output) -> Result<Outcome, Failure> {
    let Diff { from, to, .. } = command;
    if command.offline {
        comparison::refuse_servers([from, to])?;
    }
    if command.up.is_some() && command.up == command.down {
        return Err(Failure::new("--up and --down name the same file"));
    }
    let states = States::new(global, &command.schemas, output);
    let (mut before, mut after) =
        connect::block_on(async { Ok((states.read(from).await?, states.read(to).await?)) })?;
    states.refuse_unknown_schemas()?;
    comparison::align(&mut before, &mut after);
    before.pair_up(&after.state);
    after.pair_up(&before.state);
    let form = if command.online { Form::Online } else { Form::Short };
    let comparison = Comparison::new(&before, &after, form)?;
    let wants_down = command.down.is_some() || output.is_json();
    let back = if wants_down { comparison::steps(&after.state, &before.state, form)? } else { Vec::new() };
    let down = wants_down.then(|| comparison::sql(&back));
    let files =
        [(&command.up, &comparison.steps, Some(&comparison.sql)), (&command.down, &back, down.as_ref())];
    for (file, steps, sql) in files {
        if let (Some(file), Some(sql)) = (file, sql) {
            write(file, sql, output)?;
            for loss in comparison::losses(steps) {
                output.warn(format!("{}: {}: {loss}", file.display(), HazardKind::DataLoss.word()));
            }
        }
    }
    if !output.is_json() && command.up.is_none() && !comparison.sql.is_empty() {
        output.data(comparison.sql.trim_end());
    }
    let names = [from.to_string(), to.to_string()];
    if comparison.is_equal() {
        let objects = counted(after.state.objects.len(), "object");
        output.done("Equal:", format!("{} and {} hold the same {objects}", names[0], names[1]));
    } else {
        let count = counted(comparison.differences.len(), "difference");
        output.print(format!("{count} from {} to {}:", names[0], names[1]));
        comparison.list(output);
    }
    comparison::warn_versions([(&names[0], &before), (&names[1], &after)], output);
    comparison.warn(output);
    let Comparison { differences, steps, sql, not_compared, may_fail } = &comparison;
    output.json(&json!({
        "equal": comparison.is_equal(), "differences": differences, "steps": steps, "up_sql": sql, "down_sql": down,
        "not_compared": not_compared, "may_fail": may_fail,
    }));
    Ok(if comparison.is_equal() { Outcome::FINE } else { Outcome::DIFFERENCE })
}

fn write(file: &Path, sql: &str, output: &Output) -> Result<(), Failure> {
    std::fs::write(file, sql).map_err(Failure::file(file, "written"))?;
    output.done("Wrote", file.display().to_string());
    Ok(())
}
