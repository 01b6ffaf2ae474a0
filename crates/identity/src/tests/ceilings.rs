//! How long a session may be: at every level that bounds it, for every operation that gives one.
//!
//! The levels are the account, the role, the provider and the rule that maps a login, and above all
//! of them 365 days. What the installation's own setting allows the door asks first
//! (`tests/door/ceilings.rs` of the program).

use std::sync::Arc;

use crate::ops::*;
use crate::testing::*;
use crate::*;

/// An operation that gives sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    Role,
    OwnRights,
    SessionToken,
    FederationToken,
    WebAsRole,
    WebAsUser,
    DirectoryAsRole,
    DirectoryAsUser,
}
use Asked::*;

/// What bounds sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Level {
    Account,
    Role,
    Provider,
    Rule,
}

/// Which levels bound the sessions of an operation: the others must not.
const BOUND: [(Asked, &[Level]); 8] = [
    (Role, &[Level::Account, Level::Role]),
    (OwnRights, &[Level::Account]),
    (SessionToken, &[Level::Account]),
    (FederationToken, &[Level::Account]),
    (WebAsRole, &[Level::Account, Level::Role, Level::Provider, Level::Rule]),
    (WebAsUser, &[Level::Account, Level::Provider, Level::Rule]),
    (DirectoryAsRole, &[Level::Account, Level::Role, Level::Provider, Level::Rule]),
    (DirectoryAsUser, &[Level::Account, Level::Provider, Level::Rule]),
];

/// What a level is set to here.
const SECONDS: u32 = 7200;

struct Room {
    world: World,
    alice: Caller,
    providers: [Arc<OidcProvider>; 2],
}

impl Room {
    /// Where nothing but the 365 days bounds anything.
    fn new() -> Self {
        let mut world = World::new();
        world.quotas.session_seconds = SESSION_SECONDS_MAX;
        world.make_user("alice");
        let (_, alice) = world.key_of("alice");
        world.make_role("R", trusts_user("alice"));
        let directory = IssuerUrl::of_directory(&"corp".parse().unwrap());
        let providers = [("idp", "https://idp.example".parse().unwrap()), ("corp", directory)];
        let providers = providers.map(|(name, issuer)| {
            let provider = AddProvider {
                account: home(),
                issuer,
                name: name.parse().unwrap(),
                client_ids: Vec::new(),
                claims: ClaimSettings::default(),
                session_seconds_max: None,
                trust: Some(trusts_user("alice")),
            };
            world.act(&provider).unwrap()
        });
        let mut room = Self { world, alice, providers };
        let read = room.world.make_policy("Read", allow("iam:GetUser"));
        room.map(&read, None);
        room.bound_role(SESSION_SECONDS_MAX).unwrap();
        room
    }

    fn map(&mut self, policy: &names::Arn, most: Option<u32>) {
        for provider in self.providers.clone() {
            let rule = MappingRule {
                name: "all".to_owned(),
                when: vec![Test::new(Subject::Group, Comparison::Equals("g".to_owned()))],
                policies: vec![policy.clone()],
                role: None,
                tags: std::collections::BTreeMap::new(),
                session_seconds_max: most,
            };
            let map = MapProvider { provider: provider.arn.clone(), rules: vec![rule] };
            self.world.act(&map).unwrap();
        }
    }

    fn bound_role(&mut self, seconds: u32) -> Result<(), IdentityError> {
        let (role, description) = (role("R"), None);
        let update = UpdateRole { role, description, max_session_seconds: Some(seconds) };
        self.world.act(&update).map(|_| ())
    }

    fn bound(&mut self, level: Level) {
        match level {
            Level::Account => {
                let (operator, account) = (home(), home());
                let (session_seconds_max, signature_v2) = (Some(SECONDS), None);
                let update = UpdateAccount { operator, account, session_seconds_max, signature_v2 };
                self.world.act(&update).unwrap();
            }
            Level::Role => self.bound_role(SECONDS).unwrap(),
            Level::Provider => {
                for provider in self.providers.clone() {
                    let add = AddProvider {
                        account: home(),
                        issuer: provider.issuer.clone(),
                        name: provider.name.clone(),
                        client_ids: Vec::new(),
                        claims: provider.claims.clone(),
                        session_seconds_max: Some(SECONDS),
                        trust: Some(trusts_user("alice")),
                    };
                    self.world.act(&add).unwrap();
                }
            }
            Level::Rule => self.map(&managed("Read").arn(), Some(SECONDS)),
        }
    }

    fn ask(&mut self, asked: Asked, seconds: u32) -> Result<(), IdentityError> {
        let alice = self.alice.clone();
        let drawn = self.world.draw(&alice, i64::from(seconds));
        let session = SessionRequest { seconds: Some(seconds), ..plain_session() };
        let (account, minted) = (home(), Some(drawn.clone()));
        let minted = minted.as_ref();
        match asked {
            Role => {
                let op = AssumeRole { session, drawn, ..self.world.assume_op(&alice, "R") };
                self.world.act_as(&alice, &op, minted).map(|_| ())
            }
            OwnRights => {
                let op = AssumeOwnRights { account, session, drawn };
                self.world.act_as(&alice, &op, minted).map(|_| ())
            }
            SessionToken => {
                let seconds = Some(seconds);
                let op = GetSessionToken { account, seconds, mfa: None, drawn };
                self.world.act_as(&alice, &op, minted).map(|_| ())
            }
            FederationToken => {
                let name = "app".parse().unwrap();
                let op = GetFederationToken { account, name, session, drawn };
                self.world.act_as(&alice, &op, minted).map(|_| ())
            }
            WebAsRole | WebAsUser => {
                let op = self.login(0, asked == WebAsRole, session);
                let (caller, drawn) = (Caller::login(&op.external), op.drawn.clone());
                self.world.act_as(&caller, &op, Some(&drawn)).map(|_| ())
            }
            DirectoryAsRole | DirectoryAsUser => {
                let login = self.login(1, asked == DirectoryAsRole, session);
                let (caller, drawn) = (Caller::login(&login.external), login.drawn.clone());
                let op = AssumeRoleWithLDAPIdentity { login };
                self.world.act_as(&caller, &op, Some(&drawn)).map(|_| ())
            }
        }
    }

    /// Somebody whom a provider vouches for, for the role or by what its rules give.
    fn login(
        &self,
        provider: usize,
        as_role: bool,
        session: SessionRequest,
    ) -> AssumeRoleWithWebIdentity {
        let provider = self.world.state.provider(&self.providers[provider].arn).unwrap();
        let mut vouched: Vouched = (*self.world.vouched(provider, "s1", &["g"])).clone();
        vouched.claims.insert("sid".to_owned(), "s1".into());
        vouched.claims.insert("iat".to_owned(), self.world.clock_now().seconds().into());
        let external = ExternalIdentity::vouched(vouched);
        let mapping = self.world.state.map(provider, &external);
        let seconds = i64::from(session.seconds.unwrap());
        let drawn = self.world.draw(&Caller::login(&external), seconds);
        let (role, name) = (as_role.then(|| role("R").arn()), "s1".parse().unwrap());
        AssumeRoleWithWebIdentity { role, name, external, mapping, session, drawn }
    }
}

#[test]
fn what_nothing_else_bounds_lasts_365_days_and_no_second_longer() {
    for (asked, _) in BOUND {
        let mut room = Room::new();
        assert!(room.ask(asked, SESSION_SECONDS_MAX).is_ok(), "{asked:?}");
        let past = room.ask(asked, SESSION_SECONDS_MAX + 1);
        let refused = matches!(past, Err(IdentityError::SessionTooLong { .. }));
        assert!(refused, "{asked:?}: {past:?}");
        assert!(room.ask(asked, SESSION_SECONDS_MIN).is_ok(), "{asked:?}");
        assert!(room.ask(asked, SESSION_SECONDS_MIN - 1).is_err(), "{asked:?}");
    }
}

/// corpus: STS-08
/// oracle: answer, twin
#[test]
fn each_level_bounds_the_sessions_that_are_got_through_it_and_no_others() {
    for (asked, bound) in BOUND {
        for level in [Level::Account, Level::Role, Level::Provider, Level::Rule] {
            let mut room = Room::new();
            room.bound(level);
            let told = format!("{asked:?} under {level:?}");
            assert!(room.ask(asked, SECONDS).is_ok(), "{told}");
            let past = room.ask(asked, SECONDS + 1);
            if !bound.contains(&level) {
                assert!(past.is_ok(), "{told}: {past:?}");
                continue;
            }
            let Err(IdentityError::SessionTooLong { max: SECONDS, ceiling }) = past else {
                panic!("{told}: {past:?}")
            };
            let named = match level {
                Level::Account => matches!(ceiling, Ceiling::Account),
                Level::Role => matches!(ceiling, Ceiling::Role),
                Level::Provider | Level::Rule => matches!(ceiling, Ceiling::Provider),
            };
            assert!(named, "{told}: {ceiling:?}");
        }
    }
}
