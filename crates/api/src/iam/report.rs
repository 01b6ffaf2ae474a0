//! What is told of an account as a whole: its entities with their policies, and who can sign in
//! how.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine;
use identity::ops::{self, DetailKind};
use identity::{CredentialKey, CredentialLine, Detail, Group, KeyStatus, ManagedPolicy, Policies};
use identity::{GrantingPolicies, GrantingPolicy, Role, State, User};
use names::{Arn, Timestamp};
use wire::iam;

use super::{Parsed, arn, boundary, int, invalid, own_tags, page, serve};
use crate::Response;
use crate::exchange::Exchange;

/// `GetAccountAuthorizationDetails`
pub(crate) async fn details(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::GetAccountAuthorizationDetailsRequest| {
        Ok(ops::GetAccountAuthorizationDetails {
            account: x.own_account()?,
            kinds: m.filter.iter().map(|word| kind(word)).collect::<Parsed<BTreeSet<_>>>()?,
            page: page(m.marker, m.max_items)?,
        })
    });
    serve(x, op, |_, found, state| {
        let mut answer = iam::GetAccountAuthorizationDetailsResponse {
            is_truncated: Some(found.next.is_some()),
            marker: found.next,
            user_detail_list: Some(Vec::new()),
            group_detail_list: Some(Vec::new()),
            role_detail_list: Some(Vec::new()),
            policies: Some(Vec::new()),
        };
        for detail in &found.items {
            match detail {
                Detail::User(it, groups) => {
                    answer.user_detail_list.get_or_insert_default().push(user(it, groups));
                }
                Detail::Group(it) => {
                    answer.group_detail_list.get_or_insert_default().push(group(it));
                }
                Detail::Role(it) => {
                    answer.role_detail_list.get_or_insert_default().push(role(it, state));
                }
                Detail::Policy(it, attached, bounds) => {
                    let told = policy(it, (*attached, *bounds));
                    answer.policies.get_or_insert_default().push(told);
                }
            }
        }
        answer
    })
    .await
}

fn kind(word: &str) -> Parsed<DetailKind> {
    match word {
        "User" => Ok(DetailKind::User),
        "Group" => Ok(DetailKind::Group),
        "Role" => Ok(DetailKind::Role),
        "LocalManagedPolicy" => Ok(DetailKind::LocalPolicy),
        "AWSManagedPolicy" => Ok(DetailKind::CannedPolicy),
        _ => Err(invalid("the filter names a kind of entity that there is not")),
    }
}

fn inline(policies: &Policies) -> Vec<iam::PolicyDetail> {
    let told = policies.inline.iter().map(|(name, document)| iam::PolicyDetail {
        policy_document: Some(document.text().to_owned()),
        policy_name: Some(name.to_string()),
    });
    told.collect()
}

fn attached(policies: &Policies) -> Vec<iam::AttachedPolicy> {
    let name = |arn: &Arn| arn.resource().rsplit('/').next().map(str::to_owned);
    let told = policies.attached.iter().map(|arn| iam::AttachedPolicy {
        policy_arn: Some(arn.to_string()),
        policy_name: name(arn),
    });
    told.collect()
}

fn user(user: &User, groups: &[std::sync::Arc<Group>]) -> iam::UserDetail {
    iam::UserDetail {
        arn: Some(user.arn().to_string()),
        attached_managed_policies: Some(attached(&user.policies)),
        create_date: Some(user.created),
        group_list: Some(groups.iter().map(|group| group.name.to_string()).collect()),
        path: Some(user.path.to_string()),
        permissions_boundary: boundary(user.boundary.as_ref()),
        tags: own_tags(&user.tags),
        user_id: Some(user.id.to_string()),
        user_name: Some(user.name.to_string()),
        user_policy_list: Some(inline(&user.policies)),
    }
}

fn group(group: &Group) -> iam::GroupDetail {
    iam::GroupDetail {
        arn: Some(group.arn().to_string()),
        attached_managed_policies: Some(attached(&group.policies)),
        create_date: Some(group.created),
        group_id: Some(group.id.to_string()),
        group_name: Some(group.name.to_string()),
        group_policy_list: Some(inline(&group.policies)),
        path: Some(group.path.to_string()),
    }
}

fn role(role: &Role, state: &State) -> iam::RoleDetail {
    iam::RoleDetail {
        arn: Some(role.arn().to_string()),
        assume_role_policy_document: Some(state.thaw(&role.trust)),
        attached_managed_policies: Some(attached(&role.policies)),
        create_date: Some(role.created),
        instance_profile_list: Some(Vec::new()),
        path: Some(role.path.to_string()),
        permissions_boundary: boundary(role.boundary.as_ref()),
        role_id: Some(role.id.to_string()),
        role_last_used: Some(iam::RoleLastUsed::default()),
        role_name: Some(role.name.to_string()),
        role_policy_list: Some(inline(&role.policies)),
        tags: own_tags(&role.tags),
    }
}

fn policy(policy: &ManagedPolicy, (attached, bounds): (usize, usize)) -> iam::ManagedPolicyDetail {
    let version =
        |(id, version): (&ops::PolicyVersionId, &identity::PolicyVersion)| iam::PolicyVersion {
            create_date: Some(version.created),
            document: Some(version.document.text().to_owned()),
            is_default_version: Some(*id == policy.default),
            version_id: Some(id.to_string()),
        };
    iam::ManagedPolicyDetail {
        arn: Some(policy.arn().to_string()),
        attachment_count: Some(int(attached)),
        create_date: Some(policy.created),
        default_version_id: Some(policy.default.to_string()),
        description: policy.description.clone(),
        is_attachable: Some(true),
        path: Some(policy.path.to_string()),
        permissions_boundary_usage_count: Some(int(bounds)),
        policy_id: Some(policy.id.to_string()),
        policy_name: Some(policy.name.to_string()),
        policy_version_list: Some(policy.versions.iter().rev().map(version).collect()),
        update_date: Some(policy.updated),
    }
}

/// `GenerateCredentialReport`: it is made when it is read, so it is complete at once.
pub(crate) async fn generate_credentials(x: Exchange) -> Response {
    let op = x.form_message().and_then(|_: iam::GenerateCredentialReportRequest| {
        Ok(ops::GenerateCredentialReport { account: x.own_account()? })
    });
    serve(x, op, |_, (), _| iam::GenerateCredentialReportResponse {
        description: None,
        state: Some("COMPLETE".to_owned()),
    })
    .await
}

/// `GetCredentialReport`
pub(crate) async fn credentials(x: Exchange) -> Response {
    let op = x.form_message().and_then(|_: iam::GetCredentialReportRequest| {
        Ok(ops::GetCredentialReport { account: x.own_account()? })
    });
    serve(x, op, |_, (made, lines), _| iam::GetCredentialReportResponse {
        content: Some(base64::engine::general_purpose::STANDARD.encode(table(&lines))),
        generated_time: Some(made),
        report_format: Some("text/csv".to_owned()),
    })
    .await
}

/// The columns (IAM user guide, "Understanding the report format").
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,\
    password_last_changed,password_next_rotation,mfa_active,access_key_1_active,\
    access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,\
    access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
    cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// What stands where there is nothing to tell.
const NOTHING: &str = "N/A";

fn table(lines: &[CredentialLine]) -> String {
    let mut table = COLUMNS.to_owned();
    for line in lines {
        let keys = [key(line.keys.first()), key(line.keys.get(1))].concat();
        let cells = person(line).into_iter().chain(keys);
        let cells = cells.chain(CERTS.map(str::to_owned)).map(|cell| quoted(&cell));
        let cells: Vec<String> = cells.collect();
        let _ = write!(table, "\n{}", cells.join(","));
    }
    table
}

/// Two signing certificates, of which there are none.
const CERTS: [&str; 4] = ["false", NOTHING, "false", NOTHING];

fn person(line: &CredentialLine) -> Vec<String> {
    let when = |at: Option<Timestamp>| at.map_or_else(|| NOTHING.to_owned(), iso);
    let has_password = line.password_changed.is_some();
    let (enabled, used) = match (line.root, has_password) {
        (true, _) => ("not_supported", NOTHING),
        (false, true) => ("true", "no_information"),
        (false, false) => ("false", NOTHING),
    };
    let changed = match line.root {
        true => "not_supported".to_owned(),
        false => when(line.password_changed),
    };
    let next = match line.root {
        true => "not_supported".to_owned(),
        false => when(line.password_next),
    };
    vec![
        line.user.clone(),
        line.arn.to_string(),
        iso(line.created),
        enabled.to_owned(),
        used.to_owned(),
        changed,
        next,
        (line.mfa_devices > 0).to_string(),
    ]
}

fn key(key: Option<&CredentialKey>) -> Vec<String> {
    let nothing = || NOTHING.to_owned();
    let Some(key) = key else {
        return vec!["false".to_owned(), nothing(), nothing(), nothing(), nothing()];
    };
    let used = key.used.as_ref();
    vec![
        (key.status == KeyStatus::Active).to_string(),
        iso(key.created),
        used.map_or_else(nothing, |used| iso(used.at)),
        used.map_or_else(nothing, |_| NOTHING.to_owned()),
        used.map_or_else(nothing, |used| used.service.to_owned()),
    ]
}

/// `ListPoliciesGrantingServiceAccess`
pub(crate) async fn granting(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListPoliciesGrantingServiceAccessRequest| {
        // All fits into one answer: no marker was ever given.
        if m.marker.is_some() {
            return Err(invalid("Marker is none that was given"));
        }
        let entity = arn(&m.arn)?;
        Ok(ops::ListPoliciesGrantingServiceAccess { entity, services: m.service_namespaces })
    });
    serve(x, op, |_, found, _| {
        let policies_granting_service_access = found.into_iter().map(granted).collect();
        let is_truncated = Some(false);
        iam::ListPoliciesGrantingServiceAccessResponse {
            is_truncated,
            marker: None,
            policies_granting_service_access,
        }
    })
    .await
}

fn granted(found: GrantingPolicies) -> iam::ListPoliciesGrantingServiceAccessEntry {
    // Of a managed policy it is not told who holds it.
    let policy = |policy: GrantingPolicy| iam::PolicyGrantingServiceAccess {
        entity_name: policy.arn.is_none().then(|| policy.holder.clone()),
        entity_type: policy.arn.is_none().then(|| policy.kind.to_owned()),
        policy_type: if policy.arn.is_some() { "MANAGED" } else { "INLINE" }.to_owned(),
        policy_arn: policy.arn.map(|arn| arn.to_string()),
        policy_name: policy.name.to_string(),
    };
    iam::ListPoliciesGrantingServiceAccessEntry {
        policies: Some(found.policies.into_iter().map(policy).collect()),
        service_namespace: Some(found.service),
    }
}

/// A time as the report writes it.
fn iso(at: Timestamp) -> String {
    at.iso_seconds().replace('Z', "+00:00")
}

/// A cell of comma-separated values (RFC 4180 §2): names may hold commas and equals signs.
fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}
