//! What a directory's answers and entries mean. Pure.

use std::fmt;

use names::Timestamp;

use super::config::Product;
use super::port::{Entry, INVALID_CREDENTIALS};
use super::refusal::LdapRefusal;

/// Longest id of an entry, in bytes.
const ID_BYTES_MAX: usize = 128;
/// `userAccountControl`: the account is disabled (MS-ADTS §2.2.16, `ADS_UF_ACCOUNT_DISABLE`).
const ACCOUNT_DISABLED: i64 = 0x2;
/// Seconds between 1601 and 1970: when a FILETIME begins (MS-DTYP §2.3.3).
const FILETIME_SECONDS_BEFORE: i64 = 11_644_473_600;
/// Units of a FILETIME in a second.
const FILETIME_UNITS: i64 = 10_000_000;
/// `accountExpires` of an account that never does (MS-ADA1 §2.3).
const NEVER: [i64; 2] = [0, i64::MAX];
/// `pwdAccountLockedTime` of an account that only an administrator unlocks
/// (draft-behera-ldap-password-policy-11, §5.3.3).
const LOCKED_FOR_GOOD: &str = "000001010000Z";

/// Why an account may not be used, whatever its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountFault {
    /// Not at this hour (`data 530`).
    Hours,
    /// Not from here (`data 531`).
    Workstation,
    /// The password has expired (`data 532`).
    PasswordExpired,
    /// The account is disabled (`data 533`).
    Disabled,
    /// The account may not sign in this way (`data 534`).
    LogonType,
    /// The account has expired (`data 701`).
    Expired,
    /// The password must be changed first (`data 773`).
    PasswordChange,
    /// The account is locked after wrong passwords (`data 775`).
    Locked,
}

impl AccountFault {
    /// The fault of a sub-code of Active Directory (MS-ERREF; Microsoft's page on LDAP error 49).
    fn of_data(data: &str) -> Option<Self> {
        Some(match data.to_ascii_lowercase().as_str() {
            "530" => Self::Hours,
            "531" => Self::Workstation,
            "532" => Self::PasswordExpired,
            "533" => Self::Disabled,
            "534" => Self::LogonType,
            "701" => Self::Expired,
            "773" => Self::PasswordChange,
            "775" => Self::Locked,
            _ => return None,
        })
    }

    /// A word for the record.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::Hours => "account-hours",
            Self::Workstation => "account-workstation",
            Self::PasswordExpired => "password-expired",
            Self::Disabled => "account-disabled",
            Self::LogonType => "account-logon-type",
            Self::Expired => "account-expired",
            Self::PasswordChange => "password-change",
            Self::Locked => "account-locked",
        }
    }
}

impl fmt::Display for AccountFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hours => "the account may not be used at this hour",
            Self::Workstation => "the account may not be used from here",
            Self::PasswordExpired => "the password has expired",
            Self::Disabled => "the account is disabled",
            Self::LogonType => "the account may not sign in this way",
            Self::Expired => "the account has expired",
            Self::PasswordChange => "the password must be changed first",
            Self::Locked => "the account is locked",
        })
    }
}

/// What a refused bind says of whoever signs in; `None` if it is the directory that refuses.
pub(super) fn refused_bind(code: u32, message: &str) -> Option<LdapRefusal> {
    if code != INVALID_CREDENTIALS {
        return None;
    }
    let data = message.split("data ").nth(1).unwrap_or_default();
    let data = data.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    Some(AccountFault::of_data(data).map_or(LdapRefusal::WrongPassword, LdapRefusal::Account))
}

/// The attributes that say whether an account may be used.
pub(super) fn standing_attributes(product: Product) -> &'static [&'static str] {
    match product {
        Product::ActiveDirectory => &["userAccountControl", "accountExpires"],
        Product::Openldap => &["nsAccountLock", "pwdAccountLockedTime"],
    }
}

/// Whether an account may not be used by what its entry says. A lock after wrong passwords is not
/// looked at: whoever tries passwords must not be able to end somebody's sessions.
pub(super) fn fault_of(entry: &Entry, product: Product, now: Timestamp) -> Option<AccountFault> {
    match product {
        Product::ActiveDirectory => {
            let number = |name| entry.text(name).map(str::parse::<i64>);
            // What is not told cannot be known to be fine, and AD always tells.
            let Some(Ok(control)) = number("userAccountControl") else {
                return Some(AccountFault::Disabled);
            };
            if control & ACCOUNT_DISABLED != 0 {
                return Some(AccountFault::Disabled);
            }
            match number("accountExpires") {
                None => None,
                Some(Ok(time)) if NEVER.contains(&time) => None,
                Some(Ok(time)) => {
                    let seconds = time.div_euclid(FILETIME_UNITS);
                    let ends = seconds.saturating_sub(FILETIME_SECONDS_BEFORE);
                    (ends <= now.seconds()).then_some(AccountFault::Expired)
                }
                Some(Err(_)) => Some(AccountFault::Expired),
            }
        }
        Product::Openldap => {
            let locked =
                entry.text("nsAccountLock").is_some_and(|t| t.eq_ignore_ascii_case("true"));
            let barred = entry.text("pwdAccountLockedTime") == Some(LOCKED_FOR_GOOD);
            (locked || barred).then_some(AccountFault::Disabled)
        }
    }
}

/// The id of an entry, which no other entry ever gets, as text.
///
/// ```
/// use strongroom_federation::ldap::EntryId;
/// let bytes = [0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0x34, 0x12, 1, 2, 3, 4, 5, 6, 7, 8];
/// let id = EntryId::of("objectGUID", &bytes).unwrap();
/// assert_eq!(id.as_str(), "12345678-1234-1234-0102-030405060708");
/// assert_eq!(id.value("objectGUID"), bytes);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryId(String);

impl EntryId {
    /// The id that a value of an attribute is; a binary `objectGUID` is written as its tools do
    /// (MS-DTYP §2.3.4.3).
    #[must_use]
    pub fn of(attribute: &str, value: &[u8]) -> Option<Self> {
        if is_guid(attribute) {
            let [a, b, c, d, e, f, g, h, rest @ ..] = <[u8; 16]>::try_from(value).ok()?;
            let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
            let (first, last) = rest.split_at_checked(2)?;
            return Some(Self(format!(
                "{}-{}-{}-{}-{}",
                hex(&[d, c, b, a]),
                hex(&[f, e]),
                hex(&[h, g]),
                hex(first),
                hex(last)
            )));
        }
        let text = std::str::from_utf8(value).ok()?;
        let fits =
            (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The id that was written as text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::of("", text.as_bytes())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value to search for.
    #[must_use]
    pub fn value(&self, attribute: &str) -> Vec<u8> {
        let digits: Vec<u8> = self.0.bytes().filter(|b| *b != b'-').collect();
        let (pairs, _) = digits.as_chunks::<2>();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        match bytes.as_deref() {
            Some([a, b, c, d, e, f, g, h, rest @ ..]) if is_guid(attribute) => {
                [&[*d, *c, *b, *a, *f, *e, *h, *g], rest].concat()
            }
            _ => self.0.clone().into_bytes(),
        }
    }
}

fn is_guid(attribute: &str) -> bool {
    attribute.eq_ignore_ascii_case("objectGUID")
}

/// The one id of an entry.
pub(super) fn entry_id(entry: &Entry, attribute: &str) -> Result<EntryId, LdapRefusal> {
    let missing = || LdapRefusal::Id { attribute: attribute.to_owned() };
    match entry.values(attribute) {
        [value] => EntryId::of(attribute, value).ok_or_else(missing),
        _ => Err(missing()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds).unwrap()
    }

    fn entry(attributes: &[(&str, &str)]) -> Entry {
        let attributes = attributes
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), vec![value.as_bytes().to_vec()]));
        Entry { dn: "cn=a".to_owned(), attributes: attributes.collect() }
    }

    #[test]
    fn each_sub_code_of_active_directory_is_its_own_reason() {
        let said = |data: &str| {
            let message = format!(
                "80090308: LdapErr: DSID-0C090569, comment: AcceptSecurityContext error, \
                 data {data}, v4f7c\0"
            );
            refused_bind(49, &message).unwrap().rule()
        };
        for (data, rule) in [
            ("525", "password"),
            ("52e", "password"),
            ("530", "account-hours"),
            ("531", "account-workstation"),
            ("532", "password-expired"),
            ("533", "account-disabled"),
            ("534", "account-logon-type"),
            ("701", "account-expired"),
            ("773", "password-change"),
            ("775", "account-locked"),
            ("", "password"),
        ] {
            assert_eq!(said(data), rule, "{data}");
        }
        assert_eq!(refused_bind(49, "").unwrap(), LdapRefusal::WrongPassword);
        assert_eq!(refused_bind(51, "data 533"), None, "a busy directory refuses nobody");
    }

    #[test]
    fn an_account_of_active_directory_that_is_disabled_or_over_may_not_be_used() {
        let fault = |control: &str, expires: &str| {
            let entry = entry(&[("userAccountControl", control), ("accountExpires", expires)]);
            fault_of(&entry, Product::ActiveDirectory, at(1_800_000_000))
        };
        assert_eq!(fault("512", "9223372036854775807"), None);
        assert_eq!(fault("512", "0"), None);
        assert_eq!(fault("514", "0"), Some(AccountFault::Disabled));
        let time =
            |seconds: i64| ((seconds + FILETIME_SECONDS_BEFORE) * FILETIME_UNITS).to_string();
        assert_eq!(fault("512", &time(1_800_000_001)), None);
        assert_eq!(fault("512", &time(1_800_000_000)), Some(AccountFault::Expired));
        assert_eq!(fault("512", "soon"), Some(AccountFault::Expired));
        assert_eq!(fault("x", "0"), Some(AccountFault::Disabled));
        // A number of more bits than the attribute has is read, not taken for a good one.
        assert_eq!(fault("4294967298", "0"), Some(AccountFault::Disabled));
        assert_eq!(fault("-2147483646", "0"), Some(AccountFault::Disabled));
        let untold = fault_of(&entry(&[]), Product::ActiveDirectory, at(0));
        assert_eq!(untold, Some(AccountFault::Disabled));
    }

    #[test]
    fn an_account_that_an_administrator_locked_may_not_be_used_and_one_that_guesses_locked_may() {
        let fault = |name, value| fault_of(&entry(&[(name, value)]), Product::Openldap, at(0));
        assert_eq!(fault("nsAccountLock", "TRUE"), Some(AccountFault::Disabled));
        assert_eq!(fault("pwdAccountLockedTime", LOCKED_FOR_GOOD), Some(AccountFault::Disabled));
        assert_eq!(fault("pwdAccountLockedTime", "20260101000000Z"), None);
        assert_eq!(fault("nsAccountLock", "FALSE"), None);
        assert_eq!(fault("cn", "a"), None);
    }

    #[test]
    fn an_id_is_one_value_and_reads_back_as_what_is_searched_for() {
        let uuid = "1F3C6A5E-0000-4000-8000-ABCDEF012345";
        let id = EntryId::of("entryUUID", uuid.as_bytes()).unwrap();
        assert_eq!(id.as_str(), uuid.to_ascii_lowercase());
        assert_eq!(id.value("entryUUID"), uuid.to_ascii_lowercase().into_bytes());
        let guid: Vec<u8> = (0..16).collect();
        let id = EntryId::of("objectguid", &guid).unwrap();
        assert_eq!(id.as_str(), "03020100-0504-0706-0809-0a0b0c0d0e0f");
        assert_eq!(id.value("objectGUID"), guid);
        for bad in [&b""[..], b"a b", b"\xff", &[b'a'; ID_BYTES_MAX + 1]] {
            assert_eq!(EntryId::of("entryUUID", bad), None);
        }
        assert!(EntryId::of("entryUUID", &[b'a'; ID_BYTES_MAX]).is_some());
        assert_eq!(EntryId::of("objectGUID", &[0; 15]), None);
        let mut two = entry(&[("entryUUID", uuid)]);
        two.attributes.get_mut("entryuuid").unwrap().push(b"other".to_vec());
        assert!(matches!(entry_id(&two, "entryUUID"), Err(LdapRefusal::Id { .. })));
        assert!(matches!(entry_id(&entry(&[]), "entryUUID"), Err(LdapRefusal::Id { .. })));
    }
}
