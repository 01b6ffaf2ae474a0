//! What users sign with: access keys with the ids and secrets that files of their own give, so that
//! a fixture has the same ones each time, and passwords.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use names::{AccessKeyId, SecretBytes, SecretKey};
use serde_json::json;

use super::estate::{Estate, Kind};
use super::file::{self, File};
use super::found::{fields, needed, unless_absent};
use super::plan::{Call, Step};
use crate::client::Target;
use crate::exit::Failure;

/// Where a key is made whose id is known.
const PATH: &str = "/-/v1/access-keys";

/// The steps to what the file says of the keys and passwords of its users, behind all else that
/// makes them. `own` are the key that asks for this and those that its session was made from: they
/// are nobody's to switch off from here.
pub(super) fn steps(
    target: &Target,
    found: &Estate,
    file: &File,
    own: &BTreeSet<String>,
) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    for (name, said) in file.users.iter().flatten() {
        let is_there = found.entities.contains_key(&(Kind::User, name.clone()));
        if let Some(keys) = &said.keys {
            let found = if is_there { read(target, name)? } else { BTreeMap::new() };
            steps.extend(of_user(name, &found, keys, own)?);
        }
        if let Some(password) = &said.password {
            let asked = fields(&[("UserName", name)]);
            let profile = || unless_absent(target.query("iam", "GetLoginProfile", &asked));
            let has = is_there && profile()?.is_some();
            steps.extend(of_password(name, has, password.as_ref())?);
        }
    }
    Ok(steps)
}

/// The keys of a user, and whether each works.
fn read(target: &Target, user: &str) -> Result<BTreeMap<String, bool>, Failure> {
    let asked = fields(&[("UserName", user), ("MaxItems", "1000")]);
    let answer = target.query("iam", "ListAccessKeys", &asked)?;
    let keys = answer.find("AccessKeyMetadata").into_iter().flat_map(wire::NodeRef::children);
    let key =
        |one| Ok((needed(one, "AccessKeyId")?.to_owned(), needed(one, "Status")? == "Active"));
    keys.map(key).collect()
}

fn of_user(
    user: &str,
    found: &BTreeMap<String, bool>,
    said: &BTreeMap<String, file::UserKey>,
    own: &BTreeSet<String>,
) -> Result<Vec<Step>, Failure> {
    let place = format!("user `{user}`");
    let mut steps = Vec::new();
    let gone: BTreeSet<&String> = found.keys().filter(|id| !said.contains_key(*id)).collect();
    let off = said.iter().filter(|(_, one)| one.active == Some(false)).map(|(id, _)| id);
    if let Some(id) = gone.iter().copied().chain(off).find(|id| own.contains(*id)) {
        let why = format!(
            "nothing was changed: the access key `{id}` asks for this, itself or by its session"
        );
        return Err(Failure::Input(why));
    }
    // What goes makes room: a user has few keys.
    for id in gone {
        let fields = fields(&[("UserName", user), ("AccessKeyId", id)]);
        let call = Call::Iam("DeleteAccessKey".to_owned(), fields);
        steps.push(step("remove", user, format!("delete access key {id}"), call));
    }
    for (id, one) in said {
        id.parse::<AccessKeyId>()
            .map_err(|error| Failure::Input(format!("{place}, key `{id}`: {error}")))?;
        let active = match found.get(id) {
            Some(active) => *active,
            None => {
                steps.push(create(user, id, one.key.as_ref())?);
                true
            }
        };
        let wanted = one.active.unwrap_or(true);
        if active != wanted {
            let status = if wanted { "Active" } else { "Inactive" };
            let fields = fields(&[("UserName", user), ("AccessKeyId", id), ("Status", status)]);
            let what = format!("switch access key {id} {}", if wanted { "on" } else { "off" });
            let call = Call::Iam("UpdateAccessKey".to_owned(), fields);
            steps.push(step("change", user, what, call));
        }
    }
    Ok(steps)
}

fn create(user: &str, id: &str, key: Option<&(AccessKeyId, SecretKey)>) -> Result<Step, Failure> {
    let wrong = |why: &str| Failure::Input(format!("user `{user}`, key `{id}`: {why}"));
    let Some((given, secret)) = key else { return Err(wrong("a new key needs a `key_file`")) };
    if given.as_str() != id {
        return Err(wrong("its `key_file` holds another id"));
    }
    let body = json!({ "user": user, "access_key_id": id });
    let secret = Some(("secret_access_key", secret.clone()));
    let call = Call::Admin(Method::POST, PATH.to_owned(), body, secret);
    Ok(step("create", user, format!("create access key {id}"), call))
}

/// A password is made where there is none. Whether one that is there is the same cannot be known.
fn of_password(
    user: &str,
    has: bool,
    said: Option<&file::Password>,
) -> Result<Option<Step>, Failure> {
    Ok(match (said, has) {
        (Some(said), false) => {
            let Some(password) = said.password.clone() else {
                return Err(Failure::Broken(format!("user `{user}`: no password was read")));
            };
            let reset = said.reset.unwrap_or(false).to_string();
            let fields = fields(&[("UserName", user), ("PasswordResetRequired", &reset)]);
            let call = Call::Password(fields, password);
            Some(step("create", user, "give it a password".to_owned(), call))
        }
        (None, true) => {
            let fields = fields(&[("UserName", user)]);
            let call = Call::Iam("DeleteLoginProfile".to_owned(), fields);
            Some(step("remove", user, "delete its password".to_owned(), call))
        }
        (Some(_), true) | (None, false) => None,
    })
}

/// The fields of the request that gives a password.
pub(super) fn with_password(
    fields: &[(String, String)],
    password: &SecretBytes,
) -> Result<Vec<(String, String)>, Failure> {
    let text = String::from_utf8(password.expose().to_vec());
    let text = text.map_err(|_| Failure::Input("a password is no UTF-8".to_owned()))?;
    let mut fields = fields.to_vec();
    fields.push(("Password".to_owned(), text));
    Ok(fields)
}

fn step(change: &'static str, user: &str, what: String, call: Call) -> Step {
    Step { change, subject: format!("user {user}"), what, call }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AKIAAAAAAAAAAAAAAAAA";

    fn said(active: Option<bool>) -> BTreeMap<String, file::UserKey> {
        let key = Some((
            ONE.parse().unwrap(),
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".parse().unwrap(),
        ));
        BTreeMap::from([(
            ONE.to_owned(),
            file::UserKey { key, active, ..file::UserKey::default() },
        )])
    }

    fn whats(found: &[(&str, bool)], said: &BTreeMap<String, file::UserKey>) -> Vec<String> {
        let found = found.iter().map(|(id, on)| ((*id).to_owned(), *on)).collect();
        let own = BTreeSet::from(["AKIAOWN".to_owned()]);
        let steps = of_user("ana", &found, said, &own).unwrap();
        steps.into_iter().map(|step| step.what).collect()
    }

    #[test]
    fn keys_are_made_switched_and_removed_as_the_file_says() {
        assert_eq!(whats(&[], &said(None)), [format!("create access key {ONE}")]);
        assert_eq!(whats(&[(ONE, true)], &said(None)), Vec::<String>::new());
        assert_eq!(whats(&[(ONE, false)], &said(None)), [format!("switch access key {ONE} on")]);
        let off = [format!("switch access key {ONE} off")];
        assert_eq!(whats(&[(ONE, true)], &said(Some(false))), off);
        let other = ("AKIABBBBBBBBBBBBBBBB", true);
        let gone = ["delete access key AKIABBBBBBBBBBBBBBBB".to_owned()];
        assert_eq!(whats(&[(ONE, true), other], &said(None)), gone);
    }

    #[test]
    fn the_key_that_asks_is_neither_removed_nor_switched_off() {
        let found = BTreeMap::from([(ONE.to_owned(), true)]);
        let own = BTreeSet::from(["ASIAOWN".to_owned(), ONE.to_owned()]);
        assert!(of_user("ana", &found, &BTreeMap::new(), &own).is_err());
        assert!(of_user("ana", &found, &said(Some(false)), &own).is_err());
        assert!(of_user("ana", &found, &said(None), &own).unwrap().is_empty());
    }

    #[test]
    fn a_password_is_made_where_there_is_none_and_removed_where_none_is_wanted() {
        let said = file::Password {
            password: Some(SecretBytes::new(b"secret".to_vec())),
            ..file::Password::default()
        };
        assert!(of_password("ana", false, Some(&said)).unwrap().is_some());
        assert!(of_password("ana", true, Some(&said)).unwrap().is_none());
        assert!(of_password("ana", true, None).unwrap().is_some());
        assert!(of_password("ana", false, None).unwrap().is_none());
    }
}
