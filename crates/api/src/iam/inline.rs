//! Inline policies of users, groups and roles: the same four operations for each.

use ::policy::Kind;
use identity::ops;
use wire::iam;

use super::{document, named, page, serve, told};
use crate::Response;
use crate::exchange::Exchange;

/// The four operations of one kind of holder.
macro_rules! inline {
    ($module:ident, $holder:ident, $name:ident,
        $put:ident / $put_message:ident / $put_answer:ident,
        $get:ident / $get_message:ident / $get_answer:ident,
        $delete:ident / $delete_message:ident / $delete_answer:ident,
        $list:ident / $list_message:ident / $list_answer:ident $(,)?
    ) => {
        #[doc = concat!("Inline policies of a ", stringify!($holder), ".")]
        pub(crate) mod $module {
            use super::*;

            #[doc = concat!("`", stringify!($put), "`")]
            pub(crate) async fn put(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$put_message| {
                    Ok(ops::$put {
                        $holder: x.$holder(&m.$name)?,
                        name: named(&m.policy_name)?,
                        document: document(&m.policy_document, Kind::Identity)?,
                    })
                });
                serve(x, op, |_, (), _| iam::$put_answer {}).await
            }

            #[doc = concat!("`", stringify!($get), "`")]
            pub(crate) async fn get(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$get_message| {
                    let name = named(&m.policy_name)?;
                    Ok(ops::$get { $holder: x.$holder(&m.$name)?, name })
                });
                serve(x, op, |op, found, _| iam::$get_answer {
                    policy_document: found.document.text().to_owned(),
                    policy_name: found.name.to_string(),
                    $name: op.$holder.name.to_string(),
                })
                .await
            }

            #[doc = concat!("`", stringify!($delete), "`")]
            pub(crate) async fn delete(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$delete_message| {
                    let name = named(&m.policy_name)?;
                    Ok(ops::$delete { $holder: x.$holder(&m.$name)?, name })
                });
                serve(x, op, |_, (), _| iam::$delete_answer {}).await
            }

            #[doc = concat!("`", stringify!($list), "`")]
            pub(crate) async fn list(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$list_message| {
                    let page = page(m.marker, m.max_items)?;
                    Ok(ops::$list { $holder: x.$holder(&m.$name)?, page })
                });
                serve(x, op, |_, found, _| {
                    let (policy_names, is_truncated, marker) = told(found, ToString::to_string);
                    iam::$list_answer { is_truncated, marker, policy_names }
                })
                .await
            }
        }
    };
}

inline!(
    of_user,
    user,
    user_name,
    PutUserPolicy / PutUserPolicyRequest / PutUserPolicyResponse,
    GetUserPolicy / GetUserPolicyRequest / GetUserPolicyResponse,
    DeleteUserPolicy / DeleteUserPolicyRequest / DeleteUserPolicyResponse,
    ListUserPolicies / ListUserPoliciesRequest / ListUserPoliciesResponse,
);

inline!(
    of_group,
    group,
    group_name,
    PutGroupPolicy / PutGroupPolicyRequest / PutGroupPolicyResponse,
    GetGroupPolicy / GetGroupPolicyRequest / GetGroupPolicyResponse,
    DeleteGroupPolicy / DeleteGroupPolicyRequest / DeleteGroupPolicyResponse,
    ListGroupPolicies / ListGroupPoliciesRequest / ListGroupPoliciesResponse,
);

inline!(
    of_role,
    role,
    role_name,
    PutRolePolicy / PutRolePolicyRequest / PutRolePolicyResponse,
    GetRolePolicy / GetRolePolicyRequest / GetRolePolicyResponse,
    DeleteRolePolicy / DeleteRolePolicyRequest / DeleteRolePolicyResponse,
    ListRolePolicies / ListRolePoliciesRequest / ListRolePoliciesResponse,
);
