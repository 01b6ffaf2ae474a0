//! Which entries somebody wants to see.

use std::collections::BTreeSet;

use names::{AccessKeyId, RequestId, Timestamp};

use crate::entry::{Entrance, Opened};
use crate::reader::Entry;
use crate::who::ChainLink;

/// Every field that is set must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// The caller's ARN or unique id.
    pub principal: Option<String>,
    /// Unique ids of users and roles: the caller is one of them, or a session of one of these
    /// roles. Empty: whoever it is.
    pub any_of: BTreeSet<String>,
    /// The access key id that signed.
    pub credential: Option<AccessKeyId>,
    /// A session's access key id: used by the caller, in its chain, or minted by the entry.
    pub session: Option<AccessKeyId>,
    /// The access key id of a session that the entry minted.
    pub minted: Option<AccessKeyId>,
    /// The subject or the label of the person.
    pub human: Option<String>,
    /// The operation, or the action of one of its checks; case does not matter.
    pub action: Option<String>,
    /// What the target's or a check's resource begins with.
    pub resource_prefix: Option<String>,
    /// Whether it was let in.
    pub verdict: Option<Entrance>,
    /// The reason's word, such as `signature-mismatch`.
    pub reason: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    /// This exchange only.
    pub request_id: Option<RequestId>,
}

impl Filter {
    /// Whether the entry is wanted.
    #[must_use]
    pub fn admits(&self, entry: &Entry) -> bool {
        self.admits_opened(&entry.opened)
    }

    /// Whether an entry is wanted whose checks are all in its first leaf.
    pub(crate) fn admits_opened(&self, opened: &Opened) -> bool {
        holds(self.request_id.as_ref(), |id| opened.id == *id)
            && holds(self.from.as_ref(), |from| opened.time >= *from)
            && holds(self.to.as_ref(), |to| opened.time < *to)
            && holds(self.verdict.as_ref(), |verdict| opened.verdict == *verdict)
            && holds(self.reason.as_ref(), |code| {
                opened.reason.as_ref().is_some_and(|reason| reason.code == *code)
            })
            && self.admits_caller(opened)
            && self.admits_aim(opened)
    }

    fn admits_caller(&self, opened: &Opened) -> bool {
        holds(self.principal.as_ref(), |wanted| {
            opened.principal.as_ref().is_some_and(|principal| {
                principal.id == *wanted
                    || principal.arn.as_ref().is_some_and(|arn| arn.as_str() == wanted)
            })
        }) && (self.any_of.is_empty()
            || opened
                .principal
                .as_ref()
                .is_some_and(|one| self.any_of.contains(entity_of(&one.id))))
            && holds(self.credential.as_ref(), |key| opened.credential.as_ref() == Some(key))
            && holds(self.session.as_ref(), |session| {
                opened.credential.as_ref() == Some(session)
                    || opened.mints.as_ref().is_some_and(|mints| mints.credential == *session)
                    || opened.chain.contains(&ChainLink::Session((*session).clone()))
            })
            && holds(self.minted.as_ref(), |session| {
                opened.mints.as_ref().is_some_and(|mints| mints.credential == *session)
            })
            && holds(self.human.as_ref(), |wanted| {
                opened.human.as_ref().is_some_and(|human| {
                    human.subject == *wanted || human.display.as_ref() == Some(wanted)
                })
            })
    }

    fn admits_aim(&self, opened: &Opened) -> bool {
        holds(self.action.as_ref(), |wanted| {
            opened.operation.eq_ignore_ascii_case(wanted)
                || opened.checks.iter().any(|c| c.action.as_str().eq_ignore_ascii_case(wanted))
        }) && holds(self.resource_prefix.as_ref(), |prefix| {
            let begins = |resource: &names::Arn| resource.as_str().starts_with(prefix.as_str());
            opened.target.as_ref().is_some_and(|target| begins(&target.resource))
                || opened.checks.iter().any(|check| begins(&check.resource))
        })
    }
}

/// The unique id of the user or role behind a caller's: a session's is `role:name`.
pub(crate) fn entity_of(id: &str) -> &str {
    id.split_once(':').map_or(id, |(entity, _)| entity)
}

fn holds<T>(wanted: Option<&T>, test: impl FnOnce(&T) -> bool) -> bool {
    wanted.is_none_or(test)
}
