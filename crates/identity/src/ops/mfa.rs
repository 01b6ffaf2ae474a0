//! Virtual MFA devices: made and removed by their own name, enabled and used by users
//! and roots. A root alone may speak about its own, as about its keys.

use names::{AccountId, Arn};

use super::{KeyHolder, PageRequest, Tags, operations};
use crate::signin::MfaRef;
use crate::totp::MfaCode;

/// Which devices a list is to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assigned {
    /// All.
    Any,
    /// Those that a user has.
    Assigned,
    /// Those that nobody has.
    Unassigned,
}

operations! {
    /// Makes a virtual device. The answer alone holds its seed.
    CreateVirtualMFADevice: "iam:CreateVirtualMFADevice" on |op| Some(op.device.arn()),
        facts |op, facts| op.tags.say_request(facts);
    { device: MfaRef, tags: Tags }

    /// Removes a virtual device that nobody has.
    DeleteVirtualMFADevice: "iam:DeleteVirtualMFADevice" on |op| Some(op.serial.clone());
    { serial: Arn }

    /// Gives a device to a user or to the root, who shows two of its codes in a row.
    EnableMFADevice: "iam:EnableMFADevice" on |op| Some(op.holder.arn());
    { holder: KeyHolder, serial: Arn, first: MfaCode, second: MfaCode }

    /// Takes a device from a user or from the root.
    DeactivateMFADevice: "iam:DeactivateMFADevice" on |op| Some(op.holder.arn());
    { holder: KeyHolder, serial: Arn }

    /// Learns how far a device's clock is off, from two of its codes in a row.
    ResyncMFADevice: "iam:ResyncMFADevice" on |op| Some(op.holder.arn());
    { holder: KeyHolder, serial: Arn, first: MfaCode, second: MfaCode }

    /// Lists the devices of a user or of the root.
    ListMFADevices: "iam:ListMFADevices" on |op| Some(op.holder.arn());
    { holder: KeyHolder, page: PageRequest }

    /// Reads one of the devices of a user or of the root.
    GetMFADevice: "iam:GetMFADevice" on |op| Some(op.holder.arn());
    { holder: KeyHolder, serial: Arn }

    /// Lists an account's devices.
    ListVirtualMFADevices: "iam:ListVirtualMFADevices" on |_| Some(Arn::any());
    { account: AccountId, assigned: Assigned, page: PageRequest }

    /// Adds tags to a device.
    TagMFADevice: "iam:TagMFADevice" on |op| Some(op.serial.clone()),
        facts |op, facts| op.tags.say_request(facts);
    { serial: Arn, tags: Tags }

    /// Takes tags from a device.
    UntagMFADevice: "iam:UntagMFADevice" on |op| Some(op.serial.clone()),
        facts |op, facts| facts.set("aws:TagKeys", policy::facts::Value::Many(op.keys.clone()));
    { serial: Arn, keys: Vec<String> }

    /// Lists a device's tags.
    ListMFADeviceTags: "iam:ListMFADeviceTags" on |op| Some(op.serial.clone());
    { serial: Arn, page: PageRequest }
}
