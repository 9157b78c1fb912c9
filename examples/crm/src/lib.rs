//! Example models.
//! Skeleton.
