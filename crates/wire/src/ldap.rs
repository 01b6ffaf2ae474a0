//! MinIO's form of a sign-in with the name and password of a directory: the one message of STS that
//! AWS has not.

use crate::element::Element;
use crate::form::Form;
use crate::malformed::WireError;
use crate::message::{QueryOutput, QueryRequest};
use crate::rule::{Chars, Rule};
use crate::secret::Secret;
use crate::sts::{Credentials, NAMESPACE};
use crate::xml::write::Writer;

/// Its `Action`.
pub const ACTION: &str = "AssumeRoleWithLDAPIdentity";

const DURATION_SECONDS: Rule = Rule::Number(900, 31_536_000);
const NAME: Rule = Rule::text(1, 256).rule();
const PASSWORD: Rule = Rule::text(1, 1024).rule();
const POLICY: Rule =
    Rule::text(1, usize::MAX).of(&[Chars::Range(' ', '\u{ff}'), Chars::Among("\t\n\r")]).rule();
const ROLE: Rule = Rule::text(20, 2048).rule();
const PROVIDER: Rule = Rule::text(1, 2048).rule();

/// `AssumeRoleWithLDAPIdentity`, asked. `RoleArn` and `ProviderId` are ours, and optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeRoleWithLDAPIdentityRequest {
    /// `DurationSeconds`.
    pub duration_seconds: Option<i32>,
    /// `LDAPUsername`.
    pub name: String,
    /// `LDAPPassword`.
    pub password: Secret,
    /// `Policy`.
    pub policy: Option<String>,
    /// `ProviderId`: the provider's name, where there are several directories.
    pub provider_id: Option<String>,
    /// `RoleArn`: a role that trusts the directory.
    pub role_arn: Option<String>,
}

impl QueryRequest for AssumeRoleWithLDAPIdentityRequest {
    const ACTION: &'static str = ACTION;
    const PARAMETERS: &'static [&'static str] =
        &["DurationSeconds", "LDAPUsername", "LDAPPassword", "Policy", "ProviderId", "RoleArn"];

    fn parse(form: &Form) -> Result<Self, WireError> {
        form.only(Self::PARAMETERS)?;
        let from: &Element = form.root();
        Ok(Self {
            duration_seconds: from.leaf("DurationSeconds").optional(&DURATION_SECONDS)?,
            name: from.leaf("LDAPUsername").required(&NAME)?,
            password: from.leaf("LDAPPassword").required(&PASSWORD)?,
            policy: from.leaf("Policy").optional(&POLICY)?,
            provider_id: from.leaf("ProviderId").optional(&PROVIDER)?,
            role_arn: from.leaf("RoleArn").optional(&ROLE)?,
        })
    }
}

/// `AssumeRoleWithLDAPIdentity`, answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumeRoleWithLDAPIdentityResponse {
    /// `Credentials`.
    pub credentials: Option<Credentials>,
}

impl QueryOutput for AssumeRoleWithLDAPIdentityResponse {
    const ACTION: &'static str = ACTION;
    const NAMESPACE: &'static str = NAMESPACE;
    const RESULT: Option<&'static str> = Some("AssumeRoleWithLDAPIdentityResult");

    fn result(&self, to: &mut Writer) {
        to.member("Credentials", &self.credentials);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_a_client_of_minio_is_read_and_its_password_is_not_printed() {
        let form = "Action=AssumeRoleWithLDAPIdentity&Version=2011-06-15&LDAPUsername=al%20ice\
                    &LDAPPassword=p%26ss&DurationSeconds=900";
        let read = Form::parse(form.as_bytes()).unwrap();
        let asked = AssumeRoleWithLDAPIdentityRequest::parse(&read).unwrap();
        assert_eq!((asked.name.as_str(), asked.password.expose()), ("al ice", "p&ss"));
        assert_eq!(asked.duration_seconds, Some(900));
        assert!(!format!("{asked:?}").contains("p&ss"));
        for bad in [
            "LDAPUsername=a",
            "LDAPPassword=b",
            "LDAPUsername=&LDAPPassword=b",
            "LDAPUsername=a&LDAPPassword=b&Polcy=c",
        ] {
            let read = Form::parse(bad.as_bytes()).unwrap();
            assert!(AssumeRoleWithLDAPIdentityRequest::parse(&read).is_err(), "{bad}");
        }
    }
}
