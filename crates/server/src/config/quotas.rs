//! IAM's quotas: how many there may be of what. Each has a setting; past it the answer is
//! `LimitExceeded`, and what is there already stays.

use identity::Quotas;

use super::{ConfigError, Layers};

/// The most that any quota may be set to: what IAM's messages can count.
const QUOTA_MAX: usize = 2_147_483_647;

/// The quotas that the settings say; how long a session may be is said elsewhere.
pub(super) fn build(layers: &Layers) -> Result<Quotas, ConfigError> {
    let count = |key: &'static str| {
        let number: usize = layers.read(key)?;
        let needed = "a whole number from 0 to 2147483647";
        match number {
            0..=QUOTA_MAX => Ok(number),
            _ => Err(ConfigError::Value { key, value: number.to_string(), needed }),
        }
    };
    Ok(Quotas {
        access_keys_per_user: count("iam.access_keys_per_user")?,
        users: count("iam.users_per_account")?,
        groups: count("iam.groups_per_account")?,
        roles: count("iam.roles_per_account")?,
        policies: count("iam.policies_per_account")?,
        groups_per_user: count("iam.groups_per_user")?,
        attached_policies: count("iam.attached_policies")?,
        providers: count("iam.providers_per_account")?,
        mfa_devices_per_user: count("iam.mfa_devices_per_user")?,
        service_accounts: count("iam.service_accounts_per_parent")?,
        session_seconds: Quotas::default().session_seconds,
        delegation: Quotas::default().delegation,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{FIELDS, Origin};
    use super::*;

    fn with(key: &str, value: &str) -> Result<Quotas, ConfigError> {
        let mut layers = Layers::defaults();
        layers.set(key, value, Origin::Flag)?;
        build(&layers)
    }

    #[test]
    fn what_is_not_set_is_as_the_room_has_it() {
        assert_eq!(build(&Layers::defaults()).unwrap(), Quotas::default());
    }

    #[test]
    fn every_quota_is_raised_and_lowered_by_its_own_setting_and_by_no_other() {
        let settings = FIELDS.iter().filter(|field| field.key.starts_with("iam."));
        let mut seen = Vec::new();
        for field in settings {
            for value in ["0", "1", "2147483647"] {
                let found = format!("{:?}", with(field.key, value).unwrap());
                assert_ne!(found, format!("{:?}", Quotas::default()), "{}", field.key);
                assert!(!seen.contains(&found), "{}", field.key);
                seen.push(found);
            }
            for value in ["2147483648", "-1", "many"] {
                assert!(with(field.key, value).is_err(), "{} {value}", field.key);
            }
        }
        assert_eq!(seen.len(), 30);
    }
}
