//! Whom a policy case means by its principal.

use strongroom_policy::case;
use strongroom_policy::principal::Principal;

fn read(principal: &str) -> Option<Principal> {
    let text = format!(
        r#"{{"request": {{"principal": "{principal}", "action": "s3:GetObject",
             "resource": "arn:aws:s3:::bucket/key"}}}}"#
    );
    let cases = case::parse(&text).ok()?;
    Some(cases.first()?.question().principal.clone())
}

#[test]
fn a_role_is_asked_for_as_one_of_its_sessions() {
    let role = read("arn:aws:iam::111122223333:role/Analyst");
    assert!(matches!(role, Some(Principal::RoleSession { .. })), "{role:?}");
}

#[test]
fn a_root_has_no_name_and_a_made_session_has_one() {
    let root = read("arn:aws:iam::111122223333:root");
    assert!(matches!(root, Some(Principal::Root { .. })), "{root:?}");
    assert_eq!(read("arn:aws:iam::111122223333:root/x"), None);
    let made = read("arn:aws:sts::111122223333:federated-user/made");
    assert!(matches!(made, Some(Principal::FederatedUser { .. })), "{made:?}");
    assert_eq!(read("arn:aws:sts::111122223333:federated-user/"), None);
}
