//! Virtual MFA devices.

mod picture;

use base64::Engine;
use identity::ops::{self, Assigned, KeyHolder};
use identity::{AssignedMfaDevice, IdentityError, MfaDevice, NewMfaDevice, State};
use names::Arn;
use wire::iam;

use super::{Parsed, invalid, named, own_tags, page, path, serve, tag_set, told, user};
use crate::Response;
use crate::exchange::Exchange;

/// `CreateVirtualMFADevice`. The answer has the seed in base 32, and as a picture that apps read.
pub(crate) async fn create(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateVirtualMFADeviceRequest| {
        let (account, path) = (x.own_account()?, path(m.path.as_deref())?);
        Ok(ops::CreateVirtualMFADevice {
            device: State::new_ref(account, path, named(&m.virtual_mfa_device_name)?),
            tags: tag_set(m.tags)?,
        })
    });
    serve(x, op, |op, made, state| {
        let account = state.alias(op.device.account).map(ToString::to_string);
        let account = account.unwrap_or_else(|| op.device.account.to_string());
        iam::CreateVirtualMFADeviceResponse { virtual_mfa_device: fresh(&made, &account) }
    })
    .await
}

/// `DeleteVirtualMFADevice`
pub(crate) async fn delete(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteVirtualMFADeviceRequest| {
        Ok(ops::DeleteVirtualMFADevice { serial: serial(&x, &m.serial_number)? })
    });
    serve(x, op, |_, (), _| iam::DeleteVirtualMFADeviceResponse {}).await
}

/// `EnableMFADevice`
pub(crate) async fn enable(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::EnableMFADeviceRequest| {
        Ok(ops::EnableMFADevice {
            holder: x.holder(m.user_name.as_deref())?,
            serial: serial(&x, &m.serial_number)?,
            first: named(&m.authentication_code1)?,
            second: named(&m.authentication_code2)?,
        })
    });
    serve(x, op, |_, (), _| iam::EnableMFADeviceResponse {}).await
}

/// `ResyncMFADevice`
pub(crate) async fn resync(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ResyncMFADeviceRequest| {
        Ok(ops::ResyncMFADevice {
            holder: x.holder(m.user_name.as_deref())?,
            serial: serial(&x, &m.serial_number)?,
            first: named(&m.authentication_code1)?,
            second: named(&m.authentication_code2)?,
        })
    });
    serve(x, op, |_, (), _| iam::ResyncMFADeviceResponse {}).await
}

/// `DeactivateMFADevice`
pub(crate) async fn deactivate(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeactivateMFADeviceRequest| {
        Ok(ops::DeactivateMFADevice {
            holder: x.holder(m.user_name.as_deref())?,
            serial: serial(&x, &m.serial_number)?,
        })
    });
    serve(x, op, |_, (), _| iam::DeactivateMFADeviceResponse {}).await
}

/// `ListMFADevices`
pub(crate) async fn list(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListMFADevicesRequest| {
        Ok(ops::ListMFADevices {
            holder: x.holder(m.user_name.as_deref())?,
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, |op, found, _| {
        let tell = |device: &std::sync::Arc<MfaDevice>| iam::MFADevice {
            enable_date: device.held.as_ref().map_or(device.created, |held| held.since),
            serial_number: device.serial().to_string(),
            user_name: holder_name(&op.holder),
        };
        let (mfa_devices, is_truncated, marker) = told(found, tell);
        iam::ListMFADevicesResponse { is_truncated, marker, mfa_devices }
    })
    .await
}

/// `GetMFADevice`
pub(crate) async fn get(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetMFADeviceRequest| {
        Ok(ops::GetMFADevice {
            holder: x.holder(m.user_name.as_deref())?,
            serial: serial(&x, &m.serial_number)?,
        })
    });
    serve(x, op, |op, device, _| iam::GetMFADeviceResponse {
        certifications: std::collections::BTreeMap::new(),
        enable_date: device.held.as_ref().map(|held| held.since),
        serial_number: device.serial().to_string(),
        user_name: Some(holder_name(&op.holder)),
    })
    .await
}

/// A root has no name: it is called as AWS's own answers call it.
fn holder_name(holder: &KeyHolder) -> String {
    match holder {
        KeyHolder::User(user) => user.name.to_string(),
        KeyHolder::Root(_) => "<root_account>".to_owned(),
    }
}

/// `ListVirtualMFADevices`
pub(crate) async fn list_all(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListVirtualMFADevicesRequest| {
        Ok(ops::ListVirtualMFADevices {
            account: x.own_account()?,
            assigned: assigned(m.assignment_status.as_deref())?,
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, |_, found, _| {
        let (virtual_mfa_devices, is_truncated, marker) = told(found, brief);
        iam::ListVirtualMFADevicesResponse { is_truncated, marker, virtual_mfa_devices }
    })
    .await
}

fn assigned(text: Option<&str>) -> Parsed<Assigned> {
    match text {
        None | Some("Any") => Ok(Assigned::Any),
        Some("Assigned") => Ok(Assigned::Assigned),
        Some("Unassigned") => Ok(Assigned::Unassigned),
        Some(_) => Err(invalid("AssignmentStatus must be Assigned, Unassigned or Any")),
    }
}

/// A device as lists tell it: without seed and tags (IAM API reference, "ListVirtualMFADevices").
fn brief(told: &AssignedMfaDevice) -> iam::VirtualMFADevice {
    iam::VirtualMFADevice {
        base32_string_seed: None,
        enable_date: told.device.held.as_ref().map(|held| held.since),
        qr_code_png: None,
        serial_number: told.device.serial().to_string(),
        tags: None,
        user: told.user.as_ref().map(user::holder),
    }
}

/// A new device: with its seed, this once.
fn fresh(made: &NewMfaDevice, account: &str) -> iam::VirtualMFADevice {
    // A blob travels in base 64, the text that it holds is base 32.
    let blob = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes).into();
    let picture = picture::of(made.device.name.as_str(), account, made.seed.expose());
    iam::VirtualMFADevice {
        base32_string_seed: Some(blob(made.seed.expose())),
        qr_code_png: picture.map(|picture| blob(&picture)),
        tags: own_tags(&made.device.tags),
        ..brief(&AssignedMfaDevice { device: std::sync::Arc::clone(&made.device), user: None })
    }
}

/// A serial number: that of a virtual device is its ARN, and there are no others here.
pub(super) fn serial(_: &Exchange, text: &str) -> Parsed<Arn> {
    let missing = || IdentityError::NoSuchEntity {
        kind: identity::EntityKind::MfaDevice,
        name: text.to_owned(),
    };
    Ok(text.parse().map_err(|_| missing())?)
}
