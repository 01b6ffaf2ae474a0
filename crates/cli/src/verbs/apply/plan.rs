//! From what is there to what is wanted: the steps, in an order in which each can be done.

use std::collections::BTreeMap;

use names::{SecretBytes, SecretKey};
use serde_json::{Value, json};

use super::estate::{Bucket, Entity, Estate, Kind, Managed, SWITCHES};
use crate::exit::Failure;

/// One request to the server.
#[derive(Clone, Debug)]
pub(super) enum Call {
    Iam(String, Vec<(String, String)>),
    S3(http::Method, String, String),
    /// The body, and the member of it that is a secret.
    Admin(http::Method, String, Value, Option<(&'static str, SecretKey)>),
    /// A login profile: the fields but for the password, and the password.
    Password(Vec<(String, String)>, SecretBytes),
    /// The rules of the provider of that ARN.
    Rules(String, Vec<Value>),
    /// The public-access block of the caller's account.
    PublicAccess(Option<[bool; 4]>),
    /// A message, and what its answer fills a placeholder with, at which place.
    Organizations {
        action: &'static str,
        ask: Value,
        keeps: Option<(String, &'static str)>,
    },
}

/// One change, and the requests that make it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// `create`, `change` or `remove`.
    pub(super) change: &'static str,
    /// What it is done to: `user ana`.
    pub(super) subject: String,
    /// What is done.
    pub(super) what: String,
    pub(super) call: Call,
}

impl Step {
    pub(super) fn to_json(&self) -> Value {
        json!({ "change": self.change, "subject": self.subject, "what": self.what })
    }
}

/// What else hangs on a user that is to go.
#[derive(Default, Debug)]
pub(super) struct Leftovers {
    pub(super) keys: Vec<String>,
    pub(super) devices: Vec<String>,
    pub(super) password: bool,
}

/// Most versions of one managed policy (IAM user guide, "IAM and AWS STS quotas").
const VERSIONS_MAX: usize = 5;

/// The steps, by what must be there before.
#[derive(Default)]
struct Steps {
    first: Vec<Step>,
    made: Vec<Step>,
    widened: Vec<Step>,
    narrowed: Vec<Step>,
    last: Vec<Step>,
    gone: Vec<Step>,
}

type Fields<'a> = &'a [(&'a str, &'a str)];

fn iam(
    change: &'static str,
    (subject, what): (&str, String),
    (action, fields): (&str, Fields<'_>),
) -> Step {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let call = Call::Iam(action.to_owned(), fields.collect());
    Step { change, subject: subject.to_owned(), what, call }
}

/// The steps from one to the other. `leftovers` are those of the users that are to go.
pub(super) fn plan(
    found: &Estate,
    after: &Estate,
    leftovers: &BTreeMap<String, Leftovers>,
) -> Result<Vec<Step>, Failure> {
    let mut steps = Steps::default();
    for (name, policy) in &after.policies {
        steps.policy(found, after, (name, policy));
    }
    for (arn, provider) in &after.providers {
        steps.provider(arn, found.providers.get(arn), provider);
        steps.rules(arn, found.providers.get(arn), provider);
    }
    for key in ordered(found, after)? {
        if let Some(entity) = after.entities.get(&key) {
            steps.entity((key.0, &key.1), found.entities.get(&key), entity);
        }
    }
    if found.public_access_block != after.public_access_block {
        let what = "set its public-access block".to_owned();
        let subject = format!("account {}", after.account);
        let call = Call::PublicAccess(after.public_access_block);
        steps.last.push(Step { change: "change", subject, what, call });
    }
    for (name, bucket) in &after.buckets {
        steps.bucket(name, found.buckets.get(name), bucket);
    }
    for ((kind, name), entity) in &found.entities {
        if !after.entities.contains_key(&(*kind, name.clone())) {
            steps.entity_gone((*kind, name), entity, leftovers.get(name));
        }
    }
    for (name, policy) in &found.policies {
        if !after.policies.contains_key(name) {
            steps.policy_gone(&found.arn("policy", &policy.path, name), (name, policy));
        }
    }
    for arn in found.providers.keys().filter(|arn| !after.providers.contains_key(*arn)) {
        let subject = format!("provider {arn}");
        let call: (&str, Fields<'_>) =
            ("DeleteOpenIDConnectProvider", &[("OpenIDConnectProviderArn", arn)]);
        steps.gone.push(iam("remove", (&subject, "delete".to_owned()), call));
    }
    let Steps { first, made, widened, narrowed, last, gone } = steps;
    Ok([first, made, widened, narrowed, last, gone].into_iter().flatten().collect())
}

/// The request that sets or removes a bucket's ownership controls.
fn ownership(said: Option<&str>) -> (http::Method, &'static str, String) {
    let body = |said: &str| {
        format!(
            "<OwnershipControls><Rule><ObjectOwnership>{said}</ObjectOwnership></Rule>\
             </OwnershipControls>"
        )
    };
    match said {
        Some(said) => (http::Method::PUT, "?ownershipControls", body(said)),
        None => (http::Method::DELETE, "?ownershipControls", String::new()),
    }
}

/// Groups, users, then roles, each after the new roles that its trust policy names: a trust policy
/// can only name who exists.
fn ordered(found: &Estate, after: &Estate) -> Result<Vec<(Kind, String)>, Failure> {
    let mut left: Vec<(Kind, String)> = after.entities.keys().cloned().collect();
    let mut done = Vec::new();
    while !left.is_empty() {
        let waits = |key: &(Kind, String)| {
            let trust = after.entities.get(key).and_then(|entity| entity.trust.as_ref());
            let text = trust.map(Value::to_string).unwrap_or_default();
            left.iter().any(|other| {
                let new = other.0 == Kind::Role && !found.entities.contains_key(other);
                let path = after.entities.get(other).map(|entity| entity.path.as_str());
                let arn = after.arn("role", path.unwrap_or("/"), &other.1);
                other != key && new && text.contains(&format!("\"{arn}\""))
            })
        };
        let (wait, ready): (Vec<_>, Vec<_>) = left.iter().cloned().partition(waits);
        if ready.is_empty() {
            let names: Vec<&str> = wait.iter().map(|(_, name)| name.as_str()).collect();
            let why = format!("the new roles {} trust each other in a circle", names.join(", "));
            return Err(Failure::Input(why));
        }
        done.extend(ready);
        left = wait;
    }
    Ok(done)
}

/// Tags as the query protocol lists them.
fn tag_fields(tags: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let pairs = tags.iter().zip(1_usize..);
    pairs
        .flat_map(|((key, value), place)| {
            [
                (format!("Tags.member.{place}.Key"), key.clone()),
                (format!("Tags.member.{place}.Value"), value.clone()),
            ]
        })
        .collect()
}

impl Steps {
    fn policy(&mut self, found: &Estate, after: &Estate, (name, policy): (&str, &Managed)) {
        let subject = format!("policy {name}");
        let text = policy.document.to_string();
        let arn = after.arn("policy", &policy.path, name);
        let Some(was) = found.policies.get(name) else {
            let mut fields = vec![("PolicyName", name), ("Path", &policy.path)];
            fields.push(("PolicyDocument", &text));
            fields.extend(policy.description.as_deref().map(|said| ("Description", said)));
            let mut step =
                iam("create", (&subject, "create".to_owned()), ("CreatePolicy", &fields));
            if let (Call::Iam(_, fields), Some(tags)) = (&mut step.call, &policy.tags) {
                fields.extend(tag_fields(tags));
            }
            self.first.push(step);
            return;
        };
        if was.document != policy.document {
            self.version(&subject, (&arn, &text), (was, policy));
        }
        let none = BTreeMap::new();
        let tags = (was.tags.as_ref().unwrap_or(&none), policy.tags.as_ref().unwrap_or(&none));
        self.tags(&subject, ("Policy", "PolicyArn", &arn), tags);
    }

    /// Lets another version count: one that says it already, else a new one.
    fn version(
        &mut self,
        subject: &str,
        (arn, text): (&str, &str),
        (was, now): (&Managed, &Managed),
    ) {
        let says = was.others.iter().find(|(_, document)| *document == now.document);
        if let Some((version, _)) = says {
            let what = format!("let version {version} count, which says this");
            let fields: Fields<'_> = &[("PolicyArn", arn), ("VersionId", version)];
            self.first.push(iam("change", (subject, what), ("SetDefaultPolicyVersion", fields)));
            return;
        }
        let full = was.others.len().saturating_add(1) >= VERSIONS_MAX;
        if let Some((oldest, _)) = was.others.last().filter(|_| full) {
            let what = format!("delete version {oldest}, the oldest that does not count");
            let fields: Fields<'_> = &[("PolicyArn", arn), ("VersionId", oldest)];
            self.first.push(iam("change", (subject, what), ("DeletePolicyVersion", fields)));
        }
        let fields: Fields<'_> =
            &[("PolicyArn", arn), ("PolicyDocument", text), ("SetAsDefault", "true")];
        let what = "make a new version count".to_owned();
        self.first.push(iam("change", (subject, what), ("CreatePolicyVersion", fields)));
    }

    fn policy_gone(&mut self, arn: &str, (name, policy): (&str, &Managed)) {
        let subject = format!("policy {name}");
        for (version, _) in &policy.others {
            let what = format!("delete version {version}");
            let fields: Fields<'_> = &[("PolicyArn", arn), ("VersionId", version)];
            self.gone.push(iam("remove", (&subject, what), ("DeletePolicyVersion", fields)));
        }
        let fields: Fields<'_> = &[("PolicyArn", arn)];
        self.gone.push(iam("remove", (&subject, "delete".to_owned()), ("DeletePolicy", fields)));
    }

    fn provider(
        &mut self,
        arn: &str,
        was: Option<&super::estate::Provider>,
        now: &super::estate::Provider,
    ) {
        let subject = format!("provider {arn}");
        let none = super::estate::Provider::default();
        let Some(was) = was else {
            let host = arn.split_once("oidc-provider/").map_or("", |(_, host)| host);
            let url = format!("https://{host}");
            let mut step = iam(
                "create",
                (&subject, "create".to_owned()),
                ("CreateOpenIDConnectProvider", &[("Url", &url)]),
            );
            if let Call::Iam(_, fields) = &mut step.call {
                let ids = now.client_ids.iter().zip(1_usize..);
                fields.extend(
                    ids.map(|(id, place)| (format!("ClientIDList.member.{place}"), id.clone())),
                );
                fields.extend(tag_fields(now.tags.as_ref().unwrap_or(&BTreeMap::new())));
            }
            self.first.push(step);
            return;
        };
        for id in now.client_ids.difference(&was.client_ids) {
            let fields: Fields<'_> = &[("OpenIDConnectProviderArn", arn), ("ClientID", id)];
            let call = ("AddClientIDToOpenIDConnectProvider", fields);
            self.widened.push(iam("change", (&subject, format!("add client id {id}")), call));
        }
        for id in was.client_ids.difference(&now.client_ids) {
            let fields: Fields<'_> = &[("OpenIDConnectProviderArn", arn), ("ClientID", id)];
            let call = ("RemoveClientIDFromOpenIDConnectProvider", fields);
            self.narrowed.push(iam("change", (&subject, format!("remove client id {id}")), call));
        }
        let none = none.tags.unwrap_or_default();
        let tags = (was.tags.as_ref().unwrap_or(&none), now.tags.as_ref().unwrap_or(&none));
        self.tags(&subject, ("OpenIDConnectProvider", "OpenIDConnectProviderArn", arn), tags);
    }

    /// What logins are worth is said once everything that rules name is there.
    fn rules(
        &mut self,
        arn: &str,
        was: Option<&super::estate::Provider>,
        now: &super::estate::Provider,
    ) {
        let none = Vec::new();
        let was = was.and_then(|was| was.rules.as_ref()).unwrap_or(&none);
        if let Some(rules) = now.rules.as_ref().filter(|rules| *rules != was) {
            let subject = format!("provider {arn}");
            let what = format!("map its logins by {} rules", rules.len());
            let call = Call::Rules(arn.to_owned(), rules.clone());
            self.last.push(Step { change: "change", subject, what, call });
        }
    }

    fn tags(
        &mut self,
        subject: &str,
        (word, parameter, name): (&str, &str, &str),
        (was, now): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    ) {
        let new: BTreeMap<String, String> = now
            .iter()
            .filter(|(key, value)| was.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        if !new.is_empty() {
            let keys: Vec<&str> = new.keys().map(String::as_str).collect();
            let what = format!("tag {}", keys.join(", "));
            let call: (&str, Fields<'_>) = (&format!("Tag{word}"), &[(parameter, name)]);
            let mut step = iam("change", (subject, what), call);
            if let Call::Iam(_, fields) = &mut step.call {
                fields.extend(tag_fields(&new));
            }
            self.made.push(step);
        }
        let gone: Vec<&String> = was.keys().filter(|key| !now.contains_key(*key)).collect();
        if !gone.is_empty() {
            let what = format!(
                "untag {}",
                gone.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ")
            );
            let call: (&str, Fields<'_>) = (&format!("Untag{word}"), &[(parameter, name)]);
            let mut step = iam("change", (subject, what), call);
            if let Call::Iam(_, fields) = &mut step.call {
                let keys = gone.into_iter().zip(1_usize..);
                fields.extend(
                    keys.map(|(key, place)| (format!("TagKeys.member.{place}"), key.clone())),
                );
            }
            self.made.push(step);
        }
    }

    fn entity(&mut self, (kind, name): (Kind, &str), was: Option<&Entity>, now: &Entity) {
        let subject = format!("{kind} {name}");
        let word = kind.word();
        let parameter = format!("{word}Name");
        let named = (parameter.as_str(), name);
        if was.is_none() {
            self.create(&subject, (kind, named), now);
        }
        let made = || Entity {
            path: now.path.clone(),
            boundary: now.boundary.clone(),
            tags: now.tags.clone(),
            trust: now.trust.clone(),
            description: now.description.clone(),
            session_seconds_max: now.session_seconds_max,
            ..Entity::default()
        };
        let was = was.cloned().unwrap_or_else(made);
        if was.path != now.path {
            let what = format!("move to {}", now.path);
            let fields: Fields<'_> = &[named, ("NewPath", &now.path)];
            self.made.push(iam("change", (&subject, what), (&format!("Update{word}"), fields)));
        }
        if kind == Kind::Role {
            self.role(&subject, named, (&was, now));
        }
        self.tags(&subject, (word, &parameter, name), (&was.tags, &now.tags));
        self.boundary(&subject, (word, named), (&was, now));
        self.policies(&subject, (word, named), (&was, now));
        for group in now.groups.difference(&was.groups) {
            let fields: Fields<'_> = &[named, ("GroupName", group)];
            let what = format!("join group {group}");
            self.widened.push(iam("change", (&subject, what), ("AddUserToGroup", fields)));
        }
        for group in was.groups.difference(&now.groups) {
            let fields: Fields<'_> = &[named, ("GroupName", group)];
            let what = format!("leave group {group}");
            self.narrowed.push(iam("change", (&subject, what), ("RemoveUserFromGroup", fields)));
        }
    }

    fn create(&mut self, subject: &str, (kind, named): (Kind, (&str, &str)), now: &Entity) {
        let trust = now.trust.as_ref().map(Value::to_string);
        let seconds = now.session_seconds_max.map(|seconds| seconds.to_string());
        let mut fields = vec![named, ("Path", now.path.as_str())];
        fields.extend(trust.as_deref().map(|text| ("AssumeRolePolicyDocument", text)));
        fields.extend(now.description.as_deref().map(|text| ("Description", text)));
        fields.extend(seconds.as_deref().map(|text| ("MaxSessionDuration", text)));
        fields.extend(now.boundary.as_deref().map(|arn| ("PermissionsBoundary", arn)));
        let action = format!("Create{}", kind.word());
        let mut step = iam("create", (subject, "create".to_owned()), (&action, &fields));
        if let Call::Iam(_, fields) = &mut step.call {
            fields.extend(tag_fields(&now.tags));
        }
        self.made.push(step);
    }

    fn role(&mut self, subject: &str, named: (&str, &str), (was, now): (&Entity, &Entity)) {
        if let Some(trust) = now.trust.as_ref().filter(|_| was.trust != now.trust) {
            let text = trust.to_string();
            let fields: Fields<'_> = &[named, ("PolicyDocument", &text)];
            let what = "change whom it trusts".to_owned();
            self.made.push(iam("change", (subject, what), ("UpdateAssumeRolePolicy", fields)));
        }
        let said = (&now.description, now.session_seconds_max);
        if (&was.description, was.session_seconds_max) != said {
            let seconds = now.session_seconds_max.map(|seconds| seconds.to_string());
            let mut fields = vec![named];
            fields.extend(now.description.as_deref().map(|text| ("Description", text)));
            fields.extend(seconds.as_deref().map(|text| ("MaxSessionDuration", text)));
            let what = "change its description or longest session".to_owned();
            self.made.push(iam("change", (subject, what), ("UpdateRole", &fields)));
        }
    }

    fn boundary(
        &mut self,
        subject: &str,
        (word, named): (&str, (&str, &str)),
        (was, now): (&Entity, &Entity),
    ) {
        match (&was.boundary, &now.boundary) {
            (was, Some(arn)) if was.as_ref() != Some(arn) => {
                let fields: Fields<'_> = &[named, ("PermissionsBoundary", arn)];
                let action = format!("Put{word}PermissionsBoundary");
                let step = iam("change", (subject, format!("bound by {arn}")), (&action, fields));
                self.made.push(step);
            }
            (Some(arn), None) => {
                let action = format!("Delete{word}PermissionsBoundary");
                let what = format!("bound by {arn} no more");
                self.last.push(iam("change", (subject, what), (&action, &[named])));
            }
            _ => {}
        }
    }

    fn policies(
        &mut self,
        subject: &str,
        (word, named): (&str, (&str, &str)),
        (was, now): (&Entity, &Entity),
    ) {
        for arn in now.attached.difference(&was.attached) {
            let fields: Fields<'_> = &[named, ("PolicyArn", arn)];
            let action = format!("Attach{word}Policy");
            self.widened.push(iam("change", (subject, format!("attach {arn}")), (&action, fields)));
        }
        for (name, document) in &now.inline {
            if was.inline.get(name) != Some(document) {
                let text = document.to_string();
                let fields: Fields<'_> = &[named, ("PolicyName", name), ("PolicyDocument", &text)];
                let (action, what) = (format!("Put{word}Policy"), format!("inline policy {name}"));
                self.widened.push(iam("change", (subject, what), (&action, fields)));
            }
        }
        for arn in was.attached.difference(&now.attached) {
            let fields: Fields<'_> = &[named, ("PolicyArn", arn)];
            let action = format!("Detach{word}Policy");
            self.narrowed.push(iam(
                "change",
                (subject, format!("detach {arn}")),
                (&action, fields),
            ));
        }
        for name in was.inline.keys().filter(|name| !now.inline.contains_key(*name)) {
            let fields: Fields<'_> = &[named, ("PolicyName", name)];
            let (action, what) =
                (format!("Delete{word}Policy"), format!("delete inline policy {name}"));
            self.narrowed.push(iam("change", (subject, what), (&action, fields)));
        }
    }

    fn entity_gone(
        &mut self,
        (kind, name): (Kind, &str),
        was: &Entity,
        leftovers: Option<&Leftovers>,
    ) {
        let subject = format!("{kind} {name}");
        let word = kind.word();
        let parameter = format!("{word}Name");
        let named = (parameter.as_str(), name);
        let mut own = Self::default();
        let bare = Entity::default();
        own.policies(&subject, (word, named), (was, &bare));
        for group in &was.groups {
            let fields: Fields<'_> = &[named, ("GroupName", group)];
            let what = format!("leave group {group}");
            own.narrowed.push(iam("change", (&subject, what), ("RemoveUserFromGroup", fields)));
        }
        let none = Leftovers::default();
        let left = leftovers.unwrap_or(&none);
        for key in &left.keys {
            let fields: Fields<'_> = &[named, ("AccessKeyId", key)];
            let what = format!("delete access key {key}");
            own.narrowed.push(iam("remove", (&subject, what), ("DeleteAccessKey", fields)));
        }
        for device in &left.devices {
            let fields: Fields<'_> = &[named, ("SerialNumber", device)];
            let what = format!("deactivate device {device}");
            own.narrowed.push(iam("remove", (&subject, what), ("DeactivateMFADevice", fields)));
        }
        if left.password {
            let what = "delete its password".to_owned();
            own.narrowed.push(iam("remove", (&subject, what), ("DeleteLoginProfile", &[named])));
        }
        // First what can be done with it, so that a stop in the middle leaves it with less.
        self.narrowed.extend(own.narrowed);
        let action = format!("Delete{word}");
        self.gone.push(iam("remove", (&subject, "delete".to_owned()), (&action, &[named])));
    }

    fn bucket(&mut self, name: &str, was: Option<&Bucket>, now: &Bucket) {
        let subject = format!("bucket {name}");
        let mut step = |change, what: &str, (method, query, body): (http::Method, &str, String)| {
            let call = Call::S3(method, format!("/{name}{query}"), body);
            let what = what.to_owned();
            self.last.push(Step { change, subject: subject.clone(), what, call });
        };
        let put = http::Method::PUT;
        if was.is_none() {
            step("create", "create", (put.clone(), "", String::new()));
        }
        let was = was.cloned().unwrap_or_else(Bucket::new);
        if was.ownership != now.ownership {
            let call = ownership(now.ownership.as_deref());
            step("change", "say who owns what is in it", call);
        }
        if was.public_access_block != now.public_access_block {
            match now.public_access_block {
                Some(switches) => {
                    let set = SWITCHES.iter().zip(switches);
                    let set = set.map(|(name, on)| format!("<{name}>{on}</{name}>"));
                    let body = format!(
                        "<PublicAccessBlockConfiguration>{}</PublicAccessBlockConfiguration>",
                        set.collect::<String>()
                    );
                    let what = "set its public-access block";
                    step("change", what, (put.clone(), "?publicAccessBlock", body));
                }
                None => {
                    let call = (http::Method::DELETE, "?publicAccessBlock", String::new());
                    step("change", "remove its public-access block", call);
                }
            }
        }
        match (&was.policy, &now.policy) {
            (was, Some(document)) if was.as_ref() != Some(document) => {
                step("change", "put its policy", (put, "?policy", document.to_string()));
            }
            (Some(_), None) => {
                let call = (http::Method::DELETE, "?policy", String::new());
                step("change", "delete its policy", call);
            }
            _ => {}
        }
    }
}
