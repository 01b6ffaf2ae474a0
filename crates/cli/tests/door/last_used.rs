//! Reports on when services were last used: from a request to the record to the report.

use crate::client::{Answer, Ask};
use crate::fixture::{House, encoded, house};
use crate::server::OWNER;

/// How often a job is asked after.
const ASKS_MAX: usize = 5_000;

/// The report on an entity, once it is complete.
fn report(house: &House, entity: &str, granularity: &str) -> (String, Answer) {
    let fields = format!("Arn={}&Granularity={granularity}", encoded(entity));
    let begun = house.make().iam("GenerateServiceLastAccessedDetails", &fields);
    let job = begun.element("JobId").unwrap();
    for _ in 0..ASKS_MAX {
        let told = house.make().iam("GetServiceLastAccessedDetails", &format!("JobId={job}"));
        match told.element("JobStatus").unwrap().as_str() {
            "IN_PROGRESS" => {}
            "COMPLETED" => return (job, told),
            other => panic!("{other}: {}", told.body),
        }
    }
    panic!("the job does not end")
}

#[test]
fn a_report_tells_what_a_user_and_its_group_last_used_and_nothing_of_what_they_did_not() {
    let house = house();
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:List*", "organizations:List*"], "Resource": "*"}]}"#;
    let user = house.make().user("last-used", Some(policy));
    house.make().iam("CreateGroup", "GroupName=last-used");
    let fields = format!("GroupName=last-used&PolicyName=p&PolicyDocument={}", encoded(policy));
    house.make().iam("PutGroupPolicy", &fields);
    house.make().iam("AddUserToGroup", "GroupName=last-used&UserName=last-used");
    house.send(&Ask::s3("GET", "/"), &user).expect(200);
    let (job, told) =
        report(&house, &format!("arn:aws:iam::{OWNER}:user/last-used"), "ACTION_LEVEL");
    let text = &told.body;
    let (organizations, s3) = text.split_once("<ServiceNamespace>organizations").unwrap();
    assert!(!organizations.contains("LastAuthenticated>"), "{text}");
    assert!(s3.contains("<ServiceNamespace>s3</ServiceNamespace>"), "{text}");
    assert!(s3.contains("<TotalAuthenticatedEntities>1<"), "{text}");
    assert!(s3.contains("<LastAccessedTime>"), "{text}");
    let fields = format!("JobId={job}&ServiceNamespace=s3");
    let who = house.make().iam("GetServiceLastAccessedDetailsWithEntities", &fields);
    assert_eq!(who.element("Name").as_deref(), Some("last-used"));
    assert!(who.element("LastAuthenticated").is_some(), "{}", who.body);
    let (_, of_group) =
        report(&house, &format!("arn:aws:iam::{OWNER}:group/last-used"), "SERVICE_LEVEL");
    assert!(of_group.body.contains("<TotalAuthenticatedEntities>1<"), "{}", of_group.body);
    assert!(!of_group.body.contains("TrackedActions"), "{}", of_group.body);
}

#[test]
fn there_is_no_report_on_what_is_not_there_and_no_job_that_nobody_began() {
    let house = house();
    let arn = encoded(&format!("arn:aws:iam::{OWNER}:user/never-was"));
    let ask = Ask::form("iam", "GenerateServiceLastAccessedDetails", &format!("Arn={arn}"));
    assert_eq!(house.send(&ask, &crate::server::root()).code(), "NoSuchEntity");
    let fields = "JobId=11112222-3333-4444-5555-666677778888";
    let ask = Ask::form("iam", "GetServiceLastAccessedDetails", fields);
    assert_eq!(house.send(&ask, &crate::server::root()).code(), "NoSuchEntity");
}
