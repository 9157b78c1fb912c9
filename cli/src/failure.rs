//! Why a command could not do its work, and how a command ends.

use std::collections::BTreeSet;
use std::path::Path;

use whimbrel::migrate::Divergence;
use whimbrel::{Error, Hint};
use whimbrel_syntax::chain::ChainError;
use whimbrel_syntax::migration::GenerateError;
use whimbrel_transfer::source::SourceError;

/// How a command ended: the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome(pub u8);

impl Outcome {
    pub const FINE: Outcome = Outcome(0);
    /// A difference or a failed check was found.
    pub const DIFFERENCE: Outcome = Outcome(1);
    pub const COULD_NOT_RUN: Outcome = Outcome(2);
}

/// Why a command failed: what and where, its causes, and what to do.
#[derive(Debug, Clone)]
pub struct Failure {
    /// One sentence, without a full stop.
    pub message: String,
    /// The causes, outermost first.
    pub causes: Vec<String>,
    pub hints: Vec<String>,
    /// Source snippets, already rendered; shown in place of the message.
    pub snippets: Option<String>,
    /// For machines, beside message and hints.
    pub details: Option<Box<serde_json::Value>>,
    pub outcome: Outcome,
}

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Failure {
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            snippets: None,
            details: None,
            outcome: Outcome::COULD_NOT_RUN,
        }
    }

    /// For `map_err`: what cannot be done with a file or folder.
    pub fn file<E: std::error::Error + 'static>(path: &Path, cannot: &str) -> impl FnOnce(E) -> Failure {
        move |error| Failure::new(format!("{} cannot be {cannot}", path.display())).caused_by(&error)
    }

    pub fn difference(message: impl Into<String>) -> Self {
        Failure { outcome: Outcome::DIFFERENCE, ..Failure::new(message) }
    }

    /// Adds an error and all its sources.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            let text = error.to_string();
            // Some libraries' errors print their source as part of themselves.
            if !self.causes.last().is_some_and(|last| last.contains(&text)) {
                self.causes.push(text);
            }
            next = error.source();
        }
        self
    }

    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Puts a sentence before the message, which becomes its first cause.
    #[must_use]
    pub fn named(mut self, message: &str) -> Self {
        let old = std::mem::replace(&mut self.message, message.to_owned());
        self.causes.insert(0, old);
        self
    }

    /// The same, of a migration on the scratch database: what to do about it in a database in use does not help there.
    #[must_use]
    pub fn in_validation(self, message: &str) -> Self {
        Failure { hints: Vec::new(), ..self.named(message) }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds what a library says to do.
    #[must_use]
    pub fn hint_of(mut self, error: &impl Hint) -> Self {
        self.hints.extend(error.hint());
        self
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Failure::new(error.to_string()).hint_of(&error)
    }
}

impl From<GenerateError> for Failure {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Schema { errors } => {
                let causes = errors.iter().map(ToString::to_string).collect();
                Failure { causes, ..Failure::new("no migration leads to these models") }
            }
            GenerateError::Cycle(cycle) => Failure::new(cycle.to_string()),
        }
    }
}

impl From<Error> for Failure {
    /// What the runtime says, with what to do about it on the command line. What it refuses after a comparison is a
    /// difference.
    fn from(error: Error) -> Self {
        let failure = match &error {
            Error::Diverged { .. } | Error::DataLoss { .. } => Failure::difference(error.to_string()),
            _ => Failure::new(error.to_string()),
        };
        match &error {
            Error::DataLoss { .. } => {
                failure.hint("make a backup, then allow it: `rollback --allow-data-loss`")
            }
            Error::Interrupted { version, statement, .. } => failure.hint(format!(
                "look whether statement {statement} took effect, then record it: `whimbrel repair {version} \
                 statement-applied` or `statement-not-applied`"
            )),
            Error::OtherIndex { version, .. } => failure.hint(format!(
                "drop or rename that index and migrate again; if it is the right one, record it: `whimbrel repair \
                 {version} statement-applied`"
            )),
            Error::OpenTransfer(_) => failure.hint(crate::commands::status::END_TRANSFER),
            Error::Locked { .. } => {
                failure.hint("let the other one finish, or end its session with pg_terminate_backend")
            }
            Error::Diverged { divergences } => {
                let hints: BTreeSet<_> = divergences.iter().filter_map(divergence_hint).collect();
                hints.into_iter().fold(failure, Failure::hint)
            }
            Error::Chain { errors, .. }
                if errors.iter().any(|one| matches!(one, ChainError::Changed { .. })) =>
            {
                failure.hint_of(&error).hint(
                    "an edit of the newest migration, while no database has applied it: `whimbrel rehash`; to start \
                     again: `whimbrel discard`",
                )
            }
            _ => failure.hint_of(&error),
        }
    }
}

/// What to do about a divergence on the command line.
pub fn divergence_hint(divergence: &Divergence) -> Option<String> {
    match divergence {
        Divergence::Changed { version, .. } => Some(format!(
            "restore the file as it was and put the change into a new migration; if only its layout changed, \
             `whimbrel repair {version} accept-files` records the new text"
        )),
        Divergence::Newer { .. } => Some("use the migrations of the newer version".to_owned()),
        other => other.hint(),
    }
}
