//! The same transfer over two addresses of one database, with default and with small batches.

use std::path::Path;

use whimbrel_bench::{CopyFile, Failure, median, open};
use whimbrel_transfer::Transfer;
use whimbrel_transfer::source::Limit;

/// Measures both, alternately, and writes the rates of loading and their ratio.
pub fn compare(
    dump: &Path,
    files: &[CopyFile],
    [first, second]: [&str; 2],
    rounds: u32,
    runtime: &tokio::runtime::Runtime,
) -> Result<(), Failure> {
    let small = Limit { documents: 200, ..Limit::default() };
    for (name, batch) in [("default batches", None), ("batches of 200 documents", Some(small))] {
        let mut rates: [Vec<f64>; 2] = Default::default();
        for _ in 0..rounds {
            for (url, rates) in [first, second].into_iter().zip(&mut rates) {
                runtime.block_on(super::empty(first, files))?;
                let mut transfer = Transfer::new(open(dump)?, url.parse()?);
                if let Some(batch) = batch {
                    transfer = transfer.batch(batch);
                }
                let report = runtime.block_on(transfer.run())?;
                #[expect(clippy::cast_precision_loss, reason = "a number of rows is far below 2^52")]
                rates.push(report.loaded_rows as f64 / report.load_seconds);
            }
        }
        let [first, second] = rates.map(|rates| median(&rates));
        println!("{name}: {first:.0} and {second:.0} rows/s, ratio {:.2}", second / first);
    }
    Ok(())
}
