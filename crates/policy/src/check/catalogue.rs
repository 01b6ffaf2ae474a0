//! Every check: its code and name as in Access Analyzer's reference, how grave it is, and what it
//! means, in our words. `docs/policy-check.md` is made from this table.

use super::Level::{self, Error, SecurityWarning, Suggestion, Warning};

/// One check.
#[derive(Debug)]
pub struct Rule {
    /// Access Analyzer's code, or ours.
    pub code: &'static str,
    /// How grave its findings are.
    pub level: Level,
    /// Its name.
    pub title: &'static str,
    /// What it means.
    pub about: &'static str,
}

macro_rules! rules {
    ($($name:ident, $level:ident, $title:literal, $about:literal;)*) => {
        $(pub(super) static $name: Rule =
            Rule { code: stringify!($name), level: $level, title: $title, about: $about };)*
        /// Every check, the gravest first.
        pub static CATALOGUE: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    ARN_ACCOUNT_NOT_ALLOWED, Error, "ARN account not allowed",
        "names of buckets and objects have no account";
    ARN_REGION_NOT_ALLOWED, Error, "ARN Region not allowed",
        "names of buckets, objects and IAM's entities have no region";
    DATA_TYPE_MISMATCH, Error, "Data type mismatch",
        "a value has another JSON type than the grammar has there";
    DUPLICATE_KEYS_WITH_DIFFERENT_CASE, Error, "Duplicate keys with different case",
        "two operators of a condition, or two keys of one operator, differ by case alone";
    EMPTY_VARIABLE, Error, "Empty variable", "`${}` names no key";
    FEDERATED_PRINCIPAL_NOT_SUPPORTED, Error, "Federated principal not supported",
        "an identity provider can be named in a role's trust policy alone";
    INVALID_ACTION, Error, "Invalid action", "no such action exists, or a pattern matches none";
    INVALID_ARN_ACCOUNT, Error, "Invalid ARN account", "an account is twelve digits";
    INVALID_ARN_PREFIX, Error, "Invalid ARN prefix", "a resource name begins with `arn:`";
    INVALID_ARN_RESOURCE, Error, "Invalid ARN resource", "the service has no resource of this form";
    INVALID_ARN_SERVICE_CASE, Error, "Invalid ARN service case",
        "the service in a resource name is in lower case";
    INVALID_CONDITION_DATA_TYPE, Error, "Invalid condition data type",
        "the values of one key have different JSON types";
    INVALID_CONDITION_KEY_FORMAT, Error, "Invalid condition key format",
        "a condition key is `service:name`";
    INVALID_CONDITION_MULTIPLE_BOOLEAN, Error, "Invalid condition multiple Boolean",
        "`Bool` and `Null` take one value";
    INVALID_CONDITION_OPERATOR, Error, "Invalid condition operator", "no such operator exists";
    INVALID_EFFECT, Error, "Invalid effect", "an effect is `Allow` or `Deny`";
    INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY, Error,
        "Invalid federated principal syntax in role trust policy",
        "a provider is named by its domain or its ARN";
    INVALID_GLOBAL_CONDITION_KEY, Error, "Invalid global condition key",
        "no such `aws:` key exists: its condition is never satisfied, or always";
    INVALID_PARTITION, Error, "Invalid partition", "no such partition exists";
    INVALID_POLICY_ELEMENT, Error, "Invalid policy element", "the grammar has no such element";
    INVALID_PRINCIPAL_FORMAT, Error, "Invalid principal format",
        "a principal has none of the known forms";
    INVALID_PRINCIPAL_KEY, Error, "Invalid principal key",
        "principals are under `AWS`, `Federated`, `Service` or `CanonicalUser`";
    INVALID_SERVICE_CONDITION_KEY, Error, "Invalid service condition key",
        "the service has no such condition key";
    INVALID_SERVICE_PRINCIPAL_FORMAT, Error, "Invalid service principal format",
        "a service is named as `name.amazonaws.com`";
    INVALID_VARIABLE_FOR_OPERATOR, Error, "Invalid variable for operator",
        "variables stand in values of texts and ARNs alone";
    INVALID_VERSION, Error, "Invalid version", "a version is `2012-10-17` or `2008-10-17`";
    JSON_SYNTAX_ERROR, Error, "Json syntax error", "the text is not JSON, or has a key twice";
    MISMATCHED_ACTION_FOR_PRINCIPAL, Error, "Mismatched action for principal",
        "the action assumes roles by another kind of proof than the provider gives";
    MISSING_ACTION, Error, "Missing action", "a statement has `Action` or `NotAction`";
    MISSING_ACTION_FOR_CONDITION_KEY, Error, "Missing action for condition key",
        "the key is tested and the action that sets it is not allowed";
    MISSING_ARN_ACCOUNT, Error, "Missing ARN account",
        "names of the service's resources have an account";
    MISSING_ARN_FIELD, Error, "Missing ARN field", "a resource name has six parts";
    MISSING_BRACE_IN_VARIABLE, Error, "Missing brace in variable", "a variable is not closed";
    MISSING_EFFECT, Error, "Missing effect", "a statement has an `Effect`";
    MISSING_PRINCIPAL, Error, "Missing principal", "a policy of a resource says whom it is about";
    MISSING_QUALIFIER, Error, "Missing qualifier",
        "a key of many values needs `ForAllValues:` or `ForAnyValue:`";
    MISSING_QUOTE_IN_VARIABLE, Error, "Missing quote in variable",
        "a variable's default stands between single quotes";
    MISSING_RESOURCE, Error, "Missing resource", "a statement has `Resource` or `NotResource`";
    MISSING_STATEMENT, Error, "Missing statement", "a policy has at least one statement";
    MISSING_TAG_KEY_IN_CONDITION, Error, "Missing tag key in condition",
        "the key needs the name of a tag behind its `/`";
    NULL_WITH_IF_EXISTS, Error, "Null with if exists", "`Null` asks whether the key exists already";
    POLICY_REFUSED, Error, "Policy refused (ours)", "the parser refuses it, for the reason given";
    POLICY_SIZE_EXCEEDS_RCP_QUOTA, Error, "Policy size exceeds RCP quota",
        "it is too large for a resource-control policy";
    RCP_SYNTAX_ERROR_ACTION, Error, "RCP syntax error action",
        "a resource-control policy is about actions of S3 and STS";
    RCP_SYNTAX_ERROR_ALLOW, Error, "RCP syntax error allow",
        "an `Allow` of a resource-control policy is for every resource and without conditions";
    RCP_SYNTAX_ERROR_NOTACTION, Error, "RCP syntax error NotAction",
        "a resource-control policy lists its actions";
    RCP_SYNTAX_ERROR_PRINCIPAL, Error, "RCP syntax error principal",
        "the principal of a resource-control policy is `\"*\"`";
    ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL, Error,
        "Role trust policy syntax error notprincipal",
        "a trust policy names whom it trusts, never whom it does not";
    ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE, Error, "Role trust policy syntax error resource",
        "a trust policy is about its own role";
    ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL, Error,
        "Role trust policy unsupported wildcard in principal",
        "a trust policy does not trust everyone";
    SCP_SYNTAX_ERROR_PRINCIPAL, Error, "SCP syntax error principal",
        "a service-control policy is about every principal of its accounts";
    TYPE_MISMATCH_BOOLEAN, Error, "Type mismatch Boolean",
        "the value is neither `true` nor `false`";
    TYPE_MISMATCH_DATE, Error, "Type mismatch date", "the value is no time";
    TYPE_MISMATCH_IP_RANGE, Error, "Type mismatch IP range", "the value is no address and no range";
    TYPE_MISMATCH_NUMBER, Error, "Type mismatch number", "the value is no number";
    TYPE_MISMATCH_STRING, Error, "Type mismatch string", "the value is not base64";
    UNIQUE_SIDS_REQUIRED, Error, "Unique Sids required", "two statements have one id";
    UNSUPPORTED_ACTION_FOR_CONDITION_KEY, Error, "Unsupported action for condition key",
        "the action's requests never have the key";
    UNSUPPORTED_ACTION_IN_POLICY, Error, "Unsupported action in policy",
        "this kind of policy cannot speak about the action";
    UNSUPPORTED_ELEMENT_COMBINATION, Error, "Unsupported element combination",
        "an element and its opposite stand in one statement";
    UNSUPPORTED_GLOBAL_CONDITION_KEY, Error, "Unsupported global condition key",
        "`aws:ARN` was never defined: use `aws:PrincipalArn` or `aws:SourceArn`";
    UNSUPPORTED_PRINCIPAL, Error, "Unsupported principal",
        "the policy is about whom it is attached to";
    UNSUPPORTED_RESOURCE_ARN_IN_POLICY, Error, "Unsupported resource ARN in policy",
        "a bucket's policy is about the bucket and its objects";
    UNSUPPORTED_SID, Error, "Unsupported Sid", "an id is letters and digits";
    UNSUPPORTED_SPACE_IN_VARIABLE, Error, "Unsupported space in variable",
        "a variable's key has no space";
    UNSUPPORTED_SYMBOL_IN_VARIABLE, Error, "Unsupported symbol in variable",
        "what stands in a variable is not a condition key";
    UNSUPPORTED_WILDCARD_IN_PRINCIPAL, Error, "Unsupported wildcard in principal",
        "a principal is named whole; `*` stands alone";
    VARIABLE_UNSUPPORTED_IN_ELEMENT, Error, "Variable unsupported in element",
        "variables stand in resources behind their fifth colon, and in values of conditions";
    VARIABLE_UNSUPPORTED_IN_VERSION, Error, "Variable unsupported in version",
        "the language of 2008 reads a variable as plain text";
    VARIABLE_USAGE_TOO_PERMISSIVE, Error, "Variable usage too permissive",
        "a variable stands for any part of `aws:userid`: the id of whoever it is";
    WILDCARD_USAGE_TOO_PERMISSIVE, Error, "Wildcard usage too permissive",
        "a wildcard stands for any part of `aws:userid`: the id of whoever it is";
    ALLOW_WITH_NOT_PRINCIPAL, SecurityWarning, "Allow with NotPrincipal",
        "it allows everyone but those listed";
    DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, SecurityWarning,
        "Deny NotAction with unsupported tag condition key for service",
        "actions that do not know the tag are not denied";
    DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, SecurityWarning,
        "Deny with unsupported tag condition key for service",
        "the listed actions do not know the tag and are not denied";
    FORALLVALUES_WITH_SINGLE_VALUED_KEY, SecurityWarning, "ForAllValues with single valued key",
        "`ForAllValues:` holds when the key is absent";
    MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, SecurityWarning,
        "Missing condition key for oidc principal",
        "everyone whom the provider knows may assume the role";
    MISSING_GITHUB_REPO_CONDITION_KEY, SecurityWarning, "Missing github repo condition key",
        "every repository of GitHub may assume the role";
    MISSING_PAIRED_CONDITION_KEYS, SecurityWarning, "Missing paired condition keys",
        "a private address says little without the network that it is in";
    OVERBROAD_WORKLOAD_SUBJECT, SecurityWarning, "Overbroad workload subject (ours)",
        "the pattern for `sub` takes in service accounts or projects that others make";
    PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE, SecurityWarning,
        "Pass role with NotAction and NotResource",
        "it lets its holder pass nearly any role";
    PASS_ROLE_WITH_NOTRESOURCE, SecurityWarning, "Pass role with NotResource",
        "it lets its holder pass nearly any role";
    PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE, SecurityWarning,
        "Pass role with star in action and NotResource",
        "it lets its holder pass nearly any role";
    PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE, SecurityWarning,
        "Pass role with star in action and resource",
        "it lets its holder pass any role";
    PASS_ROLE_WITH_STAR_IN_RESOURCE, SecurityWarning, "Pass role with star in resource",
        "it lets its holder pass many roles";
    PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION, SecurityWarning,
        "Pass role with star in resource and NotAction",
        "it lets its holder pass any role";
    PUBLIC_BUCKET_POLICY, SecurityWarning, "Public bucket policy (ours)", "it allows anyone at all";
    RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL, SecurityWarning, "Restrict access to service principal",
        "the service acts for every customer that it has: say for which";
    INVALID_DATE_VALUE, Warning, "Invalid date value", "the time is not written as a date";
    INVALID_ROLE_REFERENCE, Warning, "Invalid role reference",
        "a role is named by its id: name it by its ARN";
    INVALID_USER_REFERENCE, Warning, "Invalid user reference",
        "a user is named by its id: name it by its ARN";
    MISSING_VERSION, Warning, "Missing version", "without a version the language is that of 2008";
    POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, Warning, "Policy size exceeds identity policy quota",
        "it is too large for a managed policy";
    POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, Warning, "Policy size exceeds resource policy quota",
        "it is too large for a bucket";
    POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA, Warning,
        "Policy size exceeds role trust policy quota",
        "it is larger than the quota before that is raised";
    POLICY_SIZE_EXCEEDS_SCP_QUOTA, Warning, "Policy size exceeds SCP quota",
        "it is too large for a control policy";
    SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED, Warning,
        "Specific github repo and branch recommended",
        "a wildcard takes in more repositories or branches than one may think";
    TYPE_MISMATCH, Warning, "Type mismatch",
        "the operator compares another type than the key has (an error where it can read no such value)";
    UNIQUE_SIDS_RECOMMENDED, Warning, "Unique Sids recommended", "two statements have one id";
    WILDCARD_WITHOUT_LIKE_OPERATOR, Warning, "Wildcard without like operator",
        "`*` and `?` stand for themselves under this operator";
    ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, Suggestion,
        "Allow NotAction with unsupported tag condition key for service",
        "only actions that know the tag are allowed";
    ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE, Suggestion,
        "Allow with unsupported tag condition key for service",
        "the listed actions do not know the tag and are not allowed";
    CONFIRM_AUDIENCE_CLAIM_TYPE, Suggestion, "Confirm audience claim type",
        "use a set operator if the provider's `aud` has many values, and none if it has one";
    EMPTY_ARRAY_ACTION, Suggestion, "Empty array action", "no action is listed";
    EMPTY_ARRAY_CONDITION, Suggestion, "Empty array condition", "no value is listed";
    EMPTY_ARRAY_CONDITION_FORALLVALUES, Suggestion, "Empty array condition ForAllValues",
        "it holds only when the key is absent: use `Null`";
    EMPTY_ARRAY_CONDITION_FORANYVALUE, Suggestion, "Empty array condition ForAnyValue",
        "it never holds";
    EMPTY_ARRAY_CONDITION_IFEXISTS, Suggestion, "Empty array condition IfExists",
        "it holds only when the key is absent: use `Null`";
    EMPTY_ARRAY_PRINCIPAL, Suggestion, "Empty array principal", "no principal is listed";
    EMPTY_ARRAY_RESOURCE, Suggestion, "Empty array resource", "no resource is listed";
    EMPTY_OBJECT_CONDITION, Suggestion, "Empty object condition", "no condition is listed";
    EMPTY_OBJECT_PRINCIPAL, Suggestion, "Empty object principal", "no principal is listed";
    EMPTY_SID_VALUE, Suggestion, "Empty Sid value", "an empty id names nothing";
    IMPROVE_IP_RANGE, Suggestion, "Improve IP range",
        "bits of the address behind its mask are ignored";
    INVALID_SERVICE_IN_ACTION, Suggestion, "Invalid service in action",
        "this server has no such service: the action allows and denies nothing here";
    IRRELEVANT_CONDITION_KEY_IN_POLICY, Suggestion, "Irrelevant condition key in policy",
        "the key has always the same value for this bucket";
    NULL_WITH_QUALIFIER, Suggestion, "Null with qualifier",
        "`Null` is about the key and not its values";
    RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, Suggestion,
        "Recommended condition key for service principal",
        "`aws:SourceArn` or `aws:SourceAccount` say more";
    REDUNDANT_ACTION, Suggestion, "Redundant action", "another pattern of the list covers it";
    REDUNDANT_CONDITION_VALUE_NUM, Suggestion, "Redundant condition value num",
        "one bound covers the others";
    REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, Suggestion,
        "Redundant principal in role trust policy",
        "the session's role is listed";
    REDUNDANT_RESOURCE, Suggestion, "Redundant resource", "another pattern of the list covers it";
    REDUNDANT_STATEMENT, Suggestion, "Redundant statement", "another statement says the same";
    WILDCARD_IN_SERVICE_NAME, Suggestion, "Wildcard in service name",
        "services that are still to come may match";
}

/// Access Analyzer's checks that are not made here, and why.
pub static LEFT_OUT: &[(&str, &str)] = &[
    ("CREATE_SLR_WITH_*", "there are no service-linked roles here"),
    (
        "DEPRECATED_GLOBAL_CONDITION_KEY",
        "its one key is reported as UNSUPPORTED_GLOBAL_CONDITION_KEY",
    ),
    (
        "INVALID_ARN_REGION, INVALID_REGION, MISSING_ARN_REGION",
        "regions are names that the operator chooses",
    ),
    ("INVALID_KMS_KEY_VALUE", "keys of encryption are named as the operator names them"),
    ("INVALID_SERVICE", "keys of any prefix may come from an identity provider"),
    ("INVALID_VPC_FORMAT, INVALID_VPCE_FORMAT", "networks are labels that the operator chooses"),
    ("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", "there is no such service here"),
    (
        "PRIVATE_IP_ADDRESS, PRIVATE_NOT_IP_ADDRESS and their SUBSET forms",
        "private addresses are what callers here have",
    ),
    (
        "SCP_SYNTAX_ERROR_*, but for PRINCIPAL",
        "control policies have the whole language, as in AWS since 2025",
    ),
    (
        "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
        "it needs to know what each AWS service sends",
    ),
];
