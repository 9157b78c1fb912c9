//! A part of a source: one database, or one collection.

use super::{CollectionInfo, Range, Reader, Source, SourceError};

/// A source of which `?db=` or `?collection=` chose a part.
pub(super) struct Chosen {
    source: Box<dyn Source>,
    collection: Option<String>,
}

impl Chosen {
    pub(super) fn select(
        source: Box<dyn Source>,
        collection: Option<&str>,
    ) -> Result<Box<dyn Source>, SourceError> {
        let chosen = Chosen { source, collection: collection.map(str::to_owned) };
        if let Some(name) = collection
            && chosen.collections()?.is_empty()
        {
            let available: Vec<String> =
                chosen.source.collections()?.into_iter().map(|info| info.name).collect();
            return Err(SourceError::argument(
                format!("{} does not have the collection {name}", chosen.source.describe()),
                format!("it has {}", available.join(", ")),
            ));
        }
        Ok(Box::new(chosen))
    }
}

impl Source for Chosen {
    fn describe(&self) -> String {
        match &self.collection {
            Some(name) => format!("{}, collection {name}", self.source.describe()),
            None => self.source.describe(),
        }
    }

    fn collections(&self) -> Result<Vec<CollectionInfo>, SourceError> {
        let mut found = self.source.collections()?;
        found.retain(|info| self.collection.as_ref().is_none_or(|name| info.name == *name));
        Ok(found)
    }

    fn notes(&self) -> Vec<String> {
        self.source.notes()
    }

    fn is_part(&self) -> bool {
        true
    }

    fn split(&self, collection: &str, parts: usize) -> Result<Vec<Range>, SourceError> {
        self.source.split(collection, parts)
    }

    fn open(&self, collection: &str, range: &Range) -> Result<Box<dyn Reader>, SourceError> {
        self.source.open(collection, range)
    }
}
