//! Canonical user ids in bucket policies: each stands for an account, and is kept and answered as
//! that account's root (S3 user guide, "Principals for bucket policies": "Amazon S3 may change the
//! canonical ID to the corresponding AWS account ID").

use std::collections::BTreeMap;

use identity::State;
use names::AccountId;
use policy::{Document, Kind};
use serde_json::{Map, Value};

use crate::canonical_user;
use crate::error::ApiError;

/// The key under which canonical ids stand.
const CANONICAL: &str = "CanonicalUser";
/// The elements that name principals.
const ELEMENTS: [&str; 2] = ["Principal", "NotPrincipal"];

/// A bucket policy that was sent, in accounts in place of canonical ids.
pub(super) struct Named {
    /// The policy: as it was sent, if it names no canonical ids.
    pub(super) text: String,
    /// The first id that is nobody's, for whoever may know it.
    pub(super) unknown: Option<String>,
}

impl Named {
    /// Reads a policy; what is no policy is left, as it was sent, for who judges it.
    pub(super) fn read(text: String, state: &State) -> Self {
        if !text.contains(CANONICAL) || Document::parse(&text, Kind::Bucket).is_err() {
            return Self { text, unknown: None };
        }
        // Each account's id is made once, however many ids are asked for.
        let known: BTreeMap<String, AccountId> =
            state.accounts().map(|account| (canonical_user(account.id), account.id)).collect();
        Self::with(text, &|id| known.get(id).copied())
    }

    fn with(text: String, find: &dyn Fn(&str) -> Option<AccountId>) -> Self {
        let Ok(mut document) = serde_json::from_str::<Value>(&text) else {
            return Self { text, unknown: None };
        };
        let mut unknown = None;
        let statements = match document.get_mut("Statement") {
            Some(Value::Array(statements)) => statements.as_mut_slice(),
            Some(one) => std::slice::from_mut(one),
            None => &mut [],
        };
        let mut changed = false;
        for statement in statements {
            for element in ELEMENTS {
                let members = statement.get_mut(element).and_then(Value::as_object_mut);
                if let Some(members) = members.filter(|members| members.contains_key(CANONICAL)) {
                    match resolved(members, find) {
                        Ok(()) => changed = true,
                        Err(id) => unknown = unknown.or(id),
                    }
                }
            }
        }
        let text = if changed && unknown.is_none() { document.to_string() } else { text };
        Self { text, unknown }
    }

    /// Refuses an id that is nobody's.
    pub(super) fn known(&self) -> Result<(), ApiError> {
        match &self.unknown {
            None => Ok(()),
            Some(id) => Err(ApiError::new(400, "MalformedPolicy", "Invalid principal in policy")
                .with("Detail", format!("\"CanonicalUser\" : \"{id}\""))),
        }
    }
}

/// Moves what is under the key to accounts. The id that is nobody's is the error; none if what
/// stands there is no list of texts.
fn resolved(
    members: &mut Map<String, Value>,
    find: &dyn Fn(&str) -> Option<AccountId>,
) -> Result<(), Option<String>> {
    let mut accounts = Vec::new();
    for id in texts(members.get(CANONICAL)).ok_or(None)? {
        let account = find(&id).ok_or(Some(id))?;
        accounts.push(Value::from(format!("arn:aws:iam::{account}:root")));
    }
    let mut all = match members.get("AWS") {
        None => Vec::new(),
        Some(Value::Array(named)) => named.clone(),
        Some(one) => vec![one.clone()],
    };
    all.extend(accounts);
    members.remove(CANONICAL);
    let one = if all.len() == 1 { all.pop() } else { None };
    members.insert("AWS".to_owned(), one.unwrap_or(Value::Array(all)));
    Ok(())
}

fn texts(value: Option<&Value>) -> Option<Vec<String>> {
    match value? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => all.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "aaaa";

    fn named(principal: &str) -> Named {
        let text = format!(r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}}}]}}"#);
        Named::with(text, &|id| (id == ID).then(|| "111122223333".parse().unwrap()))
    }

    fn principal(named: &Named) -> Value {
        let document: Value = serde_json::from_str(&named.text).unwrap();
        document["Statement"][0]["Principal"].clone()
    }

    #[test]
    fn an_id_becomes_the_root_of_its_account_beside_those_that_are_named_already() {
        let root = "arn:aws:iam::111122223333:root";
        let alone = named(r#"{"CanonicalUser": "aaaa"}"#);
        assert_eq!(principal(&alone), serde_json::json!({ "AWS": root }));
        assert!(alone.known().is_ok());
        let beside = named(r#"{"CanonicalUser": ["aaaa"], "AWS": "444455556666"}"#);
        assert_eq!(principal(&beside), serde_json::json!({ "AWS": ["444455556666", root] }));
    }

    #[test]
    fn an_id_that_is_nobodys_is_refused_and_what_names_none_stays_as_it_was_sent() {
        let nobody = named(r#"{"CanonicalUser": ["aaaa", "bbbb"]}"#);
        let error = nobody.known().unwrap_err();
        assert_eq!((error.status, error.code), (400, "MalformedPolicy"));
        assert!(nobody.text.contains("bbbb") && nobody.text.contains("aaaa"));
        let other = named(r#"{"AWS":   "444455556666"}"#);
        assert!(other.text.contains(r#"{"AWS":   "444455556666"}"#) && other.known().is_ok());
        let bad = named(r#"{"CanonicalUser": 7}"#);
        assert!(bad.text.contains("7") && bad.known().is_ok());
    }
}
