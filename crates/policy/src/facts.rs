//! What is known about a request: three separate maps of condition keys.
//!
//! A key belongs to exactly one map, and each map has its own way in, so that a client's header
//! can never be read as a fact of the server (CWE-290; RustFS GHSA-6r96-hmgc-726c).

use std::sync::Arc;

use crate::actions;
use crate::compile::key_hash;

/// The value of a condition key.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A single-valued key.
    One(String),
    /// A multivalued key; the empty set is a value too.
    Many(Vec<String>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::One(text)
    }
}

/// Everything known about a request when it is decided.
///
/// ```
/// use strongroom_policy::facts::Facts;
/// let mut facts = Facts::default();
/// facts.request.set("s3:prefix", "reports/");
/// facts.server.set("aws:SourceIp", "10.1.2.3");
/// assert!(facts.get("S3:Prefix").is_some());
/// facts.request.set("aws:SourceIp", "127.0.0.1"); // a client cannot say this
/// assert_eq!(facts.get("aws:sourceip"), Some(&"10.1.2.3".into()));
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Facts {
    /// What holds wherever nothing here says otherwise.
    under: Option<Arc<Facts>>,
    /// What the verified request says of itself: `s3:prefix`, `s3:x-amz-*`, `aws:RequestTag/*`,
    /// `aws:TagKeys`, `aws:UserAgent`, `aws:Referer`, `sts:ExternalId`, …
    pub request: FactMap,
    /// What the server knows: the clock, the peer, the principal, tags of principals and resources.
    pub server: FactMap,
    /// What an identity provider vouches for: `ISSUER:sub`, `ISSUER:aud`, `saml:*`, …
    pub external: FactMap,
}

/// One map of condition keys; key names are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct FactMap {
    /// The hash of each key, at its place in `facts`; zero where none is yet.
    hashes: Vec<[u32; LANES]>,
    facts: Vec<(Name, Value)>,
    seats: Seats,
}

/// One more than the place of the first fact with a hash that ends so; zero where there is none.
/// Of several that share a seat, the others are searched for.
#[derive(Clone, Copy, Debug)]
struct Seats([u8; SEATS]);

/// How many seats there are: a few times as many as most maps have facts.
const SEATS: usize = 64;

impl Default for Seats {
    fn default() -> Self {
        Self([0; SEATS])
    }
}

impl Seats {
    #[inline]
    fn of(hash: u32) -> usize {
        usize::from(hash.to_le_bytes()[0]) % SEATS
    }

    /// The place of the fact that came to a hash's seat first.
    #[inline]
    fn first(&self, hash: u32) -> Option<usize> {
        usize::from(*self.0.get(Self::of(hash))?).checked_sub(1)
    }

    /// Gives the seat of a hash to a fact, unless another has it.
    fn take(&mut self, hash: u32, place: usize) {
        if let Some(seat) = self.0.get_mut(Self::of(hash)).filter(|seat| **seat == 0) {
            *seat = u8::try_from(place.saturating_add(1)).unwrap_or(u8::MAX);
        }
    }
}

/// How many hashes are compared at once.
const LANES: usize = 8;
/// How many facts there is room for from the first one on: as many as most maps have in the end.
const ROOM: usize = 16;
const ROOM_FOR_HASHES: usize = ROOM / LANES;

/// The name of a condition key.
#[derive(Clone, Debug)]
enum Name {
    /// One of the table, by its number.
    Known(u16),
    /// Any other, as it was set.
    Other(Box<str>),
}

/// A condition key as it is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) hash: u32,
    /// Its number in the table, where that is known already.
    pub(crate) number: Option<u16>,
    pub(crate) text: &'a [u8],
}

/// A condition key of the table, as it is looked for first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) hash: u32,
    pub(crate) number: u16,
}

impl<'a> Wanted<'a> {
    /// A key of any name.
    pub(crate) fn of(key: &'a str) -> Self {
        Self { hash: key_hash(key), number: None, text: key.as_bytes() }
    }
}

impl Name {
    fn of(hash: u32, key: &str) -> Self {
        match actions::key_by_hash(hash, key.as_bytes()) {
            Some(number) => Self::Known(number),
            None => Self::Other(key.into()),
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Known(number) => actions::key_of(*number).unwrap_or_default(),
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn is(&self, key: &Wanted<'_>) -> bool {
        match (self, key.number) {
            (Self::Known(own), Some(number)) => *own == number,
            _ => self.reads(key.text),
        }
    }

    /// Apart, for most keys are known by their numbers.
    #[inline(never)]
    fn reads(&self, text: &[u8]) -> bool {
        self.text().as_bytes().eq_ignore_ascii_case(text)
    }
}

impl FactMap {
    /// Sets a key, replacing what it was.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        let (hash, value) = (key_hash(key), value.into());
        let name = Name::of(hash, key);
        let number = if let Name::Known(number) = name { Some(number) } else { None };
        let wanted = Wanted { hash, number, text: key.as_bytes() };
        match self.place(wanted).and_then(|place| self.facts.get_mut(place)) {
            Some((_, old)) => *old = value,
            None => self.push(hash, name, value),
        }
    }

    fn push(&mut self, hash: u32, name: Name, value: Value) {
        let lane = self.facts.len() % LANES;
        if lane == 0 {
            if self.facts.is_empty() {
                self.hashes.reserve(ROOM_FOR_HASHES);
                self.facts.reserve(ROOM);
            }
            self.hashes.push([0; LANES]);
        }
        if let Some(own) = self.hashes.last_mut().and_then(|eight| eight.get_mut(lane)) {
            *own = hash;
        }
        self.seats.take(hash, self.facts.len());
        self.facts.push((name, value));
    }

    #[inline(always)]
    fn place(&self, key: Wanted<'_>) -> Option<usize> {
        let first = self.seats.first(key.hash)?;
        let own = self.facts.get(first).is_some_and(|(own, _)| own.is(&key));
        if own { Some(first) } else { self.search(key) }
    }

    /// The one value of a key, if its fact has a seat of its own.
    #[inline(always)]
    fn seated(&self, key: Known, place: usize) -> Option<&str> {
        match self.facts.get(place)? {
            (Name::Known(own), Value::One(value)) if *own == key.number => Some(value),
            _ => None,
        }
    }

    /// Apart, for most facts have a seat of their own.
    #[inline(never)]
    fn search(&self, key: Wanted<'_>) -> Option<usize> {
        for (start, eight) in (0_usize..).step_by(LANES).zip(&self.hashes) {
            let mut alike = same(eight, key.hash);
            while alike != 0 {
                let lane = alike.trailing_zeros() / u8::BITS;
                let place = start.wrapping_add(usize::try_from(lane).ok()?);
                if self.facts.get(place).is_some_and(|(own, _)| own.is(&key)) {
                    return Some(place);
                }
                alike &= alike.wrapping_sub(1);
            }
        }
        None
    }

    #[inline(always)]
    fn find(&self, key: Wanted<'_>) -> Option<&Value> {
        self.facts.get(self.place(key)?).map(|(_, value)| value)
    }

    /// Sets a key that has other values already to all of them: tags whose keys differ by case
    /// alone are one condition key, and neither may hide the other.
    ///
    /// ```
    /// use strongroom_policy::facts::{Facts, Value};
    /// let mut facts = Facts::default();
    /// facts.server.add("s3:ExistingObjectTag/Team", "a");
    /// facts.server.add("s3:ExistingObjectTag/team", "b");
    /// let both = Value::Many(vec!["a".to_owned(), "b".to_owned()]);
    /// assert_eq!(facts.get("s3:ExistingObjectTag/TEAM"), Some(&both));
    /// ```
    pub fn add(&mut self, key: &str, value: &str) {
        let value = match self.find(Wanted::of(key)).cloned() {
            None => Value::from(value),
            Some(Value::One(other)) => Value::Many(vec![other, value.to_owned()]),
            Some(Value::Many(mut others)) => {
                others.push(value.to_owned());
                Value::Many(others)
            }
        };
        self.set(key, value);
    }

    /// Sets every key of another map.
    pub fn extend(&mut self, other: &Self) {
        for (name, value) in &other.facts {
            self.set(name.text(), value.clone());
        }
    }
}

/// Which of eight hashes are this one: a byte each.
#[inline]
fn same(eight: &[u32; LANES], hash: u32) -> u64 {
    u64::from_le_bytes(eight.map(|own| u8::from(own == hash)))
}

impl PartialEq for FactMap {
    fn eq(&self, other: &Self) -> bool {
        let said =
            |(name, value): &(Name, Value)| other.find(Wanted::of(name.text())) == Some(value);
        self.facts.len() == other.facts.len() && self.facts.iter().all(said)
    }
}

impl Facts {
    /// Facts of one check over those of the whole request, which are shared and not copied: what is
    /// set here counts before what is set there.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use strongroom_policy::facts::Facts;
    /// let mut request = Facts::default();
    /// request.server.set("aws:SourceIp", "10.1.2.3");
    /// let mut check = Facts::over(Arc::new(request));
    /// check.server.set("aws:ResourceAccount", "111122223333");
    /// assert_eq!(check.get("aws:SourceIp"), Some(&"10.1.2.3".into()));
    /// ```
    #[must_use]
    pub fn over(under: Arc<Self>) -> Self {
        Self { under: Some(under), ..Self::default() }
    }

    /// Sets a key in the one map that it belongs to: for simulations and checks, where the speaker
    /// is trusted for all of them. The door fills the three maps separately instead.
    ///
    /// ```
    /// use strongroom_policy::facts::Facts;
    /// let mut facts = Facts::default();
    /// facts.suppose("aws:SourceIp", "10.1.2.3");
    /// assert_eq!(facts.get("aws:sourceip"), Some(&"10.1.2.3".into()));
    /// ```
    pub fn suppose(&mut self, key: &str, value: impl Into<Value>) {
        match Origin::of(&key.to_ascii_lowercase()) {
            Origin::Request => self.request.set(key, value),
            Origin::Server => self.server.set(key, value),
            Origin::External => self.external.set(key, value),
        }
    }

    /// The one value of a condition key of the table, where that is found at once; elsewhere
    /// [`find`](Self::find) finds it, if it is there at all.
    #[inline(always)]
    pub(crate) fn seated(&self, origin: Origin, key: Known) -> Option<&str> {
        let mut own = self.map(origin);
        let place = match own.seats.first(key.hash) {
            Some(place) => place,
            // Nobody there says it.
            None => {
                own = self.under.as_ref()?.map(origin);
                own.seats.first(key.hash)?
            }
        };
        own.seated(key, place)
    }

    #[inline(always)]
    fn map(&self, origin: Origin) -> &FactMap {
        match origin {
            Origin::Request => &self.request,
            Origin::Server => &self.server,
            Origin::External => &self.external,
        }
    }

    /// The value of a condition key whose hash and map are known.
    #[inline(always)]
    pub(crate) fn find(&self, origin: Origin, key: Wanted<'_>) -> Option<&Value> {
        match self.map(origin).find(key) {
            None => self.below(origin, key),
            found => found,
        }
    }

    /// Apart, so that the quick way stays short.
    #[inline(never)]
    fn below(&self, origin: Origin, key: Wanted<'_>) -> Option<&Value> {
        self.under.as_ref()?.find(origin, key)
    }

    /// The value of a condition key that is in lower case already.
    pub(crate) fn folded(&self, key: &str) -> Option<&Value> {
        self.find(Origin::of(key), Wanted::of(key))
    }

    /// The value of a condition key, from the one map that the key belongs to.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.folded(&key.to_ascii_lowercase())
    }
}

/// Which map a key belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Origin {
    Request,
    Server,
    External,
}

/// Keys that the verified request speaks for. All other `aws:` and `s3:` keys are the server's.
const REQUEST_KEYS: &[&str] = &[
    "aws:useragent",
    "aws:referer",
    "aws:tagkeys",
    "s3:prefix",
    "s3:delimiter",
    "s3:max-keys",
    "s3:versionid",
    "s3:locationconstraint",
    "s3:if-match",
    "s3:if-none-match",
    "s3:requestobjecttagkeys",
    "s3:objectcreationoperation",
    "s3:object-lock-mode",
    "s3:object-lock-retain-until-date",
    "s3:object-lock-remaining-retention-days",
    "s3:object-lock-legal-hold",
];

/// Prefixes of such keys.
const REQUEST_PREFIXES: &[&str] =
    &["aws:requesttag/", "s3:requestobjecttag/", "s3:x-amz-", "sts:", "iam:"];

/// Services whose keys are ours; the keys of all other prefixes come from identity providers.
const OUR_PREFIXES: &[&str] = &["aws:", "s3:", "sts:", "iam:", "strongroom:"];

impl Origin {
    /// The map of a key in lower case.
    pub(crate) fn of(folded: &str) -> Self {
        let ours = OUR_PREFIXES.iter().any(|p| folded.starts_with(p));
        let request = REQUEST_KEYS.contains(&folded)
            || REQUEST_PREFIXES.iter().any(|p| folded.starts_with(p));
        match (ours, request) {
            (false, _) => Self::External,
            (true, true) => Self::Request,
            (true, false) => Self::Server,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(facts: &[(&str, &str)]) -> FactMap {
        let mut map = FactMap::default();
        facts.iter().for_each(|(key, value)| map.set(key, *value));
        map
    }

    #[test]
    fn maps_are_equal_that_say_the_same_in_any_order() {
        let own = map(&[("t:a", "1"), ("t:b", "2")]);
        assert_eq!(own, map(&[("T:B", "2"), ("t:A", "1")]));
        for other in [
            map(&[]),
            map(&[("t:a", "1")]),
            map(&[("t:a", "1"), ("t:b", "3")]),
            map(&[("t:a", "1"), ("t:c", "2")]),
            map(&[("t:a", "1"), ("t:b", "2"), ("t:c", "3")]),
        ] {
            assert_ne!(own, other);
            assert_ne!(other, own);
        }
    }

    #[test]
    fn a_map_takes_over_what_another_says() {
        let mut own = map(&[("t:a", "1"), ("t:b", "2")]);
        own.extend(&map(&[("T:B", "3"), ("t:c", "4")]));
        assert_eq!(own, map(&[("t:a", "1"), ("t:b", "3"), ("t:c", "4")]));
    }

    #[test]
    fn what_is_said_of_a_check_counts_before_what_is_said_of_the_request() {
        let mut request = Facts::default();
        for key in ["aws:SourceIp", "s3:prefix", "idp.example:sub"] {
            request.suppose(key, "under");
        }
        let mut check = Facts::over(Arc::new(request));
        assert_eq!(check.get("AWS:sourceip"), Some(&"under".into()));
        assert_eq!(check.get("idp.example:sub"), Some(&"under".into()));
        check.suppose("aws:SourceIp", "over");
        assert_eq!(check.get("aws:SourceIp"), Some(&"over".into()));
        assert_eq!(check.get("s3:prefix"), Some(&"under".into()));
        assert_eq!(check.get("aws:username"), None);
    }

    #[test]
    fn each_of_many_facts_is_found_whether_the_table_knows_its_key_or_not() {
        let known = ["aws:SourceIp", "s3:prefix", "aws:CurrentTime", "aws:UserAgent"];
        let others = (0..40).map(|n| format!("t:Key{n}"));
        let names: Vec<String> = others.chain(known.map(str::to_owned)).collect();
        let mut own = FactMap::default();
        for (count, name) in names.iter().enumerate() {
            assert_eq!(own.find(Wanted::of(name)), None, "{name}");
            own.set(name, count.to_string());
            own.set(&name.to_uppercase(), format!("{name}!"));
            for said in names.iter().take(count + 1) {
                let lower = said.to_lowercase();
                assert_eq!(own.find(Wanted::of(&lower)), Some(&format!("{said}!").into()));
            }
        }
        assert_eq!(own.facts.len(), names.len());
        for name in known {
            let number = actions::key_by_hash(key_hash(name), name.as_bytes());
            assert!(number.is_some(), "{name}");
            let by_number = Wanted { number, ..Wanted::of(name) };
            assert_eq!(own.find(by_number), Some(&format!("{name}!").into()));
            // Of two keys with one hash, each is its own.
            let other = Wanted { number: number.map(|own| own + 1), ..by_number };
            assert_eq!(own.find(other), None, "{name}");
        }
    }

    #[test]
    fn a_key_of_the_table_is_found_at_once_where_its_fact_has_a_seat() {
        let known = |key: &str| {
            let hash = key_hash(key);
            Known { hash, number: actions::key_by_hash(hash, key.as_bytes()).unwrap() }
        };
        let address = known("aws:SourceIp");
        let mut request = Facts::default();
        request.suppose("aws:SourceIp", "under");
        request.suppose("aws:UserAgent", Value::Many(vec!["one".to_owned()]));
        let mut check = Facts::over(Arc::new(request));
        assert_eq!(check.seated(Origin::Server, address), Some("under"));
        assert_eq!(check.seated(Origin::Request, address), None);
        assert_eq!(check.seated(Origin::Request, known("aws:UserAgent")), None);
        assert_eq!(check.seated(Origin::Server, known("aws:CurrentTime")), None);
        check.suppose("aws:SourceIp", "over");
        assert_eq!(check.seated(Origin::Server, address), Some("over"));
        // Of two keys with one hash, each is its own; and no other key's fact is read below.
        let other = Known { number: address.number + 1, ..address };
        assert_eq!(check.seated(Origin::Server, other), None);
        assert_eq!(Facts::default().seated(Origin::Server, address), None);
    }

    #[test]
    fn facts_that_share_a_seat_and_those_behind_the_last_number_are_found() {
        let mut own = FactMap::default();
        for count in 0..600_usize {
            own.set(&format!("t:{count}"), count.to_string());
        }
        let seats: Vec<usize> = own.seats.0.iter().map(|seat| usize::from(*seat)).collect();
        // Each seat is its first fact's.
        for (seat, first) in seats.iter().enumerate() {
            let is_own = |count: &usize| Seats::of(key_hash(&format!("t:{count}"))) == seat;
            let expected = (0..600).find(is_own).unwrap();
            assert_eq!(*first, (expected + 1).min(255), "{seat}");
        }
        for count in 0..700_usize {
            let expected = (count < 600).then(|| Value::from(count.to_string()));
            assert_eq!(own.find(Wanted::of(&format!("T:{count}"))), expected.as_ref(), "{count}");
        }
        let (mut seats, empty) = (Seats::default(), Seats::default());
        seats.take(65, 700);
        assert_eq!((seats.first(1), seats.first(65), seats.first(2)), (Some(254), Some(254), None));
        assert_eq!((empty.first(0), empty.first(63)), (None, None));
    }

    #[test]
    fn two_keys_that_share_a_hash_are_two_facts() {
        let mut seen = std::collections::HashMap::new();
        let mut names = (0_u32..).map(|n| format!("t:{n}"));
        let (one, other) = names
            .find_map(|name| seen.insert(key_hash(&name), name.clone()).map(|old| (old, name)))
            .unwrap();
        let own = map(&[(&one, "1"), (&other, "2")]);
        assert_eq!(own.find(Wanted::of(&one)), Some(&"1".into()), "{one} {other}");
        assert_eq!(own.find(Wanted::of(&other)), Some(&"2".into()), "{one} {other}");
    }

    #[test]
    fn a_key_that_is_added_keeps_its_other_values() {
        let mut own = FactMap::default();
        for value in ["1", "2", "3"] {
            own.add("t:a", value);
        }
        let all = ["1", "2", "3"].map(str::to_owned).to_vec();
        assert_eq!(own.find(Wanted::of("T:A")), Some(&Value::Many(all)));
    }

    #[test]
    fn each_key_has_one_speaker() {
        for (key, origin) in [
            ("s3:prefix", Origin::Request),
            ("aws:requesttag/team", Origin::Request),
            ("sts:externalid", Origin::Request),
            ("aws:sourceip", Origin::Server),
            ("s3:existingobjecttag/a", Origin::Server),
            ("strongroom:timeofday", Origin::Server),
            ("idp.example:aud", Origin::External),
            ("saml:aud", Origin::External),
        ] {
            assert_eq!(Origin::of(key), origin, "{key}");
        }
    }
}
