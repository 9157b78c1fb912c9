//! What there is to climb.

use whimbrel::{Id, Model, Transform};

/// A part of the mountains.
#[derive(Debug, Model, Transform)]
#[model(table = "regions")]
#[source(collection = "regions")]
pub struct Region {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Region>,
    /// Its name.
    #[column(unique)]
    pub name: String,
    /// How often Mongoose has changed the document's arrays.
    #[source(field = "__v")]
    pub version: i32,
}

/// A rock with at least one route.
#[derive(Debug, Model, Transform)]
#[model(
    table = "summits",
    unique(region_id, name),
    check(summits_position_whole, "(latitude IS NULL) = (longitude IS NULL)")
)]
#[source(collection = "summits", rename_all = "camelCase")]
pub struct Summit {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Summit>,
    /// Its name.
    pub name: String,
    /// Where it stands.
    #[source(field = "region")]
    pub region_id: Id<Region>,
    /// Its number at teufelsturm.de, a text in the documents.
    #[column(unique)]
    #[source(with = "crate::convert::number")]
    pub teufelsturm_id: Option<i32>,
    /// Degrees north.
    #[column(check = "latitude BETWEEN -90 AND 90")]
    #[source(field = "gpsPosition.lat")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[column(check = "longitude BETWEEN -180 AND 180")]
    #[source(field = "gpsPosition.lng")]
    pub longitude: Option<f64>,
    /// How often Mongoose has changed the document's arrays.
    #[source(field = "__v")]
    pub version: i32,
}

/// A way up a summit.
#[derive(Debug, Model, Transform)]
#[model(table = "routes", index(columns(summit_id, name)))]
#[source(collection = "routes", rename_all = "camelCase")]
pub struct Route {
    /// Was an ObjectId.
    #[source(field = "_id")]
    pub id: Id<Route>,
    /// Its name.
    pub name: String,
    /// Where it leads.
    #[source(field = "summit")]
    pub summit_id: Id<Summit>,
    /// Its number at teufelsturm.de, a text in the documents and sometimes an empty one.
    #[column(unique)]
    #[source(with = "crate::convert::number")]
    pub teufelsturm_id: Option<i32>,
    /// What climbers there think of it, from -3 to 3; a text in the documents and sometimes an empty one.
    #[column(type = "smallint", check = "teufelsturm_score BETWEEN -3 AND 3")]
    #[source(with = "crate::convert::number")]
    pub teufelsturm_score: Option<i16>,
    /// The grade in the usual style.
    #[source(field = "difficulty.normal")]
    pub grade: Option<String>,
    /// The grade of a climb without resting.
    #[source(field = "difficulty.RP")]
    pub grade_rot_punkt: Option<String>,
    /// The grade without support from a partner.
    #[source(field = "difficulty.withoutSupport")]
    pub grade_without_support: Option<String>,
    /// The grade of a jump.
    #[source(field = "difficulty.jump")]
    pub grade_jump: Option<String>,
    /// How beautiful it is.
    pub stars: Option<i32>,
    /// How often Mongoose has changed the document's arrays.
    #[source(field = "__v")]
    pub version: i32,
}
