//! What a provider said of a person, as sessions keep it: a claim with thousands of values is held
//! once, as decisions look at it, and no request copies it to be decided. A decision that a
//! condition on it had part in keeps a copy, to say what it went by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use policy::facts::{Facts, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A key with more values is shared by requests.
const COPIED_VALUES_MAX: usize = 16;

/// Condition keys of a provider with their values.
///
/// ```
/// use std::collections::BTreeMap;
/// use policy::facts::{Facts, Value};
/// use strongroom_identity::Keys;
/// let groups: Vec<String> = (0..100).map(|n| format!("g{n}")).collect();
/// let keys = Keys::from(BTreeMap::from([("idp.example:groups".to_owned(), groups.clone())]));
/// let mut facts = Facts::default();
/// keys.say(&mut facts);
/// assert_eq!(facts.get("idp.example:groups"), Some(&Value::Many(groups)));
/// ```
#[derive(Clone, Default)]
pub struct Keys {
    few: BTreeMap<String, Vec<String>>,
    /// The names of those whose values `shared` holds.
    many: BTreeSet<String>,
    shared: Arc<Facts>,
}

impl From<BTreeMap<String, Vec<String>>> for Keys {
    fn from(keys: BTreeMap<String, Vec<String>>) -> Self {
        let long: Vec<String> = keys
            .iter()
            .filter(|(name, values)| values.len() > COPIED_VALUES_MAX && is_alone(name, &keys))
            .map(|(name, _)| name.clone())
            .collect();
        let (mut few, mut many, mut shared) = (keys, BTreeSet::new(), Facts::default());
        for name in long {
            let Some(values) = few.remove(&name) else { continue };
            shared.external.set(&name, Value::Many(values));
            many.insert(name);
        }
        Self { few, many, shared: Arc::new(shared) }
    }
}

/// Whether a key is the provider's to say, and has one spelling: of two that differ by case alone,
/// which are one condition key, the last counts.
fn is_alone(name: &str, keys: &BTreeMap<String, Vec<String>>) -> bool {
    let mut said = Facts::default();
    said.external.set(name, "");
    let spelled = keys.keys().filter(|other| other.eq_ignore_ascii_case(name));
    said.get(name).is_some() && spelled.count() == 1
}

impl Keys {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.few.is_empty() && self.many.is_empty()
    }

    /// All of them, by name.
    #[must_use]
    pub fn all(&self) -> BTreeMap<&str, &[String]> {
        let few = self.few.iter().map(|(name, values)| (name.as_str(), values.as_slice()));
        let many = self.many.iter().filter_map(|name| match self.shared.get(name) {
            Some(Value::Many(values)) => Some((name.as_str(), values.as_slice())),
            _ => None,
        });
        few.chain(many).collect()
    }

    /// Says them; a key with one value is single-valued.
    pub fn say(&self, facts: &mut Facts) {
        say_external(&self.few, facts);
        if self.many.is_empty() {
            return;
        }
        let mut over = Facts::over(Arc::clone(&self.shared));
        over.request = std::mem::take(&mut facts.request);
        over.server = std::mem::take(&mut facts.server);
        over.external = std::mem::take(&mut facts.external);
        if *facts != Facts::default() {
            // They lie over others, which must not be lost: then these are copied after all.
            facts.request = over.request;
            facts.server = over.server;
            facts.external = over.external;
            facts.external.extend(&self.shared.external);
            return;
        }
        *facts = over;
    }
}

/// Says a provider's condition keys; a key with one value is single-valued.
pub(crate) fn say_external(keys: &BTreeMap<String, Vec<String>>, facts: &mut Facts) {
    for (key, values) in keys {
        match values.as_slice() {
            [one] => facts.external.set(key, one.as_str()),
            many => facts.external.set(key, Value::Many(many.to_vec())),
        }
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.all() == other.all()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.all().fmt(f)
    }
}

impl Serialize for Keys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("v{n}")).collect()
    }

    fn every_kind() -> BTreeMap<String, Vec<String>> {
        [
            ("idp.example:sub", 1),
            ("idp.example:none", 0),
            ("idp.example:few", COPIED_VALUES_MAX),
            ("idp.example:groups", 5000),
            ("idp.example:Roles", COPIED_VALUES_MAX + 1),
            ("idp.example:roles", COPIED_VALUES_MAX + 2),
            ("aws:Groups", COPIED_VALUES_MAX + 1),
        ]
        .map(|(name, count)| (name.to_owned(), values(count)))
        .into()
    }

    #[test]
    fn what_is_shared_says_what_copies_said() {
        let plain = every_kind();
        let keys = Keys::from(plain.clone());
        assert_eq!(keys.many.iter().collect::<Vec<_>>(), ["idp.example:groups"]);
        let mut under = Facts::default();
        under.server.set("aws:SourceIp", "10.0.0.1");
        let over = || Facts::over(Arc::new(under.clone()));
        for bare in [Facts::default(), over()] {
            let (mut copied, mut shared) = (bare.clone(), bare.clone());
            for facts in [&mut copied, &mut shared] {
                facts.server.set("aws:CurrentTime", "now");
            }
            say_external(&plain, &mut copied);
            keys.say(&mut shared);
            let others = ["aws:sourceip", "aws:currenttime"].map(str::to_owned);
            for name in plain.keys().chain(&others) {
                assert_eq!(shared.get(name), copied.get(name), "{name}");
            }
        }
    }

    #[test]
    fn they_are_written_as_a_map_and_read_back() {
        let plain = every_kind();
        let keys = Keys::from(plain.clone());
        let text = serde_json::to_string(&keys).unwrap();
        assert_eq!(text, serde_json::to_string(&plain).unwrap());
        assert_eq!(serde_json::from_str::<Keys>(&text).unwrap(), keys);
        assert_ne!(Keys::default(), keys);
        assert!(Keys::default().is_empty() && !keys.is_empty());
        assert_eq!(format!("{keys:?}"), format!("{plain:?}"));
    }
}
