//! Virtual MFA devices: made and removed by their own name, enabled and used by users.

use names::{AccountId, Arn};

use super::{PageRequest, Tags, UserRef, operations};
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

    /// Gives a device to a user, who shows two of its codes in a row.
    EnableMFADevice: "iam:EnableMFADevice" on |op| Some(op.user.arn());
    { user: UserRef, serial: Arn, first: MfaCode, second: MfaCode }

    /// Takes a device from a user.
    DeactivateMFADevice: "iam:DeactivateMFADevice" on |op| Some(op.user.arn());
    { user: UserRef, serial: Arn }

    /// Learns how far a device's clock is off, from two of its codes in a row.
    ResyncMFADevice: "iam:ResyncMFADevice" on |op| Some(op.user.arn());
    { user: UserRef, serial: Arn, first: MfaCode, second: MfaCode }

    /// Lists a user's devices.
    ListMFADevices: "iam:ListMFADevices" on |op| Some(op.user.arn());
    { user: UserRef, page: PageRequest }

    /// Reads one of a user's devices.
    GetMFADevice: "iam:GetMFADevice" on |op| Some(op.user.arn());
    { user: UserRef, serial: Arn }

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
