//! Service accounts: keys with the ids and secrets that files of their own give, so that a fixture
//! has the same ones each time.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use names::{AccessKeyId, SecretKey};
use serde_json::{Value, json};

use super::file;
use super::plan::{Call, Step};
use super::wanted::Others;
use crate::client::Target;
use crate::exit::Failure;
use crate::verbs::parameter;

/// Where they are.
const PATH: &str = "/-/v1/service-accounts";

/// What one is, as far as a file can say it.
#[derive(Clone, PartialEq, Debug)]
struct Own {
    parent: String,
    name: String,
    description: Option<String>,
    expires: Option<String>,
    policy: Option<Value>,
    active: bool,
}

/// The steps to what the file says, in front of what is pruned and behind all else: whom they
/// belong to must be there. The service account that asks, itself or by a session that it made,
/// stays and stays on.
pub(super) fn steps(
    target: &Target,
    (account, behind): (&str, &BTreeSet<String>),
    said: Option<&BTreeMap<String, file::ServiceAccount>>,
    others: Others,
) -> Result<Vec<Step>, Failure> {
    let Some(said) = said else { return Ok(Vec::new()) };
    let mut wanted = BTreeMap::new();
    for (id, one) in said {
        id.parse::<AccessKeyId>()
            .map_err(|error| Failure::Input(format!("service account `{id}`: {error}")))?;
        wanted.insert(id.clone(), own(account, one));
    }
    let parents: BTreeSet<&String> = wanted.values().map(|own| &own.parent).collect();
    let mut found = BTreeMap::new();
    for parent in parents {
        found.extend(read(target, parent)?);
    }
    for asks in behind {
        let off = wanted.get(asks).is_some_and(|own| !own.active);
        let gone = others == Others::Go && found.contains_key(asks) && !wanted.contains_key(asks);
        if off || gone {
            let why = format!(
                "nothing was changed: the service account `{asks}` asks for this, itself or by \
                 its session"
            );
            return Err(Failure::Input(why));
        }
    }
    let mut steps = Vec::new();
    for (id, own) in &wanted {
        let key = said.get(id).and_then(|one| one.key.as_ref());
        match found.get(id) {
            Some(was) if was == own => {}
            Some(was) if was.parent != own.parent => {
                let why = format!("service account `{id}`: it stays its parent's");
                return Err(Failure::Input(why));
            }
            Some(_) => steps.push(change(id, own)),
            None => steps.extend(create(id, own, key)?),
        }
    }
    if others == Others::Go {
        let gone = found.keys().filter(|id| !wanted.contains_key(*id));
        steps.extend(gone.map(|id| step("remove", id, "delete", (Method::DELETE, Value::Null))));
    }
    Ok(steps)
}

fn own(account: &str, said: &file::ServiceAccount) -> Own {
    let parent = match said.parent.as_str() {
        "root" => format!("arn:aws:iam::{account}:root"),
        arn if arn.starts_with("arn:") => arn.to_owned(),
        short => format!("arn:aws:iam::{account}:{short}"),
    };
    Own {
        parent,
        name: said.name.clone(),
        description: said.description.clone(),
        expires: said.expires.map(|at| at.to_string()),
        policy: said.policy.clone(),
        active: said.active.unwrap_or(true),
    }
}

/// Those of a parent; none if it is not there yet.
fn read(target: &Target, parent: &str) -> Result<BTreeMap<String, Own>, Failure> {
    let mut all = BTreeMap::new();
    let mut query = parameter("parent", parent);
    loop {
        let answer = match target.admin(&Method::GET, &format!("{PATH}?{query}"), None) {
            Err(Failure::Absent { .. }) => return Ok(all),
            other => other?,
        };
        for one in answer.get("service_accounts").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned);
            let policy = text("policy").map(|text| serde_json::from_str(&text));
            let unreadable = |_| Failure::Broken("a policy of the server is no JSON".to_owned());
            let own = Own {
                parent: parent.to_owned(),
                name: text("name").unwrap_or_default(),
                description: text("description"),
                expires: text("expires"),
                policy: policy.transpose().map_err(unreadable)?,
                active: text("status").as_deref() == Some("active"),
            };
            all.insert(text("access_key_id").unwrap_or_default(), own);
        }
        let Some(next) = answer.get("next").and_then(Value::as_str) else { return Ok(all) };
        query = format!("{}&{}", parameter("parent", parent), parameter("marker", next));
    }
}

fn create(
    id: &str,
    own: &Own,
    key: Option<&(AccessKeyId, SecretKey)>,
) -> Result<Vec<Step>, Failure> {
    let wrong = |why: &str| Failure::Input(format!("service account `{id}`: {why}"));
    let (named, secret) = key.ok_or_else(|| wrong("a new one needs a `key_file`"))?;
    if named.as_str() != id {
        return Err(wrong("its `key_file` has the id of another"));
    }
    let mut body = body(own, json!({ "parent": own.parent, "access_key_id": id }));
    if let Some(members) = body.as_object_mut() {
        members.remove("status");
    }
    let what = format!("create for {}", own.parent);
    let secret = Some(("secret_access_key", secret.clone()));
    let create = Step {
        change: "create",
        subject: format!("service account {id}"),
        what,
        call: Call::Admin(Method::POST, PATH.to_owned(), body, secret),
    };
    // A new one works; one that is to be off is switched off next.
    let off = (!own.active).then(|| change(id, own));
    Ok(std::iter::once(create).chain(off).collect())
}

fn change(id: &str, own: &Own) -> Step {
    step("change", id, "change what it is", (Method::PUT, body(own, json!({}))))
}

fn body(own: &Own, mut into: Value) -> Value {
    if let Some(members) = into.as_object_mut() {
        members.insert("name".to_owned(), json!(own.name));
        members.insert("description".to_owned(), json!(own.description));
        members.insert("expires".to_owned(), json!(own.expires));
        members.insert("policy".to_owned(), json!(own.policy.as_ref().map(Value::to_string)));
        let status = if own.active { "active" } else { "inactive" };
        members.insert("status".to_owned(), json!(status));
    }
    into
}

fn step(change: &'static str, id: &str, what: &str, (method, body): (Method, Value)) -> Step {
    let call = Call::Admin(method, format!("{PATH}/{id}"), body, None);
    Step { change, subject: format!("service account {id}"), what: what.to_owned(), call }
}
