//! AWS Organizations: JSON 1.1 in and out, as far as units and control policies need.
//!
//! The installation is one organisation; its managing account is the one that owns the
//! installation. What a request does not know here is refused by name, never taken and dropped.

pub(crate) mod control;
pub(crate) mod unit;

use audit::{Permit, Reason};
use identity::ops::{OrganizationRef, Page, PageRequest, RequestFacts};
use identity::{ControlKind, ControlPolicyId, ControlTarget, Perform, State, UnitId};
use names::{AccountId, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Payload};
use crate::iam::prepared;

type Parsed<T> = Result<T, ApiError>;

/// What `X-Amz-Target` begins with.
pub(crate) const TARGET: &str = "AWSOrganizationsV20161128.";
/// What such a message is.
pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Performs an operation and tells its result in JSON. `tell` sees the state as it is after it.
async fn serve<Op: Perform + RequestFacts + Clone>(
    x: Exchange,
    op: Parsed<Op>,
    tell: impl FnOnce(&Op, Op::Output, &State) -> Parsed<Value>,
) -> Response {
    x.through(op.map(prepared), async move |act: Act, permit: Permit<Op>| {
        let op = permit.op().clone();
        let output = act.services.identity.perform(permit).await?;
        let state = act.services.identity.snapshot();
        Ok(answer(&tell(&op, output, &state)?))
    })
    .await
}

fn answer(value: &Value) -> Answer {
    let text = match value {
        // An operation without a result has a body without anything.
        Value::Null => String::new(),
        other => other.to_string(),
    };
    wire::Response::text(200, CONTENT_TYPE, text).into()
}

impl Exchange {
    /// The message of a request: an object of exactly the members that the type has.
    fn json_message<T: DeserializeOwned>(&mut self) -> Parsed<T> {
        let Payload::Whole(body) = std::mem::replace(&mut self.payload, Payload::Taken) else {
            return Err(ApiError::internal());
        };
        let body: &[u8] = if body.is_empty() { b"{}" } else { &body };
        serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))
    }

    /// The organisation, and the message.
    fn asked<T: DeserializeOwned>(&mut self) -> Parsed<(OrganizationRef, T)> {
        let state = self.services.identity.snapshot();
        let organization = state.organization_ref().ok_or_else(ApiError::internal)?;
        Ok((organization, self.json_message()?))
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidInputException", message)
        .because(Reason::Malformed { what: "message" })
}

/// A message without members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The members that ask for a part of a list.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Part {
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// Most items of a page (AWS Organizations API reference, `MaxResults`).
const RESULTS_MAX: usize = 20;

fn page(next: Option<String>, max: Option<usize>) -> Parsed<PageRequest> {
    if max.is_some_and(|max| max > RESULTS_MAX) {
        return Err(invalid(format!("`MaxResults` is at most {RESULTS_MAX}")));
    }
    PageRequest::new(next, max).map_err(|error| invalid(error.to_string()))
}

/// The text of a policy: some, whatever it says.
fn content(text: &str) -> Parsed<&str> {
    if text.is_empty() { Err(invalid("`Content` is empty")) } else { Ok(text) }
}

/// Most characters of a description (AWS Organizations API reference, `Description`).
const DESCRIPTION_CHARACTERS_MAX: usize = 512;

fn description(text: String) -> Parsed<String> {
    if text.chars().count() > DESCRIPTION_CHARACTERS_MAX {
        let most = DESCRIPTION_CHARACTERS_MAX;
        return Err(invalid(format!("`Description` has more than {most} characters")));
    }
    Ok(text)
}

/// Whether it is written as the id of a root is (AWS Organizations API reference, `RootId`).
fn is_root_id(id: &str) -> bool {
    id.strip_prefix("r-").is_some_and(|rest| {
        (4..=32).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    })
}

/// A part of a list under its name, and where the next one begins.
fn listed(name: &str, request: &PageRequest, mut items: Vec<(String, Value)>) -> Value {
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    let page = Page::cut(request, items.into_iter(), |(key, _)| key.clone());
    let values: Vec<Value> = page.items.into_iter().map(|(_, value)| value).collect();
    let mut told = json!({});
    if let Some(members) = told.as_object_mut() {
        members.insert(name.to_owned(), values.into());
        members.extend(page.next.map(|next| ("NextToken".to_owned(), next.into())));
    }
    told
}

/// A unit by its id; the root's id is no unit.
fn parent(organization: &OrganizationRef, id: &str) -> Parsed<Option<UnitId>> {
    match id {
        root if root == organization.root => Ok(None),
        unit => Ok(Some(unit.parse().map_err(|_| invalid(format!("`{unit}` is no parent")))?)),
    }
}

fn unit_id(id: &str) -> Parsed<UnitId> {
    id.parse().map_err(|error: identity::BadOrganizationWord| invalid(error.to_string()))
}

fn account_id(id: &str) -> Parsed<AccountId> {
    id.parse().map_err(|_| invalid(format!("`{id}` is no account id")))
}

/// A level by its id.
fn target(organization: &OrganizationRef, id: &str) -> Parsed<ControlTarget> {
    if id == organization.root {
        return Ok(ControlTarget::Root);
    }
    let account = id.parse().map(ControlTarget::Account);
    account.or_else(|_| unit_id(id).map(ControlTarget::Unit))
}

/// The id of a level.
fn target_id(organization: &OrganizationRef, target: &ControlTarget) -> String {
    match target {
        ControlTarget::Root => organization.root.clone(),
        ControlTarget::Unit(unit) => unit.to_string(),
        ControlTarget::Account(account) => account.to_string(),
    }
}

fn kind(word: &str) -> Parsed<ControlKind> {
    ControlKind::of_word(word).ok_or_else(|| {
        invalid(format!("`{word}` is neither SERVICE_CONTROL_POLICY nor RESOURCE_CONTROL_POLICY"))
    })
}

fn policy_id(id: &str) -> Parsed<ControlPolicyId> {
    id.parse().map_err(|error: identity::BadOrganizationWord| invalid(error.to_string()))
}

/// The kind of a control policy that is only named by its id; that of a service control policy for
/// one that does not exist.
fn kind_of(state: &State, policy: &ControlPolicyId) -> ControlKind {
    if policy.as_str() == identity::RESOURCE_FULL_ACCESS {
        return ControlKind::ResourceControl;
    }
    state.control_policy(policy).map_or(ControlKind::ServiceControl, |policy| policy.kind)
}

/// A time as JSON 1.1 tells it: seconds, with a fraction.
fn seconds(time: Timestamp) -> Value {
    json!(time.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization() -> OrganizationRef {
        OrganizationRef {
            operator: "111122223333".parse().unwrap(),
            id: "o-a1b2c3d4e5".to_owned(),
            root: "r-a1b2".to_owned(),
        }
    }

    #[test]
    fn the_root_is_a_parent_and_a_target_and_no_unit() {
        let own = organization();
        assert_eq!(parent(&own, "r-a1b2").unwrap(), None);
        assert_eq!(target(&own, "r-a1b2").unwrap(), ControlTarget::Root);
        assert!(parent(&own, "r-zzzz").is_err());
        assert!(parent(&own, "ou-a1b2-abcdefgh").unwrap().is_some());
        let account = ControlTarget::Account("444455556666".parse().unwrap());
        assert_eq!(target(&own, "444455556666").unwrap(), account);
        assert_eq!(target_id(&own, &account), "444455556666");
        assert!(target(&own, "nobody").is_err());
    }

    #[test]
    fn a_list_is_told_in_parts_that_join() {
        let items = || (0..5).map(|n| (n.to_string(), json!(n))).collect::<Vec<_>>();
        let first = listed("Things", &page(None, Some(3)).unwrap(), items());
        assert_eq!(first, json!({"Things": [0, 1, 2], "NextToken": "2"}));
        let rest = listed("Things", &page(Some("2".to_owned()), None).unwrap(), items());
        assert_eq!(rest, json!({"Things": [3, 4]}));
    }

    #[test]
    fn a_page_has_twenty_items_and_not_twenty_one() {
        assert!(page(None, Some(RESULTS_MAX)).is_ok());
        assert!(page(None, Some(RESULTS_MAX + 1)).is_err());
    }

    #[test]
    fn a_description_at_its_limit_is_taken_and_one_past_it_is_not() {
        assert!(description("d".repeat(DESCRIPTION_CHARACTERS_MAX)).is_ok());
        assert!(description("d".repeat(DESCRIPTION_CHARACTERS_MAX + 1)).is_err());
    }

    #[test]
    fn the_id_of_a_root_has_its_form() {
        assert!(is_root_id("r-a1b2") && is_root_id(&format!("r-{}", "a".repeat(32))));
        for bad in ["", "r-", "r-a1b", "R-a1b2", "r-A1b2", "ou-a1b2"] {
            assert!(!is_root_id(bad), "{bad}");
        }
        assert!(!is_root_id(&format!("r-{}", "a".repeat(33))));
    }

    #[test]
    fn a_member_that_is_not_known_is_refused_by_name() {
        let error = serde_json::from_str::<Part>(r#"{"NextTokn": "x"}"#).err().unwrap();
        assert!(error.to_string().contains("NextTokn"));
    }
}
