//! Principals frozen to unique ids: who is named is the very user or role that existed when the
//! policy was saved, and never one created later under the same name (IAM guide, "IAM role
//! principals"; aws-authorization 1.3).

use names::{Arn, UniqueId};

use crate::document::Document;
use crate::error::{Fault, PolicyError};
use crate::grantee::Named;
use crate::json::Span;

impl Document {
    /// The document with each user or role ARN in `Principal` and `NotPrincipal` replaced by its
    /// unique id, and each session ARN by the role's id, a colon and the session's name; everything
    /// else stays as it was written. This is the form to store and decide by.
    ///
    /// `id_of` is asked for users, roles, and sessions (`assumed-role/Role/Session`, which it
    /// answers with the id of the role). A federated user is a name that whoever may call
    /// GetFederationToken gives, not an entity: there is no id to bind it to, and it stays.
    ///
    /// # Errors
    /// A user or role that `id_of` does not know: AWS's "Invalid principal in policy".
    pub fn freeze(
        &self,
        id_of: &mut dyn FnMut(&Arn) -> Option<UniqueId>,
    ) -> Result<Self, PolicyError> {
        let mut edits = Vec::new();
        for (named, span) in &self.principals() {
            let (arn, session) = match named {
                Named::User(arn) | Named::Role(arn) => (arn.clone(), None),
                Named::Session { account, role, session } => match session.parse() {
                    Ok(name) => (Arn::assumed_role(*account, role, &name), Some(session)),
                    Err(_) => continue,
                },
                _ => continue,
            };
            let Some(id) = id_of(&arn) else {
                let fault = Fault::NoSuchPrincipal(arn.to_string());
                return Err(PolicyError::new(self.kind, &self.source, span.start, fault));
            };
            let frozen = match session {
                Some(session) => format!("{id}:{session}"),
                None => id.to_string(),
            };
            edits.push((*span, frozen));
        }
        Self::parse(&self.edited(edits), self.kind)
    }

    /// The text with each unique id replaced by the ARN it has now; an id that nobody has any more
    /// is left as it is, as AWS shows it.
    #[must_use]
    pub fn thaw(&self, arn_of: &mut dyn FnMut(&UniqueId) -> Option<Arn>) -> String {
        let named = self.principals();
        let edits = named.iter().filter_map(|(named, span)| match named {
            Named::Id(id) => arn_of(id).map(|arn| (*span, arn.to_string())),
            Named::SessionOf { id, session } => {
                let arn = arn_of(id).and_then(|role| session_of(&role, session))?;
                Some((*span, arn.to_string()))
            }
            _ => None,
        });
        self.edited(edits.collect())
    }

    fn principals(&self) -> Vec<(Named, Span)> {
        self.statements().into_iter().filter_map(|s| s.grantees).flat_map(|g| g.named).collect()
    }

    /// The source with the strings at these places, in order, replaced.
    fn edited(&self, edits: Vec<(Span, String)>) -> String {
        let mut text = String::with_capacity(self.source.len());
        let mut done = 0;
        for (span, word) in edits {
            text.push_str(self.source.get(done..span.start).unwrap_or_default());
            text.push_str(&serde_json::Value::from(word).to_string());
            done = span.end;
        }
        text.push_str(self.source.get(done..).unwrap_or_default());
        text
    }
}

/// The ARN of a role's session: the path of the role is not part of it.
fn session_of(role: &Arn, session: &str) -> Option<Arn> {
    let name = role.resource().rsplit('/').next()?;
    Some(Arn::assumed_role(role.account().parse().ok()?, name, &session.parse().ok()?))
}
