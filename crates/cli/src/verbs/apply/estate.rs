//! Who may what in an account, as far as a file can say it: the same words for what is there and
//! for what is wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// What has policies.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Group,
    User,
    Role,
}

impl Kind {
    /// As IAM's operations and parameters have it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::User => "User",
            Self::Role => "Role",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Group => "group",
            Self::User => "user",
            Self::Role => "role",
        })
    }
}

/// A user, group or role. What its kind does not have is empty.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Entity {
    pub(super) path: String,
    /// ARNs of managed policies.
    pub(super) attached: BTreeSet<String>,
    pub(super) inline: BTreeMap<String, Value>,
    pub(super) groups: BTreeSet<String>,
    /// The ARN of a managed policy.
    pub(super) boundary: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) trust: Option<Value>,
    pub(super) description: Option<String>,
    pub(super) session_seconds_max: Option<u32>,
}

/// A managed policy.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Managed {
    pub(super) path: String,
    pub(super) description: Option<String>,
    /// What the version says that counts.
    pub(super) document: Value,
    /// `None`: nobody asked.
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// The versions that do not count, newest first, and what they say.
    pub(super) others: Vec<(String, Value)>,
}

/// A provider of identities.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Provider {
    pub(super) client_ids: BTreeSet<String>,
    /// `None`: nobody asked.
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// What its logins are worth, in the server's words. `None`: nobody asked.
    pub(super) rules: Option<Vec<Value>>,
}

/// A bucket's rights.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Bucket {
    pub(super) policy: Option<Value>,
    /// The four switches of the public-access block in AWS's order; `None`: there is none.
    pub(super) public_access_block: Option<[bool; 4]>,
    /// Who owns what is written into it; `None`: as before there was such a setting.
    pub(super) ownership: Option<String>,
}

impl Bucket {
    /// How one begins: all four switches on, and all in it its owner's.
    pub(super) fn new() -> Self {
        let ownership = Some("BucketOwnerEnforced".to_owned());
        Self { policy: None, public_access_block: Some([true; 4]), ownership }
    }
}

/// The names of the four switches.
pub(super) const SWITCHES: [&str; 4] =
    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

/// An account.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Estate {
    pub(super) account: String,
    pub(super) policies: BTreeMap<String, Managed>,
    pub(super) entities: BTreeMap<(Kind, String), Entity>,
    /// By ARN.
    pub(super) providers: BTreeMap<String, Provider>,
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// The account's own public-access block, if the file speaks of it.
    pub(super) public_access_block: Option<[bool; 4]>,
    /// What policies say that every installation has, by ARN.
    pub(super) canned: BTreeMap<String, Value>,
}

impl Estate {
    /// The ARN of something in this account.
    pub(super) fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.account)
    }

    /// The ARN of a managed policy of this account, if there is one of that name.
    pub(super) fn policy_arn(&self, name: &str) -> Option<String> {
        self.policies.get(name).map(|policy| self.arn("policy", &policy.path, name))
    }

    /// What the policy of an ARN says.
    pub(super) fn document(&self, arn: &str) -> Option<&Value> {
        let own = || {
            let name = arn.rsplit('/').next()?;
            let policy = self.policies.get(name)?;
            (self.arn("policy", &policy.path, name) == arn).then_some(&policy.document)
        };
        self.canned.get(arn).or_else(own)
    }

    /// The policies of a user or role and of the groups it is in: their names and what they say.
    pub(super) fn policies_of<'a>(&'a self, entity: &'a Entity) -> Vec<(String, &'a Value)> {
        let groups = entity.groups.iter();
        let groups = groups.filter_map(|name| self.entities.get(&(Kind::Group, name.clone())));
        let mut found = Vec::new();
        for holder in std::iter::once(entity).chain(groups) {
            let inline = holder.inline.iter();
            found.extend(inline.map(|(name, text)| (format!("inline:{name}"), text)));
            let attached = holder.attached.iter();
            found.extend(attached.filter_map(|arn| Some((arn.clone(), self.document(arn)?))));
        }
        found
    }
}
