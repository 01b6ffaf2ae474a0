//! Managed policies on users, groups and roles: the same three operations for each.

use identity::ops::Page;
use identity::{AttachedPolicy, ops};
use wire::iam;

use super::{arn, page, prefix, serve, told};
use crate::Response;
use crate::exchange::Exchange;

/// The three operations of one kind of holder.
macro_rules! attachment {
    ($module:ident, $holder:ident, $name:ident,
        $attach:ident / $attach_message:ident / $attach_answer:ident,
        $detach:ident / $detach_message:ident / $detach_answer:ident,
        $list:ident / $list_message:ident / $list_answer:ident $(,)?
    ) => {
        #[doc = concat!("Managed policies of a ", stringify!($holder), ".")]
        pub(crate) mod $module {
            use super::*;

            #[doc = concat!("`", stringify!($attach), "`")]
            pub(crate) async fn attach(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$attach_message| {
                    let policy = arn(&m.policy_arn)?;
                    Ok(ops::$attach { $holder: x.$holder(&m.$name)?, policy })
                });
                serve(x, op, |_, (), _| iam::$attach_answer {}).await
            }

            #[doc = concat!("`", stringify!($detach), "`")]
            pub(crate) async fn detach(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$detach_message| {
                    let policy = arn(&m.policy_arn)?;
                    Ok(ops::$detach { $holder: x.$holder(&m.$name)?, policy })
                });
                serve(x, op, |_, (), _| iam::$detach_answer {}).await
            }

            #[doc = concat!("`", stringify!($list), "`")]
            pub(crate) async fn list(x: Exchange) -> Response {
                let message = x.form_message::<iam::$list_message>();
                let under = message.as_ref().ok().and_then(|m| m.path_prefix.clone());
                let op = message.and_then(|m| {
                    prefix(m.path_prefix.as_deref())?;
                    let page = page(m.marker, m.max_items)?;
                    Ok(ops::$list { $holder: x.$holder(&m.$name)?, page })
                });
                serve(x, op, move |_, found, _| {
                    let found = standing_under(found, under.as_deref());
                    let (policies, is_truncated, marker) = told(found, element);
                    let attached_policies = Some(policies);
                    iam::$list_answer { attached_policies, is_truncated, marker }
                })
                .await
            }
        }
    };
}

attachment!(
    of_user,
    user,
    user_name,
    AttachUserPolicy / AttachUserPolicyRequest / AttachUserPolicyResponse,
    DetachUserPolicy / DetachUserPolicyRequest / DetachUserPolicyResponse,
    ListAttachedUserPolicies / ListAttachedUserPoliciesRequest / ListAttachedUserPoliciesResponse,
);

attachment!(
    of_group,
    group,
    group_name,
    AttachGroupPolicy / AttachGroupPolicyRequest / AttachGroupPolicyResponse,
    DetachGroupPolicy / DetachGroupPolicyRequest / DetachGroupPolicyResponse,
    ListAttachedGroupPolicies
        / ListAttachedGroupPoliciesRequest
        / ListAttachedGroupPoliciesResponse,
);

attachment!(
    of_role,
    role,
    role_name,
    AttachRolePolicy / AttachRolePolicyRequest / AttachRolePolicyResponse,
    DetachRolePolicy / DetachRolePolicyRequest / DetachRolePolicyResponse,
    ListAttachedRolePolicies / ListAttachedRolePoliciesRequest / ListAttachedRolePoliciesResponse,
);

/// Only the policies whose path begins so.
fn standing_under(mut page: Page<AttachedPolicy>, prefix: Option<&str>) -> Page<AttachedPolicy> {
    if let Some(prefix) = prefix {
        page.items.retain(|policy| {
            let path = policy.arn.resource().strip_prefix("policy");
            path.is_some_and(|path| path.starts_with(prefix))
        });
    }
    page
}

fn element(policy: &AttachedPolicy) -> iam::AttachedPolicy {
    iam::AttachedPolicy {
        policy_arn: Some(policy.arn.to_string()),
        policy_name: Some(policy.name.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attached_policies_are_told_by_where_they_stand() {
        let attached = |path: &str| AttachedPolicy {
            arn: format!("arn:aws:iam::111122223333:policy{path}P").parse().unwrap(),
            name: "P".parse().unwrap(),
        };
        let page = Page { items: vec![attached("/"), attached("/team/")], next: None };
        assert_eq!(standing_under(page.clone(), None).items.len(), 2);
        assert_eq!(standing_under(page.clone(), Some("/")).items.len(), 2);
        assert_eq!(standing_under(page.clone(), Some("/team/")).items, vec![attached("/team/")]);
        assert!(standing_under(page, Some("/else/")).items.is_empty());
    }
}
