//! The rows of IAM and STS.
//!
//! Making a session stores nothing, so people can sign in when the disk is full. What takes rights,
//! members or keys away goes on too; switching a key off is among it.

use identity::ops;

use crate::iam::{
    account, attachment, group, inline, key, last_accessed, login, mfa, policy, provider, report,
    role, saml, simulate, tags, user,
};
use crate::operation::Access::{Login, Signed};
use crate::operation::Effect::{Read, Remove, Write};
use crate::operation::Row;
use crate::sts;

macro_rules! iam {
    ($op:ident, $effect:ident, $serve:path) => {
        Row::query::<ops::$op>("iam", Signed, $effect, |x| Box::pin($serve(x)))
    };
}

macro_rules! sts {
    ($op:ident, $access:ident, $effect:ident, $serve:path) => {
        Row::query::<ops::$op>("sts", $access, $effect, |x| Box::pin($serve(x)))
    };
}

pub(super) const ROWS: &[Row] = &[
    sts!(AssumeRole, Signed, Read, sts::assume_role),
    sts!(AssumeRoleWithWebIdentity, Login, Read, sts::login::assume_role),
    sts!(AssumeRoleWithLDAPIdentity, Login, Read, sts::ldap::assume_role),
    sts!(GetCallerIdentity, Signed, Read, sts::caller_identity),
    sts!(GetSessionToken, Signed, Read, sts::session_token),
    sts!(GetFederationToken, Signed, Read, sts::token::federation),
    sts!(GetAccessKeyInfo, Signed, Read, sts::token::key_info),
    sts!(DecodeAuthorizationMessage, Signed, Read, sts::decode::decode),
    iam!(CreateUser, Write, user::create),
    iam!(GetUser, Read, user::get),
    iam!(ListUsers, Read, user::list),
    iam!(UpdateUser, Write, user::update),
    iam!(DeleteUser, Remove, user::delete),
    iam!(PutUserPermissionsBoundary, Write, user::put_boundary),
    iam!(DeleteUserPermissionsBoundary, Remove, user::delete_boundary),
    iam!(TagUser, Write, tags::of_user::put),
    iam!(UntagUser, Remove, tags::of_user::remove),
    iam!(ListUserTags, Read, tags::of_user::list),
    iam!(CreateAccessKey, Write, key::create),
    iam!(ListAccessKeys, Read, key::list),
    iam!(UpdateAccessKey, Remove, key::update),
    iam!(DeleteAccessKey, Remove, key::delete),
    iam!(GetAccessKeyLastUsed, Read, key::last_used),
    iam!(CreateGroup, Write, group::create),
    iam!(GetGroup, Read, group::get),
    iam!(ListGroups, Read, group::list),
    iam!(UpdateGroup, Write, group::update),
    iam!(DeleteGroup, Remove, group::delete),
    iam!(AddUserToGroup, Write, group::add),
    iam!(RemoveUserFromGroup, Remove, group::remove),
    iam!(ListGroupsForUser, Read, group::of_user),
    iam!(CreateRole, Write, role::create),
    iam!(GetRole, Read, role::get),
    iam!(ListRoles, Read, role::list),
    iam!(UpdateRole, Write, role::update),
    iam!(UpdateRoleDescription, Write, role::describe),
    iam!(UpdateAssumeRolePolicy, Write, role::trust),
    iam!(DeleteRole, Remove, role::delete),
    iam!(PutRolePermissionsBoundary, Write, role::put_boundary),
    iam!(DeleteRolePermissionsBoundary, Remove, role::delete_boundary),
    iam!(TagRole, Write, tags::of_role::put),
    iam!(UntagRole, Remove, tags::of_role::remove),
    iam!(ListRoleTags, Read, tags::of_role::list),
    iam!(CreatePolicy, Write, policy::create),
    iam!(GetPolicy, Read, policy::get),
    iam!(ListPolicies, Read, policy::list),
    iam!(DeletePolicy, Remove, policy::delete),
    iam!(CreatePolicyVersion, Write, policy::create_version),
    iam!(GetPolicyVersion, Read, policy::get_version),
    iam!(ListPolicyVersions, Read, policy::list_versions),
    iam!(DeletePolicyVersion, Remove, policy::delete_version),
    iam!(SetDefaultPolicyVersion, Write, policy::set_default),
    iam!(ListEntitiesForPolicy, Read, policy::entities),
    iam!(TagPolicy, Write, tags::of_policy::put),
    iam!(UntagPolicy, Remove, tags::of_policy::remove),
    iam!(ListPolicyTags, Read, tags::of_policy::list),
    iam!(PutUserPolicy, Write, inline::of_user::put),
    iam!(GetUserPolicy, Read, inline::of_user::get),
    iam!(DeleteUserPolicy, Remove, inline::of_user::delete),
    iam!(ListUserPolicies, Read, inline::of_user::list),
    iam!(PutGroupPolicy, Write, inline::of_group::put),
    iam!(GetGroupPolicy, Read, inline::of_group::get),
    iam!(DeleteGroupPolicy, Remove, inline::of_group::delete),
    iam!(ListGroupPolicies, Read, inline::of_group::list),
    iam!(PutRolePolicy, Write, inline::of_role::put),
    iam!(GetRolePolicy, Read, inline::of_role::get),
    iam!(DeleteRolePolicy, Remove, inline::of_role::delete),
    iam!(ListRolePolicies, Read, inline::of_role::list),
    iam!(AttachUserPolicy, Write, attachment::of_user::attach),
    iam!(DetachUserPolicy, Remove, attachment::of_user::detach),
    iam!(ListAttachedUserPolicies, Read, attachment::of_user::list),
    iam!(AttachGroupPolicy, Write, attachment::of_group::attach),
    iam!(DetachGroupPolicy, Remove, attachment::of_group::detach),
    iam!(ListAttachedGroupPolicies, Read, attachment::of_group::list),
    iam!(AttachRolePolicy, Write, attachment::of_role::attach),
    iam!(DetachRolePolicy, Remove, attachment::of_role::detach),
    iam!(ListAttachedRolePolicies, Read, attachment::of_role::list),
    iam!(CreateOpenIDConnectProvider, Write, provider::create),
    iam!(GetOpenIDConnectProvider, Read, provider::get),
    iam!(ListOpenIDConnectProviders, Read, provider::list),
    iam!(DeleteOpenIDConnectProvider, Remove, provider::delete),
    iam!(UpdateOpenIDConnectProviderThumbprint, Write, provider::thumbprints),
    iam!(AddClientIDToOpenIDConnectProvider, Write, provider::add_client),
    iam!(RemoveClientIDFromOpenIDConnectProvider, Remove, provider::remove_client),
    iam!(TagOpenIDConnectProvider, Write, tags::of_provider::put),
    iam!(UntagOpenIDConnectProvider, Remove, tags::of_provider::remove),
    iam!(ListOpenIDConnectProviderTags, Read, tags::of_provider::list),
    iam!(ListInstanceProfilesForRole, Read, role::instance_profiles),
    iam!(CreateSAMLProvider, Write, saml::create),
    iam!(GetSAMLProvider, Read, saml::get),
    iam!(ListSAMLProviders, Read, saml::list),
    iam!(UpdateSAMLProvider, Write, saml::update),
    iam!(DeleteSAMLProvider, Remove, saml::delete),
    iam!(TagSAMLProvider, Write, tags::of_saml::put),
    iam!(UntagSAMLProvider, Remove, tags::of_saml::remove),
    iam!(ListSAMLProviderTags, Read, tags::of_saml::list),
    iam!(CreateVirtualMFADevice, Write, mfa::create),
    iam!(DeleteVirtualMFADevice, Remove, mfa::delete),
    iam!(EnableMFADevice, Write, mfa::enable),
    iam!(DeactivateMFADevice, Remove, mfa::deactivate),
    iam!(ResyncMFADevice, Write, mfa::resync),
    iam!(ListMFADevices, Read, mfa::list),
    iam!(GetMFADevice, Read, mfa::get),
    iam!(ListVirtualMFADevices, Read, mfa::list_all),
    iam!(TagMFADevice, Write, tags::of_mfa::put),
    iam!(UntagMFADevice, Remove, tags::of_mfa::remove),
    iam!(ListMFADeviceTags, Read, tags::of_mfa::list),
    iam!(CreateLoginProfile, Write, login::create),
    iam!(GetLoginProfile, Read, login::get),
    iam!(UpdateLoginProfile, Write, login::update),
    iam!(DeleteLoginProfile, Remove, login::delete),
    iam!(ChangePassword, Write, login::change),
    iam!(UpdateAccountPasswordPolicy, Write, login::set_rules),
    iam!(GetAccountPasswordPolicy, Read, login::rules_of),
    iam!(DeleteAccountPasswordPolicy, Remove, login::delete_rules),
    iam!(GetAccountAuthorizationDetails, Read, report::details),
    iam!(GenerateCredentialReport, Read, report::generate_credentials),
    iam!(GetCredentialReport, Read, report::credentials),
    iam!(SimulateCustomPolicy, Read, simulate::custom),
    iam!(SimulatePrincipalPolicy, Read, simulate::principal),
    iam!(GetContextKeysForCustomPolicy, Read, simulate::custom_keys),
    iam!(GetContextKeysForPrincipalPolicy, Read, simulate::principal_keys),
    iam!(ListPoliciesGrantingServiceAccess, Read, report::granting),
    iam!(GenerateServiceLastAccessedDetails, Read, last_accessed::generate),
    iam!(GetServiceLastAccessedDetails, Read, last_accessed::details),
    iam!(GetServiceLastAccessedDetailsWithEntities, Read, last_accessed::entities),
    iam!(ListSSHPublicKeys, Read, key::ssh_keys),
    iam!(ListSigningCertificates, Read, key::certificates),
    iam!(ListServiceSpecificCredentials, Read, key::of_one_service),
    iam!(GetAccountSummary, Read, account::summary),
    iam!(ListAccountAliases, Read, account::aliases),
    iam!(CreateAccountAlias, Write, account::create_alias),
    iam!(DeleteAccountAlias, Remove, account::delete_alias),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::operation::{Effect, Route};

    /// Messages that no service model of AWS's has.
    const OURS: &[&str] = &[wire::ldap::ACTION];

    /// Messages that exist and are not served, and why.
    const NOT_SERVED: &[(&str, &str)] = &[];

    /// What a row is called decides what it does, but for these.
    const BY_HAND: &[(&str, Effect)] = &[
        ("UpdateAccessKey", Remove),
        ("SetDefaultPolicyVersion", Write),
        ("AssumeRole", Read),
        ("AssumeRoleWithWebIdentity", Read),
        ("AssumeRoleWithLDAPIdentity", Read),
        ("GetSessionToken", Read),
    ];

    fn actions(service: &str) -> BTreeSet<&'static str> {
        let of = |row: &'static Row| match row.route {
            Route::Query { service: serves, action } if serves == service => Some(action),
            _ => None,
        };
        ROWS.iter().filter_map(of).collect()
    }

    #[test]
    fn every_message_has_a_row_or_a_reason_why_not() {
        let named: BTreeSet<_> =
            wire::iam::ACTIONS.iter().chain(wire::sts::ACTIONS).chain(OURS).copied().collect();
        let served: BTreeSet<_> = actions("iam").union(&actions("sts")).copied().collect();
        let excused: BTreeSet<_> = NOT_SERVED.iter().map(|(action, _)| *action).collect();
        let left: Vec<_> = named.difference(&served).filter(|a| !excused.contains(*a)).collect();
        assert!(left.is_empty(), "neither served nor excused: {left:?}");
        let stale: Vec<_> = excused.intersection(&served).collect();
        assert!(stale.is_empty(), "excused although served: {stale:?}");
        let unknown: Vec<_> = excused.difference(&named).collect();
        assert!(unknown.is_empty(), "excused and unknown: {unknown:?}");
        assert!(NOT_SERVED.iter().all(|(_, why)| !why.is_empty()));
    }

    #[test]
    fn a_row_stands_in_the_service_that_its_message_belongs_to() {
        let iam: BTreeSet<_> = wire::iam::ACTIONS.iter().copied().collect();
        let sts: BTreeSet<_> = wire::sts::ACTIONS.iter().chain(OURS).copied().collect();
        assert!(actions("iam").is_subset(&iam));
        assert!(actions("sts").is_subset(&sts));
        assert_eq!(actions("iam").len() + actions("sts").len(), ROWS.len());
    }

    #[test]
    fn two_rows_are_open_to_those_who_bring_a_proof_and_all_others_need_a_credential() {
        for row in ROWS {
            let expected = match row.name {
                "AssumeRoleWithWebIdentity" | "AssumeRoleWithLDAPIdentity" => Login,
                _ => Signed,
            };
            assert_eq!(row.access, expected, "{}", row.name);
        }
    }

    #[test]
    fn what_reads_is_a_read_and_what_takes_away_goes_on_when_the_disk_is_full() {
        for row in ROWS {
            let begins = |words: &[&str]| words.iter().any(|word| row.name.starts_with(word));
            let by_hand = BY_HAND.iter().find(|(name, _)| *name == row.name);
            let expected = match by_hand {
                Some((_, effect)) => *effect,
                None if begins(&["Get", "List", "Simulate", "Generate", "Decode"]) => Read,
                None if begins(&["Delete", "Detach", "Remove", "Untag", "Deactivate"]) => Remove,
                None if begins(&["Create", "Put", "Attach", "Add", "Tag", "Update"]) => Write,
                None if begins(&["Enable", "Resync", "Change"]) => Write,
                None => panic!("{} has no rule", row.name),
            };
            assert_eq!(row.effect, expected, "{}", row.name);
        }
    }

    #[test]
    fn every_row_is_decided_on_the_action_of_its_own_name() {
        for row in ROWS {
            let checks = (row.checks)();
            let free = ["GetCallerIdentity", "GetSessionToken"].contains(&row.name);
            assert_eq!(checks.is_empty(), free, "{}", row.name);
            if let (Some((action, _)), Route::Query { service, .. }) = (checks.first(), row.route) {
                // Signing in by a directory is signing in by a provider.
                let name = match row.name {
                    "AssumeRoleWithLDAPIdentity" => "AssumeRoleWithWebIdentity",
                    own => own,
                };
                assert_eq!(action.to_string(), format!("{service}:{name}"));
            }
        }
    }
}
