//! What is known of the request: its context keys, those derived from the caller included (2, 5).

use crate::decision::Reach;
use crate::facts::Value;
use crate::operation::Check;
use crate::principal::Principal;
use crate::question::Question;
use crate::reference::hours;
use crate::reference::values::Instant;

/// One check in the light of its question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) check: &'a Check,
    pub(super) question: &'a Question<'a>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(check: &'a Check, question: &'a Question<'a>) -> Self {
        Self { check, question }
    }

    pub(super) fn caller(&self) -> &'a Principal {
        self.question.principal
    }

    /// Whether the caller and the resource are of one account (4.2, 4.3). A caller without an
    /// account is of none; a resource without one belongs to no other account.
    pub(super) fn reach(&self) -> Reach {
        match (self.caller().account(), self.question.resource.account) {
            (Some(_), None) => Reach::SameAccount,
            (Some(caller), Some(owner)) if caller == owner => Reach::SameAccount,
            _ => Reach::CrossAccount,
        }
    }

    /// The value of a context key, whose name is compared without regard to case (1.2): what the
    /// check says of itself, else what the facts say, else what follows from who asks.
    pub(super) fn value(&self, key: &str) -> Option<Value> {
        self.said(key).or_else(|| self.derived(key).map(Value::One))
    }

    fn said(&self, key: &str) -> Option<Value> {
        let own = self.check.with.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        own.map(|(_, value)| value.clone()).or_else(|| self.question.facts.get(key).cloned())
    }

    /// 2, "Principal key table"; 5, whether the caller is a service, and which; 5 and 6, the
    /// resource's account; decision, the hours, which follow from `aws:CurrentTime`.
    fn derived(&self, key: &str) -> Option<String> {
        let caller = self.caller();
        match key.to_ascii_lowercase().as_str() {
            "aws:username" => match caller {
                Principal::User { name, .. } => Some(name.to_string()),
                _ => None,
            },
            "aws:userid" => Some(caller.user_id()),
            "aws:principaltype" => Some(caller.kind().to_owned()),
            "aws:principalarn" => caller.principal_arn().map(|arn| arn.to_string()),
            "aws:principalaccount" => caller.account().map(|account| account.to_string()),
            "aws:principalisawsservice" => {
                Some(matches!(caller, Principal::Service { .. }).to_string())
            }
            "aws:principalservicename" => match caller {
                Principal::Service { name } => Some(name.clone()),
                _ => None,
            },
            "aws:resourceaccount" | "s3:resourceaccount" => {
                self.question.resource.account.map(|account| account.to_string())
            }
            key => match self.said("aws:currenttime")? {
                Value::One(now) => hours::value(key, Instant::read(&now)?),
                Value::Many(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::reference::testing::World;

    #[test]
    fn what_the_check_says_outranks_the_facts_and_they_outrank_what_is_derived() {
        let mut world = World::alice();
        assert_eq!(world.value("AWS:UserName"), Some("alice".into()));
        world.facts.suppose("aws:username", "somebody");
        assert_eq!(world.value("aws:username"), Some("somebody".into()));
        world.check.with = vec![("aws:username", "the check's".into())];
        assert_eq!(world.value("aws:username"), Some("the check's".into()));
    }

    #[test]
    fn the_principal_key_table_holds_row_by_row() {
        let of = |mut world: World| {
            world.facts = Facts::default();
            ["aws:username", "aws:userid", "aws:PrincipalType", "aws:PrincipalArn"]
                .map(|key| world.value(key).map(|value| format!("{value:?}")))
                .map(|value| value.unwrap_or_default().replace("One(\"", "").replace("\")", ""))
        };
        let arn = "arn:aws:iam::111122223333";
        assert_eq!(of(World::root()), ["", "111122223333", "Account", &format!("{arn}:root")]);
        assert_eq!(
            of(World::alice()),
            ["alice", "AIDAAAAAAAAAAAAAAAAAA", "User", &format!("{arn}:user/alice")]
        );
        assert_eq!(
            of(World::session()),
            ["", "AROAAAAAAAAAAAAAAAAAA:morning", "AssumedRole", &format!("{arn}:role/ops/batch")]
        );
        assert_eq!(
            of(World::federated_user()),
            [
                "",
                "111122223333:guest",
                "FederatedUser",
                "arn:aws:sts::111122223333:federated-user/guest"
            ]
        );
        assert_eq!(of(World::anonymous()), ["", "anonymous", "Anonymous", ""]);
    }
}
