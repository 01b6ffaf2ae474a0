//! Tokens of Okta, and of workloads: GitHub Actions, GitLab, Kubernetes.

use serde_json::{Value, json};
use strongroom_federation::oidc::Outcome;

use crate::desk::{Behind, Desk, NOW};
use crate::stubs::{github_token, gitlab_token, kubernetes_token, okta_token};

fn desk(claims: &Value, groups: Option<&str>) -> Desk {
    let audience = claims["aud"].as_str().or_else(|| claims["aud"][0].as_str()).unwrap();
    let provider = json!({"issuer": claims["iss"], "client_ids": [audience],
                          "claims": {"groups": groups}});
    Desk::new(Behind::Slow, &provider, None)
}

#[test]
fn a_token_of_each_vendor_is_taken_and_its_claims_are_conditions() {
    for (claims, key, value) in [
        (okta_token(NOW), "example.okta.com:amr", vec!["pwd", "mfa"]),
        (
            github_token(NOW),
            "token.actions.githubusercontent.com:sub",
            vec!["repo:octo-org/octo-repo:ref:refs/heads/main"],
        ),
        (
            github_token(NOW),
            "token.actions.githubusercontent.com:job_workflow_ref",
            vec!["octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main"],
        ),
        (gitlab_token(NOW), "gitlab.com:ref_protected", vec!["true"]),
        (
            kubernetes_token(NOW),
            "oidc.cluster.example.com:sub",
            vec!["system:serviceaccount:payments:app"],
        ),
        (kubernetes_token(NOW), "oidc.cluster.example.com:aud", vec!["strongroom"]),
    ] {
        let desk = desk(&claims, None);
        let who = desk.login(&claims).unwrap();
        assert_eq!(who.condition_keys(&desk.provider.issuer)[key], value, "{key}");
        let mut other = claims.clone();
        other["aud"] = "somebody-else".into();
        assert!(desk.login(&other).is_err(), "{key}");
    }
}

#[test]
fn nested_claims_of_a_pod_are_found_by_their_path() {
    let desk = desk(&kubernetes_token(NOW), Some("kubernetes.io/namespace"));
    let pod = desk.login(&kubernetes_token(NOW)).unwrap();
    assert_eq!(pod.groups[0].id, "payments");
    assert_eq!(pod.claim_texts("kubernetes.io/serviceaccount/name"), ["app"]);
}

#[test]
fn oktas_groups_are_listed_and_their_absence_is_told_in_oktas_words() {
    let okta = desk(&okta_token(NOW), Some("groups"));
    let ids: Vec<String> =
        okta.login(&okta_token(NOW)).unwrap().groups.iter().map(|g| g.id.clone()).collect();
    assert_eq!(ids, ["Everyone", "Analysts"]);
    let mut without = okta_token(NOW);
    without.as_object_mut().unwrap().remove("groups");
    let groups = finding(&okta, &without, "groups");
    assert_eq!(groups.outcome, Outcome::Warning);
    assert!(groups.help.unwrap().contains("more than 100 groups"));
}

#[test]
fn an_audience_that_was_not_asked_for_is_told_in_the_vendors_words() {
    for (claims, audience, words) in [
        (github_token(NOW), "https://github.com/octo-org", "core.getIDToken"),
        (gitlab_token(NOW), "https://gitlab.com", "id_tokens"),
        (kubernetes_token(NOW), "https://kubernetes.default.svc", "serviceAccountToken"),
    ] {
        let desk = desk(&claims, None);
        let mut other = claims.clone();
        other["aud"] = audience.into();
        let told = finding(&desk, &other, "audience");
        assert_eq!(told.outcome, Outcome::Fail);
        assert!(told.help.unwrap().contains(words), "{audience}");
    }
}

fn finding(desk: &Desk, claims: &Value, check: &str) -> strongroom_federation::oidc::Finding {
    let report = desk.diagnose(claims);
    report.findings.into_iter().find(|finding| finding.check == check).unwrap()
}
