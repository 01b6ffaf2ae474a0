//! What the operations on MFA devices do.

use std::sync::Arc;

use names::Arn;

use super::key::owner;
use super::user::{UserOrRoot, tags_page};
use super::{performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError, Remains};
use crate::identity::{Context, Performed};
use crate::mfa::drift;
use crate::ops::{
    Assigned, CreateVirtualMFADevice, DeactivateMFADevice, DeleteVirtualMFADevice, EnableMFADevice,
    KeyHolder, ListMFADevices, ListVirtualMFADevices, Page, ResyncMFADevice,
};
use crate::seal::Purpose;
use crate::signin::{MfaDevice, MfaHeld};
use crate::totp::{self, MfaCode, SEED_BYTES};

type Outcome<T> = Result<Performed<T>, IdentityError>;

/// A new device, and the only time that its seed is told.
#[derive(Clone)]
pub struct NewMfaDevice {
    /// The device.
    pub device: Arc<MfaDevice>,
    /// Its seed, in base 32.
    pub seed: names::SecretBytes,
}

impl std::fmt::Debug for NewMfaDevice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewMfaDevice({})", self.device.serial())
    }
}

/// A device, and whose it is.
#[derive(Clone, Debug)]
pub struct AssignedMfaDevice {
    /// The device.
    pub device: Arc<MfaDevice>,
    /// Who has it.
    pub user: Option<UserOrRoot>,
}

performs! {
    CreateVirtualMFADevice => NewMfaDevice, Write, create;
    DeleteVirtualMFADevice => (), Write, delete;
    EnableMFADevice => (), Write, enable;
    DeactivateMFADevice => (), Write, deactivate;
    ResyncMFADevice => (), Write, resync;
    ListMFADevices => Page<Arc<MfaDevice>>, Read, list;
    GetMFADevice => Arc<MfaDevice>, Read, |op, cx| {
        Ok(Performed::read(Arc::clone(held_by(cx, &op.holder, &op.serial)?.0)))
    };
    ListVirtualMFADevices => Page<AssignedMfaDevice>, Read, list_all;
    TagMFADevice => (), Write, |op, cx| change(cx, &op.serial, |device| {
        device.tags = device.tags.with(&op.tags)?;
        Ok(())
    });
    UntagMFADevice => (), Write, |op, cx| change(cx, &op.serial, |device| {
        device.tags = device.tags.without(&op.keys);
        Ok(())
    });
    ListMFADeviceTags => Page<(String, String)>, Read, |op, cx| {
        Ok(Performed::read(tags_page(&op.page, &find(cx, &op.serial)?.tags)))
    };
}

fn find<'a>(cx: &'a Context<'_>, serial: &Arn) -> Result<&'a Arc<MfaDevice>, IdentityError> {
    let found = cx.state.mfa_device(serial);
    found.ok_or_else(|| IdentityError::missing(EntityKind::MfaDevice, serial))
}

fn change(
    cx: &Context<'_>,
    serial: &Arn,
    edit: impl FnOnce(&mut MfaDevice) -> Result<(), IdentityError>,
) -> Outcome<()> {
    let mut device = (**find(cx, serial)?).clone();
    edit(&mut device)?;
    Ok(Performed::write(vec![Change::MfaDevice(Arc::new(device))], ()))
}

/// A device that the user or the root has.
fn held_by<'a>(
    cx: &'a Context<'_>,
    holder: &KeyHolder,
    serial: &Arn,
) -> Result<(&'a Arc<MfaDevice>, &'a MfaHeld), IdentityError> {
    let (_, id) = owner(cx, holder)?;
    let device = find(cx, serial)?;
    let held = device.held.as_ref().filter(|held| held.user == id);
    let missing = || IdentityError::missing(EntityKind::MfaDevice, serial);
    Ok((device, held.ok_or_else(missing)?))
}

fn create(op: &CreateVirtualMFADevice, cx: &Context<'_>) -> Outcome<NewMfaDevice> {
    let serial = op.device.arn();
    if cx.state.mfa_device(&serial).is_some() {
        return Err(IdentityError::taken(EntityKind::MfaDevice, &serial));
    }
    let mut seed = zeroize::Zeroizing::new([0; SEED_BYTES]);
    cx.random.fill(seed.as_mut_slice());
    let sealed = cx.sealer.seal(Purpose::MfaSeed, serial.as_str(), seed.as_slice(), cx.random)?;
    let device = Arc::new(MfaDevice {
        account: op.device.account,
        path: op.device.path.clone(),
        name: op.device.name.clone(),
        created: cx.now,
        seed: sealed,
        held: None,
        tags: op.tags.clone(),
    });
    let shown = names::SecretBytes::new(totp::base32(seed.as_slice()).into_bytes());
    let new = NewMfaDevice { device: Arc::clone(&device), seed: shown };
    Ok(Performed::write(vec![Change::MfaDevice(device)], new))
}

fn delete(op: &DeleteVirtualMFADevice, cx: &Context<'_>) -> Outcome<()> {
    if find(cx, &op.serial)?.held.is_some() {
        let (kind, remains) = (EntityKind::MfaDevice, Remains::MfaUser);
        return Err(IdentityError::DeleteConflict { kind, remains });
    }
    Ok(Performed::write(vec![Change::MfaDeviceGone(op.serial.clone())], ()))
}

/// The step of the second of two codes in a row.
fn shown(
    cx: &Context<'_>,
    device: &MfaDevice,
    codes: (&MfaCode, &MfaCode),
) -> Result<u64, IdentityError> {
    let serial = device.serial();
    let seed = cx.sealer.open(Purpose::MfaSeed, serial.as_str(), &device.seed)?;
    let found = totp::in_a_row(seed.expose(), codes, totp::step_of(cx.now));
    found.ok_or(IdentityError::InvalidAuthenticationCode)
}

fn enable(op: &EnableMFADevice, cx: &Context<'_>) -> Outcome<()> {
    let (account, id) = owner(cx, &op.holder)?;
    let device = find(cx, &op.serial)?;
    if device.account != account {
        return Err(IdentityError::missing(EntityKind::MfaDevice, &op.serial));
    }
    if device.held.is_some() {
        return Err(IdentityError::taken(EntityKind::MfaDeviceUser, &op.serial));
    }
    let count = cx.state.mfa_devices_of(&id).count();
    within("MFADevicesPerUser", count, cx.quotas.mfa_devices_per_user)?;
    let last = shown(cx, device, (&op.first, &op.second))?;
    let held = MfaHeld { user: id, since: cx.now, drift: drift(last, cx.now), last };
    let device = MfaDevice { held: Some(held), ..(**device).clone() };
    Ok(Performed::write(vec![Change::MfaDevice(Arc::new(device))], ()))
}

fn deactivate(op: &DeactivateMFADevice, cx: &Context<'_>) -> Outcome<()> {
    let (device, _) = held_by(cx, &op.holder, &op.serial)?;
    let device = MfaDevice { held: None, ..(**device).clone() };
    Ok(Performed::write(vec![Change::MfaDevice(Arc::new(device))], ()))
}

fn resync(op: &ResyncMFADevice, cx: &Context<'_>) -> Outcome<()> {
    let (device, held) = held_by(cx, &op.holder, &op.serial)?;
    let last = shown(cx, device, (&op.first, &op.second))?;
    if last <= held.last {
        return Err(IdentityError::InvalidAuthenticationCode);
    }
    let held = MfaHeld { drift: drift(last, cx.now), last, ..held.clone() };
    let device = MfaDevice { held: Some(held), ..(**device).clone() };
    Ok(Performed::write(vec![Change::MfaDevice(Arc::new(device))], ()))
}

fn list(op: &ListMFADevices, cx: &Context<'_>) -> Outcome<Page<Arc<MfaDevice>>> {
    let (_, id) = owner(cx, &op.holder)?;
    let devices = cx.state.mfa_devices_of(&id).cloned();
    Ok(Performed::read(Page::cut(&op.page, devices, |device| device.serial().to_string())))
}

fn holder_of(cx: &Context<'_>, device: &MfaDevice, held: &MfaHeld) -> Option<UserOrRoot> {
    let user = cx.state.user_by_id(&held.user).cloned().map(UserOrRoot::User);
    user.or_else(|| cx.state.account(device.account).cloned().map(UserOrRoot::Root))
}

fn list_all(op: &ListVirtualMFADevices, cx: &Context<'_>) -> Outcome<Page<AssignedMfaDevice>> {
    cx.own(op.account)?;
    let wanted = cx.state.mfa_devices(op.account).filter(|device| match op.assigned {
        Assigned::Any => true,
        Assigned::Assigned => device.held.is_some(),
        Assigned::Unassigned => device.held.is_none(),
    });
    let told = wanted.map(|device| AssignedMfaDevice {
        device: Arc::clone(device),
        user: device.held.as_ref().and_then(|held| holder_of(cx, device, held)),
    });
    Ok(Performed::read(Page::cut(&op.page, told, |told| told.device.serial().to_string())))
}
