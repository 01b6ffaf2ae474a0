//! The installation's own bound on sessions, for every operation of STS that gives one: asked
//! before anything else is looked at. What account, role and provider bound is held in `identity`.

use crate::client::{Answer, Ask, By, Client};
use crate::fixture::{EVERYTHING, Maker, encoded, session};
use crate::server::{OWNER, Server, root};

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, if answer.status == 200 { String::new() } else { answer.code() })
}

#[test]
fn no_operation_gives_a_session_beyond_what_the_installation_allows() {
    // Less than AWS's bound of a role, more than it, and all that there is.
    for most in [7200, 86_400, 31_536_000_u32] {
        let server = Server::set("STRONGROOM_STS_SESSION_SECONDS_MAX", &most.to_string());
        let client = Client { address: server.address, now: None };
        let root = root();
        let make = Maker { client, by: &root };
        let ana = make.user("ana", Some(EVERYTHING));
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRole",
                "Principal":{{"AWS":"arn:aws:iam::{OWNER}:user/ana"}}}}}}"#
        );
        let role = most.clamp(3600, 31_536_000);
        make.iam(
            "CreateRole",
            &format!(
                "RoleName=R&MaxSessionDuration={role}&AssumeRolePolicyDocument={}",
                encoded(&trust)
            ),
        );
        let asks = [
            ("AssumeRole", format!("RoleArn=arn:aws:iam::{OWNER}:role/R&RoleSessionName=run")),
            ("AssumeRole", String::new()),
            ("GetSessionToken", String::new()),
            ("GetFederationToken", "Name=app".to_owned()),
        ];
        for (action, fields) in &asks {
            let ask = |seconds: u32| {
                let fields = format!("{fields}&DurationSeconds={seconds}");
                client.send(&Ask::form("sts", action, &fields), By::Key(&ana))
            };
            let at = ask(most);
            assert_eq!(code(&at), (200, String::new()), "{action} {fields} {most}: {at:?}");
            assert!(session(&at).session_token.is_some());
            let past = ask(most + 1);
            assert_eq!(code(&past), (400, "ValidationError".to_owned()), "{action} {most}");
        }
        // Who signs in with a token or a password is refused for that, once the time is right.
        let logins = [
            ("AssumeRoleWithWebIdentity", "WebIdentityToken=none", "InvalidIdentityToken"),
            ("AssumeRoleWithLDAPIdentity", "LDAPUsername=ana&LDAPPassword=none", "AccessDenied"),
        ];
        for (action, fields, otherwise) in logins {
            for (seconds, expected) in [(most, otherwise), (most + 1, "ValidationError")] {
                let fields = format!("{fields}&DurationSeconds={seconds}");
                let ask = Ask::form("sts", action, &fields);
                let answer = client.send(&ask, By::Nobody);
                assert_eq!(answer.code(), expected, "{action} {seconds}: {answer:?}");
            }
        }
    }
}
