//! A small world to ask questions in: Alice, her account, and policies by name.

use std::sync::Arc;

use names::{AccountId, Revision};
use serde_json::{Value as Json, json};
use strongroom_policy::decision::{Decision, Layer, Verdict};
use strongroom_policy::facts::{Facts, Value};
use strongroom_policy::operation::{Check, Need};
use strongroom_policy::principal::Principal;
use strongroom_policy::{
    Attached, CallerPolicies, Document, Kind, Question, ResourceKind, ResourceSide,
    RestrictPublicBuckets, Trace, decide, explain, reference,
};

pub(crate) const HOME: &str = "111122223333";
pub(crate) const AWAY: &str = "444455556666";
pub(crate) const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
pub(crate) const ANALYST: &str = "arn:aws:iam::111122223333:role/team/Analyst";
pub(crate) const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Analyst/morning";
pub(crate) const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/kiosk";
pub(crate) const OBJECT: &str = "arn:aws:s3:::finance/q3.csv";
pub(crate) const GET: &str = "s3:GetObject";

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) principal: Principal,
    pub(crate) caller: CallerPolicies,
    pub(crate) resource: ResourceSide,
    pub(crate) facts: Facts,
}

pub(crate) fn account(text: &str) -> AccountId {
    text.parse().unwrap()
}

pub(crate) fn user() -> Principal {
    Principal::User {
        account: account(HOME),
        name: "alice".parse().unwrap(),
        arn: ALICE.parse().unwrap(),
        id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
    }
}

pub(crate) fn role_session() -> Principal {
    Principal::RoleSession {
        account: account(HOME),
        role: "Analyst".parse().unwrap(),
        role_arn: ANALYST.parse().unwrap(),
        id: "AROAAAAAAAAAAAAAAAAA2".parse().unwrap(),
        session: "morning".parse().unwrap(),
    }
}

pub(crate) fn federated_user() -> Principal {
    Principal::FederatedUser {
        account: account(HOME),
        name: "kiosk".to_owned(),
        user_arn: ALICE.parse().unwrap(),
        user_id: "AIDAAAAAAAAAAAAAAAAA1".parse().unwrap(),
    }
}

pub(crate) fn root() -> Principal {
    Principal::Root { account: account(HOME) }
}

/// A statement about everything.
pub(crate) fn statement(effect: &str) -> Json {
    json!({ "Effect": effect, "Action": "*", "Resource": "*" })
}

pub(crate) fn allow(action: &str, resource: &str) -> Json {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

pub(crate) fn deny(action: &str, resource: &str) -> Json {
    json!({ "Effect": "Deny", "Action": action, "Resource": resource })
}

/// A statement of a bucket policy about everything in the bucket.
pub(crate) fn to(effect: &str, principal: Json) -> Json {
    let mut statement = json!({ "Effect": effect, "Action": "s3:*",
        "Resource": ["arn:aws:s3:::finance", "arn:aws:s3:::finance/*"] });
    statement["Principal"] = principal;
    statement
}

/// A statement of a trust policy.
pub(crate) fn trusts(principal: Json) -> Json {
    let mut statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole*" });
    statement["Principal"] = principal;
    statement
}

pub(crate) fn aws(principal: &str) -> Json {
    json!({ "AWS": principal })
}

/// Adds members to an object.
pub(crate) fn with(mut base: Json, more: Json) -> Json {
    let (Json::Object(own), Json::Object(more)) = (&mut base, more) else { panic!("objects") };
    own.extend(more);
    base
}

pub(crate) fn document(statements: &[Json]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

pub(crate) fn attached(name: &str, text: &str, kind: Kind) -> Attached {
    let document = Document::parse(text, kind).unwrap_or_else(|e| panic!("{e} in {text}"));
    Attached { name: name.to_owned(), document: Arc::new(document) }
}

impl World {
    pub(crate) fn of(principal: Principal) -> Self {
        Self {
            principal,
            caller: CallerPolicies::default(),
            resource: ResourceSide {
                kind: ResourceKind::Bucket,
                restrict_public: RestrictPublicBuckets::Off,
                ..ResourceSide::plain(Some(account(HOME)))
            },
            facts: Facts::default(),
        }
    }

    pub(crate) fn alice() -> Self {
        Self::of(user())
    }

    pub(crate) fn identity(mut self, statements: &[Json]) -> Self {
        let policy = attached("identity", &document(statements), Kind::Identity);
        self.caller.identity.push(policy);
        self
    }

    pub(crate) fn identity_text(mut self, text: &str) -> Self {
        self.caller.identity.push(attached("identity", text, Kind::Identity));
        self
    }

    pub(crate) fn boundary(mut self, statements: &[Json]) -> Self {
        let policy = attached("boundary", &document(statements), Kind::Boundary);
        self.caller.boundaries.push(policy);
        self
    }

    pub(crate) fn session(mut self, statements: &[Json]) -> Self {
        let policy = attached("session", &document(statements), Kind::Session);
        self.caller.session.get_or_insert_default().push(policy);
        self
    }

    pub(crate) fn bucket(mut self, statements: &[Json]) -> Self {
        self.resource.policy = Some(attached("bucket", &document(statements), Kind::Bucket));
        self
    }

    pub(crate) fn trust(mut self, principal: Json) -> Self {
        self.resource.policy =
            Some(attached("trust", &document(&[trusts(principal)]), Kind::RoleTrust));
        self.resource.kind = ResourceKind::RoleTrust;
        self
    }

    pub(crate) fn service_control(mut self, statements: &[Json]) -> Self {
        let policy = attached("scp", &document(statements), Kind::ServiceControl);
        self.caller.service_control.push(vec![policy]);
        self
    }

    pub(crate) fn resource_control(mut self, statements: &[Json]) -> Self {
        let policy = attached("rcp", &document(statements), Kind::ResourceControl);
        self.resource.resource_control.push(vec![policy]);
        self
    }

    pub(crate) fn owned_by(mut self, owner: &str) -> Self {
        self.resource.account = Some(account(owner));
        self
    }

    pub(crate) fn restricted(mut self) -> Self {
        self.resource.restrict_public = RestrictPublicBuckets::On;
        self
    }

    pub(crate) fn fact(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.facts.suppose(key, value);
        self
    }

    /// The engine's decision; the reference evaluator must say the same.
    pub(crate) fn ask(&self, action: &str, resource: &str) -> Decision {
        let check = check(action, resource);
        let decision = decide(&check, &self.question());
        let second = reference::decide(&check, &self.question());
        assert_eq!(
            (decision.verdict(), decision.because()),
            (second.verdict, second.because),
            "the engine and the reference disagree on {check:?} in {self:?}"
        );
        decision
    }

    pub(crate) fn trace(&self, action: &str, resource: &str) -> Trace {
        explain(&check(action, resource), &self.question())
    }

    pub(crate) fn question(&self) -> Question<'_> {
        Question {
            principal: &self.principal,
            caller: &self.caller,
            resource: &self.resource,
            facts: &self.facts,
            revision: Revision(7),
        }
    }

    /// Reading the one object.
    pub(crate) fn verdict(&self) -> (Verdict, Layer) {
        let decision = self.ask(GET, OBJECT);
        (decision.verdict(), decision.because())
    }

    pub(crate) fn allows(&self) -> bool {
        self.ask(GET, OBJECT).is_allowed()
    }
}

pub(crate) fn check(action: &str, resource: &str) -> Check {
    Check {
        action: action.parse().unwrap(),
        resource: resource.parse().unwrap(),
        need: Need::Required,
        with: Vec::new(),
    }
}
