//! A program that moves the data of the CRM: all that a production binary needs.

use example_crm as _;

fn main() -> std::process::ExitCode {
    whimbrel_transfer::main()
}
