//! Pictures of clean rooms, kept as files.

use bytes::Bytes;

use super::Boxed;
use crate::domain::zone::ZoneId;

/// A picture of a clean room, as a camera of a zone showed it.
#[derive(Debug, Clone, PartialEq)]
pub struct CleanPicture {
    /// As in `ZoneOptions::cameras`.
    pub source: String,
    pub jpeg: Bytes,
}

/// Keeps, for each camera of a zone, the newest pictures that the household
/// called clean. Errors are sentences for the household.
pub trait CleanPictures: Send + Sync {
    /// Those of the given cameras, oldest first.
    fn of<'a>(
        &'a self,
        zone: ZoneId,
        sources: &'a [String],
    ) -> Boxed<'a, Result<Vec<CleanPicture>, String>>;
    /// Adds one; the oldest beyond five of a camera are dropped.
    fn add(&self, zone: ZoneId, picture: CleanPicture) -> Boxed<'_, Result<(), String>>;
    /// Forgets all of a zone.
    fn forget(&self, zone: ZoneId) -> Boxed<'_, Result<(), String>>;
}
