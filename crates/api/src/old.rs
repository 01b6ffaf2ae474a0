//! Signature Version 2, which proves neither the body nor most of the query: for whom it is taken,
//! and how far ahead its links may end.

use std::collections::BTreeSet;

use audit::Reason;
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
    pub(crate) fn rule(&self) -> SigV2Rule {
        if self.accounts.is_empty() { self.everyone } else { SigV2Rule::Allow }
    }

    /// Whether a proven signature is taken of that account.
    pub(crate) fn admits(
        &self,
        signed: &SignedRequest,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        if signed.version() != Version::V2 {
            return Ok(());
        }
        let listed = account.is_some_and(|account| self.accounts.contains(&account));
        if self.everyone == SigV2Rule::Refuse && !listed {
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
        assert_eq!(terms(SigV2Rule::Refuse, &[]).rule(), SigV2Rule::Refuse);
        assert_eq!(terms(SigV2Rule::Refuse, &["111122223333"]).rule(), SigV2Rule::Allow);
        assert_eq!(terms(SigV2Rule::Allow, &[]).rule(), SigV2Rule::Allow);
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
