//! IAM: forms to operations, results to messages.
//!
//! Every operation speaks about the caller's own account; what a policy document, a name or a
//! number may be is said here once, in the words of IAM's errors.

pub(crate) mod account;
pub(crate) mod attachment;
pub(crate) mod group;
pub(crate) mod inline;
pub(crate) mod key;
pub(crate) mod last_accessed;
pub(crate) mod login;
pub(crate) mod mfa;
pub(crate) mod policy;
pub(crate) mod provider;
pub(crate) mod report;
pub(crate) mod role;
pub(crate) mod saml;
pub(crate) mod simulate;
pub(crate) mod tags;
pub(crate) mod user;

use std::fmt::Display;
use std::str::FromStr;

use ::policy::Kind;
use ::policy::principal::Principal;
use audit::{Permit, Reason};
use identity::ops::{
    GroupRef, KeyHolder, Page, PageRequest, PathPrefix, RequestFacts, RoleRef, Tags, UserRef,
};
use identity::{IdentityError, Perform, State, StoredPolicy};
use names::{AccountId, Arn, EntityPath};
use wire::{QueryOutput, QueryRequest};

use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Payload, Prepared};

pub(crate) type Parsed<T> = Result<T, ApiError>;

/// Performs an operation of `identity` and tells its result: the way of every IAM operation.
///
/// `tell` also sees the operation, and the state as it is after it.
pub(crate) async fn serve<Op, M>(
    x: Exchange,
    op: Parsed<Op>,
    tell: impl FnOnce(&Op, Op::Output, &State) -> M,
) -> Response
where
    Op: Perform + RequestFacts + Clone,
    M: QueryOutput,
{
    perform(x, op.map(prepared), tell).await
}

/// The same for an operation that needs more than itself, such as the session that it mints.
pub(crate) async fn perform<Op, M>(
    x: Exchange,
    prepared: Parsed<Prepared<Op>>,
    tell: impl FnOnce(&Op, Op::Output, &State) -> M,
) -> Response
where
    Op: Perform + Clone,
    M: QueryOutput,
{
    // On the heap at once: what is not begun with yet is moved as a whole, several times.
    Box::pin(x.through(prepared, async move |act: Act, permit: Permit<Op>| {
        let op = permit.op().clone();
        let output = act.services.identity.perform(permit).await?;
        let state = act.services.identity.snapshot();
        Ok(Answer::from(tell(&op, output, &state).to_response(&act.request_id)))
    }))
    .await
}

/// An operation with the condition keys that it says of itself.
pub(crate) fn prepared<Op: RequestFacts>(op: Op) -> Prepared<Op> {
    let mut prepared = Prepared::new(op);
    prepared.op.request_facts(&mut prepared.request_facts);
    prepared
}

impl Exchange {
    /// The message of a form, read only from what was verified.
    pub(crate) fn form_message<M: QueryRequest>(&self) -> Parsed<M> {
        let Payload::Parameters(form) = &self.payload else { return Err(ApiError::internal()) };
        Ok(M::parse(form)?)
    }

    /// The account that the operation speaks about: the caller's.
    pub(crate) fn own_account(&self) -> Parsed<AccountId> {
        self.known.account().ok_or_else(|| {
            let message = "The caller belongs to no account.";
            ApiError::new(403, "AccessDenied", message).because(Reason::CredentialMissing)
        })
    }

    /// A user of the caller's account, with the path at which it stands.
    fn user(&self, name: &str) -> Parsed<UserRef> {
        let state = self.services.identity.snapshot();
        Ok(state.user_ref(self.own_account()?, named(name)?))
    }

    /// A group of the caller's account.
    fn group(&self, name: &str) -> Parsed<GroupRef> {
        let state = self.services.identity.snapshot();
        Ok(state.group_ref(self.own_account()?, named(name)?))
    }

    /// A role of the caller's account.
    fn role(&self, name: &str) -> Parsed<RoleRef> {
        let state = self.services.identity.snapshot();
        Ok(state.role_ref(self.own_account()?, named(name)?))
    }

    /// The user that is named, or the user who asks if none is: for what a root does not have.
    fn user_or_self(&self, name: Option<&str>) -> Parsed<UserRef> {
        match self.holder(name)? {
            KeyHolder::User(user) => Ok(user),
            KeyHolder::Root(_) => Err(invalid("The root of an account must name a user.")),
        }
    }

    /// The user that is named, or whoever asks if none is (IAM API reference, "GetUser": "If you do
    /// not specify a user name, IAM determines the user name implicitly").
    fn holder(&self, name: Option<&str>) -> Parsed<KeyHolder> {
        let state = self.services.identity.snapshot();
        match name {
            Some(name) => Ok(KeyHolder::User(self.user(name)?)),
            None => caller_as_holder(&state, self.known.principal()),
        }
    }
}

/// Whoever asks, as somebody who can hold access keys.
fn caller_as_holder(state: &State, principal: &Principal) -> Parsed<KeyHolder> {
    match principal {
        Principal::Root { account } => Ok(KeyHolder::Root(*account)),
        Principal::User { account, name, .. } => {
            Ok(KeyHolder::User(state.user_ref(*account, name.clone())))
        }
        _ => Err(invalid("Must specify userName when calling with non-User credentials")),
    }
}

/// A parameter that cannot be what it is.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationError", message).because(Reason::Malformed { what: "form" })
}

/// A name, an id or a path prefix, by its grammar.
fn named<N>(text: &str) -> Parsed<N>
where
    N: FromStr,
    N::Err: Display,
{
    text.parse().map_err(|error: N::Err| invalid(error.to_string()))
}

/// A path; `/` if none is given.
fn path(text: Option<&str>) -> Parsed<EntityPath> {
    let bad = "The specified value for path is invalid. It must begin and end with / and contain \
               only alphanumeric characters and/or / characters.";
    let read = text.map(|text| text.parse().map_err(|_| invalid(bad))).transpose();
    read.map(Option::unwrap_or_default)
}

/// The beginning of paths; `/` if none is given.
fn prefix(text: Option<&str>) -> Parsed<PathPrefix> {
    text.map(named).transpose().map(Option::unwrap_or_default)
}

/// An ARN. The text is AWS's own, both spaces included.
pub(crate) fn arn(text: &str) -> Parsed<Arn> {
    text.parse().map_err(|_| invalid("Invalid ARN:  Could not be parsed!"))
}

/// A policy document of a kind.
pub(crate) fn document(text: &str, kind: Kind) -> Parsed<StoredPolicy> {
    Ok(StoredPolicy::parse(text, kind)?)
}

/// The page that is asked for.
fn page(marker: Option<String>, max: Option<i32>) -> Parsed<PageRequest> {
    let count =
        |max: i32| usize::try_from(max).map_err(|_| invalid("MaxItems must be between 1 and 1000"));
    let max = max.map(count).transpose()?;
    PageRequest::new(marker, max).map_err(|error| invalid(error.to_string()))
}

/// Tags as a message carries them.
fn tag_set(tags: Vec<wire::iam::Tag>) -> Parsed<Tags> {
    let pairs = tags.into_iter().map(|tag| (tag.key, tag.value));
    Ok(Tags::new(pairs).map_err(IdentityError::from)?)
}

/// Tags as a message tells them.
fn tag_elements<K: Into<String>, V: Into<String>>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Vec<wire::iam::Tag> {
    let element = |(key, value): (K, V)| wire::iam::Tag { key: key.into(), value: value.into() };
    pairs.into_iter().map(element).collect()
}

/// The tags of an entity: left out where there are none.
fn own_tags(tags: &Tags) -> Option<Vec<wire::iam::Tag>> {
    (!tags.is_empty()).then(|| tag_elements(tags.iter()))
}

/// A boundary, in the one word that IAM has for its kind.
fn boundary(arn: Option<&Arn>) -> Option<wire::iam::AttachedPermissionsBoundary> {
    arn.map(|arn| wire::iam::AttachedPermissionsBoundary {
        permissions_boundary_arn: Some(arn.to_string()),
        permissions_boundary_type: Some("Policy".to_owned()),
    })
}

/// The items of a page in the words of a message, whether there are more, and where they begin.
fn told<T, E>(page: Page<T>, tell: impl Fn(&T) -> E) -> (Vec<E>, Option<bool>, Option<String>) {
    let more = page.next.is_some();
    (page.items.iter().map(tell).collect(), Some(more), page.next)
}

/// A count as the messages write it.
fn int(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_arn_gets_the_recorded_text() {
        let error = arn("policy/Readers").unwrap_err();
        assert_eq!((error.status, error.code), (400, "ValidationError"));
        assert_eq!(error.message, "Invalid ARN:  Could not be parsed!");
        assert!(arn("arn:aws:iam::111122223333:policy/Readers").is_ok());
    }

    #[test]
    fn a_page_is_one_to_a_thousand_items() {
        assert_eq!(page(None, None).unwrap().max(), 100);
        assert_eq!(page(Some("a".into()), Some(1000)).unwrap().marker(), Some("a"));
        for bad in [-1, 0, 1001] {
            assert_eq!(page(None, Some(bad)).unwrap_err().code, "ValidationError", "{bad}");
        }
    }

    #[test]
    fn a_path_that_is_not_given_is_the_root() {
        assert_eq!(path(None).unwrap().as_str(), "/");
        assert_eq!(path(Some("/team/")).unwrap().as_str(), "/team/");
        assert!(path(Some("team")).is_err());
    }

    #[test]
    fn tags_go_in_and_come_out_and_are_left_out_where_there_are_none() {
        let tag = |key: &str| wire::iam::Tag { key: key.into(), value: "v".into() };
        let tags = tag_set(vec![tag("team"), tag("area")]).unwrap();
        assert_eq!(own_tags(&tags), Some(vec![tag("area"), tag("team")]));
        assert_eq!(own_tags(&Tags::default()), None);
        assert_eq!(tag_set(vec![tag("team"), tag("TEAM")]).unwrap_err().code, "InvalidInput");
    }

    #[test]
    fn a_document_that_is_not_a_policy_gets_the_recorded_text() {
        let error = document("{", Kind::Identity).unwrap_err();
        assert_eq!((error.status, error.code), (400, "MalformedPolicyDocument"));
        assert!(error.message.starts_with("This policy contains invalid Json (line 1, column 2:"));
    }

    #[test]
    fn who_is_named_by_nobody_is_who_asks_and_only_users_and_roots_can_be() {
        let state = State::default();
        let account: AccountId = "111122223333".parse().unwrap();
        let root = Principal::Root { account };
        assert_eq!(caller_as_holder(&state, &root).unwrap(), KeyHolder::Root(account));
        let user = Principal::User {
            account,
            name: "ana".parse().unwrap(),
            arn: "arn:aws:iam::111122223333:user/ana".parse().unwrap(),
            id: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        };
        let holder = caller_as_holder(&state, &user).unwrap();
        assert_eq!(holder.arn().as_str(), "arn:aws:iam::111122223333:user/ana");
        let session = Principal::RoleSession {
            account,
            role: "Analyst".parse().unwrap(),
            role_arn: "arn:aws:iam::111122223333:role/Analyst".parse().unwrap(),
            id: "AROAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            session: "ana".parse().unwrap(),
        };
        let error = caller_as_holder(&state, &session).unwrap_err();
        assert_eq!(error.code, "ValidationError");
        let text = "Must specify userName when calling with non-User credentials";
        assert_eq!(error.message, text);
    }
}
