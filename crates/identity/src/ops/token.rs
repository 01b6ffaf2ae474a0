//! The smaller operations of the Security Token Service: sessions of one's own rights, sessions of
//! people whom an application signs in itself, and two questions.

use names::{AccessKeyId, AccountId, Action, Arn, DecisionId, SessionName};
use policy::facts::FactMap;
use policy::operation::{Operation, Rule};

use super::sts::say_session_tags;
use super::{Drawn, RequestFacts, SessionRequest, Tags, operations};

/// Most characters of the name of a GetFederationToken session (STS API reference).
pub const FEDERATED_NAME_CHARACTERS_MAX: usize = 32;
/// How many characters of policies and tags `PackedPolicySize` calls the whole: the plain text that
/// AWS takes. Ours may be longer, and is then told as the whole.
pub const PACKED_POLICY_CHARACTERS: usize = 2048;

impl SessionRequest {
    /// `PackedPolicySize`: what policies and tags take of [`PACKED_POLICY_CHARACTERS`], in percent
    /// and at most 100; `None` where there are neither (STS API reference).
    #[must_use]
    pub fn packed_percent(&self) -> Option<u8> {
        let policy = self.policy.as_ref().map_or(0, |policy| policy.size_bytes());
        let arns = self.policy_arns.iter().map(|arn| arn.as_str().len());
        let tags = self.tags.iter().map(|(key, value)| key.len().saturating_add(value.len()));
        let size = arns.chain(tags).fold(policy, usize::saturating_add);
        if size == 0 {
            return None;
        }
        let percent = size.saturating_mul(100).div_ceil(PACKED_POLICY_CHARACTERS).min(100);
        u8::try_from(percent).ok()
    }
}

/// AssumeRole without a role: a session of the caller's own rights, narrowed by the policies that
/// are passed and never more than them. It asks for no right, since it gives none; only a user's or
/// root's own long-term key may ask.
#[derive(Clone, Debug)]
pub struct AssumeOwnRights {
    /// The caller's account.
    pub account: AccountId,
    /// What the session asks to be.
    pub session: SessionRequest,
    /// The session to be minted.
    pub drawn: Drawn,
}

impl Operation for AssumeOwnRights {
    const NAME: &'static str = "AssumeRole";
    const CHECKS: &'static [Rule<Self>] = &[];
}

impl RequestFacts for AssumeOwnRights {
    fn request_facts(&self, _: &mut FactMap) {}
}

/// A session for somebody whom an application signs in itself: the rights of the user who asks,
/// narrowed by the policies that are passed; without any it has none of them.
#[derive(Clone, Debug)]
pub struct GetFederationToken {
    /// The caller's account.
    pub account: AccountId,
    /// Whom the session is for.
    pub name: SessionName,
    /// What the session asks to be.
    pub session: SessionRequest,
    /// The session to be minted.
    pub drawn: Drawn,
}

impl GetFederationToken {
    /// Whom the session is: what the operation is decided on.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::federated_user(self.account, self.name.as_str())
    }
}

impl Operation for GetFederationToken {
    const NAME: &'static str = "GetFederationToken";
    const CHECKS: &'static [Rule<Self>] = &[
        Rule::required(Action::known("sts:GetFederationToken"), |op| Some(op.arn())),
        Rule::required(Action::known("sts:TagSession"), |op| {
            (!op.session.tags.is_empty()).then(|| op.arn())
        }),
    ];
}

impl RequestFacts for GetFederationToken {
    fn request_facts(&self, facts: &mut FactMap) {
        say_session_tags(facts, &self.session, &Tags::default());
    }
}

operations! {
    /// Says to which account a long-term access key belongs.
    GetAccessKeyInfo: "sts:GetAccessKeyInfo" on |_| Some(Arn::any());
    { key: AccessKeyId }

    /// Opens the proof of a decision. What a refusal carries as its decision id is the message that
    /// is opened; the record answers, and `account` says whose part of it is seen.
    DecodeAuthorizationMessage: "sts:DecodeAuthorizationMessage" on |_| Some(Arn::any());
    { account: AccountId, decision: DecisionId }
}

#[cfg(test)]
mod tests {
    use policy::Kind;

    use super::*;
    use crate::StoredPolicy;
    use crate::testing::{plain_session, statement};

    #[test]
    fn the_packed_size_is_told_in_percent_where_there_is_something_to_pack() {
        assert_eq!(plain_session().packed_percent(), None);
        let policy = Some(statement("Allow", "s3:GetObject", Kind::Session));
        let small = SessionRequest { policy, ..plain_session() }.packed_percent().unwrap();
        assert!((1..20).contains(&small), "{small}");
        let names: Vec<String> =
            (0..200).map(|n| format!("\"arn:aws:s3:::bucket{n}/*\"")).collect();
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*",
                "Resource":[{}]}}}}"#,
            names.join(",")
        );
        let policy = Some(StoredPolicy::parse(&text, Kind::Session).unwrap());
        let large = SessionRequest { policy, ..plain_session() };
        assert_eq!(large.packed_percent(), Some(100));
    }
}
