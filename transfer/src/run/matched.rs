//! What of the source and of the transforms belongs together.

use std::collections::BTreeMap;
use std::sync::Arc;

use whimbrel::__private::transform::TransformSpec;

use super::blocking;
use crate::error::TransferError;
use crate::route::{Route, Selection, routes};
use crate::source::{CollectionInfo, Source};

/// The collections that transforms read and the source has, and those that only one side has.
pub(crate) struct Matched {
    pub(crate) routes: Vec<Route>,
    /// The collections, in the order of the routes.
    pub(crate) collections: Vec<CollectionInfo>,
    pub(crate) unread: Vec<CollectionInfo>,
    pub(crate) absent: Vec<Route>,
}

impl Matched {
    pub(crate) async fn find(
        source: &Arc<dyn Source>,
        transforms: &[&'static TransformSpec],
        selection: &Selection,
    ) -> Result<Self, TransferError> {
        if transforms.is_empty() {
            return Err(TransferError::NoTransforms);
        }
        let all = routes(transforms, selection)?;
        let listing = Arc::clone(source);
        let found = blocking(move || listing.collections().map_err(TransferError::from)).await?;
        let mut by_name: BTreeMap<String, CollectionInfo> =
            found.into_iter().map(|info| (info.name.clone(), info)).collect();
        let available: Vec<String> = by_name.keys().cloned().collect();
        let (mut routes, mut collections, mut absent) = (Vec::new(), Vec::new(), Vec::new());
        for route in all {
            match by_name.remove(route.collection) {
                Some(info) => {
                    collections.push(info);
                    routes.push(route);
                }
                None => absent.push(route),
            }
        }
        if routes.is_empty() {
            let source_name = source.describe();
            let wanted = absent.iter().map(|route| route.collection.to_owned()).collect();
            return Err(TransferError::NothingInCommon { source_name, available, wanted });
        }
        // What a model reads that is not selected is not left behind.
        let unread =
            by_name.into_values().filter(|info| transforms.iter().all(|spec| spec.collection != info.name));
        let unread = unread.collect();
        Ok(Matched { routes, collections, unread, absent })
    }
}
