//! Callers: enough of them that whoever asks, one of these is told from them by no statement. A
//! caller is a word of several segments (account, path, name, id, session), and what policies read
//! of it (`aws:PrincipalArn`, `aws:userid`, a `Principal` entry) are tracks over these.

use std::collections::HashSet;

use names::{AccountId, Arn};

use super::automaton::{Language, Machine, Space, Track};
use super::budget::{Budget, Spent};
use super::reading::{Rules, Scene};
use super::values::{Family, machines};
use crate::case;
use crate::document::Kind;
use crate::facts::Facts;
use crate::grantee::Named;
use crate::principal::Principal;

/// The keys that follow from who asks.
pub(super) const DERIVED: &[&str] = &[
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:principalisawsservice",
    "aws:principalservicename",
];

/// The account of whoever no policy names.
pub(super) const HOME: &str = "111122223333";

/// A caller, and how a policy case names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Caller {
    pub(super) principal: Principal,
    pub(super) text: String,
    /// The role's ARN, where it has a path.
    pub(super) role: Option<String>,
    /// `aws:userid`, where a policy reads it or names an id.
    pub(super) userid: Option<String>,
}

impl Caller {
    /// From a principal as it is.
    pub(super) fn of(principal: &Principal) -> Self {
        let text = match principal {
            Principal::Service { name } => format!("service:{name}"),
            other => other.arn().map_or_else(|| "anonymous".to_owned(), |arn| arn.to_string()),
        };
        let (role, userid) = match principal {
            Principal::RoleSession { role_arn, .. } => {
                (Some(role_arn.to_string()), Some(principal.user_id()))
            }
            Principal::User { .. } => (None, Some(principal.user_id())),
            _ => (None, None),
        };
        Self { principal: principal.clone(), text, role, userid }
    }

    fn read(text: String, role: Option<String>, userid: Option<String>) -> Option<Self> {
        let facts = with_id(userid.as_deref());
        let arn: Option<Arn> = match &role {
            Some(role) => Some(role.parse().ok()?),
            None => None,
        };
        let principal = case::principal::read(&text, arn.as_ref(), &facts).ok()?;
        Some(Self { principal, text, role, userid })
    }

    /// What the request says of the caller beside its name.
    pub(super) fn facts(&self) -> Facts {
        with_id(self.userid.as_deref())
    }
}

fn with_id(userid: Option<&str>) -> Facts {
    let mut facts = Facts::default();
    if let Some(id) = userid {
        facts.suppose("aws:userid", id);
    }
    facts
}

/// The forms of callers, each a space of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    User,
    Role,
    Root,
    FederatedUser,
    Service,
    Provider,
    Anonymous,
}

/// What policies read of a caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum View {
    Arn,
    UserId,
    Name,
    Account,
    Id,
    Session,
}

const VIEWS: [View; 6] =
    [View::Arn, View::UserId, View::Name, View::Account, View::Id, View::Session];

/// The forms that can have such a policy, or be named by it.
fn forms(kind: Kind) -> &'static [Form] {
    match kind {
        Kind::Identity | Kind::Boundary | Kind::Session => {
            &[Form::User, Form::Role, Form::FederatedUser]
        }
        Kind::ServiceControl => &[Form::User, Form::Role, Form::FederatedUser, Form::Root],
        Kind::Bucket | Kind::ResourceControl | Kind::RoleTrust => &[
            Form::User,
            Form::Role,
            Form::Root,
            Form::FederatedUser,
            Form::Service,
            Form::Provider,
            Form::Anonymous,
        ],
    }
}

impl Form {
    /// The segments, what each is if nobody reads it, and the default of it.
    fn segments(self) -> Vec<(Language, &'static str)> {
        let account = (Language::Account, HOME);
        match self {
            Self::User => vec![
                account,
                (Language::Path, "/"),
                (Language::Name(1), "alice"),
                (Language::Id("AIDA"), ""),
            ],
            Self::Role => vec![
                account,
                (Language::Path, "/"),
                (Language::Name(1), "Analyst"),
                (Language::Id("AROA"), ""),
                (Language::Name(2), "session"),
            ],
            Self::Root => vec![account],
            Self::FederatedUser => vec![account, (Language::Name(2), "kiosk")],
            Self::Service => vec![(Language::Any, "logging.s3.amazonaws.com")],
            Self::Provider => {
                vec![(Language::Arn, "arn:aws:iam::111122223333:oidc-provider/idp.example")]
            }
            Self::Anonymous => Vec::new(),
        }
    }

    /// For each view, the constant text before each segment that it reads.
    fn track(self, view: View) -> Track {
        let (segments, after): (&[Option<&str>], &str) = match (self, view) {
            (Self::User, View::Arn) => {
                (&[Some("arn:aws:iam::"), Some(":user"), Some(""), None], "")
            }
            (Self::User, View::Name) => (&[None, None, Some(""), None], ""),
            (Self::User, View::UserId | View::Id) => (&[None, None, None, Some("")], ""),
            (Self::Role, View::Arn) => {
                (&[Some("arn:aws:iam::"), Some(":role"), Some(""), None, None], "")
            }
            (Self::Role, View::Name) => (&[None, None, Some(""), None, None], ""),
            (Self::Role, View::Id) => (&[None, None, None, Some(""), None], ""),
            (Self::Role, View::Session) => (&[None, None, None, None, Some("")], ""),
            (Self::Role, View::UserId) => (&[None, None, None, Some(""), Some(":")], ""),
            (Self::Root, View::Arn) => (&[Some("arn:aws:iam::")], ":root"),
            (Self::Root, View::UserId) => (&[Some("")], ""),
            (Self::FederatedUser, View::Arn) => {
                (&[Some("arn:aws:sts::"), Some(":federated-user/")], "")
            }
            (Self::FederatedUser, View::UserId) => (&[Some(""), Some(":")], ""),
            (Self::FederatedUser, View::Name) => (&[None, Some("")], ""),
            (Self::Service, View::Name | View::UserId) | (Self::Provider, View::Arn) => {
                (&[Some("")], "")
            }
            (Self::User | Self::Role | Self::Root | Self::FederatedUser, View::Account) => {
                (&[Some("")], "")
            }
            _ => (&[], ""),
        };
        Track {
            segments: segments.iter().map(|text| text.map(str::to_owned)).collect(),
            after: after.to_owned(),
        }
    }

    /// The caller of a word.
    fn caller(self, word: &[String], id_is_read: Option<()>) -> Option<Caller> {
        let part = |index: usize| word.get(index).map_or("", String::as_str);
        let id = |text: String| id_is_read.map(|()| text);
        match self {
            Self::User => Caller::read(
                format!("arn:aws:iam::{}:user{}{}", part(0), part(1), part(2)),
                None,
                id(part(3).to_owned()),
            ),
            Self::Role => Caller::read(
                format!("arn:aws:sts::{}:assumed-role/{}/{}", part(0), part(2), part(4)),
                (part(1) != "/")
                    .then(|| format!("arn:aws:iam::{}:role{}{}", part(0), part(1), part(2))),
                id(format!("{}:{}", part(3), part(4))),
            ),
            Self::Root => Caller::read(format!("arn:aws:iam::{}:root", part(0)), None, None),
            Self::FederatedUser => {
                let text = format!("arn:aws:sts::{}:federated-user/{}", part(0), part(1));
                Caller::read(text, None, None)
            }
            Self::Service => Caller::read(format!("service:{}", part(0)), None, None),
            Self::Provider => Caller::read(part(0).to_owned(), None, None)
                .filter(|c| matches!(c.principal, Principal::Federated { .. })),
            Self::Anonymous => Caller::read("anonymous".to_owned(), None, None),
        }
    }

    /// What an entry of a `Principal` element asks of this form.
    fn named(self, named: &Named) -> Vec<(View, String)> {
        match (self, named) {
            (Self::User, Named::User(arn)) | (Self::Role, Named::Role(arn)) => {
                vec![(View::Arn, arn.to_string())]
            }
            (Self::User | Self::Role, Named::Id(id)) => vec![(View::Id, id.to_string())],
            (Self::Role, Named::Session { account, role, session }) => vec![
                (View::Account, account.to_string()),
                (View::Name, role.clone()),
                (View::Session, session.clone()),
            ],
            (Self::Role, Named::SessionOf { id, session }) => {
                vec![(View::Id, id.to_string()), (View::Session, session.clone())]
            }
            (Self::FederatedUser, Named::FederatedUser { account, name }) => {
                vec![(View::Account, account.to_string()), (View::Name, name.clone())]
            }
            (_, Named::Account(account)) => vec![(View::Account, account.to_string())],
            (Self::Provider, Named::Federated(own)) => vec![(View::Arn, own.clone())],
            (Self::Service, Named::Service(own)) => vec![(View::Name, own.clone())],
            _ => Vec::new(),
        }
    }

    /// The view that a derived key is.
    fn view(self, key: &str) -> Option<View> {
        match (key, self) {
            ("aws:principalarn", Self::Provider) => None,
            ("aws:principalarn", _) => Some(View::Arn),
            ("aws:principalaccount", _) => Some(View::Account),
            ("aws:userid", Self::Provider) => None,
            ("aws:userid", _) => Some(View::UserId),
            ("aws:username", Self::User) | ("aws:principalservicename", Self::Service) => {
                Some(View::Name)
            }
            _ => None,
        }
    }

    /// Every machine that reads such a caller; `words` are values to try for each variable.
    fn machines(self, rules: &Rules<'_>, scene: &Scene<'_>, more: &More<'_>) -> Vec<Machine> {
        let track = |view| VIEWS.iter().position(|own| *own == view).unwrap_or(0);
        let mut found = Vec::new();
        for rule in &rules.rules {
            let named = rule.statement.grantees.iter().flat_map(|grantees| &grantees.named);
            for (view, text) in named.flat_map(|(named, _)| self.named(named)) {
                found.push(Machine::literal(&text, track(view)));
            }
        }
        for reading in &rules.readings {
            if let Some(view) = self.view(&reading.key) {
                found.extend(machines(reading.condition, &scene.context(), track(view)));
            }
        }
        for view in rules.variables().iter().filter_map(|key| self.view(key)) {
            found.extend(more.words.iter().map(|word| Machine::literal(word, track(view))));
        }
        let owner = more.owner.map(|owner| Machine::literal(owner.as_str(), track(View::Account)));
        found.extend(owner.filter(|_| !self.track(View::Account).segments.is_empty()));
        found.retain(|machine| {
            let view = VIEWS.get(machine.track);
            view.is_some_and(|view| !self.track(*view).segments.is_empty())
        });
        found
    }
}

/// What else tells callers apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct More<'a> {
    pub(super) owner: Option<AccountId>,
    /// Values to try for variables that follow from the caller.
    pub(super) words: &'a [String],
}

/// Callers of every form that a policy of this kind can be about.
pub(super) fn callers(
    kind: Kind,
    rules: &Rules<'_>,
    more: &More<'_>,
    budget: &mut Budget,
) -> Result<Vec<Caller>, Spent> {
    let scene =
        Scene { principal: &Principal::Anonymous, owner: more.owner, facts: Facts::default() };
    let mut all: Vec<Caller> = Vec::new();
    for form in forms(kind) {
        let machines = form.machines(rules, &scene, more);
        let tracks: Vec<Track> = VIEWS.iter().map(|view| form.track(*view)).collect();
        let read = |segment: usize| {
            machines.iter().any(|machine| {
                let track = tracks.get(machine.track);
                track.is_some_and(|t| t.segments.get(segment).is_some_and(Option::is_some))
            })
        };
        let segments = form.segments();
        let plain: Vec<String> = segments.iter().map(|(_, text)| (*text).to_owned()).collect();
        let fixed = |(index, (language, text)): (usize, (Language, &str))| {
            if read(index) { language } else { Language::Fixed(text.to_owned()) }
        };
        let languages: Vec<Language> = segments.into_iter().enumerate().map(fixed).collect();
        let id_is_read =
            languages.iter().any(|language| matches!(language, Language::Id(_))).then_some(());
        if languages.is_empty() {
            all.extend(form.caller(&plain, None));
            continue;
        }
        let space = Space { languages, tracks };
        // The plain one first, where no id is read that it would have to have.
        let words = space.words(&machines, budget)?;
        let first = Some(plain).filter(|_| id_is_read.is_none());
        for word in first.into_iter().chain(words) {
            all.extend(form.caller(&word, id_is_read));
        }
    }
    let mut known = HashSet::new();
    all.retain(|caller| known.insert((caller.text.clone(), caller.userid.clone())));
    Ok(all)
}

/// Accounts that a resource can belong to, as far as policies tell.
pub(super) fn owners(rules: &Rules<'_>, budget: &mut Budget) -> Result<Vec<AccountId>, Spent> {
    let scene = Scene { principal: &Principal::Anonymous, owner: None, facts: Facts::default() };
    let mut found = Vec::new();
    for rule in &rules.rules {
        let named = rule.statement.grantees.iter().flat_map(|grantees| &grantees.named);
        let accounts = named.filter_map(|(named, _)| match named {
            Named::Account(account)
            | Named::Session { account, .. }
            | Named::FederatedUser { account, .. } => Some(account.to_string()),
            Named::User(arn) | Named::Role(arn) => Some(arn.account().to_owned()),
            _ => None,
        });
        found.extend(accounts.map(|account| Machine::literal(&account, 0)));
    }
    for reading in rules.readings.iter().filter(|r| r.key == "aws:resourceaccount") {
        found.extend(machines(reading.condition, &scene.context(), 0));
    }
    let mut owners: Vec<AccountId> = HOME.parse().into_iter().collect();
    for word in Space::of(Language::Account).words(&found, budget)? {
        owners.extend(word.concat().parse::<AccountId>());
    }
    let mut known = HashSet::new();
    owners.retain(|owner| known.insert(*owner));
    Ok(owners)
}

/// Whether a condition on a derived key is one that callers are not told apart by exactly.
pub(super) fn is_foreign(key: &str, family: Option<Family>) -> bool {
    let constant = ["aws:principaltype", "aws:principalisawsservice"].contains(&key);
    let read = DERIVED.contains(&key) || key == "aws:resourceaccount";
    read && !constant && !matches!(family, None | Some(Family::Text))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::compare::reading::Read;
    use crate::compare::side::Side;
    use crate::document::Document;
    use crate::operator::{Order, Test};
    use crate::question::Attached;

    const FORMS: [Form; 6] =
        [Form::User, Form::Role, Form::Root, Form::FederatedUser, Form::Service, Form::Provider];

    /// A caller of a form, by its segments.
    fn sample(form: Form) -> Vec<String> {
        let words: &[&str] = match form {
            Form::User => &["444455556666", "/team/", "zoe", "AIDAAAAAAAAAAAAAAAAA1"],
            Form::Role => &["444455556666", "/team/", "Zoe", "AROAAAAAAAAAAAAAAAAA1", "at-work"],
            Form::Root => &["444455556666"],
            Form::FederatedUser => &["444455556666", "zoe"],
            Form::Service => &["zoe.amazonaws.com"],
            Form::Provider => &["arn:aws:iam::444455556666:oidc-provider/zoe.example"],
            Form::Anonymous => &[],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn caller(form: Form) -> Caller {
        form.caller(&sample(form), Some(())).unwrap()
    }

    /// What a view shows of that caller.
    fn shown(form: Form, view: View) -> Option<String> {
        let track = form.track(view);
        let word = sample(form);
        let parts = track.segments.iter().zip(&word);
        let text: String = parts
            .filter_map(|(before, own)| before.as_ref().map(|before| format!("{before}{own}")))
            .collect();
        (!track.segments.is_empty()).then(|| text + &track.after)
    }

    fn document(statement: &str, kind: Kind) -> Side {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {{{statement}}}}}"#);
        let document = Arc::new(Document::parse(&text, kind).unwrap());
        Side::Document(Attached { name: "A".to_owned(), document })
    }

    fn asked<T>(statement: &str, then: impl FnOnce(&Rules<'_>) -> T) -> T {
        let side = document(statement, Kind::Bucket);
        let read = Read::both(&side, &side);
        then(&Rules::of(&read))
    }

    #[test]
    fn a_view_shows_of_a_caller_what_the_engine_reads_of_it() {
        for form in FORMS {
            let caller = caller(form);
            let facts = caller.facts();
            let scene = Scene { principal: &caller.principal, owner: None, facts };
            for key in ["aws:principalarn", "aws:principalaccount", "aws:userid", "aws:username"] {
                let read = scene.context().look(key).values();
                // Whoever only a provider speaks for is anonymous here, always.
                let read = read.filter(|values| *values != ["anonymous"]);
                let view = form.view(key).and_then(|view| shown(form, view));
                assert_eq!(view.map(|text| vec![text]), read, "{form:?} {key}");
            }
        }
        let name = |form: Form| form.view("aws:principalservicename");
        assert_eq!(name(Form::Service), Some(View::Name));
        assert_eq!(shown(Form::Service, View::Name).as_deref(), Some("zoe.amazonaws.com"));
        assert_eq!(name(Form::User), None);
    }

    #[test]
    fn an_entry_of_a_principal_element_asks_what_a_view_shows() {
        let account: AccountId = "444455556666".parse().unwrap();
        let arn = |text: &str| text.parse::<Arn>().unwrap();
        let user = Named::User(arn("arn:aws:iam::444455556666:user/team/zoe"));
        let role = Named::Role(arn("arn:aws:iam::444455556666:role/team/Zoe"));
        let session = "at-work".to_owned();
        let of = Named::Session { account, role: "Zoe".to_owned(), session: session.clone() };
        let id = |text: &str| text.parse().unwrap();
        let frozen = Named::SessionOf { id: id("AROAAAAAAAAAAAAAAAAA1"), session };
        let federated = Named::FederatedUser { account, name: "zoe".to_owned() };
        let provider = "arn:aws:iam::444455556666:oidc-provider/zoe.example".to_owned();
        for (form, named, views) in [
            (Form::User, user, 1),
            (Form::User, Named::Id(id("AIDAAAAAAAAAAAAAAAAA1")), 1),
            (Form::Role, role, 1),
            (Form::Role, of, 3),
            (Form::Role, Named::Id(id("AROAAAAAAAAAAAAAAAAA1")), 1),
            (Form::Role, frozen, 2),
            (Form::FederatedUser, federated, 2),
            (Form::Provider, Named::Federated(provider), 1),
            (Form::Service, Named::Service("zoe.amazonaws.com".to_owned()), 1),
            (Form::User, Named::Account(account), 1),
            (Form::Role, Named::Account(account), 1),
            (Form::Root, Named::Account(account), 1),
            (Form::FederatedUser, Named::Account(account), 1),
        ] {
            let asked = form.named(&named);
            assert_eq!(asked.len(), views, "{form:?} {named:?}");
            for (view, text) in asked {
                assert_eq!(shown(form, view), Some(text), "{form:?} {named:?}");
            }
        }
        assert_eq!(Form::User.named(&Named::Everyone), []);
    }

    #[test]
    fn a_caller_of_a_case_is_told_by_the_same_words() {
        for form in FORMS {
            let own = caller(form);
            let of = Caller::of(&own.principal);
            assert_eq!(of.principal, own.principal, "{form:?}");
            assert_eq!(of.text, own.text, "{form:?}");
            let read = Caller::read(of.text, of.role, of.userid).unwrap();
            assert_eq!(read.principal, own.principal, "{form:?}");
        }
        let (user, role) = (caller(Form::User), caller(Form::Role));
        assert_eq!(Caller::of(&user.principal).userid.as_deref(), Some("AIDAAAAAAAAAAAAAAAAA1"));
        let role = Caller::of(&role.principal);
        assert_eq!(role.role.as_deref(), Some("arn:aws:iam::444455556666:role/team/Zoe"));
        assert_eq!(role.userid.as_deref(), Some("AROAAAAAAAAAAAAAAAAA1:at-work"));
        assert_eq!(Caller::of(&caller(Form::Root).principal).userid, None);
        assert_eq!(Caller::of(&Principal::Anonymous).text, "anonymous");
    }

    #[test]
    fn whoever_a_policy_names_owns_the_resource_too() {
        let allow = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#;
        let owned =
            |account: &str| format!(r#"{{"StringEquals": {{"{account}": "444455556666"}}}}"#);
        let condition =
            |key: &str| format!(r#"{allow}, "Principal": "*", "Condition": {}"#, owned(key));
        let to = |aws: &str| format!(r#"{allow}, "Principal": {{"AWS": "{aws}"}}"#);
        for (statement, expected) in [
            (to("444455556666"), true),
            (to("arn:aws:iam::444455556666:user/zoe"), true),
            (to("arn:aws:iam::444455556666:role/zoe"), true),
            (to("arn:aws:sts::444455556666:assumed-role/zoe/s"), true),
            (to("arn:aws:sts::444455556666:federated-user/zoe"), true),
            (condition("aws:ResourceAccount"), true),
            (condition("aws:PrincipalOrgID"), false),
            (to("*"), false),
        ] {
            let found = asked(&statement, |rules| owners(rules, &mut Budget::default()).unwrap());
            let account: AccountId = "444455556666".parse().unwrap();
            assert_eq!(found.contains(&account), expected, "{statement}");
            // The home account comes first, and somebody whom nobody names.
            assert_eq!(found.first().map(|own| own.to_string()).as_deref(), Some(HOME));
            assert!(found.iter().any(|own| own.as_str() != HOME && *own != account));
        }
    }

    #[test]
    fn the_owner_is_among_the_callers_of_every_form_that_has_an_account() {
        let owner: AccountId = "444455556666".parse().unwrap();
        let everyone = r#""Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*""#;
        let more = More { owner: Some(owner), words: &[] };
        let found = asked(everyone, |rules| {
            callers(Kind::Bucket, rules, &more, &mut Budget::default()).unwrap()
        });
        let forms = |of: Option<AccountId>| {
            let own = found.iter().filter(|caller| caller.principal.account() == of);
            own.map(|caller| std::mem::discriminant(&caller.principal)).collect::<HashSet<_>>()
        };
        // Users, sessions, roots and federated users; a service, a provider and anybody have none.
        assert_eq!((forms(Some(owner)).len(), forms(None).len()), (4, 3));
        assert_eq!(forms(HOME.parse().ok()).len(), 4);
    }

    #[test]
    fn values_of_a_variable_are_tried_as_callers() {
        let open = r#""Effect": "Allow", "Action": "s3:*", "Principal": "*",
            "Resource": "arn:aws:s3:::b/${aws:username}""#;
        let words = ["quark".to_owned()];
        let more = More { owner: None, words: &words };
        let found = asked(open, |rules| {
            callers(Kind::Bucket, rules, &more, &mut Budget::default()).unwrap()
        });
        let is = |caller: &Caller| caller.text.ends_with("user/quark");
        assert!(found.iter().any(is) && !found.iter().all(is));
    }

    #[test]
    fn a_key_of_the_caller_is_foreign_to_all_operators_but_those_on_texts() {
        let number = Family::of(Test::Numeric(Order::Equal));
        let text = Family::of(Test::StringLike);
        for (key, family, expected) in [
            ("aws:userid", number, true),
            ("aws:username", number, true),
            ("aws:resourceaccount", number, true),
            ("aws:userid", text, false),
            ("aws:resourceaccount", text, false),
            ("aws:userid", None, false),
            ("aws:principaltype", number, false),
            ("aws:principalisawsservice", number, false),
            ("aws:sourceip", number, false),
        ] {
            assert_eq!(is_foreign(key, family), expected, "{key} {family:?}");
        }
    }
}
