//! Who and what there is on the server that the tests share.

use std::sync::{Arc, Mutex, Once, Weak};

use serde_json::json;
use signing::sign::Credentials;

pub(crate) use crate::ask::{encoded, trusts};
use crate::client::{Answer, Ask, By, Client};
use crate::login::Provider;
use crate::server::{OWNER, Server, credentials, root};

/// Another account of the same installation.
pub(crate) const PARTNER: &str = "444455556666";

/// The policy that allows everything.
pub(crate) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// The server, and those whom every test needs.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) client: Client,
    /// An identity provider that the server may reach.
    pub(crate) provider: Provider,
    /// Three more, each for one file or test.
    pub(crate) spare: [Provider; 6],
    /// The provider whose tokens are brought on requests has been made known.
    pub(crate) bearers: Once,
    pub(crate) root: Credentials,
    /// The root of another account.
    pub(crate) partner: Credentials,
    /// A user who may do everything.
    pub(crate) admin: Credentials,
    /// A user without any policy.
    pub(crate) nobody: Credentials,
    /// A key of a user who may do everything, switched off.
    pub(crate) idle: Credentials,
    /// A session of a role that may do everything, revoked.
    pub(crate) revoked: Credentials,
    /// Another session of the same role, which lives.
    pub(crate) live: Credentials,
}

/// The server of this test process: started by the first test that asks, stopped with the last.
pub(crate) fn house() -> Arc<House> {
    static SHARED: Mutex<Weak<House>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(house) = shared.upgrade() {
        return house;
    }
    let house = Arc::new(House::build());
    *shared = Arc::downgrade(&house);
    house
}

impl House {
    /// A server of its own, for a test whose subject others change.
    pub(crate) fn build() -> Self {
        let (provider, spare) = (Provider::start(), [(); 6].map(|()| Provider::start()));
        let issuers: Vec<String> =
            std::iter::once(&provider).chain(&spare).map(Provider::issuer).collect();
        let server = Server::start(&issuers.join(","));
        let client = Client { address: server.address, now: None };
        let root = root();
        let make = Maker { client, by: &root };
        let partner = make.account(PARTNER, "partner");
        let admin = make.user("admin", Some(EVERYTHING));
        let nobody = make.user("nobody", None);
        let idle = make.user("idle", Some(EVERYTHING));
        let fields = format!("UserName=idle&AccessKeyId={}&Status=Inactive", idle.access_key_id);
        make.iam("UpdateAccessKey", &fields);
        make.role("Roamer", &trusts(&format!("arn:aws:iam::{OWNER}:root")), EVERYTHING);
        let admins = Maker { client, by: &admin };
        let revoked = admins.session("Roamer", "revoked", "");
        let live = admins.session("Roamer", "live", "");
        let revoke = json!({ "session": revoked.access_key_id.as_str() }).to_string();
        make.send(&Ask::admin("POST", "sessions/revoke", &revoke)).expect(200);
        let bearers = Once::new();
        Self {
            server,
            client,
            provider,
            spare,
            bearers,
            root,
            partner,
            admin,
            nobody,
            idle,
            revoked,
            live,
        }
    }

    /// A way to make things as this account's root.
    pub(crate) fn make(&self) -> Maker<'_> {
        Maker { client: self.client, by: &self.root }
    }

    pub(crate) fn send(&self, ask: &Ask, by: &Credentials) -> Answer {
        self.client.send(ask, By::Key(by))
    }
}

/// Makes what a test needs; whatever fails there fails the test.
#[derive(Clone, Copy)]
pub(crate) struct Maker<'a> {
    pub(crate) client: Client,
    pub(crate) by: &'a Credentials,
}

impl Maker<'_> {
    pub(crate) fn send(&self, ask: &Ask) -> Answer {
        self.client.send(ask, By::Key(self.by))
    }

    /// An IAM request that must succeed.
    #[track_caller]
    pub(crate) fn iam(&self, action: &str, fields: &str) -> Answer {
        self.send(&Ask::form("iam", action, fields)).expect(200)
    }

    /// An account; its root.
    pub(crate) fn account(&self, id: &str, name: &str) -> Credentials {
        let json = json!({ "name": name, "id": id }).to_string();
        let made = self.send(&Ask::admin("POST", "accounts", &json)).expect(200).json();
        let text = |name: &str| made["root"][name].as_str().unwrap().to_owned();
        credentials(&text("access_key_id"), &text("secret_access_key"), None)
    }

    /// A user with a key, and an inline policy if one is given.
    pub(crate) fn user(&self, name: &str, policy: Option<&str>) -> Credentials {
        self.iam("CreateUser", &format!("UserName={name}"));
        if let Some(policy) = policy {
            self.allow(name, policy);
        }
        let key = self.iam("CreateAccessKey", &format!("UserName={name}"));
        let text = |name: &str| key.element(name).unwrap();
        credentials(&text("AccessKeyId"), &text("SecretAccessKey"), None)
    }

    /// Gives a user an inline policy, in place of the one it had.
    pub(crate) fn allow(&self, user: &str, policy: &str) {
        let policy = encoded(policy);
        let fields = format!("UserName={user}&PolicyName=own&PolicyDocument={policy}");
        self.iam("PutUserPolicy", &fields);
    }

    pub(crate) fn role(&self, name: &str, trust: &str, policy: &str) {
        let trust = encoded(trust);
        self.iam("CreateRole", &format!("RoleName={name}&AssumeRolePolicyDocument={trust}"));
        let policy = encoded(policy);
        let fields = format!("RoleName={name}&PolicyName=own&PolicyDocument={policy}");
        self.iam("PutRolePolicy", &fields);
    }

    /// A session of a role of the caller's account; `policy` narrows it, if it is not empty.
    pub(crate) fn session(&self, role: &str, name: &str, policy: &str) -> Credentials {
        let account = self.account_id();
        let arn = encoded(&format!("arn:aws:iam::{account}:role/{role}"));
        let mut fields = format!("RoleArn={arn}&RoleSessionName={name}&DurationSeconds=900");
        if !policy.is_empty() {
            fields.push_str(&format!("&Policy={}", encoded(policy)));
        }
        let made = self.send(&Ask::form("sts", "AssumeRole", &fields)).expect(200);
        session(&made)
    }

    fn account_id(&self) -> String {
        let who = self.send(&Ask::admin("GET", "whoami", "")).expect(200).json();
        who["account"].as_str().unwrap().to_owned()
    }

    pub(crate) fn bucket(&self, name: &str) {
        self.send(&Ask::s3("PUT", &format!("/{name}"))).expect(200);
    }

    pub(crate) fn object(&self, path: &str) {
        self.send(&Ask::s3("PUT", path).body("content")).expect(200);
    }
}

/// The credentials in the answer of an STS operation.
pub(crate) fn session(answer: &Answer) -> Credentials {
    let text = |name: &str| answer.element(name).unwrap();
    let token = text("SessionToken");
    credentials(&text("AccessKeyId"), &text("SecretAccessKey"), Some(&token))
}
