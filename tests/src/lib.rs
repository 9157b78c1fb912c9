//! What the tests that cross the rooms of Whimbrel share.

pub mod example;
