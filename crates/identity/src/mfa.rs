//! Proof that somebody holds an MFA device: a code that counts once.
//!
//! A code is looked at before a request is decided, because policies ask whether it is there
//! (`aws:MultiFactorAuthPresent`); what it proves is an [`MfaProof`]. It counts when the operation
//! that carries the proof is done: [`Context::spend`] says what changes, and refuses a code that
//! counted in between. So a code that was seen on its way opens nothing, also not after a restart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use names::{Arn, Timestamp, UniqueId};

use crate::delta::Change;
use crate::error::IdentityError;
use crate::identity::{Context, Identity};
use crate::seal::{Purpose, Sealer};
use crate::signin::{MfaDevice, MfaHeld};
use crate::state::State;
use crate::totp::{self, MfaCode};

/// How many wrong codes of one device, or wrong passwords of one user, are looked at in
/// [`FAILURES_SECONDS`].
pub const FAILURES_MAX: u32 = 10;
/// Seconds after the first wrong one in which they count together.
pub const FAILURES_SECONDS: i64 = 300;

/// Why a code proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MfaRefusal {
    /// A serial number without a code, or a code without a serial number.
    #[error(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass \
         code."
    )]
    Incomplete,
    /// The device does not exist, or is not this user's.
    #[error(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA \
         serial number is valid and associated with this user."
    )]
    NotHeld,
    /// The code is not one that the device shows now, or it counted before.
    #[error("MultiFactorAuthentication failed with invalid MFA one time pass code.")]
    Wrong,
    /// Too many wrong codes lately.
    #[error("MultiFactorAuthentication failed, too many attempts. Please wait and try again.")]
    TooMany,
}

/// Proof that a user showed a code of a device that is theirs. Made only by
/// [`Identity::verify_mfa`]; counts once, when the operation that carries it is done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MfaProof {
    user: UniqueId,
    serial: Arn,
    step: u64,
    at: Timestamp,
}

impl MfaProof {
    /// Who showed it.
    #[must_use]
    pub fn user(&self) -> &UniqueId {
        &self.user
    }

    /// The device.
    #[must_use]
    pub fn serial(&self) -> &Arn {
        &self.serial
    }

    /// When: what `aws:MultiFactorAuthAge` counts from.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// Wrong tries lately, by what was tried. In memory: a restart forgets them, and cannot be had by
/// trying.
pub(crate) type Failures = Mutex<HashMap<String, (u32, Timestamp)>>;

/// Whether another try of `what` is looked at.
pub(crate) fn may_try(failures: &Failures, what: &str, now: Timestamp) -> bool {
    let failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
    failures.get(what).is_none_or(|(count, since)| *count < FAILURES_MAX || aged(*since, now))
}

/// Notes a wrong try of `what`.
pub(crate) fn failed(failures: &Failures, what: &str, now: Timestamp) {
    let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
    failures.retain(|_, (_, since)| !aged(*since, now));
    let (count, _) = failures.entry(what.to_owned()).or_insert((0, now));
    *count = count.saturating_add(1);
}

/// Forgets the wrong tries of `what`.
pub(crate) fn succeeded(failures: &Failures, what: &str) {
    failures.lock().unwrap_or_else(PoisonError::into_inner).remove(what);
}

fn aged(since: Timestamp, now: Timestamp) -> bool {
    now.seconds().saturating_sub(since.seconds()) >= FAILURES_SECONDS
}

impl Identity {
    /// Looks at a code that a user shows, before what it is shown for is decided.
    ///
    /// # Errors
    /// The device is not this user's, or the code does not count, or was tried too often.
    pub fn verify_mfa(
        &self,
        user: &UniqueId,
        serial: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<MfaProof, MfaRefusal> {
        let (state, sealer) = (self.snapshot(), self.sealer());
        verify(&state, &sealer, self.failures(), (user, serial, code), now)
    }
}

/// The pure part of [`Identity::verify_mfa`].
pub(crate) fn verify(
    state: &State,
    sealer: &Sealer,
    failures: &Failures,
    (user, serial, code): (&UniqueId, &str, &str),
    now: Timestamp,
) -> Result<MfaProof, MfaRefusal> {
    if serial.is_empty() || code.is_empty() {
        return Err(MfaRefusal::Incomplete);
    }
    let serial: Arn = serial.parse().map_err(|_| MfaRefusal::NotHeld)?;
    let device = state.mfa_device(&serial).ok_or(MfaRefusal::NotHeld)?;
    let held = device.held.as_ref().filter(|held| held.user == *user);
    let held = held.ok_or(MfaRefusal::NotHeld)?;
    if !may_try(failures, serial.as_str(), now) {
        return Err(MfaRefusal::TooMany);
    }
    let seed = sealer.open(Purpose::MfaSeed, serial.as_str(), &device.seed);
    let seed = seed.map_err(|_| MfaRefusal::NotHeld)?;
    let around = totp::step_of(now).saturating_add_signed(held.drift);
    let seen: Option<MfaCode> = code.parse().ok();
    match seen.and_then(|seen| totp::near(seed.expose(), &seen, around, held.last)) {
        Some(step) => {
            succeeded(failures, serial.as_str());
            Ok(MfaProof { user: user.clone(), serial, step, at: now })
        }
        None => {
            failed(failures, serial.as_str(), now);
            Err(MfaRefusal::Wrong)
        }
    }
}

impl Context<'_> {
    /// What changes when a proof counts: its code, and every one before it, counts no more.
    ///
    /// # Errors
    /// It counted meanwhile, or the device is no longer this user's.
    pub fn spend(&self, proof: &MfaProof) -> Result<Change, IdentityError> {
        let device = self.state.mfa_device(&proof.serial);
        let held = |device: &Arc<MfaDevice>| {
            device
                .held
                .clone()
                .filter(|held| held.user == proof.user)
                .map(|h| (Arc::clone(device), h))
        };
        let (device, held) =
            device.and_then(held).ok_or(IdentityError::MfaRefused(MfaRefusal::NotHeld))?;
        if proof.step <= held.last {
            return Err(IdentityError::MfaRefused(MfaRefusal::Wrong));
        }
        let held = MfaHeld { last: proof.step, drift: drift(proof.step, proof.at), ..held };
        Ok(Change::MfaDevice(Arc::new(MfaDevice { held: Some(held), ..(*device).clone() })))
    }
}

/// How many steps a device is ahead whose code at `now` is that of `step`.
pub(crate) fn drift(step: u64, now: Timestamp) -> i64 {
    step.checked_signed_diff(totp::step_of(now)).unwrap_or(0)
}
