//! Questions about policies that are nobody's yet, in the words of AWS's Access Analyzer. They
//! read nothing of the account but whether the caller may ask.

use names::{AccountId, Arn};

use super::operations;

operations! {
    /// Tells what is wrong or doubtful in a policy.
    ValidatePolicy: "access-analyzer:ValidatePolicy" on |_| Some(Arn::any());
    { account: AccountId }

    /// Tells whether a policy allows what another does not.
    CheckNoNewAccess: "access-analyzer:CheckNoNewAccess" on |_| Some(Arn::any());
    { account: AccountId }

    /// Tells whether a policy allows any of some access.
    CheckAccessNotGranted: "access-analyzer:CheckAccessNotGranted" on |_| Some(Arn::any());
    { account: AccountId }

    /// Tells whether a resource's policy is public.
    CheckNoPublicAccess: "access-analyzer:CheckNoPublicAccess" on |_| Some(Arn::any());
    { account: AccountId }
}
