//! Access control lists: what was granted on a bucket or an object beside its policy (S3 user
//! guide, "Access control list (ACL) overview").
//!
//! ```
//! use strongroom_identity::{Acl, Grantee, Permission};
//! let owner = "111122223333".parse().unwrap();
//! let mut grants = Acl::private(owner).grants().to_vec();
//! grants.push((Grantee::AllUsers, Permission::Read));
//! let acl = Acl::new(grants).unwrap();
//! assert!(acl.is_public() && acl.reaches_beyond(owner));
//! assert!(!acl.without_public().is_public());
//! assert!(acl.granted(Permission::Read).count() == 2); // full control is read, too
//! ```

use names::AccountId;
use serde::{Deserialize, Serialize};

/// Most grants of a list (S3 user guide, "Access control list (ACL) overview": 100).
pub const ACL_GRANTS_MAX: usize = 100;

/// What a grant permits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// Of a bucket: list it. Of an object: read it.
    Read,
    /// Of a bucket: write into it. Of an object: nothing.
    Write,
    /// Read the list itself.
    ReadAcp,
    /// Replace the list.
    WriteAcp,
    /// All of these.
    FullControl,
}

/// Whom a grant reaches.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// An account, which delegates to its own principals by its own policies.
    Account(AccountId),
    /// Everybody, anonymous callers among them.
    AllUsers,
    /// Everybody with a credential of any account.
    AuthenticatedUsers,
    /// The service that delivers server access logs.
    LogDelivery,
}

impl Grantee {
    /// Whether a grant to it is public (S3 user guide, "The meaning of public").
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::AllUsers | Self::AuthenticatedUsers)
    }
}

/// The grants of a bucket or an object, in the order in which they were put. Its owner is told by
/// the bucket or the object itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Acl(Vec<(Grantee, Permission)>);

/// The list has more than [`ACL_GRANTS_MAX`] grants.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an ACL has at most {ACL_GRANTS_MAX} grants, not {0}")]
pub struct TooManyGrants(pub usize);

/// Why a list, or a setting that lists hang on, was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AclRefusal {
    /// 400 `AccessControlListNotSupported`: the bucket's owner owns all that is in it.
    #[error("the bucket does not allow ACLs")]
    Off,
    /// 400 `InvalidBucketAclWithObjectOwnership`: ACLs cannot be switched off while the bucket's
    /// own grants somebody else something.
    #[error("the bucket's ACL grants somebody beside its owner something")]
    InTheWay,
    /// 403 `AccessDenied`: public ACLs are blocked.
    #[error("the ACL is public, and the public-access block refuses public ACLs")]
    Public,
}

impl Acl {
    /// A list of these grants.
    ///
    /// # Errors
    /// There are more than [`ACL_GRANTS_MAX`].
    pub fn new(grants: Vec<(Grantee, Permission)>) -> Result<Self, TooManyGrants> {
        if grants.len() > ACL_GRANTS_MAX {
            Err(TooManyGrants(grants.len()))
        } else {
            Ok(Self(grants))
        }
    }

    /// The list of what nobody was granted anything on: the owner's full control.
    #[must_use]
    pub fn private(owner: AccountId) -> Self {
        Self(vec![(Grantee::Account(owner), Permission::FullControl)])
    }

    /// The grants, in their order.
    #[must_use]
    pub fn grants(&self) -> &[(Grantee, Permission)] {
        &self.0
    }

    /// Whom the permission is granted, by itself or as a part of full control.
    pub fn granted(&self, wanted: Permission) -> impl Iterator<Item = Grantee> {
        let counts = move |given: Permission| given == wanted || given == Permission::FullControl;
        self.0.iter().filter(move |(_, given)| counts(*given)).map(|(grantee, _)| *grantee)
    }

    /// Whether the public is granted anything.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.0.iter().any(|(grantee, _)| grantee.is_public())
    }

    /// The list without its grants to the public: what is left of it under `IgnorePublicAcls`.
    #[must_use]
    pub fn without_public(&self) -> Self {
        Self(self.0.iter().filter(|(grantee, _)| !grantee.is_public()).copied().collect())
    }

    /// Whether anybody but the owner is granted anything.
    #[must_use]
    pub fn reaches_beyond(&self, owner: AccountId) -> bool {
        self.0.iter().any(|(grantee, _)| *grantee != Grantee::Account(owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_at_the_limit_is_taken_and_one_past_it_is_not() {
        let grant = (Grantee::AllUsers, Permission::Read);
        assert!(Acl::new(vec![grant; ACL_GRANTS_MAX]).is_ok());
        let past = ACL_GRANTS_MAX + 1;
        assert_eq!(Acl::new(vec![grant; past]), Err(TooManyGrants(past)));
    }

    #[test]
    fn authenticated_users_are_public_and_an_account_is_not() {
        let other = Grantee::Account("444455556666".parse().unwrap());
        assert!(Grantee::AuthenticatedUsers.is_public());
        assert!(!other.is_public() && !Grantee::LogDelivery.is_public());
    }

    #[test]
    fn a_permission_is_granted_by_itself_and_by_full_control_and_by_no_other() {
        let acl = |permission| Acl::new(vec![(Grantee::AllUsers, permission)]).unwrap();
        let reads = |permission| acl(permission).granted(Permission::Read).next().is_some();
        assert!(reads(Permission::Read) && reads(Permission::FullControl));
        assert!(!reads(Permission::Write) && !reads(Permission::ReadAcp));
        assert!(!reads(Permission::WriteAcp));
    }

    #[test]
    fn a_list_reads_back_as_it_was_written() {
        let owner = "111122223333".parse().unwrap();
        let mut grants = Acl::private(owner).grants().to_vec();
        grants.push((Grantee::LogDelivery, Permission::ReadAcp));
        let acl = Acl::new(grants).unwrap();
        let text = serde_json::to_string(&acl).unwrap();
        assert_eq!(
            text,
            r#"[[{"account":"111122223333"},"full-control"],["log-delivery","read-acp"]]"#
        );
        assert_eq!(serde_json::from_str::<Acl>(&text).unwrap(), acl);
    }
}
