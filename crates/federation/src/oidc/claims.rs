//! From verified claims to one external identity: the only file that makes one.

use identity::{ExternalGroup, ExternalIdentity, MemberOf, Vouched};
use serde_json::{Map, Value};

use super::config::Accepted;
use super::refusal::{OidcError, excerpt};
use super::verify::VerifiedClaims;

/// How many groups one token may list.
pub const GROUPS_MAX: usize = 1000;
/// How long one group may be.
pub const GROUP_BYTES_MAX: usize = 1024;
/// How deep a claim's path may go.
pub(super) const PATH_STEPS_MAX: usize = 8;

/// The claims that carry a person's name where the provider's record names none, in this order.
const DISPLAY_CLAIMS: [&str; 3] = ["preferred_username", "email", "name"];

/// The claims that are addresses of people, and end with the domain that they belong to.
const ADDRESS_CLAIMS: [&str; 2] = ["email", "upn"];
/// What parts an address, and what looks as if it did.
const ADDRESS_SIGNS: [char; 3] = ['@', '\u{ff20}', '\u{fe6b}'];

/// What was looked up elsewhere of whoever signs in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LookedUp {
    /// Their groups; `None` if the token's own list counts.
    pub groups: Option<Vec<ExternalGroup>>,
    /// What was said of all their groups by ids, whatever claim is said to list them.
    pub member_of: MemberOf,
    /// By what the provider's interface knows them, if it is asked who is still there.
    pub known_as: Option<String>,
}

/// Who the verified claims speak of.
///
/// The identity is issuer and subject; the display name is a label and never looked up. Groups are
/// taken literally: a comma in a group's name divides nothing. Groups that were looked up are all
/// that count.
///
/// # Errors
/// A claim that the provider's record names is malformed, or was left out as too large: what the
/// token does not say clearly is refused, not guessed.
pub fn external_identity(
    accepted: &Accepted,
    verified: &VerifiedClaims,
    looked_up: LookedUp,
) -> Result<ExternalIdentity, OidcError> {
    let claims = verified.claims();
    let groups = match (looked_up.groups, &accepted.claims.groups) {
        (Some(groups), _) => groups,
        (None, None) => Vec::new(),
        (None, Some(path)) => {
            let named = |id| ExternalGroup { id, name: None };
            groups(claims, path)?.into_iter().map(named).collect()
        }
    };
    if let Some(path) = &accepted.claims.policy {
        texts(claims, path)?;
    }
    addresses(claims)?;
    Ok(ExternalIdentity::vouched(Vouched {
        provider: accepted.provider.clone(),
        issuer: accepted.issuer.as_str().to_owned(),
        subject: verified.subject().to_owned(),
        audience: verified.audience().to_vec(),
        authorized_party: verified.authorized_party().map(str::to_owned),
        display: display(claims, accepted.claims.display.as_deref()),
        groups,
        member_of: looked_up.member_of,
        claims: claims.clone(),
        expires: verified.expires(),
        authenticated_at: verified.authenticated(),
        known_as: looked_up.known_as,
    }))
}

/// Refuses an address that could be said to belong to two domains, or to one that is spelled twice:
/// rules and conditions ask how an address ends.
fn addresses(claims: &Map<String, Value>) -> Result<(), OidcError> {
    let one = |text: &str| {
        text.matches(ADDRESS_SIGNS).count() <= 1
            && !text.ends_with('.')
            && !text.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    for name in ADDRESS_CLAIMS {
        let told = match claims.get(name) {
            Some(Value::Array(list)) => list.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        if !told.iter().filter_map(Value::as_str).all(one) {
            let expected = "one address of one domain, without spaces or a dot at its end";
            return Err(OidcError::ClaimMalformed { claim: name.to_owned(), expected });
        }
    }
    Ok(())
}

/// The groups of a claim; absent is none, and absent because they were too many is a refusal.
pub(super) fn groups(claims: &Map<String, Value>, path: &str) -> Result<Vec<String>, OidcError> {
    if overage(claims, path) {
        return Err(OidcError::GroupsOverage { claim: path.to_owned() });
    }
    let groups = texts(claims, path)?.unwrap_or_default();
    let sized = |group: &String| (1..=GROUP_BYTES_MAX).contains(&group.len());
    if groups.len() > GROUPS_MAX || !groups.iter().all(sized) {
        let expected = "a list of at most 1000 names of 1 to 1024 bytes";
        return Err(OidcError::ClaimMalformed { claim: path.to_owned(), expected });
    }
    Ok(groups)
}

/// Whether the provider says that it keeps this claim elsewhere (OpenID Connect Core §5.6.2), or,
/// in an implicit-flow token of Microsoft Entra, only that there are groups.
pub(super) fn overage(claims: &Map<String, Value>, path: &str) -> bool {
    let elsewhere = claims
        .get("_claim_names")
        .is_some_and(|names| names.as_object().is_none_or(|names| names.contains_key(path)));
    let hinted = path == "groups" && claims.get("hasgroups").is_some_and(|hint| hint != false);
    elsewhere || hinted
}

/// The texts of a claim: a string is one, an array of strings is several, absent is `None`.
///
/// # Errors
/// [`OidcError::ClaimMalformed`] for anything else, `null` included.
pub(super) fn texts(
    claims: &Map<String, Value>,
    path: &str,
) -> Result<Option<Vec<String>>, OidcError> {
    let malformed = || OidcError::ClaimMalformed {
        claim: path.to_owned(),
        expected: "a string or a list of strings",
    };
    match find(claims, path) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(vec![text.clone()])),
        Some(Value::Array(list)) => list
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(malformed))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(malformed()),
    }
}

/// The value at a path. A member of that whole name comes first, so a name that holds a separator
/// (`https://example.com/groups`) needs no quoting; then `/` steps into objects, then `.`.
///
/// ```text
/// groups                  {"groups": […]}
/// realm_access/roles      {"realm_access": {"roles": […]}}
/// realm_access.roles      the same
/// ```
pub(super) fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    claims.get(path).or_else(|| descend(claims, path, '/')).or_else(|| descend(claims, path, '.'))
}

fn descend<'a>(claims: &'a Map<String, Value>, path: &str, step: char) -> Option<&'a Value> {
    if path.split(step).count() > PATH_STEPS_MAX {
        return None;
    }
    let mut steps = path.split(step);
    let first = claims.get(steps.next()?)?;
    steps.try_fold(first, |value, name| value.as_object()?.get(name))
}

/// The person's name for people to read, without control characters.
fn display(claims: &Map<String, Value>, configured: Option<&str>) -> Option<String> {
    configured
        .into_iter()
        .chain(DISPLAY_CLAIMS)
        .filter_map(|path| find(claims, path)?.as_str())
        .find(|text| !text.trim().is_empty())
        .map(excerpt)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_group_claim_is_a_string_or_a_list_of_strings_at_any_path() {
        let claims = map(&json!({
            "groups": ["analysts", "a,b"],
            "role": "admin,root",
            "realm_access": {"roles": ["r1"]},
            "https://example.com/groups": ["u"],
            "a.b": ["whole name first"], "a": {"b": ["nested"]},
        }));
        let read = |path: &str| groups(&claims, path).unwrap();
        assert_eq!(read("groups"), ["analysts", "a,b"]);
        assert_eq!(read("role"), ["admin,root"]);
        assert_eq!(read("realm_access/roles"), ["r1"]);
        assert_eq!(read("realm_access.roles"), ["r1"]);
        assert_eq!(read("https://example.com/groups"), ["u"]);
        assert_eq!(read("a.b"), ["whole name first"]);
        assert_eq!(read("a/b"), ["nested"]);
        assert!(read("absent").is_empty());
        assert!(read("groups.analysts").is_empty());
    }

    /// corpus: OID-10
    /// oracle: answer, twin
    #[test]
    fn an_address_that_two_domains_could_claim_is_refused() {
        let told = |value: Value| addresses(&map(&json!({ "email": value })));
        for good in [
            json!("ana@corp.example"),
            json!("ana.b+c@sub.corp.example"),
            json!("ana_evil.example#EXT#@corp.onmicrosoft.example"),
            json!("ana"),
            json!(""),
            json!(null),
            json!(["ana@corp.example", "ana@other.example"]),
        ] {
            assert_eq!(told(good.clone()), Ok(()), "{good}");
        }
        for bad in [
            json!("ana@evil.example@corp.example"),
            json!("\"ana@evil.example\"@corp.example"),
            json!("ana\u{ff20}evil.example@corp.example"),
            json!("ana@evil.example\u{fe6b}corp.example"),
            json!("ana@corp.example."),
            json!("ana@evil.example @corp.example"),
            json!("ana@evil.example\n@corp.example"),
            json!("ana@corp.example\t"),
            json!(["ana@corp.example", "ana@evil.example@corp.example"]),
        ] {
            let refused = told(bad.clone());
            assert!(matches!(refused, Err(OidcError::ClaimMalformed { .. })), "{bad}");
        }
        assert!(addresses(&map(&json!({"upn": "ana@evil.example@corp.example"}))).is_err());
    }

    #[test]
    fn a_group_claim_of_another_type_is_refused_not_taken_for_absent() {
        for wrong in [
            json!(null),
            json!(1),
            json!(true),
            json!({"a": 1}),
            json!([1]),
            json!([["a"]]),
            json!(["a", null]),
            json!([""]),
            json!(""),
        ] {
            let claims = map(&json!({ "groups": wrong }));
            let refused = groups(&claims, "groups");
            assert!(matches!(refused, Err(OidcError::ClaimMalformed { .. })), "{claims:?}");
        }
        assert!(groups(&map(&json!({"groups": []})), "groups").unwrap().is_empty());
    }

    #[test]
    fn the_number_and_length_of_groups_are_bounded() {
        let many = |count: usize| map(&json!({ "groups": vec!["g"; count] }));
        assert!(groups(&many(GROUPS_MAX), "groups").is_ok());
        assert!(groups(&many(GROUPS_MAX + 1), "groups").is_err());
        let long = |bytes: usize| map(&json!({ "groups": ["g".repeat(bytes)] }));
        assert!(groups(&long(GROUP_BYTES_MAX), "groups").is_ok());
        assert!(groups(&long(GROUP_BYTES_MAX + 1), "groups").is_err());
    }

    #[test]
    fn groups_left_out_as_too_many_are_refused_not_taken_for_none() {
        for over in [
            json!({"_claim_names": {"groups": "src1"}}),
            json!({"_claim_names": "odd"}),
            json!({"hasgroups": true}),
            json!({"hasgroups": "true"}),
        ] {
            let refused = groups(&map(&over), "groups");
            assert!(matches!(refused, Err(OidcError::GroupsOverage { .. })), "{over}");
        }
        let other = map(&json!({"_claim_names": {"address": "src1"}, "hasgroups": false}));
        assert!(groups(&other, "groups").unwrap().is_empty());
    }

    #[test]
    fn a_path_is_bounded_in_depth() {
        let nested = |steps: usize| {
            let inner = (1..steps).fold(json!("g"), |value, _| json!({ "a": value }));
            (map(&json!({ "a": inner })), vec!["a"; steps].join("."))
        };
        let (claims, path) = nested(PATH_STEPS_MAX);
        assert!(find(&claims, &path).is_some());
        let (claims, path) = nested(PATH_STEPS_MAX + 1);
        assert!(find(&claims, &path).is_none());
    }

    #[test]
    fn the_display_name_is_the_configured_claim_or_the_first_that_says_something() {
        let claims = map(&json!({
            "preferred_username": " ", "email": "a@example.com", "name": "Ann", "nick": "an"
        }));
        assert_eq!(display(&claims, None).as_deref(), Some("a@example.com"));
        assert_eq!(display(&claims, Some("nick")).as_deref(), Some("an"));
        assert_eq!(display(&claims, Some("absent")).as_deref(), Some("a@example.com"));
        assert_eq!(display(&map(&json!({"name": "A\nB"})), None).as_deref(), Some("A\u{fffd}B"));
        assert_eq!(display(&map(&json!({})), None), None);
    }
}
