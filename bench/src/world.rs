//! What every measured request is decided against: a bucket, a user with a policy of fifty
//! statements, and a role that the user may assume.

use bytes::Bytes;
use http::Method;
use signing::sign::Payload;

use crate::Failure;
use crate::client::{Caller, Repeat, element};
use crate::house::{ROOT_KEY, ROOT_SECRET, Running};

/// The bucket of all objects.
pub(crate) const BUCKET: &str = "bench";
/// How many statements the user's policy has.
pub(crate) const STATEMENTS: usize = 50;

/// The user under whose key the load runs.
pub(crate) struct World {
    /// The user's key.
    pub(crate) caller: Caller,
    /// The role that the user may assume.
    pub(crate) role: String,
    id: String,
    secret: String,
}

impl World {
    /// Makes it, as root.
    pub(crate) async fn make(server: &Running) -> Result<Self, Failure> {
        let root = Caller::new(server.address, ROOT_KEY, ROOT_SECRET)?;
        let nothing = (Repeat::default(), Payload::Whole(b""));
        root.once(&root.s3(Method::PUT, &format!("/{BUCKET}"), nothing.0, nothing.1)?).await?;
        let user = iam(&root, &[("Action", "CreateUser"), ("UserName", "bench")]).await?;
        let user = element(&user, "Arn")?;
        let keys = iam(&root, &[("Action", "CreateAccessKey"), ("UserName", "bench")]).await?;
        let (id, secret) = (element(&keys, "AccessKeyId")?, element(&keys, "SecretAccessKey")?);
        let text = policy_text();
        let policy = [
            ("Action", "CreatePolicy"),
            ("PolicyName", "bench"),
            ("PolicyDocument", text.as_str()),
        ];
        let policy = iam(&root, &policy).await?;
        let attach = [
            ("Action", "AttachUserPolicy"),
            ("UserName", "bench"),
            ("PolicyArn", element(&policy, "Arn")?),
        ];
        iam(&root, &attach).await?;
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
                "Action":"sts:AssumeRole","Principal":{{"AWS":"{user}"}}}}]}}"#
        );
        let role = [
            ("Action", "CreateRole"),
            ("RoleName", "bench"),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        let role = element(&iam(&root, &role).await?, "Arn")?.to_owned();
        let caller = Caller::new(server.address, id, secret)?;
        Ok(Self { caller, role, id: id.to_owned(), secret: secret.to_owned() })
    }

    /// The same world at the address of a server that was started again.
    pub(crate) fn at(&self, server: &Running) -> Result<Self, Failure> {
        Ok(Self {
            caller: Caller::new(server.address, &self.id, &self.secret)?,
            role: self.role.clone(),
            id: self.id.clone(),
            secret: self.secret.clone(),
        })
    }

    /// Puts an object.
    pub(crate) async fn put(&self, key: &str, block: Bytes) -> Result<(), Failure> {
        let target = format!("/{BUCKET}/{key}");
        let body = Repeat::once(block);
        let request = self.caller.s3(Method::PUT, &target, body, Payload::Unsigned)?;
        self.caller.once(&request).await.map(drop)
    }
}

async fn iam(root: &Caller, fields: &[(&str, &str)]) -> Result<String, Failure> {
    let all = [fields, &[("Version", "2010-05-08")]].concat();
    root.once(&root.query("iam", &all)?).await
}

/// Fifty statements: 47 that are about other buckets, two denials that do not match, and the one
/// that allows, last.
pub(crate) fn policy_text() -> String {
    let mut statements: Vec<String> = (3..STATEMENTS)
        .map(|n| {
            format!(
                r#"{{"Sid":"T{n}","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],
                    "Resource":"arn:aws:s3:::team-{n:02}/*"}}"#
            )
        })
        .collect();
    statements.extend([
        r#"{"Sid":"Net","Effect":"Deny","Action":"s3:*","Resource":"*",
            "Condition":{"NotIpAddress":{"aws:SourceIp":["127.0.0.0/8","10.0.0.0/8"]}}}"#
            .to_owned(),
        r#"{"Sid":"Keep","Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}"#.to_owned(),
        format!(
            r#"{{"Sid":"Own","Effect":"Allow","Action":["s3:*","sts:AssumeRole"],
            "Resource":["arn:aws:s3:::{BUCKET}","arn:aws:s3:::{BUCKET}/*",
                "arn:aws:iam::*:role/bench"]}}"#
        ),
    ]);
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}
