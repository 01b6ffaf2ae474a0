#![cfg(test)]
//! The operation table beside the action table: whatever a route decides is an action that policies
//! can name, on a resource that they can name.

use std::collections::BTreeSet;

use policy::actions::{self, ActionRow, ResourceType};
use policy::operation::Need;
use strongroom_api::operation::{Effect, Route, Row, table};
use wire::Level;

/// Operations on a bucket that decide about its objects: each object is named in the body.
const OF_OBJECTS: [&str; 2] = ["DeleteObjects", "PostObject"];

fn decided(row: &Row) -> Vec<(&'static ActionRow, Need)> {
    let known = |action: &names::Action| {
        let found = actions::find(action.as_str());
        found.unwrap_or_else(|| panic!("{}: `{action}` is not in the action table", row.name))
    };
    (row.checks)().iter().map(|(action, need)| (known(action), *need)).collect()
}

fn types(action: &ActionRow) -> Vec<&'static str> {
    action.resource_types().map(ResourceType::name).collect()
}

#[test]
fn every_action_that_a_route_decides_is_one_that_policies_can_name() {
    let mut count = BTreeSet::new();
    for row in table() {
        count.extend(decided(row).iter().map(|(action, _)| action.name()));
    }
    assert!(count.len() > 100, "{}", count.len());
}

#[test]
fn routes_of_s3_decide_about_what_their_path_names() {
    let mut wrong = Vec::new();
    for row in table() {
        let Route::Rest(route) = &row.route else { continue };
        for (action, need) in decided(row) {
            let expected = match route.level {
                // Whether something is missing is asked of what would list it.
                _ if need == Need::Absence => "s3:bucket",
                _ if OF_OBJECTS.contains(&row.name) => "s3:object",
                Level::Object => "s3:object",
                Level::Bucket => "s3:bucket",
                Level::Service | Level::Account => "",
            };
            let types = types(action);
            let right =
                if expected.is_empty() { types.is_empty() } else { types.contains(&expected) };
            if !right {
                wrong.push(format!("{}: {} is of {types:?}", row.name, action.name()));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn routes_of_iam_sts_and_ours_decide_about_resources_of_their_service() {
    for row in table() {
        let services: &[&str] = match &row.route {
            Route::Rest(_) => continue,
            Route::Target { service, .. } | Route::Json { service, .. } => &[*service],
            Route::Query { service: "iam", .. } => &["iam"],
            Route::Query { .. } => &["sts"],
            Route::Admin { .. } => &["strongroom", "iam", "s3", "sts"],
        };
        for (action, _) in decided(row) {
            let service = action.name().split(':').next().unwrap_or_default();
            assert!(services.contains(&service), "{}: {}", row.name, action.name());
            for kind in action.resource_types() {
                let arn: Vec<&str> = kind.arn().splitn(6, ':').collect();
                let own = ["iam", "sts", "s3", "strongroom", "organizations"];
                assert!(own.contains(&arn[2]), "{}", kind.arn());
            }
        }
    }
}

#[test]
fn every_action_of_ours_is_decided_by_a_route_on_one_type_of_resource() {
    let mut decided_ones = BTreeSet::new();
    for row in table() {
        decided_ones.extend(decided(row).iter().map(|(action, _)| action.name()));
    }
    for action in actions::matching("strongroom:*") {
        assert!(decided_ones.contains(action.name()), "no route decides {}", action.name());
        assert!(action.resource_types().count() <= 1, "{}", action.name());
        // What they know of a request is what every request has.
        assert_eq!(action.condition_keys().count(), 0, "{}", action.name());
    }
}

#[test]
fn what_only_reads_decides_no_action_that_writes() {
    use actions::AccessLevel::{List, Read};
    for row in table().iter().filter(|row| row.effect == Effect::Read) {
        for (action, _) in decided(row) {
            let service = action.name().split(':').next().unwrap_or_default();
            // A session that is made is nothing on the disk; the data call it a write.
            let reads = matches!(action.access(), List | Read) || service == "sts";
            assert!(reads, "{} decides {}", row.name, action.name());
        }
    }
}

/// What a route cannot do without.
fn needed(name: &str) -> Vec<&'static str> {
    let row = table().iter().find(|row| row.name == name);
    let row = row.unwrap_or_else(|| panic!("there is no route {name}"));
    let all = decided(row).into_iter();
    all.filter(|(_, need)| *need == Need::Required).map(|(action, _)| action.name()).collect()
}

#[test]
fn uploads_in_parts_are_put_object_and_taking_a_setting_away_is_putting_it() {
    for name in ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObject"] {
        assert!(needed(name).contains(&"s3:PutObject"), "{name}: {:?}", needed(name));
    }
    assert_eq!(needed("UploadPart"), ["s3:PutObject"]);
    assert_eq!(needed("CompleteMultipartUpload"), ["s3:PutObject"]);
    assert_eq!(needed("HeadBucket"), ["s3:ListBucket"]);
    // Only these three have an action of their own.
    let own = ["DeleteBucket", "DeleteBucketPolicy", "DeleteBucketWebsite"];
    let settings = |name: &str| {
        (name.starts_with("DeleteBucket") || name == "DeletePublicAccessBlock")
            && !own.contains(&name)
    };
    let mut count = 0;
    for row in table().iter().filter(|row| settings(row.name)) {
        count += 1;
        let actions = needed(row.name);
        assert!(actions.iter().all(|name| name.starts_with("s3:Put")), "{}: {actions:?}", row.name);
    }
    assert!(count > 0);
}
