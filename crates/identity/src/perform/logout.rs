//! What becomes of people of whom their provider says that they have left.

use std::sync::Arc;

use audit::ChainLink;

use crate::delta::Change;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Effect, Perform, Performed};
use crate::ops::{BackchannelLogout, GetLoginSettings};
use crate::provider::{Left, OidcProvider};

impl Perform for BackchannelLogout {
    type Output = ();

    fn effect(&self) -> Effect {
        Effect::Revoke
    }

    fn act(&self, cx: &Context<'_>) -> Result<Performed<()>, IdentityError> {
        let (mut changes, mut cut) = (Vec::new(), Vec::new());
        for arn in &self.providers {
            let missing = || IdentityError::missing(EntityKind::Provider, arn);
            let provider = cx.state.provider(arn).ok_or_else(missing)?;
            let link = self.left.link(provider);
            changes.push(Change::Ended { account: provider.account, link: link.clone() });
            cut.push(link);
        }
        Ok(Performed::write(changes, ()).cutting(cut))
    }
}

impl Left {
    /// What sessions depend on that were got in that name.
    #[must_use]
    pub fn link(&self, provider: &OidcProvider) -> ChainLink {
        let provider = provider.arn.clone();
        match self {
            Self::Session(sid) => ChainLink::IdpSession { provider, sid: sid.clone() },
            Self::Person(subject) => ChainLink::Subject { provider, subject: subject.clone() },
        }
    }
}

impl Perform for GetLoginSettings {
    type Output = Arc<OidcProvider>;

    fn effect(&self) -> Effect {
        Effect::Read
    }

    fn act(&self, cx: &Context<'_>) -> Result<Performed<Arc<OidcProvider>>, IdentityError> {
        let mut own = cx.state.providers(self.account);
        let found = own.find(|one| one.name == self.name).map(Arc::clone);
        let missing = || IdentityError::missing(EntityKind::Provider, &self.name);
        Ok(Performed::read(found.ok_or_else(missing)?))
    }
}
