//! Signature Version 2, which proves neither the body nor most of the query: for whom it is taken,
//! and how far ahead its links may end.

use std::collections::BTreeSet;

use audit::Reason;
use identity::{Account, SignatureV2, State};
use names::{AccountId, Timestamp};
use signing::{Form, SigV2Rule, SignatureError, SignedRequest, Version};

use crate::error::ApiError;

/// For whom Signature Version 2 is taken, and for how long.
#[derive(Debug, Clone)]
pub struct SigV2Terms {
    /// Whether it is taken of every account.
    pub everyone: SigV2Rule,
    /// The accounts of which it is taken all the same.
    pub accounts: BTreeSet<AccountId>,
    /// How far ahead a link may end, in seconds: it does not say when it was made.
    pub expiry_seconds_max: u64,
}

impl SigV2Terms {
    /// The rule that is known before it is proven who signed. If any account may, all such
    /// signatures are verified, so that nobody learns of which accounts it is taken by signing
    /// falsely.
    pub(crate) fn rule(&self, state: &State) -> SigV2Rule {
        if self.accounts.is_empty() && !state.has_old_signers() {
            return self.everyone;
        }
        SigV2Rule::Allow
    }

    /// Whether a proven signature is taken of that account.
    pub(crate) fn admits(
        &self,
        signed: &SignedRequest,
        account: Option<&Account>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        if signed.version() != Version::V2 {
            return Ok(());
        }
        if !self.taken_of(account) {
            return Err(SignatureError::SigV2Off.into());
        }
        let ends = match signed.form() {
            Form::Presigned => signed.request().query("Expires").ok().flatten(),
            Form::Header | Form::Post => None,
        };
        match ends.map(|ends| self.within(ends, now)) {
            None | Some(true) => Ok(()),
            Some(false) => {
                let most = self.expiry_seconds_max;
                let message = format!("`Expires` must be at most {most} seconds ahead");
                Err(ApiError::new(400, "AuthorizationQueryParametersError", message)
                    .because(Reason::Malformed { what: "authorization" }))
            }
        }
    }

    /// Whether it is taken of that account: as the account itself says, else as the settings do.
    fn taken_of(&self, account: Option<&Account>) -> bool {
        let listed = account.is_some_and(|account| self.accounts.contains(&account.id));
        match account.and_then(|account| account.signature_v2) {
            Some(own) => own == SignatureV2::Allow,
            None => self.everyone == SigV2Rule::Allow || listed,
        }
    }

    /// Whether a link that ends then, in seconds after 1970, ends soon enough.
    fn within(&self, ends: &str, now: Timestamp) -> bool {
        let latest = now.seconds().saturating_add_unsigned(self.expiry_seconds_max);
        ends.parse::<i64>().is_ok_and(|ends| ends <= latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(everyone: SigV2Rule, accounts: &[&str]) -> SigV2Terms {
        let accounts = accounts.iter().map(|account| account.parse().unwrap()).collect();
        SigV2Terms { everyone, accounts, expiry_seconds_max: 600 }
    }

    #[test]
    fn whether_an_account_may_is_not_seen_before_a_signature_holds() {
        let state = State::default();
        assert_eq!(terms(SigV2Rule::Refuse, &[]).rule(&state), SigV2Rule::Refuse);
        assert_eq!(terms(SigV2Rule::Refuse, &["111122223333"]).rule(&state), SigV2Rule::Allow);
        assert_eq!(terms(SigV2Rule::Allow, &[]).rule(&state), SigV2Rule::Allow);
    }

    #[test]
    fn an_account_says_for_itself_and_else_the_settings_say() {
        let named = |text: &str| {
            let at = Timestamp::from_seconds(0).unwrap();
            Account::new(text.parse().unwrap(), "home".parse().unwrap(), at)
        };
        let (listed, other) = (named("111122223333"), named("444455556666"));
        let settings = terms(SigV2Rule::Refuse, &["111122223333"]);
        assert!(settings.taken_of(Some(&listed)));
        assert!(!settings.taken_of(Some(&other)) && !settings.taken_of(None));
        let own = |account: &Account, own| Account { signature_v2: Some(own), ..account.clone() };
        assert!(settings.taken_of(Some(&own(&other, SignatureV2::Allow))));
        assert!(!settings.taken_of(Some(&own(&listed, SignatureV2::Refuse))));
        let open = terms(SigV2Rule::Allow, &[]);
        assert!(open.taken_of(Some(&other)));
        assert!(!open.taken_of(Some(&own(&other, SignatureV2::Refuse))));
    }

    #[test]
    fn a_link_may_end_as_far_ahead_as_the_limit_and_not_a_second_further() {
        let now = Timestamp::from_seconds(1_000_000).unwrap();
        let terms = terms(SigV2Rule::Allow, &[]);
        assert!(terms.within("1000600", now));
        assert!(!terms.within("1000601", now));
        assert!(!terms.within("9223372036854775808", now));
        let endless = SigV2Terms { expiry_seconds_max: u64::MAX, ..terms };
        assert!(endless.within("9223372036854775807", now));
    }
}
