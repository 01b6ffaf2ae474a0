//! The rows of AWS's Access Analyzer.

use identity::ops;

use crate::analyzer::{access_not_granted, no_new_access, no_public_access, validate};
use crate::operation::Row;

macro_rules! row {
    ($path:literal, $op:ident, $serve:path) => {
        Row::analyzer::<ops::$op>($path, |x| Box::pin($serve(x)))
    };
}

pub(super) const ROWS: &[Row] = &[
    row!("/policy/validation", ValidatePolicy, validate),
    row!("/policy/check-no-new-access", CheckNoNewAccess, no_new_access),
    row!("/policy/check-access-not-granted", CheckAccessNotGranted, access_not_granted),
    row!("/policy/check-no-public-access", CheckNoPublicAccess, no_public_access),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyzer::PATHS;
    use crate::operation::Route;

    #[test]
    fn every_path_has_a_row_and_every_row_a_path() {
        let paths = ROWS.iter().map(|row| match row.route {
            Route::Json { path, .. } => path,
            _ => "",
        });
        assert_eq!(paths.collect::<Vec<_>>(), PATHS);
    }
}
