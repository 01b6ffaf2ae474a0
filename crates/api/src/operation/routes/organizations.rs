//! The rows of AWS Organizations.

use identity::ops;

use crate::operation::Effect::{Read, Remove, Write};
use crate::operation::Row;
use crate::organizations::{control, unit};

macro_rules! row {
    ($action:literal, $op:ident, $effect:ident, $serve:path) => {
        Row::target::<ops::$op>($action, $effect, |x| Box::pin($serve(x)))
    };
}

pub(super) const ROWS: &[Row] = &[
    row!("DescribeOrganization", DescribeOrganization, Read, unit::describe),
    row!("ListRoots", ListRoots, Read, unit::roots),
    row!("ListAWSServiceAccessForOrganization", ListServiceAccess, Read, unit::services),
    row!(
        "ListOrganizationalUnitsForParent",
        ListOrganizationalUnitsForParent,
        Read,
        unit::units_of
    ),
    row!("ListAccounts", ListOrganizationAccounts, Read, unit::accounts),
    row!("ListAccountsForParent", ListAccountsForParent, Read, unit::accounts_of),
    row!("DescribeAccount", DescribeAccount, Read, unit::account),
    row!("ListParents", ListParents, Read, unit::parents),
    row!("DescribeOrganizationalUnit", DescribeOrganizationalUnit, Read, unit::unit),
    row!("CreateOrganizationalUnit", CreateOrganizationalUnit, Write, unit::create),
    row!("UpdateOrganizationalUnit", UpdateOrganizationalUnit, Write, unit::update),
    row!("DeleteOrganizationalUnit", DeleteOrganizationalUnit, Remove, unit::delete),
    row!("MoveAccount", MoveAccount, Write, unit::move_account),
    row!("CreatePolicy", CreateControlPolicy, Write, control::create),
    row!("DescribePolicy", DescribeControlPolicy, Read, control::describe),
    row!("UpdatePolicy", UpdateControlPolicy, Write, control::update),
    row!("DeletePolicy", DeleteControlPolicy, Remove, control::delete),
    row!("ListPolicies", ListControlPolicies, Read, control::list),
    row!("ListPoliciesForTarget", ListPoliciesForTarget, Read, control::of_target),
    row!("ListTargetsForPolicy", ListTargetsForPolicy, Read, control::targets),
    row!("AttachPolicy", AttachPolicy, Remove, control::attach),
    row!("DetachPolicy", DetachPolicy, Write, control::detach),
    row!("EnablePolicyType", EnablePolicyType, Remove, control::enable),
    row!("DisablePolicyType", DisablePolicyType, Write, control::disable),
];
