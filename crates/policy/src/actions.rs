//! The action table: every action of S3, STS, IAM and our own admin API, with its access level, the
//! types of resources that it is asked of and the condition keys that it knows; and MinIO's
//! administrative names. The data are generated (`cargo xtask codegen actions`).
//!
//! ```
//! use strongroom_policy::actions::{self, AccessLevel, KeyType, Values};
//! let row = actions::find("S3:getobject").unwrap();
//! assert_eq!((row.name(), row.access()), ("s3:GetObject", AccessLevel::Read));
//! assert!(row.knows("s3:ExistingObjectTag/team"));
//! assert!(row.resource_types().any(|kind| kind.name() == "s3:object"));
//! assert_eq!(actions::matching("s3:*ObjectTagging").count(), 3);
//! let key = actions::condition_key("aws:tagkeys").unwrap();
//! assert_eq!((key.key_type(), key.values()), (KeyType::Text, Values::Many));
//! ```

mod generated;
mod place;

pub(crate) use place::{action_number as action_by_hash, key_number as key_by_hash};

use crate::glob::{self, Case};

/// The version of the published data that the table is made from.
pub const DATA_VERSION: &str = generated::DATA_VERSION;

/// How much an action can do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AccessLevel {
    /// Sees names.
    List,
    /// Sees contents.
    Read,
    /// Changes contents.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
    /// Changes tags only.
    Tagging,
}

/// The type of a condition key's values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum KeyType {
    /// A text, which may hold anything.
    Text,
    /// A resource name.
    Arn,
    /// `true` or `false`.
    Bool,
    /// Bytes in base64.
    Binary,
    /// A moment.
    Date,
    /// An IP address.
    Ip,
    /// A number.
    Numeric,
}

impl KeyType {
    /// What a key of this type is, for a sentence.
    pub(crate) fn holds(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Arn => "a resource name",
            Self::Bool => "`true` or `false`",
            Self::Binary => "bytes in base64",
            Self::Date => "a time",
            Self::Ip => "an IP address",
            Self::Numeric => "a number",
        }
    }
}

/// Whether a key has one value or a set of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Values {
    /// One.
    One,
    /// A set: its conditions need `ForAllValues:` or `ForAnyValue:`.
    Many,
}

/// One action.
#[derive(Debug)]
pub struct ActionRow {
    name: &'static str,
    access: AccessLevel,
    resources: &'static [u8],
    set: u16,
}

/// One condition key.
#[derive(Debug)]
pub struct ConditionKey {
    name: &'static str,
    key_type: KeyType,
    values: Values,
}

/// A type of resources.
#[derive(Debug)]
pub struct ResourceType {
    name: &'static str,
    arn: &'static str,
}

/// One of MinIO's administrative actions.
#[derive(Debug)]
pub struct AdminName {
    name: &'static str,
    means: &'static [&'static str],
}

impl ActionRow {
    /// Its name, as `s3:GetObject`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How much it can do.
    #[must_use]
    pub fn access(&self) -> AccessLevel {
        self.access
    }

    /// The types of resources that it is asked of; none: of `*` alone.
    pub fn resource_types(&self) -> impl Iterator<Item = &'static ResourceType> {
        let table = generated::RESOURCES;
        self.resources.iter().filter_map(|place| table.get(usize::from(*place)))
    }

    /// The condition keys that it knows beyond those that every request has.
    pub fn condition_keys(&self) -> impl Iterator<Item = &'static ConditionKey> {
        let set = generated::SETS.get(usize::from(self.set)).copied().unwrap_or_default();
        set.iter().filter_map(|place| generated::KEYS.get(usize::from(*place)))
    }

    /// Whether it knows a key (in any case, with its tag if it has one).
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        condition_key(key).is_some_and(|known| self.condition_keys().any(|k| k.name == known.name))
    }
}

impl ConditionKey {
    /// Its name; one that ends in `/` takes a tag's or another name behind it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The type of its values.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// Whether it has one value or a set.
    #[must_use]
    pub fn values(&self) -> Values {
        self.values
    }
}

impl ResourceType {
    /// Its name, as `s3:object`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The form of its resource names, with `*` for what varies.
    #[must_use]
    pub fn arn(&self) -> &'static str {
        self.arn
    }
}

impl AdminName {
    /// MinIO's name, as `admin:CreateUser`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The actions here that do what it names; empty where nothing here does.
    #[must_use]
    pub fn means(&self) -> &'static [&'static str] {
        self.means
    }
}

/// Every action, by its name in lower case.
#[must_use]
pub fn all() -> &'static [ActionRow] {
    generated::ACTIONS
}

/// The action of this name, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static ActionRow> {
    by_name(generated::ACTIONS, name, |row| row.name)
}

/// The number that stands for an action of the table within this process.
pub(crate) fn number(name: &str) -> Option<u16> {
    u16::try_from(place_of(generated::ACTIONS, name, |row| row.name)?).ok()
}

/// The name of an action by its number.
#[inline]
pub(crate) fn name_of(number: u16) -> Option<&'static str> {
    generated::ACTIONS.get(usize::from(number)).map(|row| row.name)
}

/// The number that stands for a condition key of the table within this process, if it is written as
/// it is there.
pub(crate) fn key_number(key: &str) -> Option<u16> {
    let place = place_of(generated::KEYS, key, |row| row.name)?;
    generated::KEYS.get(place).filter(|row| row.name == key)?;
    u16::try_from(place).ok()
}

/// A condition key by its number.
#[inline]
pub(crate) fn key_of(number: u16) -> Option<&'static str> {
    generated::KEYS.get(usize::from(number)).map(|row| row.name)
}

/// Every action whose name a pattern matches, as the `Action` element does.
pub fn matching(pattern: &str) -> impl Iterator<Item = &'static ActionRow> + use<> {
    let (service, name) = pattern.split_once(':').unwrap_or(("*", pattern));
    let (service, name) = (glob::tokens(service), glob::tokens(name));
    generated::ACTIONS.iter().filter(move |row| {
        row.name.split_once(':').is_some_and(|(own, rest)| {
            glob::matches(&service, own, Case::Folded) && glob::matches(&name, rest, Case::Folded)
        })
    })
}

/// Whether the table knows the actions of a service.
#[must_use]
pub fn knows_service(service: &str) -> bool {
    const OWN: [&str; 7] =
        ["s3", "sts", "iam", "organizations", "access-analyzer", "strongroom", "admin"];
    OWN.iter().any(|own| own.eq_ignore_ascii_case(service))
}

/// What is known of a condition key, in any case and with its tag if it has one.
#[must_use]
pub fn condition_key(key: &str) -> Option<&'static ConditionKey> {
    let exact = by_name(generated::KEYS, key, |row| row.name);
    exact.or_else(|| {
        let stem = key.get(..=key.find('/')?)?;
        by_name(generated::KEYS, stem, |row| row.name)
    })
}

/// Every condition key, by its name in lower case.
#[must_use]
pub fn condition_keys() -> &'static [ConditionKey] {
    generated::KEYS
}

/// The types of resources of a service.
pub fn resource_types(service: &str) -> impl Iterator<Item = &'static ResourceType> {
    generated::RESOURCES
        .iter()
        .filter(move |row| row.name.split_once(':').is_some_and(|(own, _)| own == service))
}

/// One of MinIO's administrative actions, by its name in any case.
#[must_use]
pub fn minio(name: &str) -> Option<&'static AdminName> {
    by_name(generated::MINIO, name, |row| row.name)
}

/// All of MinIO's administrative actions.
#[must_use]
pub fn minio_names() -> &'static [AdminName] {
    generated::MINIO
}

const fn row(
    name: &'static str,
    access: AccessLevel,
    resources: &'static [u8],
    set: u16,
) -> ActionRow {
    ActionRow { name, access, resources, set }
}

const fn key(name: &'static str, key_type: KeyType, values: Values) -> ConditionKey {
    ConditionKey { name, key_type, values }
}

/// The row of a table sorted by its lower-case names.
fn by_name<T>(table: &'static [T], name: &str, of: fn(&T) -> &'static str) -> Option<&'static T> {
    table.get(place_of(table, name, of)?)
}

/// Its place in the table.
fn place_of<T>(table: &'static [T], name: &str, of: fn(&T) -> &'static str) -> Option<usize> {
    let lower = |text: &'static str| text.bytes().map(|byte| byte.to_ascii_lowercase());
    let wanted = || name.bytes().map(|byte| byte.to_ascii_lowercase());
    table.binary_search_by(|row| lower(of(row)).cmp(wanted())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<T>(table: &[T], of: fn(&T) -> &'static str) -> bool {
        table.windows(2).all(|two| of(&two[0]).to_lowercase() < of(&two[1]).to_lowercase())
    }

    #[test]
    fn every_action_and_key_is_found_by_its_number() {
        for row in generated::ACTIONS {
            let lower = row.name.to_ascii_lowercase();
            assert_eq!(number(&lower).and_then(name_of), Some(row.name));
        }
        for row in generated::KEYS {
            assert_eq!(key_number(row.name).and_then(key_of), Some(row.name));
            let lower = row.name.to_ascii_lowercase();
            assert_eq!(key_number(&lower).is_some(), lower == row.name, "{lower}");
        }
        assert_eq!((number("s3:GetObjects"), key_number("s3:prefixes")), (None, None));
        assert_eq!((name_of(u16::MAX), key_of(u16::MAX)), (None, None));
    }

    #[test]
    fn the_tables_are_sorted_and_every_row_is_found_by_its_name() {
        assert!(sorted(all(), |row| row.name));
        assert!(sorted(condition_keys(), |row| row.name));
        assert!(sorted(minio_names(), |row| row.name));
        for row in all() {
            assert_eq!(find(&row.name.to_uppercase()).unwrap().name, row.name);
            assert!(row.condition_keys().count() < 80, "{}", row.name);
        }
        for name in ["", "s3:", "s3:Fly", "ec2:RunInstances", "GetObject"] {
            assert!(find(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_table_has_the_services_it_says() {
        let count = |service: &str| matching(&format!("{service}:*")).count();
        assert!(count("s3") >= 180 && count("iam") >= 180 && count("sts") >= 16);
        assert_eq!(count("strongroom"), 21);
        assert_eq!(count("ec2"), 0);
        assert_eq!(matching("*").count(), all().len());
        assert!(condition_keys().iter().filter(|key| key.name.starts_with("aws:")).count() >= 50);
    }

    #[test]
    fn keys_have_their_types_and_tags_are_part_of_their_key() {
        for (key, kind, values) in [
            ("aws:SourceIp", KeyType::Ip, Values::One),
            ("AWS:securetransport", KeyType::Bool, Values::One),
            ("aws:PrincipalTag/team", KeyType::Text, Values::One),
            ("aws:CalledVia", KeyType::Text, Values::Many),
            ("s3:signatureAge", KeyType::Numeric, Values::One),
            ("s3:ExistingObjectTag/a/b", KeyType::Text, Values::One),
            ("s3:RequestObjectTagKeys", KeyType::Text, Values::Many),
            ("saml:edupersonaffiliation", KeyType::Text, Values::Many),
            ("accounts.google.com:google/organization_number", KeyType::Numeric, Values::One),
            ("strongroom:DayOfWeek", KeyType::Text, Values::One),
            ("strongroom:TimeOfDay/Europe/Berlin", KeyType::Text, Values::One),
        ] {
            let found = condition_key(key).unwrap_or_else(|| panic!("{key}"));
            assert_eq!((found.key_type(), found.values()), (kind, values), "{key}");
        }
        for key in ["aws:PrincipleArn", "aws:SourceIp/x", "s3:", "example.com:sub", "aws:Nothing"] {
            assert!(condition_key(key).is_none(), "{key}");
        }
    }

    #[test]
    fn a_type_says_what_its_keys_hold() {
        let said = |key: &str| condition_key(key).unwrap().key_type().holds();
        assert_eq!(said("aws:SourceIp"), "an IP address");
        assert_eq!(said("aws:SecureTransport"), "`true` or `false`");
        assert_eq!(said("s3:signatureAge"), "a number");
    }

    #[test]
    fn resources_and_names_of_minio_are_called_what_they_are() {
        let get = find("s3:GetObject").unwrap();
        let names: Vec<&str> = get.resource_types().map(ResourceType::name).collect();
        assert!(names.contains(&"s3:object"), "{names:?}");
        assert_eq!(minio("ADMIN:createuser").unwrap().name(), "admin:CreateUser");
    }

    #[test]
    fn what_minio_names_mean_is_in_the_table() {
        for row in minio_names() {
            for action in row.means {
                assert!(find(action).is_some(), "{} means {action}", row.name);
            }
        }
        assert_eq!(minio("ADMIN:createuser").unwrap().means(), ["iam:CreateUser"]);
        assert!(minio("admin:Heal").unwrap().means().is_empty());
        assert!(minio("admin:Fly").is_none());
    }
}
