//! Questions to the state.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit::ChainLink;
use names::{
    AccessKeyId, AccountId, Arn, BucketName, EntityPath, GroupName, Revision, RoleName, UniqueId,
    UserName,
};
use policy::facts::{FactMap, Facts};
use policy::{Attached, ResourceKind, ResourceSide};

use super::{State, Use};
use crate::holdings::{Holder, Source as _};
use crate::mapping::{self, MappingOutcome};
use crate::ops::{EntityRef, GroupRef, KeyHolder, RoleRef, ServiceParent, Tags, UserRef};
use crate::provider::{ExternalIdentity, OidcProvider};
use crate::record::{
    AccessKey, Account, BucketRecord, Group, ManagedPolicy, PublicAccessBlock, Role, User,
};
use crate::said::say_external;
use crate::stored_policy::StoredPolicy;

/// A policy's text with unique ids replaced by ARNs, as it is shown.
pub type Thawed = String;

impl State {
    /// The revision.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The account that owns the installation; `None` before the first start is complete.
    #[must_use]
    pub fn operator(&self) -> Option<AccountId> {
        self.operator
    }

    /// An account.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Arc<Account>> {
        self.accounts.get(&id)
    }

    /// Whether there is an account that lets Signature Version 2 be taken of it.
    #[must_use]
    pub fn has_old_signers(&self) -> bool {
        !self.old_signers.is_empty()
    }

    /// All accounts, by id.
    pub fn accounts(&self) -> impl Iterator<Item = &Arc<Account>> {
        self.accounts.values()
    }

    /// A user by name. Case counts, although no two names differ by case alone.
    #[must_use]
    pub fn user(&self, account: AccountId, name: &str) -> Option<&Arc<User>> {
        self.users.named(account, name).filter(|user| user.name.as_str() == name)
    }

    /// A group by name.
    #[must_use]
    pub fn group(&self, account: AccountId, name: &str) -> Option<&Arc<Group>> {
        self.groups.named(account, name).filter(|group| group.name.as_str() == name)
    }

    /// A role by name.
    #[must_use]
    pub fn role(&self, account: AccountId, name: &str) -> Option<&Arc<Role>> {
        self.roles.named(account, name).filter(|role| role.name.as_str() == name)
    }

    /// A role by ARN.
    #[must_use]
    pub fn role_by_arn(&self, arn: &Arn) -> Option<&Arc<Role>> {
        self.roles.by_arn(arn)
    }

    /// A user by unique id.
    #[must_use]
    pub fn user_by_id(&self, id: &UniqueId) -> Option<&Arc<User>> {
        self.users.by_id(id)
    }

    /// A role by unique id.
    #[must_use]
    pub fn role_by_id(&self, id: &UniqueId) -> Option<&Arc<Role>> {
        self.roles.by_id(id)
    }

    /// A managed policy by ARN.
    #[must_use]
    pub fn policy(&self, arn: &Arn) -> Option<&Arc<ManagedPolicy>> {
        self.policies.by_arn(arn).or_else(|| crate::canned::policy(arn))
    }

    /// An access key.
    #[must_use]
    pub fn key(&self, id: &AccessKeyId) -> Option<&Arc<AccessKey>> {
        self.keys.get(id)
    }

    /// A provider by ARN.
    #[must_use]
    pub fn provider(&self, arn: &Arn) -> Option<&Arc<OidcProvider>> {
        self.providers.get(arn)
    }

    /// The providers of an account.
    pub fn providers(&self, account: AccountId) -> impl Iterator<Item = &Arc<OidcProvider>> {
        self.providers.values().filter(move |provider| provider.account == account)
    }

    /// The providers that believe an issuer, over all accounts.
    pub fn providers_of_issuer<'a>(
        &'a self,
        issuer: &'a str,
    ) -> impl Iterator<Item = &'a Arc<OidcProvider>> {
        self.providers.values().filter(move |provider| provider.issuer.as_str() == issuer)
    }

    /// The roles of an account, by name.
    pub fn roles_of(&self, account: AccountId) -> impl Iterator<Item = Arc<Role>> {
        self.roles.of(account, None)
    }

    /// The providers of a short name, over all accounts.
    pub fn providers_named<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Arc<OidcProvider>> {
        self.providers.values().filter(move |provider| provider.name.as_str() == name)
    }

    /// Every provider, of all accounts.
    pub(crate) fn all_providers(&self) -> impl Iterator<Item = &Arc<OidcProvider>> {
        self.providers.values()
    }

    /// A bucket.
    #[must_use]
    pub fn bucket(&self, name: &BucketName) -> Option<&Arc<BucketRecord>> {
        self.buckets.get(name)
    }

    /// The bucket that an S3 resource is or is in.
    #[must_use]
    pub fn bucket_of(&self, resource: &Arn) -> Option<&Arc<BucketRecord>> {
        // Looked up by its text: whatever is no name of a bucket is that of none.
        let resource = Some(resource).filter(|resource| resource.service() == "s3")?.resource();
        let end = resource.bytes().position(|byte| byte == b'/').unwrap_or(resource.len());
        self.buckets.get(resource.get(..end)?)
    }

    /// The buckets of an account, by name.
    pub fn buckets_of(&self, account: AccountId) -> impl Iterator<Item = &Arc<BucketRecord>> {
        let owned = self.owned_buckets.get(&account);
        owned.into_iter().flatten().filter_map(|name| self.buckets.get(name))
    }

    /// The public-access block of an account; nothing is blocked where there is none.
    #[must_use]
    pub fn account_public_access(&self, account: AccountId) -> PublicAccessBlock {
        let own = self.accounts.get(&account).and_then(|account| account.public_access);
        own.unwrap_or(PublicAccessBlock::NONE)
    }

    /// The public-access block that counts for a bucket: its own and its account's, the more
    /// restrictive of both for each switch.
    #[must_use]
    pub fn public_access(&self, bucket: &BucketRecord) -> PublicAccessBlock {
        match bucket.public_access {
            Some(PublicAccessBlock::ALL) => PublicAccessBlock::ALL,
            own => {
                let own = own.unwrap_or(PublicAccessBlock::NONE);
                own.and(self.account_public_access(bucket.owner))
            }
        }
    }

    /// Every bucket, by name.
    pub fn buckets(&self) -> impl Iterator<Item = &Arc<BucketRecord>> {
        self.buckets.values()
    }

    /// The keys of an owner, by id.
    pub fn keys_of<'a>(&'a self, owner: &UniqueId) -> impl Iterator<Item = &'a Arc<AccessKey>> {
        self.keys.of(owner)
    }

    /// What of an account uses a managed policy.
    pub(crate) fn uses_in<'a>(
        &'a self,
        policy: &Arn,
        account: AccountId,
    ) -> impl Iterator<Item = (Use, UniqueId)> + 'a {
        self.uses_of(policy).filter(move |(kind, id)| {
            let user = || self.users.account_of(id);
            let role = || self.roles.account_of(id);
            let owner = match kind {
                Use::User => user(),
                Use::Group => self.groups.account_of(id),
                Use::Role => role(),
                Use::Boundary => user().or_else(role),
            };
            owner == Some(account)
        })
    }

    /// How many users, groups and roles of an account a managed policy is attached to, and how many
    /// users and roles it bounds there.
    #[must_use]
    pub fn policy_counts(&self, policy: &Arn, account: AccountId) -> (usize, usize) {
        let uses = self.uses_in(policy, account);
        uses.fold((0, 0), |(attached, bounds): (usize, usize), (kind, _)| match kind {
            Use::Boundary => (attached, bounds.saturating_add(1)),
            Use::User | Use::Group | Use::Role => (attached.saturating_add(1), bounds),
        })
    }

    /// The policies of a group.
    pub(crate) fn held_by_group(&self, group: &UniqueId) -> Vec<Attached> {
        self.held(group, &Holder::Group(group.clone())).0
    }

    /// How many users, groups and roles a managed policy is attached to.
    #[must_use]
    pub fn attachment_count(&self, policy: &Arn) -> usize {
        self.uses_of(policy).filter(|(kind, _)| *kind != Use::Boundary).count()
    }

    /// How many users and roles a managed policy bounds.
    #[must_use]
    pub fn boundary_count(&self, policy: &Arn) -> usize {
        self.uses_of(policy).filter(|(kind, _)| *kind == Use::Boundary).count()
    }

    /// How a request that names a user means it: by the user's own name, whatever its case, and the
    /// path at which it stands, so that a policy about `user/alice` is about `ALICE` too; as it is
    /// named, at `/`, if there is no such user.
    #[must_use]
    pub fn user_ref(&self, account: AccountId, name: UserName) -> UserRef {
        match self.users.named(account, name.as_str()) {
            Some(user) => user.reference(),
            None => EntityRef { account, path: EntityPath::default(), name },
        }
    }

    /// How a request that names a group means it.
    #[must_use]
    pub fn group_ref(&self, account: AccountId, name: GroupName) -> GroupRef {
        match self.groups.named(account, name.as_str()) {
            Some(group) => group.reference(),
            None => EntityRef { account, path: EntityPath::default(), name },
        }
    }

    /// How a request that names a role means it.
    #[must_use]
    pub fn role_ref(&self, account: AccountId, name: RoleName) -> RoleRef {
        match self.roles.named(account, name.as_str()) {
            Some(role) => role.reference(),
            None => EntityRef { account, path: EntityPath::default(), name },
        }
    }

    /// How a request that makes an entity means it.
    #[must_use]
    pub fn new_ref<N>(account: AccountId, path: EntityPath, name: N) -> EntityRef<N> {
        EntityRef { account, path, name }
    }

    /// Whose an access key is; `None` if there is no such key.
    #[must_use]
    pub fn key_holder(&self, key: &AccessKeyId) -> Option<KeyHolder> {
        let key = self.keys.get(key)?;
        match self.users.by_id(&key.owner) {
            Some(user) => Some(KeyHolder::User(user.reference())),
            None if key.owner == UniqueId::root(key.account) => Some(KeyHolder::Root(key.account)),
            None => None,
        }
    }

    /// Whether something that a session of an account depends on has ended since the revision at
    /// which the session was got.
    #[must_use]
    pub fn has_ended(&self, account: AccountId, link: &ChainLink, got: Revision) -> bool {
        self.ended.get(&(account, link.clone())).is_some_and(|at| got < *at)
    }

    /// Whether a session was revoked by its id, or what a principal got before some revision was.
    #[must_use]
    pub fn has_revoked(&self, link: &ChainLink, got: Revision) -> bool {
        match link {
            ChainLink::Session(session) => self.revoked_sessions.contains_key(session),
            ChainLink::Principal(id) => self.issued_before.get(id).is_some_and(|at| got < *at),
            _ => false,
        }
    }

    /// The service accounts of a user, role or root.
    pub fn service_accounts_of<'a>(
        &'a self,
        owner: &UniqueId,
    ) -> impl Iterator<Item = &'a Arc<AccessKey>> {
        self.keys_of(owner).filter(|key| key.service.is_some())
    }

    /// Whom a service account belongs to; `None` if the key is none.
    #[must_use]
    pub fn service_parent(&self, key: &AccessKeyId) -> Option<ServiceParent> {
        let key = self.keys.get(key).filter(|key| key.service.is_some())?;
        self.as_service_parent(key.account, &key.owner)
    }

    /// A user, role or root of an account, as somebody who has service accounts.
    #[must_use]
    pub fn as_service_parent(&self, account: AccountId, id: &UniqueId) -> Option<ServiceParent> {
        if *id == UniqueId::root(account) {
            return Some(ServiceParent::Root(account));
        }
        let user = self.users.by_id(id).filter(|user| user.account == account);
        let role = || self.roles.by_id(id).filter(|role| role.account == account);
        let user = user.map(|user| ServiceParent::User(user.reference()));
        user.or_else(|| role().map(|role| ServiceParent::Role(role.reference())))
    }

    /// The ARN of a user or role, by its unique id.
    #[must_use]
    pub fn arn_of(&self, id: &UniqueId) -> Option<Arn> {
        let user = self.users.by_id(id).map(|user| user.arn());
        user.or_else(|| self.roles.by_id(id).map(|role| role.arn()))
    }

    /// The role of `assumed-role/Role/Session`, which names it without its path.
    fn role_of_session(&self, arn: &Arn) -> Option<&Arc<Role>> {
        let (name, _) = arn.resource().strip_prefix("assumed-role/")?.split_once('/')?;
        self.role(arn.account().parse().ok()?, name)
    }

    /// The unique id of a user or role, by its ARN; of a session, that of its role.
    #[must_use]
    pub fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        let user = self.users.by_arn(arn).map(|user| user.id.clone());
        let role = || self.roles.by_arn(arn).or_else(|| self.role_of_session(arn));
        user.or_else(|| role().map(|role| role.id.clone()))
    }

    /// A policy's text as it is shown: with the ARNs of those who still exist.
    #[must_use]
    pub fn thaw(&self, policy: &StoredPolicy) -> Thawed {
        policy.thawed(&mut |id| self.arn_of(id))
    }

    /// The policy with its users and roles replaced by their unique ids.
    pub(crate) fn freeze(
        &self,
        policy: &StoredPolicy,
    ) -> Result<StoredPolicy, crate::error::IdentityError> {
        policy.frozen(&mut |arn| self.id_of(arn))
    }

    /// The resource's side of a decision about a role that is put on, or about a provider through
    /// which somebody signs in without a role: its trust policy, which is always required
    /// (aws-authorization 4.5). What does not exist trusts nobody.
    #[must_use]
    pub fn trust_side(&self, arn: &Arn) -> ResourceSide {
        let named = |prefix: &str, name: &str, policy: &StoredPolicy| Attached {
            name: [prefix, ":", name].concat(),
            document: Arc::clone(policy.document()),
        };
        let role = self.roles.by_arn(arn);
        let trust = role.map(|role| named("trust", role.name.as_str(), &role.trust));
        let provider = self.providers.get(arn);
        let trust = trust.or_else(|| {
            let provider = provider?;
            provider.trust.as_ref().map(|t| named("trust", provider.name.as_str(), t))
        });
        let account = arn.account().parse().ok();
        self.controlled(ResourceSide {
            policy: trust,
            kind: ResourceKind::RoleTrust,
            ..ResourceSide::plain(account)
        })
    }

    /// The resource's side of a decision about anything else in this room: no policy of its own,
    /// and the account that its ARN names, or the caller's where it names none.
    #[must_use]
    pub fn plain_side(&self, arn: &Arn, caller: Option<AccountId>) -> ResourceSide {
        ResourceSide::plain(arn.account().parse().ok().or(caller))
    }

    /// Says what the state knows of an entity that is acted on: `aws:ResourceTag/…`,
    /// `iam:ResourceTag/…`, and the boundary that `Delete…PermissionsBoundary` would remove.
    pub fn resource_facts(&self, arn: &Arn, facts: &mut Facts) {
        // Whatever is in buckets is no entity: most requests are about that.
        if arn.service() == "s3" {
            return;
        }
        let mut boundary = None;
        let mut tags = None;
        if let Some(user) = self.users.by_arn(arn) {
            (tags, boundary) = (Some(&user.tags), user.boundary.as_ref());
        } else if let Some(role) = self.roles.by_arn(arn) {
            (tags, boundary) = (Some(&role.tags), role.boundary.as_ref());
        } else if let Some(policy) = self.policies.by_arn(arn) {
            tags = Some(&policy.tags);
        } else if let Some(provider) = self.providers.get(arn) {
            tags = Some(&provider.tags);
        } else if let Some(device) = self.mfa_device(arn) {
            tags = Some(&device.tags);
        } else if let Some(provider) = self.saml_provider(arn) {
            tags = Some(&provider.tags);
        }
        if let Some(tags) = tags {
            say_resource(tags, facts);
        }
        let unsaid = facts.get("iam:PermissionsBoundary").is_none();
        if let (Some(boundary), true) = (boundary, unsaid) {
            facts.request.set("iam:PermissionsBoundary", boundary.as_str());
        }
    }

    /// Says what a provider vouches for while its proof is decided on.
    pub fn external_facts(&self, identity: &ExternalIdentity, facts: &mut Facts) {
        facts.server.set("aws:FederatedProvider", identity.provider.as_str());
        if let Some(provider) = self.providers.get(&identity.provider) {
            say_external(&identity.condition_keys(&provider.issuer), facts);
        }
    }

    /// What a provider's rules make of an identity. Pure; a login, `idp check` and `idp map` as a
    /// dry run all ask here.
    #[must_use]
    pub fn map(&self, provider: &OidcProvider, identity: &ExternalIdentity) -> MappingOutcome {
        mapping::map(provider, identity, &|arn| self.can_be_given(provider, arn))
    }

    /// Whether a provider can give a policy: it is there, and of the account or of everybody's.
    pub(crate) fn can_be_given(&self, provider: &OidcProvider, arn: &Arn) -> bool {
        self.policy(arn).is_some_and(|own| own.is_canned() || own.account == provider.account)
    }

    /// The policies that an identity's policy claim names, and that there are.
    pub(crate) fn claimed(
        &self,
        provider: &OidcProvider,
        identity: &ExternalIdentity,
    ) -> BTreeSet<Arn> {
        let named = mapping::claimed_policies(provider, identity).into_iter();
        named.filter(|arn| self.can_be_given(provider, arn)).collect()
    }

    /// The user that stands for an outside identity, if it has signed in before.
    #[must_use]
    pub fn user_bound_to(&self, identity: &ExternalIdentity) -> Option<&Arc<User>> {
        self.user_bound(&identity.provider, &identity.issuer, &identity.subject)
    }

    /// The user that stands for whom a provider, as it is configured now, calls `subject`.
    #[must_use]
    pub fn user_of_subject(&self, provider: &Arn, subject: &str) -> Option<&Arc<User>> {
        let issuer = self.provider(provider)?.issuer.as_str();
        self.user_bound(provider, issuer, subject)
    }
}

fn say_resource(tags: &Tags, facts: &mut Facts) {
    let say = |facts: &mut FactMap, prefix: &str| tags.say(facts, prefix);
    say(&mut facts.server, "aws:ResourceTag/");
    say(&mut facts.request, "iam:ResourceTag/");
}
