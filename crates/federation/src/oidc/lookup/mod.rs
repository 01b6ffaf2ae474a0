//! What a provider keeps elsewhere than in its tokens, asked for while somebody signs in.
//!
//! | file | asks |
//! |---|---|
//! | `graph` | Microsoft Graph for groups that did not fit into a token |
//! | `keycloak` | a realm's Admin REST API for people and their groups |
//! | `okta` | an org's Users API for people and their groups |
//! | `people` | whoever can tell, who is still there |
//! | `google` | the Directory API for groups, which Google's tokens never have |
//! | `introspection` | a provider what an opaque token is, and for claims that a token leaves out |
//! | `call` | one JSON object after another, within the time of a sign-in |
//! | `document`, `link` | parts of an answer; where its next page is |
//! | `statement` | as a client that signs what it says of itself |
//! | `config` | what the operator says of each |
//!
//! Whoever does not answer, or not as documented, ends the sign-in: nobody gets less than their
//! groups, or more, because a service was slow. Nothing in a token says where to ask.

mod call;
mod config;
mod document;
mod fault;
mod google;
mod graph;
mod introspection;
mod keycloak;
mod link;
mod okta;
mod people;
mod statement;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use audit::Clock;
use identity::ops::ToldGroups;
use identity::{ExternalGroup, MemberOf, OidcProvider};
use names::AccountId;
use serde_json::{Map, Value};

pub use self::config::{BadLookup, LookupForm, LookupKind, LookupSettings, SyncSettings};
pub use self::fault::LookupFault;
pub use self::people::{PERSON_SECONDS_MAX, Watch, Word};

use self::call::Calls;
use self::config::What;
use self::google::Google;
use self::graph::Graph;
use self::introspection::{Introspection, Userinfo};
use self::keycloak::{Keycloak, lists_groups};
use self::okta::Okta;
use self::people::{BARRED, GONE, all_of};
use super::claims::{LookedUp, find, overage};
use super::refusal::OidcError;
use super::verify::VerifiedClaims;
use crate::egress::Ask;

/// How long a sign-in may take, whoever must be asked, in seconds: it is refused within five,
/// whatever else the request takes.
pub const LOGIN_SECONDS_MAX: u64 = 4;
/// How long the groups that mapping rules name may be looked for.
pub const NAMES_SECONDS_MAX: u64 = 30;
/// Most groups that are looked up for one person.
pub const GROUPS_LOOKED_UP_MAX: usize = 10_000;
/// Most groups that the rules of one provider may name.
pub const NAMES_MAX: usize = 500;
/// The claim that lists the groups of Microsoft Entra.
const ENTRA_GROUPS: &str = "groups";

/// Says which account is the operator's.
pub type OperatorOf = Arc<dyn Fn() -> Option<AccountId> + Send + Sync>;

/// Every lookup of the operator's.
pub struct Lookups {
    ask: Arc<dyn Ask>,
    clock: Arc<dyn Clock>,
    operator: OperatorOf,
    known: Vec<Known>,
}

/// One lookup, and of whose tokens it is.
struct Known {
    settings: LookupSettings,
    source: Source,
}

enum Source {
    Graph(Graph),
    Google(Google),
    Keycloak(Keycloak),
    Okta(Okta),
    Introspection(Introspection),
    Userinfo(Userinfo),
}

impl fmt::Debug for Lookups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookups").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl Lookups {
    /// Lookups that ask through `ask`. Where one names no account it is for the operator's.
    #[must_use]
    pub fn new(
        settings: Vec<LookupSettings>,
        ask: Arc<dyn Ask>,
        clock: Arc<dyn Clock>,
        operator: OperatorOf,
    ) -> Self {
        let known = |settings: LookupSettings| {
            let source = match settings.what.clone() {
                What::Graph(own) => Source::Graph(Graph::new(own)),
                What::Google(own) => Source::Google(Google::new(own)),
                What::Keycloak(own) => Source::Keycloak(Keycloak::new(own)),
                What::Okta(own) => Source::Okta(Okta::new(own)),
                What::Introspection(own) => Source::Introspection(Introspection::new(own)),
                What::Userinfo(own) => Source::Userinfo(Userinfo::new(own)),
            };
            Known { settings, source }
        };
        let known = settings.into_iter().map(known).collect();
        Self { ask, clock, operator, known }
    }

    /// The lookups that a provider may use.
    fn of<'a>(&'a self, provider: &OidcProvider) -> impl Iterator<Item = &'a Source> {
        let provider = provider.clone();
        let serving = self.known.iter().filter(move |known| self.serves(known, &provider));
        serving.map(|known| &known.source)
    }

    /// Whether a provider may use a lookup.
    fn serves(&self, known: &Known, provider: &OidcProvider) -> bool {
        let own = &known.settings;
        own.issuer == provider.issuer
            && match own.accounts.is_empty() {
                true => (self.operator)() == Some(provider.account),
                false => own.accounts.contains(&provider.account),
            }
    }

    fn calls(&self, began: Duration, seconds: u64) -> Calls<'_> {
        let until = began.saturating_add(Duration::from_secs(seconds));
        Calls { ask: self.ask.as_ref(), clock: self.clock.as_ref(), until, seconds }
    }

    /// The claims of a token that only its provider can read; `None` if nobody is asked about them.
    pub(super) async fn introspected(
        &self,
        provider: &OidcProvider,
        token: &str,
        began: Duration,
    ) -> Option<Result<Map<String, Value>, OidcError>> {
        let asked = self.of(provider).find_map(|source| match source {
            Source::Introspection(own) => Some(own),
            _ => None,
        })?;
        Some(asked.claims(self.calls(began, LOGIN_SECONDS_MAX), provider, token).await)
    }

    /// Adds what the token leaves out of the claims that the provider's settings name.
    pub(super) async fn filled(
        &self,
        provider: &OidcProvider,
        mut verified: VerifiedClaims,
        token: &str,
        began: Duration,
    ) -> Result<VerifiedClaims, OidcError> {
        let userinfo = self.of(provider).find_map(|source| match source {
            Source::Userinfo(own) => Some(own),
            _ => None,
        });
        let claims = &provider.claims;
        let mut named = [&claims.groups, &claims.policy, &claims.display].into_iter().flatten();
        let missing = named.any(|path| find(verified.claims(), path).is_none());
        if let (Some(userinfo), true) = (userinfo, missing) {
            let calls = self.calls(began, LOGIN_SECONDS_MAX);
            let filled = userinfo.fill(calls, verified.claims_mut(), token).await;
            filled.map_err(|cause| OidcError::lookup("userinfo", cause))?;
        }
        Ok(verified)
    }

    /// The groups of whom the claims speak, if they are kept elsewhere; none if the token's own
    /// list is the one that rules see.
    pub(super) async fn groups(
        &self,
        provider: &OidcProvider,
        verified: &VerifiedClaims,
        began: Duration,
    ) -> Result<LookedUp, OidcError> {
        let calls = self.calls(began, LOGIN_SECONDS_MAX);
        for source in self.of(provider) {
            match source {
                Source::Graph(graph) if is_entra(provider) => {
                    let claims = verified.claims();
                    if !graph.settings.always && !overage(claims, ENTRA_GROUPS) {
                        let member_of = graph::listed(claims, ENTRA_GROUPS);
                        return Ok(LookedUp { member_of, ..LookedUp::default() });
                    }
                    let told = graph.groups(calls, claims).await;
                    let told = told.map_err(|cause| OidcError::lookup(GRAPH, cause))?;
                    return Ok(looked_up(Some(told.counted), told.all));
                }
                Source::Google(google) => {
                    let groups = google.signing_in(calls, verified.subject()).await;
                    let groups = groups.map_err(|cause| OidcError::lookup(GOOGLE, cause))?;
                    let all = all_of(&groups);
                    return Ok(looked_up(Some(groups), all));
                }
                Source::Keycloak(keycloak) => {
                    let lists = lists_groups(provider);
                    let word = keycloak.word(calls, provider, verified.subject(), lists).await;
                    return groups_of(word).map_err(|cause| OidcError::lookup(KEYCLOAK, cause));
                }
                Source::Okta(okta) => {
                    let word = okta.signing_in(calls, provider, verified.claims()).await;
                    return groups_of(word).map_err(|cause| OidcError::lookup(OKTA, cause));
                }
                _ => {}
            }
        }
        Ok(LookedUp::default())
    }

    /// The ids of the groups of these names; `None` if the provider's groups are not looked up, and
    /// are known by what its tokens call them.
    pub(super) async fn ids(
        &self,
        provider: &OidcProvider,
        names: &[String],
    ) -> Result<Option<BTreeMap<String, String>>, OidcError> {
        let calls = self.calls(self.clock.monotonic(), NAMES_SECONDS_MAX);
        for source in self.of(provider) {
            let (lookup, ids) = match source {
                Source::Graph(_) | Source::Google(_) | Source::Keycloak(_) | Source::Okta(_)
                    if names.len() > NAMES_MAX =>
                {
                    (DIRECTORY, Err(LookupFault::TooMany { max: NAMES_MAX }))
                }
                Source::Graph(graph) if is_entra(provider) => {
                    (GRAPH, graph.ids(calls, names).await)
                }
                Source::Google(google) => (GOOGLE, google.ids(calls, names).await),
                Source::Keycloak(keycloak) => {
                    let ids = keycloak.ids(calls, provider, names).await;
                    return ids.map_err(|cause| OidcError::lookup(KEYCLOAK, cause));
                }
                Source::Okta(okta) if okta::lists_groups(provider) => {
                    (OKTA, okta.ids(calls, names).await)
                }
                _ => continue,
            };
            return ids.map(Some).map_err(|cause| OidcError::lookup(lookup, cause));
        }
        Ok(None)
    }
}

/// What asks, in words.
const GRAPH: &str = "Microsoft Graph";
const GOOGLE: &str = "Google Directory API";
const OKTA: &str = "Okta Users API";
const KEYCLOAK: &str = "Keycloak Admin REST API";
const DIRECTORY: &str = "provider's directory";

/// The groups of somebody who signs in. Whoever is gone or disabled there does not.
fn groups_of(word: Result<Word, LookupFault>) -> Result<LookedUp, LookupFault> {
    match word? {
        Word::Gone => Err(LookupFault::Absent { what: GONE }),
        Word::Barred => Err(LookupFault::Absent { what: BARRED }),
        Word::Here(ToldGroups::Whole(groups), all) => Ok(looked_up(Some(groups), all)),
        Word::Here(ToldGroups::Unasked | ToldGroups::AtMost(_), all) => Ok(looked_up(None, all)),
    }
}

fn looked_up(groups: Option<Vec<ExternalGroup>>, member_of: MemberOf) -> LookedUp {
    LookedUp { groups, member_of, known_as: None }
}

/// Whether the groups of a provider are those that Entra lists, or leaves out, as `groups`.
fn is_entra(provider: &OidcProvider) -> bool {
    provider.claims.groups.as_deref() == Some(ENTRA_GROUPS)
}
