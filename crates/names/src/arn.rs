//! Amazon resource names: `arn:partition:service:region:account:resource`.

use std::str::FromStr;

use crate::word::word;
use crate::{AccountId, BucketName, EntityPath, ObjectKey, SessionName};

/// A whole resource name: six parts, of which only the last may contain colons. Never a pattern:
/// `*` and `?` are ordinary characters here.
///
/// ```
/// use strongroom_names::Arn;
/// let arn: Arn = "arn:aws:s3:::logs/a:b".parse().unwrap();
/// assert_eq!(arn.service(), "s3");
/// assert_eq!(arn.resource(), "logs/a:b");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arn(String);

/// The text is not a whole resource name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadArn {
    /// There are fewer than six parts, or the first is not `arn`.
    #[error("`{0}` is not a resource name: write `arn:partition:service:region:account:resource`")]
    Shape(String),
    /// The partition, the service or the resource is empty.
    #[error("`{0}` is not a resource name: partition, service and resource must not be empty")]
    Empty(String),
}

/// How many parts a resource name has.
const PARTS: usize = 6;

impl Arn {
    /// The bucket itself (`arn:aws:s3:::bucket`).
    #[must_use]
    pub fn bucket(bucket: &BucketName) -> Self {
        Self(["arn:aws:s3:::", bucket.as_str()].concat())
    }

    /// An object in a bucket (`arn:aws:s3:::bucket/key`).
    #[must_use]
    pub fn object(bucket: &BucketName, key: &ObjectKey) -> Self {
        Self(["arn:aws:s3:::", bucket.as_str(), "/", key.as_str()].concat())
    }

    /// Every resource: what an action without a resource type is decided against.
    #[must_use]
    pub fn any() -> Self {
        Self("*".to_owned())
    }

    /// The account's root (`arn:aws:iam::A:root`).
    #[must_use]
    pub fn root(account: AccountId) -> Self {
        Self(format!("arn:aws:iam::{account}:root"))
    }

    /// An IAM entity: `kind` is `user`, `role`, `group`, `policy`, `oidc-provider` and so on.
    #[must_use]
    pub fn iam(account: AccountId, kind: &str, path: &EntityPath, name: &str) -> Self {
        Self(["arn:aws:iam::", account.as_str(), ":", kind, path.as_str(), name].concat())
    }

    /// A role session (`arn:aws:sts::A:assumed-role/Role/Session`); the role's path is dropped.
    #[must_use]
    pub fn assumed_role(account: AccountId, role: &str, session: &SessionName) -> Self {
        let (account, session) = (account.as_str(), session.as_str());
        Self(["arn:aws:sts::", account, ":assumed-role/", role, "/", session].concat())
    }

    /// A federated-user session (`arn:aws:sts::A:federated-user/Name`).
    #[must_use]
    pub fn federated_user(account: AccountId, name: &str) -> Self {
        Self(format!("arn:aws:sts::{account}:federated-user/{name}"))
    }

    /// The partition, such as `aws`; empty for `*`.
    #[must_use]
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The service, such as `s3`; empty for `*`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The region; empty for `s3`, `iam` and `sts`.
    #[must_use]
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// The account's text; empty for buckets and objects.
    #[must_use]
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// All after the fifth colon; empty for `*`.
    #[must_use]
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    fn part(&self, index: usize) -> &str {
        // Asked for many times a request: bytes are quicker than a search for a character.
        let mut rest = self.0.as_str();
        let colon = |text: &str| text.as_bytes().iter().position(|byte| *byte == b':');
        for _ in 0..index {
            let after = colon(rest).and_then(|colon| rest.get(colon.saturating_add(1)..));
            let Some(after) = after else { return "" };
            rest = after;
        }
        let last = index.saturating_add(1) >= PARTS;
        let end = if last { None } else { colon(rest) };
        end.and_then(|colon| rest.get(..colon)).unwrap_or(rest)
    }
}

impl FromStr for Arn {
    type Err = BadArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(PARTS, ':');
        let six: [Option<&str>; PARTS] = std::array::from_fn(|_| parts.next());
        match six {
            [Some("arn"), Some(partition), Some(service), _, _, Some(resource)] => {
                if partition.is_empty() || service.is_empty() || resource.is_empty() {
                    Err(BadArn::Empty(text.to_owned()))
                } else {
                    Ok(Self(text.to_owned()))
                }
            }
            _ if text == "*" => Ok(Self::any()),
            _ => Err(BadArn::Shape(text.to_owned())),
        }
    }
}

word!(Arn, BadArn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_part_keeps_its_colons_and_slashes() {
        let arn: Arn = "arn:aws:s3:::b/a:b/c".parse().unwrap();
        assert_eq!((arn.region(), arn.account(), arn.resource()), ("", "", "b/a:b/c"));
    }

    #[test]
    fn every_part_is_what_splitting_at_colons_gives() {
        for text in
            ["*", "arn:aws:s3:::b", "arn:p:s:r:a:x:y::z", "arn:aws:iam::1:role/é:", "arn:a:b:::::"]
        {
            let arn: Arn = text.parse().unwrap();
            let parts: Vec<&str> = text.splitn(PARTS, ':').collect();
            let own = [arn.partition(), arn.service(), arn.region(), arn.account(), arn.resource()];
            for (index, own) in (1..).zip(own) {
                assert_eq!(own, parts.get(index).copied().unwrap_or_default(), "{text} {index}");
            }
        }
    }

    #[test]
    fn short_and_empty_names_are_refused() {
        for bad in ["", "arn", "arn:aws:s3", "arn:aws:s3:::", "arn::s3:::b", "arn:aws::::b"] {
            assert!(bad.parse::<Arn>().is_err(), "{bad}");
        }
    }
}
