//! What is compared: one document in an otherwise open world, or all layers of a case. In an open
//! world only the document decides, so that whatever it says can be seen in a verdict.

use std::sync::Arc;

use names::AccountId;
use serde_json::{Value as Json, json};

use crate::case::Case;
use crate::decision::Layer;
use crate::document::{Document, Kind};
use crate::principal::Principal;
use crate::question::{
    Attached, CallerPolicies, ResourceKind, ResourceSide, RestrictPublicBuckets,
};

/// One of the two sides.
#[derive(Clone, Debug)]
pub(super) enum Side {
    Document(Attached),
    Layers(Box<Case>),
}

/// What the caller's own policies say, where a resource's policy alone is compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing: the resource's policy must be enough.
    Nothing,
    /// They allow everything.
    Everything,
    /// They allow everything, but the session policy nothing.
    Shut,
    /// They allow everything, and so does a permissions boundary.
    Bounded,
}

impl Standing {
    /// As people read it; nothing where the caller's own policies play no part.
    #[must_use]
    pub fn remark(self) -> &'static str {
        match self {
            Self::Nothing => "the caller has no policies of its own",
            Self::Everything => "the caller's own policies allow everything",
            Self::Shut => "the caller's own policies allow everything, its session's nothing",
            Self::Bounded => "the caller's own policies and its boundary allow everything",
        }
    }
}

/// Everything that a question needs beside who asks for what.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) caller: CallerPolicies,
    pub(super) resource: ResourceSide,
}

impl World {
    pub(super) fn empty(owner: Option<AccountId>) -> Self {
        let resource = ResourceSide {
            restrict_public: RestrictPublicBuckets::Off,
            ..ResourceSide::plain(owner)
        };
        Self { caller: CallerPolicies::default(), resource }
    }
}

/// Where a world is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'a> {
    pub(super) principal: &'a Principal,
    pub(super) owner: Option<AccountId>,
    pub(super) kind: ResourceKind,
    pub(super) standing: Standing,
}

impl Side {
    /// Every policy of it, by layer and level.
    pub(super) fn policies(&self) -> Vec<(Layer, usize, &Attached)> {
        let case = match self {
            Self::Document(policy) => return vec![(layer(policy.document.kind()), 0, policy)],
            Self::Layers(case) => case,
        };
        let caller = &case.caller;
        let mut all = Vec::new();
        all.extend(caller.identity.iter().map(|p| (Layer::Identity, 0, p)));
        for (level, policy) in caller.boundaries.iter().enumerate() {
            all.push((Layer::Boundary, level, policy));
        }
        all.extend(caller.session.iter().flatten().map(|p| (Layer::Session, 0, p)));
        for (level, list) in caller.service_control.iter().enumerate() {
            all.extend(list.iter().map(|p| (Layer::ServiceControl, level, p)));
        }
        for (level, list) in case.resource.resource_control.iter().enumerate() {
            all.extend(list.iter().map(|p| (Layer::ResourceControl, level, p)));
        }
        all.extend(case.resource.policy.iter().map(|p| (Layer::Resource, 0, p)));
        all
    }

    /// Every policy, replaced by what `rewrite` makes of it; `None` if one cannot be.
    pub(super) fn rewritten(
        &self,
        rewrite: &mut dyn FnMut(&Document) -> Option<Document>,
    ) -> Option<Self> {
        let mut each = |policy: &Attached| -> Option<Attached> {
            let document = Arc::new(rewrite(&policy.document)?);
            Some(Attached { name: policy.name.clone(), document })
        };
        let case = match self {
            Self::Document(policy) => return Some(Self::Document(each(policy)?)),
            Self::Layers(case) => case,
        };
        let mut case = case.clone();
        let (caller, resource) = (&mut case.caller, &mut case.resource);
        caller.identity = caller.identity.iter().map(&mut each).collect::<Option<_>>()?;
        let levels = caller.service_control.iter_mut().chain(&mut resource.resource_control);
        for list in levels.chain([&mut caller.boundaries]).chain(&mut caller.session) {
            *list = list.iter().map(&mut each).collect::<Option<_>>()?;
        }
        resource.policy = match &resource.policy {
            Some(policy) => Some(each(policy)?),
            None => None,
        };
        Some(Self::Layers(case))
    }

    /// What stands beside the policies and is not said by any statement: how many sets must allow,
    /// and whether the resource's policy counts as public.
    pub(super) fn frame(&self) -> Vec<usize> {
        let Self::Layers(case) = self else { return Vec::new() };
        let Case { caller, resource, .. } = case.as_ref();
        let restricts = resource.restrict_public == RestrictPublicBuckets::On;
        let public = resource.policy.as_ref().is_some_and(|p| p.document.is_public());
        vec![
            caller.boundaries.len(),
            caller.session.iter().len(),
            caller.service_control.len(),
            resource.resource_control.len(),
            usize::from(restricts && public),
        ]
    }

    /// Whether its resource policy, if there is one, can be about such a resource.
    pub(super) fn admits(&self, kind: ResourceKind) -> bool {
        let policy = match self {
            Self::Document(policy) => Some(policy),
            Self::Layers(case) => case.resource.policy.as_ref(),
        };
        match policy.map(|policy| policy.document.kind()) {
            Some(Kind::Bucket) if self.is_plain() => kind != ResourceKind::RoleTrust,
            Some(Kind::Bucket) => kind == ResourceKind::Bucket,
            Some(Kind::RoleTrust) => kind == ResourceKind::RoleTrust,
            _ => true,
        }
    }

    /// Whether a case's resource policy is of a resource that is no bucket.
    fn is_plain(&self) -> bool {
        matches!(self, Self::Layers(case) if case.resource.kind == ResourceKind::Plain)
    }

    /// The one caller and owner of a case.
    pub(super) fn fixed(&self) -> Option<(&Principal, Option<AccountId>)> {
        match self {
            Self::Document(_) => None,
            Self::Layers(case) => Some((&case.principal, case.resource.account)),
        }
    }

    /// The standings in which a document of a resource is looked at.
    pub(super) fn standings(&self, principal: &Principal, spares: Spares) -> Vec<Standing> {
        let own = match self {
            Self::Document(policy) => {
                matches!(policy.document.kind(), Kind::Bucket | Kind::RoleTrust)
            }
            Self::Layers(_) => false,
        };
        match (own, principal.account(), spares) {
            (false, _, _) => vec![Standing::Everything],
            (true, None, _) => vec![Standing::Nothing],
            (true, Some(_), Spares::None) => {
                vec![Standing::Nothing, Standing::Everything, Standing::Shut]
            }
            (true, Some(_), Spares::Some) => {
                vec![Standing::Nothing, Standing::Everything, Standing::Shut, Standing::Bounded]
            }
        }
    }

    /// The world that this side is asked in.
    pub(super) fn world(&self, setting: &Setting<'_>) -> World {
        match self {
            Self::Document(policy) => open_world(policy, setting),
            Self::Layers(case) => {
                let mut resource = case.resource.clone();
                resource.kind = setting.kind;
                World { caller: case.caller.clone(), resource }
            }
        }
    }
}

/// Whether some statement spares those whom it lists (`NotPrincipal`): then a boundary matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spares {
    Some,
    None,
}

/// The layer that a document of a kind speaks in.
fn layer(kind: Kind) -> Layer {
    match kind {
        Kind::Identity => Layer::Identity,
        Kind::Bucket | Kind::RoleTrust => Layer::Resource,
        Kind::Session => Layer::Session,
        Kind::Boundary => Layer::Boundary,
        Kind::ServiceControl => Layer::ServiceControl,
        Kind::ResourceControl => Layer::ResourceControl,
    }
}

/// A world in which one document decides.
fn open_world(policy: &Attached, setting: &Setting<'_>) -> World {
    let Setting { principal, owner, kind, standing } = *setting;
    let mut world = World::empty(owner);
    world.resource.kind = kind;
    let all = |kind| filler("everything", &everything(), kind);
    let own = policy.document.kind();
    let caller = &mut world.caller;
    if own != Kind::Identity && standing != Standing::Nothing {
        caller.identity = all(Kind::Identity).into();
    }
    let federated = matches!(principal, Principal::FederatedUser { .. });
    if federated && standing != Standing::Nothing {
        caller.session = Some(all(Kind::Session));
    }
    match standing {
        Standing::Shut => caller.session = Some(filler("nothing", &nothing(), Kind::Session)),
        Standing::Bounded => caller.boundaries = all(Kind::Boundary),
        Standing::Nothing | Standing::Everything => {}
    }
    match own {
        Kind::Identity => caller.identity = vec![policy.clone()].into(),
        Kind::Boundary => caller.boundaries = vec![policy.clone()],
        Kind::Session => caller.session = Some(vec![policy.clone()]),
        Kind::ServiceControl => caller.service_control = vec![vec![policy.clone()]],
        Kind::ResourceControl => world.resource.resource_control = vec![vec![policy.clone()]],
        Kind::Bucket | Kind::RoleTrust => {}
    }
    let kind = match kind {
        ResourceKind::RoleTrust => Kind::RoleTrust,
        ResourceKind::Bucket | ResourceKind::Plain => Kind::Bucket,
    };
    world.resource.policy = match own {
        Kind::Bucket | Kind::RoleTrust => Some(policy.clone()),
        // Only what the caller's side allows too: its account is named.
        _ => filler("open", &open(principal, kind), kind).pop(),
    };
    world
}

fn filler(name: &str, text: &Json, kind: Kind) -> Vec<Attached> {
    let document = Document::parse(&text.to_string(), kind);
    // These are constant but for the principal, whose name was read before.
    let document = document.into_iter().map(Arc::new);
    document.map(|document| Attached { name: name.to_owned(), document }).collect()
}

fn everything() -> Json {
    json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } })
}

fn nothing() -> Json {
    json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": [] } })
}

/// A resource's policy that names the caller's account, or who has none directly.
fn open(principal: &Principal, kind: Kind) -> Json {
    let named = match (principal, principal.account()) {
        (_, Some(account)) => json!({ "AWS": account.as_str() }),
        (Principal::Service { name }, None) => json!({ "Service": name }),
        (Principal::Federated { provider }, None) => json!({ "Federated": provider.as_str() }),
        (_, None) => "*".into(),
    };
    match kind {
        Kind::RoleTrust => json!({ "Statement": {
            "Effect": "Allow", "Principal": named, "Action": "sts:*" } }),
        _ => json!({ "Statement": {
            "Effect": "Allow", "Principal": named, "Action": "*", "Resource": "*" } }),
    }
}

/// The layers of a world as members of a policy case, but for one document: what to put beside it
/// so that a case asks the same question.
pub(super) fn beside(world: &World, compared: &str) -> Json {
    let list = |policies: Vec<&Attached>| -> Json {
        let others = policies.into_iter().filter(|policy| policy.name != compared);
        others.map(as_json).collect()
    };
    let mut members = serde_json::Map::new();
    let caller = &world.caller;
    for (key, policies) in [
        ("identity_policies", caller.identity.iter().collect::<Vec<_>>()),
        ("permissions_boundaries", caller.boundaries.iter().collect()),
        ("session_policies", caller.session.iter().flatten().collect()),
    ] {
        let list = list(policies);
        if list.as_array().is_some_and(|list| !list.is_empty()) {
            members.insert(key.to_owned(), list);
        }
    }
    if let Some(policy) = world.resource.policy.iter().find(|policy| policy.name != compared) {
        members.insert("resource_policy".to_owned(), as_json(policy));
    }
    Json::Object(members)
}

fn as_json(policy: &Attached) -> Json {
    let document: Json = serde_json::from_str(policy.document.text()).unwrap_or_default();
    json!({ "name": policy.name, "document": document })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOW: &str = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;

    fn attached(kind: Kind) -> Attached {
        let to = match kind {
            Kind::Bucket | Kind::ResourceControl | Kind::RoleTrust => r#", "Principal": "*""#,
            _ => "",
        };
        let own = match kind {
            Kind::RoleTrust => r#""Effect": "Allow", "Action": "sts:AssumeRole""#,
            _ => ALLOW,
        };
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {{{own}{to}}}}}"#);
        let document = Arc::new(Document::parse(&text, kind).unwrap());
        Attached { name: "compared".to_owned(), document }
    }

    fn layers(resource: &str, policy: bool, restricted: bool) -> Side {
        let policy = policy.then(|| attached(Kind::Bucket));
        let text = json!({ "request": { "principal": "arn:aws:iam::111122223333:user/alice",
            "action": "s3:GetObject", "resource": resource } });
        let mut case = crate::case::parse(&text.to_string()).unwrap().remove(0);
        case.resource.policy = policy;
        if restricted {
            case.resource.restrict_public = RestrictPublicBuckets::On;
        }
        Side::Layers(Box::new(case))
    }

    const BUCKET: &str = "arn:aws:s3:::b/k";
    const PLAIN: &str = "arn:aws:ec2:::x";
    const KINDS: [ResourceKind; 3] =
        [ResourceKind::Bucket, ResourceKind::RoleTrust, ResourceKind::Plain];

    #[test]
    fn a_policy_of_a_resource_is_about_resources_of_its_own_kind() {
        for (side, expected) in [
            (Side::Document(attached(Kind::Identity)), [true, true, true]),
            (Side::Document(attached(Kind::Bucket)), [true, false, false]),
            (Side::Document(attached(Kind::RoleTrust)), [false, true, false]),
            (layers(BUCKET, true, false), [true, false, false]),
            (layers(PLAIN, true, false), [true, false, true]),
            (layers(BUCKET, false, false), [true, true, true]),
        ] {
            assert_eq!(KINDS.map(|kind| side.admits(kind)), expected, "{side:?}");
        }
    }

    #[test]
    fn only_layers_have_a_caller_and_a_frame() {
        let document = Side::Document(attached(Kind::Bucket));
        assert!(document.fixed().is_none() && document.frame().is_empty());
        let case = layers(BUCKET, true, false);
        let (principal, owner) = case.fixed().unwrap();
        let arn = principal.arn().map(|arn| arn.to_string());
        assert_eq!(arn.as_deref(), Some("arn:aws:iam::111122223333:user/alice"));
        assert_eq!(owner, None);
        assert_eq!(case.frame(), [0, 0, 0, 0, 0]);
        // A public policy shuts others out where that is said, and only there.
        assert_eq!(layers(BUCKET, true, true).frame(), [0, 0, 0, 0, 1]);
        assert_eq!(layers(BUCKET, false, true).frame(), [0, 0, 0, 0, 0]);
    }

    /// What is attached in the world of one document: to the caller, its boundaries, its session,
    /// and to the resource.
    fn world_of(kind: Kind, principal: &Principal, standing: Standing) -> [usize; 4] {
        let setting = Setting { principal, owner: None, kind: ResourceKind::Bucket, standing };
        let world = Side::Document(attached(kind)).world(&setting);
        let caller = &world.caller;
        [
            caller.identity.len(),
            caller.boundaries.len(),
            caller.session.iter().flatten().count(),
            world.resource.policy.iter().len(),
        ]
    }

    #[test]
    fn in_an_open_world_only_the_document_decides() {
        let account = "111122223333".parse().unwrap();
        let root = Principal::Root { account };
        let federated = Principal::FederatedUser {
            account,
            name: "made".to_owned(),
            user_id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
            user_arn: "arn:aws:iam::111122223333:user/alice".parse().unwrap(),
        };
        for (kind, who, standing, expected) in [
            (Kind::Identity, &root, Standing::Everything, [1, 0, 0, 1]),
            (Kind::Identity, &federated, Standing::Everything, [1, 0, 1, 1]),
            (Kind::Bucket, &root, Standing::Nothing, [0, 0, 0, 1]),
            (Kind::Bucket, &root, Standing::Everything, [1, 0, 0, 1]),
            (Kind::Bucket, &root, Standing::Shut, [1, 0, 1, 1]),
            (Kind::Bucket, &root, Standing::Bounded, [1, 1, 0, 1]),
            (Kind::Bucket, &federated, Standing::Nothing, [0, 0, 0, 1]),
            (Kind::Bucket, &federated, Standing::Everything, [1, 0, 1, 1]),
            (Kind::Boundary, &root, Standing::Everything, [1, 1, 0, 1]),
            (Kind::Session, &root, Standing::Everything, [1, 0, 1, 1]),
            (Kind::ServiceControl, &root, Standing::Everything, [1, 0, 0, 1]),
        ] {
            assert_eq!(world_of(kind, who, standing), expected, "{kind:?} {who:?} {standing:?}");
        }
        // An identity policy is not set aside for one that allows everything.
        let setting = Setting {
            principal: &root,
            owner: None,
            kind: ResourceKind::Bucket,
            standing: Standing::Everything,
        };
        let world = Side::Document(attached(Kind::Identity)).world(&setting);
        assert!(world.caller.identity.iter().all(|policy| policy.name == "compared"));
    }

    #[test]
    fn whoever_asks_is_named_by_an_open_policy_of_a_bucket_and_of_a_role() {
        let service = Principal::Service { name: "x.amazonaws.com".to_owned() };
        let root = Principal::Root { account: "111122223333".parse().unwrap() };
        let bucket = |who| open(who, Kind::Bucket);
        assert_eq!(bucket(&service)["Statement"]["Principal"]["Service"], "x.amazonaws.com");
        assert_eq!(bucket(&root)["Statement"]["Principal"]["AWS"], "111122223333");
        assert_eq!(bucket(&Principal::Anonymous)["Statement"]["Principal"], "*");
        assert_eq!(bucket(&root)["Statement"]["Resource"], "*");
        let trust = open(&root, Kind::RoleTrust);
        assert_eq!(trust["Statement"]["Action"], "sts:*");
        assert_eq!(trust["Statement"].get("Resource"), None);
    }

    #[test]
    fn each_standing_is_told_in_its_own_words() {
        let all = [Standing::Nothing, Standing::Everything, Standing::Shut, Standing::Bounded];
        let remarks = all.map(Standing::remark);
        assert!(remarks.iter().all(|remark| remark.contains("the caller")), "{remarks:?}");
        for (place, remark) in remarks.iter().enumerate() {
            assert!(!remarks[..place].contains(remark), "{remark}");
        }
    }
}
