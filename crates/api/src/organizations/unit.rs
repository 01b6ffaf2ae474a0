//! The organisation, its units and its accounts.

use identity::ops::{
    CreateOrganizationalUnit, DeleteOrganizationalUnit, DescribeAccount, DescribeOrganization,
    DescribeOrganizationalUnit, ListAccountsForParent, ListOrganizationAccounts,
    ListOrganizationalUnitsForParent, ListParents, ListRoots, ListServiceAccess, MoveAccount,
    OrganizationRef, UpdateOrganizationalUnit,
};
use identity::{Account, AccountStatus, ControlKind, ControlTarget, OrganizationName, State, Unit};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Nothing, Parsed, Part, account_id, invalid, listed, page, parent, serve, target};
use super::{seconds, target_id, unit_id};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::Exchange;

/// Kinds of control policies, each with whether it counts.
fn kinds(state: &State) -> Vec<Value> {
    let enabled = state.organization().enabled.iter();
    enabled.map(|kind| json!({ "Type": kind.word(), "Status": "ENABLED" })).collect()
}

/// `DescribeOrganization`. Members may ask too.
pub(crate) async fn describe(mut x: Exchange) -> Response {
    let op = x
        .json_message::<Nothing>()
        .and_then(|_| Ok(DescribeOrganization { account: x.own_account()? }));
    serve(x, op, |_, (), state| {
        let own = state.organization_ref().ok_or_else(ApiError::internal)?;
        let available = [ControlKind::ServiceControl, ControlKind::ResourceControl];
        let available = available.map(|kind| json!({ "Type": kind.word(), "Status": "ENABLED" }));
        Ok(json!({ "Organization": {
            "Id": own.id,
            "Arn": own.whole(),
            "FeatureSet": "ALL",
            "MasterAccountId": own.operator,
            "MasterAccountArn": own.arn("account", own.operator.as_str()),
            "AvailablePolicyTypes": available,
        }}))
    })
    .await
}

/// `ListRoots`
pub(crate) async fn roots(mut x: Exchange) -> Response {
    let op = x.asked::<Part>().and_then(|(organization, part)| {
        page(part.next_token, part.max_results)?;
        Ok(ListRoots { organization })
    });
    serve(x, op, |op, (), state| {
        let own = &op.organization;
        Ok(json!({ "Roots": [{
            "Id": own.root,
            "Arn": own.parent(None),
            "Name": "Root",
            "PolicyTypes": kinds(state),
        }]}))
    })
    .await
}

/// `ListAWSServiceAccessForOrganization`: no service of AWS acts here for accounts, and none can be
/// let in.
pub(crate) async fn services(mut x: Exchange) -> Response {
    let op = x.asked::<Part>().and_then(|(organization, part)| {
        page(part.next_token, part.max_results)?;
        Ok(ListServiceAccess { organization })
    });
    serve(x, op, |_, (), _| Ok(json!({ "EnabledServicePrincipals": [] }))).await
}

fn shown(organization: &OrganizationRef, unit: &Unit) -> Value {
    json!({
        "Id": unit.id,
        "Arn": organization.parent(Some(&unit.id)),
        "Name": unit.name,
    })
}

fn shown_account(organization: &OrganizationRef, account: &Account) -> Value {
    let state = match account.status {
        AccountStatus::Active => "ACTIVE",
        AccountStatus::Suspended => "SUSPENDED",
        AccountStatus::Closed => "CLOSED",
    };
    // AWS has ACTIVE, SUSPENDED and PENDING_CLOSURE only; its newer `State` has CLOSED too.
    let status = if account.status == AccountStatus::Active { "ACTIVE" } else { "SUSPENDED" };
    json!({
        "Id": account.id,
        "Arn": organization.arn("account", account.id.as_str()),
        "Name": account.name,
        "Status": status,
        "State": state,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": seconds(account.created),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfParent {
    parent_id: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// `ListOrganizationalUnitsForParent`
pub(crate) async fn units_of(mut x: Exchange) -> Response {
    let asked = x.asked::<OfParent>().and_then(|(organization, own)| {
        let parent = parent(&organization, &own.parent_id)?;
        let page = page(own.next_token, own.max_results)?;
        Ok((ListOrganizationalUnitsForParent { organization, parent }, page))
    });
    let (op, page) = apart(asked);
    serve(x, op, move |op, (), state| {
        let units = state.units().filter(|unit| unit.parent == op.parent);
        let units = units.map(|unit| (unit.id.to_string(), shown(&op.organization, unit)));
        Ok(listed("OrganizationalUnits", &page, units.collect()))
    })
    .await
}

/// `ListAccountsForParent`
pub(crate) async fn accounts_of(mut x: Exchange) -> Response {
    let asked = x.asked::<OfParent>().and_then(|(organization, own)| {
        let parent = parent(&organization, &own.parent_id)?;
        let page = page(own.next_token, own.max_results)?;
        Ok((ListAccountsForParent { organization, parent }, page))
    });
    let (op, page) = apart(asked);
    serve(x, op, move |op, (), state| {
        let accounts = state.accounts().filter(|account| account.unit == op.parent);
        let told = |account: &std::sync::Arc<Account>| {
            (account.id.to_string(), shown_account(&op.organization, account))
        };
        Ok(listed("Accounts", &page, accounts.map(told).collect()))
    })
    .await
}

/// An operation and the part of a list that it is to answer.
pub(super) fn apart<Op>(
    asked: Parsed<(Op, identity::ops::PageRequest)>,
) -> (Parsed<Op>, identity::ops::PageRequest) {
    match asked {
        Ok((op, page)) => (Ok(op), page),
        Err(error) => (Err(error), identity::ops::PageRequest::default()),
    }
}

/// `ListAccounts`
pub(crate) async fn accounts(mut x: Exchange) -> Response {
    let op = x.asked::<Part>().and_then(|(organization, part)| {
        let page = page(part.next_token, part.max_results)?;
        Ok(ListOrganizationAccounts { organization, page })
    });
    serve(x, op, |op, (), state| {
        let told = |account: &std::sync::Arc<Account>| {
            (account.id.to_string(), shown_account(&op.organization, account))
        };
        Ok(listed("Accounts", &op.page, state.accounts().map(told).collect()))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OneAccount {
    account_id: String,
}

/// `DescribeAccount`
pub(crate) async fn account(mut x: Exchange) -> Response {
    let op = x.asked::<OneAccount>().and_then(|(organization, own)| {
        Ok(DescribeAccount { organization, account: account_id(&own.account_id)? })
    });
    serve(x, op, |op, account, _| {
        Ok(json!({ "Account": shown_account(&op.organization, &account) }))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfChild {
    child_id: String,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// `ListParents`
pub(crate) async fn parents(mut x: Exchange) -> Response {
    let op = x.asked::<OfChild>().and_then(|(organization, own)| {
        page(own.next_token, own.max_results)?;
        let child = target(&organization, &own.child_id)?;
        Ok(ListParents { organization, child })
    });
    serve(x, op, |op, found, _| {
        let kind = if found.is_some() { "ORGANIZATIONAL_UNIT" } else { "ROOT" };
        let above = found.map_or(ControlTarget::Root, ControlTarget::Unit);
        let id = target_id(&op.organization, &above);
        Ok(json!({ "Parents": [{ "Id": id, "Type": kind }] }))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OneUnit {
    organizational_unit_id: String,
}

/// `DescribeOrganizationalUnit`
pub(crate) async fn unit(mut x: Exchange) -> Response {
    let op = x.asked::<OneUnit>().and_then(|(organization, own)| {
        let unit = unit_id(&own.organizational_unit_id)?;
        Ok(DescribeOrganizationalUnit { organization, unit })
    });
    serve(x, op, |op, unit, _| Ok(json!({ "OrganizationalUnit": shown(&op.organization, &unit) })))
        .await
}

fn name(text: &str) -> Parsed<OrganizationName> {
    text.parse().map_err(|error: identity::BadOrganizationWord| invalid(error.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NewUnit {
    parent_id: String,
    name: String,
}

/// `CreateOrganizationalUnit`
pub(crate) async fn create(mut x: Exchange) -> Response {
    let op = x.asked::<NewUnit>().and_then(|(organization, own)| {
        let parent = parent(&organization, &own.parent_id)?;
        Ok(CreateOrganizationalUnit { organization, parent, name: name(&own.name)? })
    });
    serve(x, op, |op, unit, _| Ok(json!({ "OrganizationalUnit": shown(&op.organization, &unit) })))
        .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ChangedUnit {
    organizational_unit_id: String,
    name: Option<String>,
}

/// `UpdateOrganizationalUnit`
pub(crate) async fn update(mut x: Exchange) -> Response {
    let op = x.asked::<ChangedUnit>().and_then(|(organization, own)| {
        let unit = unit_id(&own.organizational_unit_id)?;
        let name = own.name.as_deref().map(name).transpose()?;
        Ok(UpdateOrganizationalUnit { organization, unit, name })
    });
    serve(x, op, |op, unit, _| Ok(json!({ "OrganizationalUnit": shown(&op.organization, &unit) })))
        .await
}

/// `DeleteOrganizationalUnit`
pub(crate) async fn delete(mut x: Exchange) -> Response {
    let op = x.asked::<OneUnit>().and_then(|(organization, own)| {
        let unit = unit_id(&own.organizational_unit_id)?;
        Ok(DeleteOrganizationalUnit { organization, unit })
    });
    serve(x, op, |_, (), _| Ok(Value::Null)).await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Move {
    account_id: String,
    source_parent_id: String,
    destination_parent_id: String,
}

/// `MoveAccount`
pub(crate) async fn move_account(mut x: Exchange) -> Response {
    let op = x.asked::<Move>().and_then(|(organization, own)| {
        let account = account_id(&own.account_id)?;
        let from = parent(&organization, &own.source_parent_id)?;
        let to = parent(&organization, &own.destination_parent_id)?;
        Ok(MoveAccount { organization, account, from, to })
    });
    serve(x, op, |_, (), _| Ok(Value::Null)).await
}
