//! A diagnosis says the same as a login, and how to mend what fails.

use serde_json::json;

use super::super::testing::*;
use super::*;

fn report_on(token: &str, accepted: &[Accepted]) -> Diagnosis {
    let keys = |_: &IssuerUrl| Some(Ok(Arc::new(all_keys())));
    diagnose(token, accepted, &keys, now(), None)
}

fn report(token: &str) -> Diagnosis {
    report_on(token, &[accepted()])
}

fn finding(report: &Diagnosis, check: &str) -> Finding {
    let found = report.findings.iter().find(|finding| finding.check == check);
    found.unwrap_or_else(|| panic!("{check} is not in {:#?}", report.findings)).clone()
}

#[test]
fn a_good_token_passes_every_check_and_names_its_identity() {
    let report = report(&with_claims(&json!({})));
    assert!(report.is_believed());
    assert_eq!(report.refusal, None);
    assert!(report.findings.iter().all(|finding| finding.outcome == Outcome::Pass));
    assert_eq!(finding(&report, "groups").actual, "analysts, staff");
    assert_eq!(report.identity.unwrap().subject, "user-1");
    assert_eq!(report.unverified_claims.unwrap()["sub"], "user-1");
}

#[test]
fn an_unknown_issuer_is_named_with_what_to_do() {
    let unknown = report(&with_claims(&json!({"iss": "https://other.example"})));
    assert!(!unknown.is_believed());
    let issuer = finding(&unknown, "issuer");
    assert_eq!(issuer.outcome, Outcome::Fail);
    assert_eq!(issuer.expected, ISSUER);
    assert!(issuer.help.unwrap().contains("strongroom idp add https://other.example"));
    let near = report(&with_claims(&json!({"iss": "https://IDP.example/realm/"})));
    assert!(finding(&near, "issuer").help.unwrap().contains("trailing slash"));
    assert!(matches!(near.refusal, Some(OidcError::Issuer { .. })));
}

#[test]
fn an_audience_mismatch_shows_both_sides() {
    let report = report(&with_claims(&json!({"aud": "my-app"})));
    let audience = finding(&report, "audience");
    assert_eq!(
        (audience.outcome, audience.expected.as_str()),
        (Outcome::Fail, "strongroom, second")
    );
    assert!(audience.actual.contains("my-app"));
    assert!(audience.help.unwrap().contains("`my-app`"));
    assert_eq!(finding(&report, "signature").outcome, Outcome::Pass);
}

#[test]
fn a_skewed_clock_is_measured() {
    let ahead = report(&with_claims(&json!({"iat": NOW + 3600, "exp": NOW + 7200})));
    let issued = finding(&ahead, "issued");
    assert!(issued.actual.contains("3600 s ahead"), "{}", issued.actual);
    assert!(issued.help.unwrap().contains("clock"));
    let expired = report(&with_claims(&json!({"exp": NOW - 90})));
    assert!(finding(&expired, "expiry").actual.contains("90 s ago"));
    assert_eq!(expired.refusal.unwrap().code(), super::super::CallerCode::ExpiredTokenException);
}

#[test]
fn a_missing_groups_claim_is_a_warning_that_lists_what_is_there() {
    let missing = report(&with_claims(&json!({"groups": "<absent>", "roles": ["x"]})));
    assert!(missing.is_believed());
    let groups = finding(&missing, "groups");
    assert_eq!(groups.outcome, Outcome::Warning);
    assert!(groups.help.unwrap().contains("roles"));
    let over = json!({"groups": "<absent>", "_claim_names": {"groups": "src1"}});
    let over = report(&with_claims(&over));
    assert_eq!(finding(&over, "groups").outcome, Outcome::Fail);
    assert!(!over.is_believed());
}

#[test]
fn every_failing_check_is_listed_not_only_the_first() {
    let claims = json!({"aud": "other", "exp": NOW - 600, "sub": "", "azp": "other"});
    let report = report(&with_claims(&claims));
    for check in ["audience", "authorized party", "subject", "expiry"] {
        assert_eq!(finding(&report, check).outcome, Outcome::Fail, "{check}");
    }
}

#[test]
fn the_signature_is_never_repeated() {
    for token in [
        with_claims(&json!({})),
        with_claims(&json!({"aud": "other"})),
        with_header(&json!({"kid": "other"})),
        with_header(&json!({"alg": "none"})),
    ] {
        let signature = token.rsplit('.').next().unwrap().to_owned();
        let report = report(&token);
        let printed = format!("{}{report:?}", serde_json::to_string(&report).unwrap());
        assert!(!printed.contains(&signature));
        assert!(!printed.contains(&token));
    }
}

#[test]
fn a_diagnosis_and_a_login_never_disagree() {
    let mut tokens: Vec<String> = vec![String::new(), "a.b.c".to_owned(), "....".to_owned()];
    for changes in [
        json!({}),
        json!({"aud": []}),
        json!({"exp": "1"}),
        json!({"nbf": NOW + 61}),
        json!({"iat": null}),
        json!({"azp": 1}),
        json!({"sub": 1}),
        json!({"events": {}}),
        json!({"groups": 1}),
        json!({"auth_time": "x"}),
        json!({"iss": 1}),
    ] {
        tokens.push(with_claims(&changes));
    }
    for changes in [
        json!({"kid": "none"}),
        json!({"kid": "rsa"}),
        json!({"typ": "logout+jwt"}),
        json!({"alg": "HS256"}),
        json!({"jwk": {}}),
        json!({"kid": 1}),
        json!({"crit": []}),
    ] {
        tokens.push(with_header(&changes));
    }
    let good = with_claims(&json!({}));
    tokens.push(good.replace('.', "X."));
    tokens.push(format!("{good}="));
    for token in tokens {
        let login = verify::verify(&token, &accepted(), &all_keys(), now())
            .and_then(|verified| external_identity(&accepted(), &verified, LookedUp::default()));
        let report = report(&token);
        assert_eq!(report.is_believed(), login.is_ok(), "{token}");
        assert_eq!(report.is_believed(), report.refusal.is_none(), "{token}");
        if let (Err(login), Some(told)) = (login, &report.refusal) {
            let same = std::mem::discriminant(&login) == std::mem::discriminant(told);
            let issuer = matches!(told, OidcError::UnknownIssuer { .. });
            let early = report.provider.is_none();
            assert!(same || issuer || early, "{login} but {told}");
        }
    }
}

#[test]
fn no_configured_provider_and_no_keys_are_said_so() {
    let token = with_claims(&json!({}));
    let nobody = report_on(&token, &[]);
    assert!(finding(&nobody, "issuer").expected.contains("there is none"));
    let silent = diagnose(&token, &[accepted()], &|_| None, now(), None);
    assert_eq!(finding(&silent, "signature").outcome, Outcome::Skipped);
    assert!(!silent.is_believed());
}

#[test]
fn a_bad_key_of_the_provider_is_a_warning() {
    let keys = [ec_jwk("p256", "P-256", &P256), json!({"kty": "oct", "kid": "weak", "k": "AA"})];
    let keys = Arc::new(KeySet::parse(&key_set(&keys)).unwrap());
    let token = with_claims(&json!({}));
    let report = diagnose(&token, &[accepted()], &|_| Some(Ok(keys.clone())), now(), None);
    assert!(report.is_believed());
    let key = finding(&report, "key");
    assert_eq!(key.outcome, Outcome::Warning);
    assert!(key.actual.contains("weak: it is symmetric"));
}
