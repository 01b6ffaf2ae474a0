//! Who is still there, asked of providers that can tell.

use identity::ops::ToldGroups;
use identity::{ExternalGroup, GroupIds, IssuerUrl, MemberOf, OidcProvider, Subject};

use super::config::SyncSettings;
use super::fault::{LookupFault, UID};
use super::{Known, Lookups, Source, is_entra, okta};
use crate::oidc::diagnose::{Finding, Outcome};
use crate::oidc::verify::VerifiedClaims;

/// What somebody is who does not sign in: their provider has them no more.
pub(super) const GONE: &str = "there no more";
/// It has switched them off.
pub(super) const BARRED: &str = "disabled";
/// How long asking about one person may take.
pub const PERSON_SECONDS_MAX: u64 = 10;

/// What a provider says of somebody who signed in once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word {
    /// It has them no more.
    Gone,
    /// They may not sign in there.
    Barred,
    /// They are there, with these groups: as rules see them, and all of them by ids.
    Here(ToldGroups, MemberOf),
}

/// One lookup that tells who is still there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watch {
    /// Its place among the lookups.
    pub(super) at: usize,
    /// Of whose people.
    pub issuer: IssuerUrl,
    /// How often it is asked.
    pub sync: SyncSettings,
}

impl Lookups {
    /// The lookups that tell who is still there.
    pub(crate) fn watches(&self) -> Vec<Watch> {
        let watch = |(at, known): (usize, &Known)| {
            let own = &known.settings;
            Some(Watch { at, issuer: own.issuer.clone(), sync: own.sync? })
        };
        self.known.iter().enumerate().filter_map(watch).collect()
    }

    /// The lookup that tells of a provider's people: the first of those that it may use.
    pub(crate) fn watcher(&self, provider: &OidcProvider) -> Option<Watch> {
        self.watches().into_iter().find(|watch| {
            self.known.get(watch.at).is_some_and(|known| self.serves(known, provider))
        })
    }

    /// What has become of somebody: gone or barred, or there with what rules ask for.
    pub(crate) async fn word(
        &self,
        provider: &OidcProvider,
        subject: &str,
        known_as: Option<&str>,
    ) -> Result<Word, LookupFault> {
        let calls = self.calls(self.clock.monotonic(), PERSON_SECONDS_MAX);
        let watch = self.watcher(provider).and_then(|watch| self.known.get(watch.at));
        match watch.map(|known| &known.source) {
            Some(Source::Keycloak(own)) => {
                let id = known_as.unwrap_or(subject);
                own.word(calls, provider, id, asks_for_groups(provider)).await
            }
            Some(Source::Graph(own)) => {
                let whom = known_as.ok_or(LookupFault::Person { claim: "oid" })?;
                let wants = is_entra(provider) && asks_for_groups(provider);
                own.word(calls, whom, wants).await
            }
            Some(Source::Google(own)) => {
                own.word(calls, known_as.unwrap_or(subject), asks_for_groups(provider)).await
            }
            Some(Source::Okta(own)) => {
                let id = known_as.or_else(|| okta::is_person(subject).then_some(subject));
                let id = id.ok_or(LookupFault::Person { claim: UID })?;
                own.word(calls, provider, id, asks_for_groups(provider)).await
            }
            _ => Err(LookupFault::Person { claim: "sub" }),
        }
    }

    /// By what the interface that tells of a provider's people knows whom the claims speak of;
    /// `None` if nobody is asked.
    pub(crate) fn known_as(
        &self,
        provider: &OidcProvider,
        verified: &VerifiedClaims,
    ) -> Option<String> {
        match &self.known.get(self.watcher(provider)?.at)?.source {
            Source::Keycloak(_) | Source::Google(_) => Some(verified.subject().to_owned()),
            // Whose claims do not say by what Graph knows them is not asked about.
            Source::Graph(own) => own.known_as(verified.claims()).ok(),
            Source::Okta(_) => okta::known_as(verified.claims()).ok(),
            Source::Introspection(_) | Source::Userinfo(_) => None,
        }
    }

    /// Whether the lookup that tells of a provider's people can be asked.
    pub(crate) async fn examine(&self, provider: &OidcProvider) -> Option<Finding> {
        let watch = self.watcher(provider)?;
        let calls = self.calls(self.clock.monotonic(), PERSON_SECONDS_MAX);
        let told = match &self.known.get(watch.at)?.source {
            Source::Keycloak(own) => own.examine(calls).await,
            Source::Graph(own) => own.examine(calls).await,
            Source::Google(own) => own.examine(calls).await,
            Source::Okta(own) => own.examine(calls).await,
            Source::Introspection(_) | Source::Userinfo(_) => return None,
        };
        let (outcome, actual, help) = match told {
            Ok(actual) => (Outcome::Pass, actual, None),
            Err(fault) => (Outcome::Fail, fault.to_string(), fault.help()),
        };
        let expected = format!("who is still there can be asked every {} s", watch.sync.seconds);
        Some(Finding { check: "people", outcome, expected, actual, help })
    }
}

/// Whether any rule of a provider is about groups.
fn asks_for_groups(provider: &OidcProvider) -> bool {
    let mut tests = provider.rules.iter().flat_map(|rule| &rule.when);
    tests.any(|test| test.on == Subject::Group)
}

/// All groups of somebody, by ids: what ends their sessions when one is lost, whatever asked for
/// it.
pub(super) fn all_of(groups: &[ExternalGroup]) -> MemberOf {
    MemberOf::Whole(GroupIds::of(groups.iter().map(|group| group.id.as_str())))
}

/// What of somebody's groups was told; nothing where no rule needs them and we may not ask: who
/// is still there is known all the same.
pub(super) fn unless_forbidden<T>(
    told: Result<T, LookupFault>,
    needed: bool,
) -> Result<Option<T>, LookupFault> {
    match told {
        Err(LookupFault::Refused { status: 403, .. } | LookupFault::Mend { status: 403, .. })
            if !needed =>
        {
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// Refuses whoever is gone or barred. Who may not be asked about by us signs in as before, and a
/// round finds out no more of them either: the doctor says so.
pub(super) fn present(absence: Result<Option<Word>, LookupFault>) -> Result<(), LookupFault> {
    match absence {
        Ok(None | Some(Word::Here(..))) | Err(LookupFault::Mend { .. }) => Ok(()),
        Ok(Some(Word::Gone)) => Err(LookupFault::Absent { what: GONE }),
        Ok(Some(Word::Barred)) => Err(LookupFault::Absent { what: BARRED }),
        Err(fault) => Err(fault),
    }
}
