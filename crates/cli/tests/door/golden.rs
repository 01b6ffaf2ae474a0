//! Golden files: what may change only in review. `UPDATE_GOLDEN=1` writes them anew.

use std::path::Path;

use api::operation::{Access, Route, Row, table};
use policy::operation::Need;

pub(crate) use crate::samples::key;

/// Compares with `tests/golden/NAME`, line by line.
pub(crate) fn compare(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    #[expect(clippy::disallowed_methods, reason = "asks to write golden files, not to configure")]
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    if update {
        std::fs::write(&file, found).unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    let (old, new): (Vec<_>, Vec<_>) = (golden.lines().collect(), found.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}\n"));
    let came = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}\n"));
    let changes: String = gone.chain(came).collect();
    assert!(
        golden == found,
        "tests/golden/{name} is not what the server does. If the change is meant, run the test \
         with UPDATE_GOLDEN=1 and have the difference reviewed:\n{changes}"
    );
}

/// The actions of a row without which it refuses.
pub(crate) fn required(row: &Row) -> Vec<String> {
    let checks = (row.checks)().into_iter();
    let required = checks.filter(|(_, need)| *need == Need::Required);
    required.map(|(action, _)| action.to_string()).collect()
}

fn shown(row: &Row) -> String {
    let route = match row.route {
        Route::Rest(route) => {
            let literal = |(name, value): &(&str, &str)| match *value {
                "" => (*name).to_owned(),
                value => format!("{name}={value}"),
            };
            let parameters = route.parameters.iter().map(|name| format!("{name}=…"));
            let query: Vec<_> = route.literals.iter().map(literal).chain(parameters).collect();
            let headers: String = route.headers.iter().map(|name| format!(" +{name}")).collect();
            let mark = if query.is_empty() { "" } else { "?" };
            format!("{} {:?}{mark}{}{headers}", route.method, route.level, query.join("&"))
        }
        Route::Query { service, action } => format!("POST / {service} Action={action}"),
        Route::Target { service, action } => format!("POST / {service} X-Amz-Target {action}"),
        Route::Json { service, path } => format!("POST {path} {service}"),
        Route::Admin { method, path } => format!("{method} /-/v1/{path}"),
    };
    let check = |(action, need): (names::Action, Need)| match need {
        Need::Required => action.to_string(),
        Need::Absence => format!("({action})"),
    };
    let checks: Vec<String> = (row.checks)().into_iter().map(check).collect();
    let checks = if checks.is_empty() { "-".to_owned() } else { checks.join(" ") };
    format!("{} | {route} | {:?} | {:?} | {checks}\n", row.name, row.access, row.effect)
}

#[test]
fn every_route_is_the_one_that_was_reviewed() {
    let head = "# name | route | who may come | what it does to the disk | checks (absence)\n";
    let rows: String = table().iter().map(|row| shown(row)).collect();
    compare("routes.txt", &format!("{head}{rows}"));
}

#[test]
fn the_rows_that_a_stranger_can_come_to_are_the_ones_that_were_reviewed() {
    let mut text = String::from(
        "# Rows that can be reached without a credential. Anyone: a bucket's policy may let \
         anonymous callers in.\n# Login: an identity provider's token is the credential.\n",
    );
    for row in table().iter().filter(|row| row.access != Access::Signed) {
        text.push_str(&format!("{:?} {}\n", row.access, key(row)));
    }
    compare("strangers.txt", &text);
}
