//! The rows themselves.

mod admin;
mod analyzer;
mod organizations;
mod query;
mod s3;

use std::sync::LazyLock;

use super::Row;

static TABLE: LazyLock<Vec<&'static Row>> = LazyLock::new(|| {
    [s3::ROWS, query::ROWS, organizations::ROWS, analyzer::ROWS, admin::ROWS]
        .into_iter()
        .flatten()
        .collect()
});

/// Every row there is.
///
/// ```
/// let names: Vec<_> = strongroom_api::operation::table().iter().map(|row| row.name).collect();
/// assert!(names.contains(&"GetObject") && names.contains(&"AssumeRole"));
/// ```
#[must_use]
pub fn table() -> &'static [&'static Row] {
    &TABLE
}
