//! Who asks, and everything a revocation can name about them.

use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;

use names::{AccessKeyId, AccountId, Arn, Timestamp, UniqueId};
use policy::principal::Principal;
use serde::{Deserialize, Serialize};

/// A caller whose identity was proved (or who has none), as the door found it.
///
/// It holds no secret by construction: key *ids*, ARNs and labels only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Who {
    /// The caller as policies see it.
    pub principal: Principal,
    /// The access key id that signed, if any.
    pub credential: Option<AccessKeyId>,
    /// How the caller proved it.
    pub how: How,
    /// The person or workload behind a federated caller.
    pub human: Option<Human>,
    /// Everything that a revocation may name and that this caller depends on: account, key,
    /// session, principals (the role *and* whoever assumed it), provider.
    pub chain: Vec<ChainLink>,
    /// When the caller's session ends by itself.
    pub session_expires: Option<Timestamp>,
    /// What whoever found the caller keeps of it.
    pub kept: Kept,
}

impl Who {
    /// A caller without a credential of any kind.
    #[must_use]
    pub fn anonymous() -> Self {
        Self {
            principal: Principal::Anonymous,
            credential: None,
            how: How::Anonymous,
            human: None,
            chain: Vec::new(),
            session_expires: None,
            kept: Kept::default(),
        }
    }
}

/// What the room that found a caller keeps of it for itself, until the caller comes back to it in a
/// permit. It is neither recorded nor compared.
#[derive(Clone, Default)]
pub struct Kept(Option<Arc<dyn Any + Send + Sync>>);

impl Kept {
    /// Keeps something.
    #[must_use]
    pub fn new<T: Any + Send + Sync>(it: Arc<T>) -> Self {
        Self(Some(it))
    }

    /// What is kept, if it is of that type.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use strongroom_audit::Kept;
    /// assert_eq!(Kept::new(Arc::new(7_u8)).get::<u8>().as_deref(), Some(&7));
    /// assert_eq!(Kept::default().get::<u8>(), None);
    /// ```
    #[must_use]
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.0.clone()?.downcast().ok()
    }
}

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Kept {}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept(..)")
    }
}

/// How a caller proved who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Not at all.
    Anonymous,
    /// By an `Authorization` header (AWS SigV4).
    SigV4Header,
    /// By a presigned link (AWS SigV4 query parameters).
    SigV4Presigned,
    /// By an `Authorization` header (AWS SigV4A).
    SigV4aHeader,
    /// By a presigned link (AWS SigV4A).
    SigV4aPresigned,
    /// By an `Authorization` header (AWS SigV2).
    SigV2Header,
    /// By a presigned link (AWS SigV2).
    SigV2Presigned,
    /// By a signed policy in a browser's form.
    PostForm,
    /// By a token of an OpenID provider.
    WebIdentity,
    /// By such a token on the request itself, and the session that it opened.
    Bearer,
    /// The server itself.
    System,
}

/// The person or workload that an identity provider vouched for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Human {
    /// The provider.
    pub provider: Arn,
    /// The provider's immutable subject.
    pub subject: String,
    /// A label for people; never used to decide.
    pub display: Option<String>,
}

/// One thing that a revocation can name.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChainLink {
    /// An account.
    Account(AccountId),
    /// A long-term access key.
    Key(AccessKeyId),
    /// A session, by its access key id.
    Session(AccessKeyId),
    /// A user or a role.
    Principal(UniqueId),
    /// An identity provider.
    Provider(Arn),
    /// A person's session at an identity provider, by the provider's own name for it (`sid`, OpenID
    /// Connect Front-Channel Logout 1.0 §3).
    IdpSession {
        /// The provider.
        provider: Arn,
        /// Its name for the session.
        sid: String,
    },
    /// Where a session was asked for.
    Address(IpAddr),
    /// A person at an identity provider, whatever principals stand for them here.
    Subject {
        /// The provider.
        provider: Arn,
        /// Its immutable name for the person (`sub`).
        subject: String,
    },
}
