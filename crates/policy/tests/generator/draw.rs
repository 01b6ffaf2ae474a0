//! Draws a world: one target request, policies about it or nearly about it, and questions around
//! the target.

use std::collections::HashSet;

use strongroom_policy::Effect;
use strongroom_policy::facts::Value;
use strongroom_policy::principal::Principal;

use super::dice::Dice;
use super::mutate;
use super::words::{self, Type};
use super::world::{
    Ask, Condition, Form, Grantees, Listed, Policy, Sense, Slot, Statement, Version, World,
};

/// Questions to one set of policies: they share the cost of reading it.
pub(crate) const ASKS: usize = 32;

/// The server's fact for the canonical user id of the caller's account.
const CANONICAL_KEY: &str = "strongroom:PrincipalCanonicalUser";

/// Which kind of resource a world is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    Bucket,
    Trust,
    Iam,
}

struct Drawing<'a> {
    dice: Dice,
    callers: &'a [Principal],
    family: Family,
    target: Ask,
    /// How many of a hundred statements deny.
    denies: usize,
}

/// The world of one index of one seed.
pub(crate) fn world(seed: u64, index: u64, callers: &[Principal]) -> World {
    let mut dice = Dice::new(seed, index);
    let family = match dice.weighted(&[70, 18, 12]) {
        0 => Family::Bucket,
        1 => Family::Trust,
        _ => Family::Iam,
    };
    let target = target(&mut dice, family, callers.len());
    let denies = dice.pick(&[5, 20, 45]);
    let mut drawing = Drawing { dice, callers, family, target, denies };
    let policies = drawing.policies();
    let empty_session = drawing.dice.chance(2);
    let asks = drawing.asks(&policies);
    World { policies, empty_session, asks }
}

fn target(dice: &mut Dice, family: Family, callers: usize) -> Ask {
    let (actions, resources) = words_of(family);
    // The first callers are the more interesting.
    let who = dice.below(callers).min(dice.below(callers));
    Ask {
        who,
        action: dice.pick(actions).to_owned(),
        resource: dice.pick(resources).to_owned(),
        owner: dice.pick(words::OWNERS),
        restricted: dice.chance(35),
        context: Vec::new(),
        forged: Vec::new(),
        with: None,
    }
}

fn words_of(family: Family) -> (&'static [&'static str], &'static [&'static str]) {
    match family {
        Family::Bucket => (words::S3_ACTIONS, words::S3_RESOURCES),
        Family::Trust => (words::STS_ACTIONS, words::STS_RESOURCES),
        Family::Iam => (words::IAM_ACTIONS, words::IAM_RESOURCES),
    }
}

impl Drawing<'_> {
    fn policies(&mut self) -> Vec<Policy> {
        let mut slots = Vec::new();
        let mut add = |slot, count: usize| slots.extend(std::iter::repeat_n(slot, count));
        let dice = &mut self.dice;
        add(Slot::Identity, dice.pick(&[0, 1, 1, 1, 2]));
        add(Slot::Boundary, dice.pick(&[0, 0, 0, 0, 0, 1, 1, 2]));
        add(Slot::Session, dice.pick(&[0, 0, 0, 0, 1, 1, 1, 2]));
        let resource = match self.family {
            Family::Trust => (Slot::Trust, 90),
            Family::Bucket => (Slot::Resource, 75),
            Family::Iam => (Slot::Resource, 10),
        };
        add(resource.0, usize::from(dice.chance(resource.1)));
        for level in 0..2 {
            add(Slot::ServiceControl(level), dice.pick(&[0, 0, 0, 0, 0, 1, 2]));
            add(Slot::ResourceControl(level), dice.pick(&[0, 0, 0, 0, 0, 1, 1]));
        }
        slots.into_iter().enumerate().map(|(at, slot)| self.policy(slot, at)).collect()
    }

    fn policy(&mut self, slot: Slot, at: usize) -> Policy {
        let count = self.dice.pick(&[1, 1, 2, 2, 3]);
        let mut statements: Vec<Statement> =
            (0..count).map(|index| self.statement(slot, index)).collect();
        let gate = !matches!(slot, Slot::Identity | Slot::Resource | Slot::Trust);
        if self.dice.chance(if gate { 45 } else { 8 }) {
            let grantees = self.grantees(slot);
            statements.push(Statement { grantees, ..everything(slot) });
        }
        let version = match self.dice.weighted(&[80, 10, 10]) {
            0 => Version::Y2012,
            1 => Version::Y2008,
            _ => Version::Unsaid,
        };
        Policy { slot, name: format!("p{at}"), version, statements }
    }

    fn statement(&mut self, slot: Slot, index: usize) -> Statement {
        let effect = if self.dice.chance(self.denies) { Effect::Deny } else { Effect::Allow };
        let sid = match self.dice.below(4) {
            0 => Some(format!("S{index}")),
            1 if slot == Slot::Resource => Some("the same".to_owned()),
            _ => None,
        };
        Statement {
            sid,
            effect,
            grantees: self.grantees(slot),
            actions: self.actions(slot),
            resources: (slot != Slot::Trust).then(|| self.resources()),
            conditions: self.conditions(),
        }
    }

    fn actions(&mut self, slot: Slot) -> Listed {
        let (pool, _) = words_of(self.family);
        let target = self.target.action.clone();
        let dice = &mut self.dice;
        let sense = if dice.chance(15) { Sense::Not } else { Sense::Is };
        let about = dice.chance(if sense == Sense::Is { 80 } else { 25 });
        let mut texts: Vec<String> = Vec::new();
        if about {
            texts.push(mutate::action(dice, &target));
        }
        let more = dice.pick(&[0, 0, 0, 1, 2]);
        for _ in 0..more {
            let other = dice.pick(pool);
            texts.push(if dice.chance(50) {
                other.to_owned()
            } else {
                mutate::action(dice, other)
            });
        }
        if texts.is_empty() && !dice.chance(5) {
            texts.push(dice.pick(pool).to_owned());
        }
        if slot == Slot::Trust {
            // A trust policy speaks of STS alone.
            texts.retain(|text| text == "*" || text.to_ascii_lowercase().starts_with("sts:"));
        }
        Listed { sense, texts }
    }

    fn resources(&mut self) -> Listed {
        let (_, pool) = words_of(self.family);
        let target = self.target.resource.clone();
        let dice = &mut self.dice;
        let sense = if dice.chance(15) { Sense::Not } else { Sense::Is };
        let about = dice.chance(if sense == Sense::Is { 80 } else { 30 });
        let mut texts: Vec<String> = Vec::new();
        if about {
            texts.push(mutate::resource(dice, &target));
        }
        let more = dice.pick(&[0, 0, 0, 1, 2]);
        for _ in 0..more {
            let other = dice.pick(pool);
            texts.push(if dice.chance(50) {
                other.to_owned()
            } else {
                mutate::resource(dice, other)
            });
        }
        if texts.is_empty() && !dice.chance(5) {
            texts.push(dice.pick(pool).to_owned());
        }
        Listed { sense, texts }
    }

    fn grantees(&mut self, slot: Slot) -> Option<Grantees> {
        match slot {
            Slot::Resource | Slot::Trust => {}
            Slot::ResourceControl(_) => {
                return Some(Grantees { sense: Sense::Is, named: vec![("", "*".to_owned())] });
            }
            _ => return None,
        }
        let own = self.callers.get(self.target.who).map(names_of).unwrap_or_default();
        let other = self.dice.below(self.callers.len());
        let others = self.callers.get(other).map(names_of).unwrap_or_default();
        let dice = &mut self.dice;
        let sense = if slot == Slot::Resource && dice.chance(18) { Sense::Not } else { Sense::Is };
        let mut named = match (sense, dice.below(10)) {
            (Sense::Is, 0..=5) => vec![dice.pick(&own)],
            (Sense::Is, 6 | 7) => vec![dice.pick(&[("", "*".to_owned()), ("AWS", "*".to_owned())])],
            (Sense::Is, _) => vec![dice.pick(&others)],
            (Sense::Not, 0..=4) => own,
            (Sense::Not, 5..=7) => dice.some(&own, 0, 2),
            (Sense::Not, _) => others.clone(),
        };
        if dice.chance(35) {
            named.extend(dice.some(&others, 1, 2));
        }
        if dice.chance(3) {
            let odd = [
                ("Federated", "idp.example".to_owned()),
                ("Federated", "arn:aws:iam::111122223333:OIDC-provider/idp.example".to_owned()),
                ("Service", "LOGGING.s3.amazonaws.com".to_owned()),
                ("CanonicalUser", words::CANONICAL.replace('a', "b")),
            ];
            named.push(dice.pick(&odd));
        }
        if dice.chance(2) {
            named.clear();
        }
        Some(Grantees { sense, named })
    }

    fn conditions(&mut self) -> Vec<Condition> {
        let count = self.dice.weighted(&[45, 33, 16, 6]);
        let mut seen = HashSet::new();
        let drawn: Vec<Condition> = (0..count).map(|_| condition(&mut self.dice)).collect();
        let unique = |c: &Condition| {
            seen.insert((c.operator.to_ascii_lowercase(), c.key.to_ascii_lowercase()))
        };
        drawn.into_iter().filter(unique).collect()
    }

    fn asks(&mut self, policies: &[Policy]) -> Vec<Ask> {
        let read = Read::of(policies);
        let (actions, resources) = words_of(self.family);
        let target = self.target.clone();
        let mut asks = Vec::new();
        for _ in 0..ASKS {
            let dice = &mut self.dice;
            let mut ask = target.clone();
            if dice.chance(45) {
                ask.who = dice.below(self.callers.len());
            }
            if dice.chance(30) {
                ask.action = dice.pick(actions).to_owned();
            }
            if let Some((service, name)) = ask.action.clone().split_once(':')
                && dice.chance(4)
            {
                ask.action = format!("{service}:{}", mutate::recased(dice, name));
            }
            ask.resource = match dice.weighted(&[60, 20, 20]) {
                0 => ask.resource,
                1 => dice.pick(resources).to_owned(),
                _ => mutate::near(dice, &ask.resource),
            };
            if self.family == Family::Trust && !ask.resource.contains(":role/") {
                // Only a role has a trust policy.
                ask.resource.clone_from(&target.resource);
            }
            if dice.chance(25) {
                ask.owner = dice.pick(words::OWNERS);
            }
            if dice.chance(20) {
                ask.restricted = !ask.restricted;
            }
            if self.family == Family::Bucket && dice.chance(3) {
                ask.action = "s3:ListAllMyBuckets".to_owned();
                ask.resource = "*".to_owned();
            }
            self.context(&read, &mut ask);
            asks.push(ask);
        }
        asks
    }

    fn context(&mut self, read: &Read, ask: &mut Ask) {
        let dice = &mut self.dice;
        for (key, written) in &read.keys {
            let derived = words::DERIVED.iter().any(|d| d.eq_ignore_ascii_case(key));
            if derived && !dice.chance(10) {
                continue;
            }
            if let Some(value) = fact(dice, key, written) {
                let spelled =
                    if dice.chance(10) { mutate::recased(dice, key) } else { key.clone() };
                ask.context.push((spelled, value));
            } else if dice.chance(20) {
                ask.forged.push((key.clone(), "a".into()));
            }
        }
        if read.canonical {
            let ids = [words::CANONICAL.to_owned(), words::CANONICAL.replace('a', "b")];
            match dice.weighted(&[30, 60, 10]) {
                0 => {}
                1 => ask.context.push((CANONICAL_KEY.to_owned(), dice.pick(&ids).into())),
                _ => ask.context.push((CANONICAL_KEY.to_owned(), Value::Many(ids.to_vec()))),
            }
        }
        if dice.chance(6) {
            ask.with = Some(("s3:prefix", dice.pick(&["a", "", "b/k", "alice"]).into()));
        }
    }
}

/// A statement that allows everything to everyone.
pub(crate) fn everything(slot: Slot) -> Statement {
    let action = if slot == Slot::Trust { "sts:*" } else { "*" };
    let all = |text: &str| Listed { sense: Sense::Is, texts: vec![text.to_owned()] };
    let named = matches!(slot, Slot::Resource | Slot::Trust | Slot::ResourceControl(_));
    let everyone = || Grantees { sense: Sense::Is, named: vec![("", "*".to_owned())] };
    Statement {
        sid: None,
        effect: Effect::Allow,
        grantees: named.then(everyone),
        actions: all(action),
        resources: (slot != Slot::Trust).then(|| all("*")),
        conditions: Vec::new(),
    }
}

/// A value for a key, or none.
fn fact(dice: &mut Dice, key: &str, written: &[String]) -> Option<Value> {
    let pool = words::facts(words::type_of(key));
    // The values of a set are often alike, or else `ForAllValues` would hardly ever match.
    let written_of_100 = dice.pick(&[100, 50, 0, 0]);
    let one = |dice: &mut Dice| -> String {
        if !written.is_empty() && dice.chance(written_of_100) {
            dice.pick(written)
        } else {
            dice.pick(pool).to_owned()
        }
    };
    match dice.weighted(&[20, 36, 12, 32]) {
        0 => None,
        1 => Some(Value::One(one(dice))),
        2 => Some(Value::Many(Vec::new())),
        _ => {
            let count = dice.pick(&[1, 2, 2, 3]);
            Some(Value::Many((0..count).map(|_| one(dice)).collect()))
        }
    }
}

/// What the policies read: keys with the values written for them, and canonical users.
struct Read {
    keys: Vec<(String, Vec<String>)>,
    canonical: bool,
}

impl Read {
    fn of(policies: &[Policy]) -> Self {
        let mut read = Self { keys: Vec::new(), canonical: false };
        for statement in policies.iter().flat_map(|policy| &policy.statements) {
            for condition in &statement.conditions {
                read.add(&condition.key, &condition.values);
                condition.values.iter().for_each(|value| read.variables(value));
            }
            let listed = statement.resources.iter().flat_map(|listed| &listed.texts);
            listed.for_each(|text| read.variables(text));
            let named = statement.grantees.iter().flat_map(|grantees| &grantees.named);
            read.canonical |= named.into_iter().any(|(kind, _)| *kind == "CanonicalUser");
        }
        read
    }

    fn variables(&mut self, text: &str) {
        for variable in words::VARIABLES {
            if text.to_ascii_lowercase().contains(&variable.to_ascii_lowercase()) {
                self.add(variable, &["a".to_owned(), "alice".to_owned(), "k".to_owned()]);
            }
        }
    }

    fn add(&mut self, key: &str, values: &[String]) {
        if key.to_ascii_lowercase().starts_with("strongroom:") {
            return self.add("aws:CurrentTime", &[]);
        }
        let literal = values.iter().filter(|value| !value.contains("${")).cloned();
        match self.keys.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(key)) {
            Some((_, written)) => written.extend(literal),
            None => self.keys.push((key.to_owned(), literal.collect())),
        }
    }
}

/// One line of a `Condition` block.
pub(crate) fn condition(dice: &mut Dice) -> Condition {
    if dice.chance(3) {
        return hours(dice);
    }
    let base = dice.below(words::OPERATORS.len());
    let (name, of, _) =
        words::OPERATORS.get(base).copied().unwrap_or(("Null", Type::Absence, false));
    let mut form = dice.pick_form();
    if of == Type::Absence && form.suffix() == "IfExists" {
        form = Form::Plain;
    }
    let mut key = match dice.weighted(&[86, 14]) {
        0 => dice.pick(words::keys(of)).to_owned(),
        // A key of a known type is refused under an operator of another one; a provider's is not.
        _ => dice.pick(&["idp.example:sub", "idp.example:hash", "idp.example:amr"]).to_owned(),
    };
    if (form.is_set() || of == Type::Absence) && dice.chance(25) || dice.below(400) == 0 {
        // Once in a while without a set prefix, which is refused.
        key = dice.pick(words::MULTIVALUED).to_owned();
    }
    if dice.chance(8) {
        key = mutate::recased(dice, &key);
    }
    let single = matches!(of, Type::Truth | Type::Absence);
    let most = if single { 1 } else { 3 };
    let least = usize::from(!dice.chance(4));
    let pool: Vec<String> = words::operands(of).iter().map(|&text| text.to_owned()).collect();
    let values = dice.some(&pool, least, most);
    let plain = format!("{}{name}{}", form.prefix(), form.suffix());
    let operator = if dice.chance(8) { mutate::recased(dice, &plain) } else { plain };
    Condition { base, form, operator, key, values, bare: dice.chance(30) }
}

/// A condition on our own keys, which follow from the time.
fn hours(dice: &mut Dice) -> Condition {
    let bases: Vec<usize> = (0..words::OPERATORS.len()).collect();
    let clock = dice.chance(60);
    let of = |base: &usize| words::OPERATORS.get(*base).map(|(name, of, _)| (*name, *of));
    let fits = |base: &usize| match of(base) {
        Some((_, Type::Number)) => clock,
        Some(("StringEquals" | "StringNotEquals", _)) => !clock,
        _ => false,
    };
    let fitting: Vec<usize> = bases.into_iter().filter(fits).collect();
    let base = dice.pick(&fitting);
    let (values, key): (&[&str], &str) = match clock {
        true => (&["0000", "0059", "0100", "0159", "0200", "2359"], "strongroom:TimeOfDay"),
        false => (&["Wed", "Thu", "Fri", "Sun", "Sat"], "strongroom:DayOfWeek"),
    };
    let zone = dice.pick(&["", "/Europe/Berlin", "/UTC", "/America/New_York"]);
    let values: Vec<String> = values.iter().map(|&text| text.to_owned()).collect();
    let form = dice.pick_form();
    let name = of(&base).map_or("StringEquals", |(name, _)| name);
    Condition {
        base,
        form,
        operator: format!("{}{name}{}", form.prefix(), form.suffix()),
        key: format!("{key}{zone}"),
        values: dice.some(&values, 1, 2),
        bare: false,
    }
}

impl Dice {
    fn pick_form(&mut self) -> Form {
        let index = self.weighted(&[20, 18, 17, 14, 17, 14]);
        Form::ALL.get(index).copied().unwrap_or(Form::Plain)
    }
}

/// Everything that a `Principal` element can call a caller by, its own names first.
pub(crate) fn names_of(principal: &Principal) -> Vec<(&'static str, String)> {
    let mut names: Vec<(&'static str, String)> = Vec::new();
    match principal {
        Principal::Anonymous => names.push(("AWS", "*".to_owned())),
        Principal::Root { .. } => {}
        Principal::User { arn, id, .. } => {
            names.push(("AWS", arn.to_string()));
            names.push(("AWS", id.to_string()));
        }
        Principal::RoleSession { role_arn, id, session, .. } => {
            names.extend(principal.arn().map(|arn| ("AWS", arn.to_string())));
            names.push(("AWS", role_arn.to_string()));
            names.push(("AWS", id.to_string()));
            names.push(("AWS", format!("{id}:{session}")));
        }
        Principal::FederatedUser { user_arn, user_id, .. } => {
            names.extend(principal.arn().map(|arn| ("AWS", arn.to_string())));
            if !user_arn.as_str().contains('?') {
                names.push(("AWS", user_arn.to_string()));
            }
            names.push(("AWS", user_id.to_string()));
        }
        Principal::Federated { provider } => names.push(("Federated", provider.to_string())),
        Principal::Service { name } => names.push(("Service", name.clone())),
    }
    if let Some(account) = principal.account() {
        names.push(("AWS", account.to_string()));
        names.push(("AWS", format!("arn:aws:iam::{account}:root")));
        if account.to_string() == words::HOME {
            names.push(("CanonicalUser", words::CANONICAL.to_owned()));
        }
    }
    names
}
