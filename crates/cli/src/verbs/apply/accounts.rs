//! Accounts of the installation: made with the id and the root credential that are given, and
//! bounded. None is suspended or closed because a file does not name it.

use std::collections::BTreeMap;

use http::Method;
use names::{AccessKeyId, AccountId, SecretKey};
use serde_json::{Value, json};

use super::file;
use super::plan::{Call, Step};
use crate::client::Target;
use crate::exit::Failure;

/// Where accounts are.
const PATH: &str = "/-/v1/accounts";

/// An account, as far as a file can say it.
#[derive(Clone, PartialEq, Debug, Default)]
struct Account {
    name: String,
    session_seconds_max: Option<u32>,
    signature_v2: Option<String>,
}

/// What an account may be.
const STATES: [&str; 3] = ["active", "suspended", "closed"];

/// Reads those that are there, if the file speaks of any; the steps to what it says. The account
/// `own`, whose caller asks, stays in use.
pub(super) fn steps(
    target: &Target,
    own: &str,
    said: Option<&BTreeMap<String, file::Account>>,
) -> Result<Vec<Step>, Failure> {
    let Some(said) = said.filter(|said| !said.is_empty()) else { return Ok(Vec::new()) };
    let found = read(target)?;
    let mut steps = Vec::new();
    for (id, account) in said {
        let wrong = |why: &str| Failure::Input(format!("account `{id}`: {why}"));
        id.parse::<AccountId>().map_err(|error| wrong(&error.to_string()))?;
        let was = found.get(id);
        if was.is_some_and(|(was, _)| was.name != account.name) {
            return Err(wrong("the name of an account cannot be changed"));
        }
        if was.is_none() {
            let Some(key) = &account.root_key else {
                return Err(wrong("a new account needs a `root_key_file`"));
            };
            steps.push(create(id, &account.name, key));
        }
        let (was, status) = was
            .map_or((Account::default(), "active"), |(was, status)| (was.clone(), status.as_str()));
        steps.extend(bound(id, &was, account));
        steps.extend(put(id, own, status, account)?);
    }
    Ok(steps)
}

/// The accounts that there are, and whether each may be used.
fn read(target: &Target) -> Result<BTreeMap<String, (Account, String)>, Failure> {
    let mut all = BTreeMap::new();
    let mut query = String::new();
    loop {
        let answer = target.admin(&Method::GET, &format!("{PATH}{query}"), None)?;
        for one in answer.get("accounts").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
            let seconds = one.get("session_seconds_max").and_then(Value::as_u64);
            let account = Account {
                name: text("name").unwrap_or_default(),
                session_seconds_max: seconds.and_then(|seconds| seconds.try_into().ok()),
                signature_v2: text("signature_v2"),
            };
            let status = text("status").unwrap_or_else(|| "active".to_owned());
            all.insert(text("id").unwrap_or_default(), (account, status));
        }
        match answer.get("next").and_then(Value::as_str) {
            Some(next) => query = format!("?{}", crate::verbs::parameter("marker", next)),
            None => return Ok(all),
        }
    }
}

fn create(id: &str, name: &str, (key, secret): &(AccessKeyId, SecretKey)) -> Step {
    let body = json!({ "name": name, "id": id, "root_access_key_id": key });
    let secret = Some(("root_secret_access_key", secret.clone()));
    Step {
        change: "create",
        subject: format!("account {id}"),
        what: format!("create, with the root's access key {key}"),
        call: Call::Admin(Method::POST, PATH.to_owned(), body, secret),
    }
}

/// What bounds the account as a whole, if it is not so already.
fn bound(id: &str, was: &Account, said: &file::Account) -> Option<Step> {
    let now = Account {
        name: was.name.clone(),
        session_seconds_max: said.session_seconds_max.unwrap_or(was.session_seconds_max),
        signature_v2: said.signature_v2.clone().unwrap_or_else(|| was.signature_v2.clone()),
    };
    let body = json!({
        "session_seconds_max": now.session_seconds_max,
        "signature_v2": now.signature_v2,
    });
    (*was != now).then(|| Step {
        change: "change",
        subject: format!("account {id}"),
        what: "change what bounds it".to_owned(),
        call: Call::Admin(Method::PUT, format!("{PATH}/{id}"), body, None),
    })
}

/// Suspends, resumes or closes an account that is not as the file says.
fn put(id: &str, own: &str, status: &str, said: &file::Account) -> Result<Option<Step>, Failure> {
    let Some(wanted) = said.status.as_deref().filter(|wanted| *wanted != status) else {
        return Ok(None);
    };
    let wrong = |why: &str| Err(Failure::Input(format!("account `{id}`: {why}")));
    let word = match wanted {
        _ if status == "closed" => return wrong("a closed account stays closed"),
        "active" => "resume",
        _ if id == own => return wrong("nothing was changed: whoever asks for this is in it"),
        "suspended" => "suspend",
        "closed" => "close",
        _ => return wrong(&format!("`status` is one of `{}`", STATES.join("`, `"))),
    };
    let call = Call::Admin(Method::POST, format!("{PATH}/{id}/{word}"), Value::Null, None);
    let what = if word == "close" { "close for ever" } else { word };
    Ok(Some(Step {
        change: "change",
        subject: format!("account {id}"),
        what: what.to_owned(),
        call,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: &str) -> file::Account {
        serde_json::from_value(json!({ "name": "n", "status": status })).unwrap()
    }

    fn what(status: &str, wanted: &str) -> Option<String> {
        put("444455556666", "111122223333", status, &said(wanted)).unwrap().map(|step| step.what)
    }

    #[test]
    fn an_account_is_suspended_resumed_and_closed_and_never_opened_again() {
        assert_eq!(what("active", "suspended").as_deref(), Some("suspend"));
        assert_eq!(what("suspended", "active").as_deref(), Some("resume"));
        assert_eq!(what("suspended", "closed").as_deref(), Some("close for ever"));
        for state in STATES {
            assert_eq!(what(state, state), None);
        }
        for wanted in ["active", "suspended", "gone"] {
            let refused = put("444455556666", "111122223333", "closed", &said(wanted));
            assert!(refused.is_err(), "{wanted}");
        }
        assert!(put("444455556666", "111122223333", "active", &said("gone")).is_err());
    }

    #[test]
    fn the_account_of_whoever_asks_stays_in_use() {
        for wanted in ["suspended", "closed"] {
            assert!(put("111122223333", "111122223333", "active", &said(wanted)).is_err());
        }
        assert!(put("111122223333", "111122223333", "active", &said("active")).is_ok());
    }
}
