//! A small world for the tests of this module: who asks, for what, under which policies.

use std::sync::Arc;

use names::Revision;

use crate::decision::{Layer, Verdict};
use crate::document::{Document, Kind};
use crate::facts::{Facts, Value};
use crate::operation::{Check, Need};
use crate::principal::Principal;
use crate::question::{
    Attached, CallerPolicies, Question, ResourceKind, ResourceSide, RestrictPublicBuckets,
};
use crate::reference::asked::Asked;
use crate::reference::decide;

/// One question in the making: by default `s3:GetObject` on an object of the caller's account.
#[derive(Clone)]
pub(super) struct World {
    pub(super) principal: Principal,
    pub(super) check: Check,
    pub(super) caller: CallerPolicies,
    pub(super) resource: ResourceSide,
    pub(super) facts: Facts,
}

/// The account of all callers here that have one.
pub(super) const HOME: &str = "111122223333";
/// Another.
pub(super) const AWAY: &str = "444455556666";

impl World {
    fn of(principal: Principal) -> Self {
        let mut resource = ResourceSide::plain(Some(HOME.parse().unwrap()));
        resource.kind = ResourceKind::Bucket;
        resource.restrict_public = RestrictPublicBuckets::Off;
        let check = Check {
            action: "s3:GetObject".parse().unwrap(),
            resource: "arn:aws:s3:::finance/alice/q3.csv".parse().unwrap(),
            need: Need::Required,
            with: Vec::new(),
        };
        let (caller, facts) = (CallerPolicies::default(), Facts::default());
        Self { principal, check, caller, resource, facts }
    }

    pub(super) fn alice() -> Self {
        Self::of(Principal::User {
            account: HOME.parse().unwrap(),
            name: "alice".parse().unwrap(),
            arn: "arn:aws:iam::111122223333:user/alice".parse().unwrap(),
            id: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        })
    }

    pub(super) fn session() -> Self {
        Self::of(Principal::RoleSession {
            account: HOME.parse().unwrap(),
            role: "batch".parse().unwrap(),
            role_arn: "arn:aws:iam::111122223333:role/ops/batch".parse().unwrap(),
            id: "AROAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            session: "morning".parse().unwrap(),
        })
    }

    pub(super) fn federated_user() -> Self {
        Self::of(Principal::FederatedUser {
            account: HOME.parse().unwrap(),
            name: "guest".to_owned(),
            user_arn: "arn:aws:iam::111122223333:user/alice".parse().unwrap(),
            user_id: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
        })
    }

    pub(super) fn root() -> Self {
        Self::of(Principal::Root { account: HOME.parse().unwrap() })
    }

    pub(super) fn anonymous() -> Self {
        Self::of(Principal::Anonymous)
    }

    pub(super) fn service() -> Self {
        Self::of(Principal::Service { name: "logging.s3.amazonaws.com".to_owned() })
    }

    pub(super) fn federated() -> Self {
        let provider = "arn:aws:iam::111122223333:oidc-provider/login.example.org";
        Self::of(Principal::Federated { provider: provider.parse().unwrap() })
    }

    pub(super) fn asking(mut self, action: &str, resource: &str) -> Self {
        self.check.action = action.parse().unwrap();
        self.check.resource = resource.parse().unwrap();
        self
    }

    /// The resource belongs to another account.
    pub(super) fn abroad(mut self) -> Self {
        self.resource.account = Some(AWAY.parse().unwrap());
        self
    }

    pub(super) fn identity(mut self, effect: &str) -> Self {
        self.caller.identity.push(everything(effect, Kind::Identity));
        self
    }

    pub(super) fn bounded_by(mut self, elements: &str) -> Self {
        self.caller.boundaries.push(policy("Allow", elements, Kind::Boundary));
        self
    }

    pub(super) fn boundary(mut self, effect: &str) -> Self {
        self.caller.boundaries.push(everything(effect, Kind::Boundary));
        self
    }

    pub(super) fn session_policy(mut self, effect: &str) -> Self {
        let policies = self.caller.session.get_or_insert_default();
        policies.push(everything(effect, Kind::Session));
        self
    }

    pub(super) fn service_control(mut self, effect: &str) -> Self {
        self.caller.service_control.push(vec![everything(effect, Kind::ServiceControl)]);
        self
    }

    pub(super) fn resource_control(mut self, effect: &str) -> Self {
        let elements = r#""Principal": "*", "Action": "*", "Resource": "*""#;
        self.resource.resource_control.push(vec![policy(effect, elements, Kind::ResourceControl)]);
        self
    }

    /// A bucket policy of one statement about everything, for the principals given as JSON.
    pub(super) fn bucket(mut self, effect: &str, principal: &str) -> Self {
        let elements = format!(r#""Principal": {principal}, "Action": "*", "Resource": "*""#);
        self.resource.policy = Some(policy(effect, &elements, Kind::Bucket));
        self
    }

    /// A role's trust policy for the principals given as JSON, and the question to assume the role.
    pub(super) fn trust(mut self, principal: &str) -> Self {
        let elements = format!(r#""Principal": {principal}, "Action": "sts:*""#);
        self.resource.policy = Some(policy("Allow", &elements, Kind::RoleTrust));
        self.resource.kind = ResourceKind::RoleTrust;
        self.asking("sts:AssumeRole", "arn:aws:iam::111122223333:role/target")
    }

    pub(super) fn verdict(&self) -> (Verdict, Layer) {
        let found = self.with_asked(|asked| decide(asked.check, asked.question));
        (found.verdict, found.because)
    }

    pub(super) fn value(&self, key: &str) -> Option<Value> {
        self.with_asked(|asked| asked.value(key))
    }

    pub(super) fn with_asked<T>(&self, then: impl FnOnce(&Asked<'_>) -> T) -> T {
        let question = Question {
            principal: &self.principal,
            caller: &self.caller,
            resource: &self.resource,
            facts: &self.facts,
            revision: Revision::default(),
        };
        then(&Asked::new(&self.check, &question))
    }
}

/// A policy of one statement about everything; `""` is one that says nothing of this request.
fn everything(effect: &str, kind: Kind) -> Attached {
    match effect {
        "" => policy("Allow", r#""Action": "s3:PutBucketTagging", "Resource": "*""#, kind),
        effect => policy(effect, r#""Action": "*", "Resource": "*""#, kind),
    }
}

fn policy(effect: &str, elements: &str, kind: Kind) -> Attached {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", {elements}}}}}"#
    );
    let document = Arc::new(Document::parse(&text, kind).unwrap());
    Attached { name: "tried".to_owned(), document }
}
