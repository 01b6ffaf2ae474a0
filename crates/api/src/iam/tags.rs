//! Tags of users, roles, policies and providers: the same operations for each.

use identity::ops;
use wire::iam;

use super::{Parsed, arn, mfa, page, serve, tag_elements, tag_set, told};
use crate::Response;
use crate::exchange::Exchange;

/// The operations of one kind of entity; `$find` says how the message names it.
macro_rules! tags {
    ($module:ident, $entity:ident, $member:ident, $find:expr,
        $tag:ident / $tag_message:ident / $tag_answer:ident,
        $untag:ident / $untag_message:ident / $untag_answer:ident,
        $list:ident / $list_message:ident / $list_answer:ident,
    ) => {
        #[doc = concat!("Tags of a ", stringify!($entity), ".")]
        pub(crate) mod $module {
            use super::*;

            #[doc = concat!("`", stringify!($tag), "`")]
            pub(crate) async fn put(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$tag_message| {
                    let tags = tag_set(m.tags)?;
                    Ok(ops::$tag { $entity: $find(&x, &m.$member)?, tags })
                });
                serve(x, op, |_, (), _| iam::$tag_answer {}).await
            }

            #[doc = concat!("`", stringify!($untag), "`")]
            pub(crate) async fn remove(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$untag_message| {
                    Ok(ops::$untag { $entity: $find(&x, &m.$member)?, keys: m.tag_keys })
                });
                serve(x, op, |_, (), _| iam::$untag_answer {}).await
            }

            #[doc = concat!("`", stringify!($list), "`")]
            pub(crate) async fn list(x: Exchange) -> Response {
                let op = x.form_message().and_then(|m: iam::$list_message| {
                    let page = page(m.marker, m.max_items)?;
                    Ok(ops::$list { $entity: $find(&x, &m.$member)?, page })
                });
                serve(x, op, |_, found, _| {
                    let (pairs, is_truncated, marker) = told(found, Clone::clone);
                    iam::$list_answer { is_truncated, marker, tags: tag_elements(pairs) }
                })
                .await
            }
        }
    };
}

/// What is named by an ARN.
fn by_arn(_: &Exchange, text: &str) -> Parsed<names::Arn> {
    arn(text)
}

tags!(
    of_user,
    user,
    user_name,
    Exchange::user,
    TagUser / TagUserRequest / TagUserResponse,
    UntagUser / UntagUserRequest / UntagUserResponse,
    ListUserTags / ListUserTagsRequest / ListUserTagsResponse,
);

tags!(
    of_role,
    role,
    role_name,
    Exchange::role,
    TagRole / TagRoleRequest / TagRoleResponse,
    UntagRole / UntagRoleRequest / UntagRoleResponse,
    ListRoleTags / ListRoleTagsRequest / ListRoleTagsResponse,
);

tags!(
    of_policy,
    policy,
    policy_arn,
    by_arn,
    TagPolicy / TagPolicyRequest / TagPolicyResponse,
    UntagPolicy / UntagPolicyRequest / UntagPolicyResponse,
    ListPolicyTags / ListPolicyTagsRequest / ListPolicyTagsResponse,
);

tags!(
    of_provider,
    provider,
    open_id_connect_provider_arn,
    by_arn,
    TagOpenIDConnectProvider / TagOpenIDConnectProviderRequest / TagOpenIDConnectProviderResponse,
    UntagOpenIDConnectProvider
        / UntagOpenIDConnectProviderRequest
        / UntagOpenIDConnectProviderResponse,
    ListOpenIDConnectProviderTags
        / ListOpenIDConnectProviderTagsRequest
        / ListOpenIDConnectProviderTagsResponse,
);

tags!(
    of_saml,
    provider,
    saml_provider_arn,
    by_arn,
    TagSAMLProvider / TagSAMLProviderRequest / TagSAMLProviderResponse,
    UntagSAMLProvider / UntagSAMLProviderRequest / UntagSAMLProviderResponse,
    ListSAMLProviderTags / ListSAMLProviderTagsRequest / ListSAMLProviderTagsResponse,
);

tags!(
    of_mfa,
    serial,
    serial_number,
    mfa::serial,
    TagMFADevice / TagMFADeviceRequest / TagMFADeviceResponse,
    UntagMFADevice / UntagMFADeviceRequest / UntagMFADeviceResponse,
    ListMFADeviceTags / ListMFADeviceTagsRequest / ListMFADeviceTagsResponse,
);
