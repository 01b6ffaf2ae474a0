//! The format of the file: JSON, or TOML if its name ends in `.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use names::{AccessKeyId, SecretBytes, SecretKey};
use serde::de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use crate::exit::Failure;

/// What a file says. A member that is not written is not looked at; one that is written is exact.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) accounts: Option<BTreeMap<String, Account>>,
    pub(super) organization: Option<Organization>,
    pub(super) account: Option<Own>,
    pub(super) service_accounts: Option<BTreeMap<String, ServiceAccount>>,
    pub(super) policies: Option<BTreeMap<String, Managed>>,
    pub(super) groups: Option<BTreeMap<String, Entity>>,
    pub(super) users: Option<BTreeMap<String, Entity>>,
    pub(super) roles: Option<BTreeMap<String, Entity>>,
    pub(super) oidc_providers: Option<BTreeMap<String, Provider>>,
    pub(super) buckets: Option<BTreeMap<String, Bucket>>,
}

/// An account, by its id. The root's access key id and secret stand on two lines of a file of
/// their own: a file of rights is read by many, and a secret by few.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    pub(super) name: String,
    root_key_file: Option<PathBuf>,
    #[serde(skip)]
    pub(super) root_key: Option<(AccessKeyId, SecretKey)>,
    #[serde(default, deserialize_with = "written")]
    pub(super) session_seconds_max: Option<Option<u32>>,
    #[serde(default, deserialize_with = "written")]
    pub(super) signature_v2: Option<Option<String>>,
    /// `active`, `suspended` or `closed`.
    pub(super) status: Option<String>,
    /// The unit that it is in: the names on the way to it, or `root`.
    pub(super) unit: Option<String>,
}

/// The caller's own account.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Own {
    #[serde(default, deserialize_with = "written")]
    pub(super) public_access_block: Option<Option<Block>>,
}

/// Units and control policies.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Organization {
    /// The names on the way to each, from the root.
    pub(super) units: Option<BTreeSet<String>>,
    pub(super) policies: Option<BTreeMap<String, Control>>,
}

/// A control policy.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Control {
    /// `scp` or `rcp`.
    pub(super) kind: String,
    pub(super) description: Option<String>,
    pub(super) document: Value,
    /// Units, accounts, `root`.
    pub(super) attach: Option<BTreeSet<String>>,
}

/// A service account, by its access key id. All of it is exact.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceAccount {
    pub(super) name: String,
    /// `user/…`, `role/…`, `root`, or an ARN.
    pub(super) parent: String,
    pub(super) key_file: Option<PathBuf>,
    #[serde(skip)]
    pub(super) key: Option<(AccessKeyId, SecretKey)>,
    pub(super) description: Option<String>,
    pub(super) expires: Option<names::Timestamp>,
    pub(super) policy: Option<Value>,
    pub(super) active: Option<bool>,
}

/// A managed policy.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Managed {
    pub(super) path: Option<String>,
    pub(super) description: Option<String>,
    pub(super) document: Value,
    pub(super) tags: Option<BTreeMap<String, String>>,
}

/// A user, group or role.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Entity {
    pub(super) path: Option<String>,
    pub(super) policies: Option<BTreeSet<String>>,
    pub(super) inline: Option<BTreeMap<String, Value>>,
    pub(super) groups: Option<BTreeSet<String>>,
    #[serde(default, deserialize_with = "written")]
    pub(super) boundary: Option<Option<String>>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    pub(super) trust: Option<Value>,
    pub(super) description: Option<String>,
    pub(super) session_seconds_max: Option<u32>,
    /// All that there are, by their ids.
    pub(super) keys: Option<BTreeMap<String, UserKey>>,
    #[serde(default, deserialize_with = "written")]
    pub(super) password: Option<Option<Password>>,
}

/// An access key of a user, by its id.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct UserKey {
    pub(super) key_file: Option<PathBuf>,
    #[serde(skip)]
    pub(super) key: Option<(AccessKeyId, SecretKey)>,
    pub(super) active: Option<bool>,
}

/// A password for the console, which stands on the first line of a file of its own.
#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    pub(super) file: PathBuf,
    #[serde(skip)]
    pub(super) password: Option<SecretBytes>,
    /// Whether it must be changed at the first sign-in.
    pub(super) reset: Option<bool>,
}

/// A provider of identities.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    pub(super) client_ids: Option<BTreeSet<String>>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// What its logins are worth, in order.
    pub(super) rules: Option<Vec<Rule>>,
}

/// A rule that maps logins to rights.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    /// As `strongroom idp map` has it.
    pub(super) when: Vec<Value>,
    pub(super) policies: Option<Vec<String>>,
    pub(super) role: Option<String>,
    pub(super) tags: Option<BTreeMap<String, String>>,
}

/// A bucket's rights.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Bucket {
    #[serde(default, deserialize_with = "written")]
    pub(super) policy: Option<Option<Value>>,
    #[serde(default, deserialize_with = "written")]
    pub(super) public_access_block: Option<Option<Block>>,
    #[serde(default, deserialize_with = "written")]
    pub(super) ownership: Option<Option<String>>,
}

/// The four switches of the public-access block.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Block {
    pub(super) block_public_acls: bool,
    pub(super) ignore_public_acls: bool,
    pub(super) block_public_policy: bool,
    pub(super) restrict_public_buckets: bool,
}

/// A member that is there, be it `null`: gone is another thing than not said.
fn written<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// Reads the file, and the files that it names for documents.
pub(super) fn read(path: &Path) -> Result<File, Failure> {
    let text = crate::verbs::read(path)?;
    let wrong = |why: String| Failure::Input(format!("{}: {why}", path.display()));
    let toml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    let mut file: File = match toml {
        true => toml::from_str(&text).map_err(|error| wrong(error.to_string()))?,
        false => strictly(&text).map_err(|error| wrong(error.to_string()))?,
    };
    let beside = path.parent().unwrap_or(Path::new(""));
    for document in file.documents() {
        let named = match document.as_object() {
            Some(members) if members.len() == 1 => members.get("file").and_then(Value::as_str),
            _ => None,
        };
        let Some(named) = named.map(str::to_owned) else { continue };
        let place = beside.join(&named);
        let text = crate::verbs::read(&place)?;
        *document = strictly(&text)
            .map_err(|error| Failure::Input(format!("{}: {error}", place.display())))?;
    }
    for account in file.accounts.iter_mut().flat_map(BTreeMap::values_mut) {
        let named = account.root_key_file.as_ref();
        account.root_key = named.map(|named| key(&beside.join(named))).transpose()?;
    }
    for own in file.service_accounts.iter_mut().flat_map(BTreeMap::values_mut) {
        let named = own.key_file.as_ref();
        own.key = named.map(|named| key(&beside.join(named))).transpose()?;
    }
    for user in file.users.iter_mut().flat_map(BTreeMap::values_mut) {
        for own in user.keys.iter_mut().flat_map(BTreeMap::values_mut) {
            let named = own.key_file.as_ref();
            own.key = named.map(|named| key(&beside.join(named))).transpose()?;
        }
        if let Some(Some(own)) = &mut user.password {
            own.password = Some(password(&beside.join(&own.file))?);
        }
    }
    Ok(file)
}

/// An access key id and its secret, from a file of two lines.
fn key(place: &Path) -> Result<(AccessKeyId, SecretKey), Failure> {
    let (id, secret) = crate::verbs::key_file(place)?;
    let wrong = |why: &dyn fmt::Display| Failure::Input(format!("{}: {why}", place.display()));
    let id = id.parse::<AccessKeyId>().map_err(|error| wrong(&error))?;
    let secret = secret.parse::<SecretKey>().map_err(|error| wrong(&error))?;
    Ok((id, secret))
}

/// The first line of a file.
fn password(place: &Path) -> Result<SecretBytes, Failure> {
    let text = crate::verbs::read(place)?;
    let line = text.lines().next().unwrap_or_default();
    match line.is_empty() {
        true => Err(Failure::Input(format!("{}: there is no password in it", place.display()))),
        false => Ok(SecretBytes::new(line.as_bytes().to_vec())),
    }
}

impl Block {
    /// In AWS's order.
    pub(super) fn switches(&self) -> [bool; 4] {
        [
            self.block_public_acls,
            self.ignore_public_acls,
            self.block_public_policy,
            self.restrict_public_buckets,
        ]
    }
}

impl File {
    /// Every policy document.
    fn documents(&mut self) -> Vec<&mut Value> {
        let policies = self.policies.iter_mut().flat_map(BTreeMap::values_mut);
        let mut found: Vec<&mut Value> = policies.map(|policy| &mut policy.document).collect();
        for entities in [&mut self.groups, &mut self.users, &mut self.roles] {
            for entity in entities.iter_mut().flat_map(BTreeMap::values_mut) {
                found.extend(entity.inline.iter_mut().flat_map(BTreeMap::values_mut));
                found.extend(entity.trust.as_mut());
            }
        }
        let buckets = self.buckets.iter_mut().flat_map(BTreeMap::values_mut);
        found.extend(buckets.filter_map(|bucket| bucket.policy.as_mut()?.as_mut()));
        let keys = self.service_accounts.iter_mut().flat_map(BTreeMap::values_mut);
        found.extend(keys.filter_map(|key| key.policy.as_mut()));
        let controls = self.organization.iter_mut().filter_map(|own| own.policies.as_mut());
        let controls = controls.flat_map(BTreeMap::values_mut);
        found.extend(controls.map(|control| &mut control.document));
        found
    }
}

/// JSON in which no member is given twice: of two, one would be lost without a word.
pub(super) fn strictly<T: DeserializeOwned>(text: &str) -> Result<T, serde_json::Error> {
    let Once(value) = serde_json::from_str(text)?;
    serde_json::from_value(value)
}

/// A JSON value without repeated members.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Members).map(Self)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not a number"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some((name, Once(value))) = members.next_entry::<String, _>()? {
            if found.contains_key(&name) {
                return Err(de::Error::custom(format!("`{name}` is given twice")));
            }
            found.insert(name, value);
        }
        Ok(Value::Object(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_is_told_from_what_is_written_as_nothing() {
        let file: File = strictly(r#"{"users": {"a": {}, "b": {"boundary": null}}}"#).unwrap();
        let users = file.users.unwrap();
        assert_eq!(users["a"].boundary, None);
        assert_eq!(users["b"].boundary, Some(None));
    }

    #[test]
    fn a_member_that_is_unknown_or_given_twice_is_refused_by_name() {
        let refused = |text: &str| strictly::<File>(text).unwrap_err().to_string();
        assert!(refused(r#"{"user": {}}"#).contains("`user`"));
        assert!(refused(r#"{"users": {"a": {}, "a": {}}}"#).contains("`a` is given twice"));
        let twice = r#"{"policies": {"p": {"document": {"Statement": [], "Statement": []}}}}"#;
        assert!(refused(twice).contains("`Statement` is given twice"));
    }

    #[test]
    fn toml_says_the_same_as_json() {
        let text = "[users.ana]\npolicies = [\"P\"]\n[policies.P.document]\nStatement = []\n";
        let file: File = toml::from_str(text).unwrap();
        assert!(file.users.unwrap()["ana"].policies.as_ref().unwrap().contains("P"));
        assert_eq!(file.policies.unwrap()["P"].document["Statement"], serde_json::json!([]));
        assert!(toml::from_str::<File>("[users.ana]\npolicy = []\n").is_err());
    }
}
