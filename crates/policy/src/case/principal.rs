//! The caller of a case, from the text that names it.

use names::{AccountId, Arn, UniqueId, UniqueIdKind};

use super::CaseFault;
use crate::facts::{Facts, Value};
use crate::principal::Principal;

/// The session that a case means which names a role only.
const SESSION: &str = "policy-case";

/// Reads a principal. `role` is the full ARN of a session's role, where it has a path; `facts` may
/// give `aws:userid`, from which the unique id is taken.
pub(crate) fn read(text: &str, role: Option<&Arn>, facts: &Facts) -> Result<Principal, CaseFault> {
    let bad = || CaseFault::Principal(text.to_owned());
    if text == "anonymous" {
        return Ok(Principal::Anonymous);
    }
    if let Some(name) = text.strip_prefix("service:") {
        return Ok(Principal::Service { name: name.to_owned() });
    }
    let arn: Arn = text.parse().map_err(|_| bad())?;
    let account: AccountId = arn.account().parse().map_err(|_| bad())?;
    let (form, rest) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let last = rest.rsplit('/').next().unwrap_or("");
    match (arn.service(), form) {
        ("iam", "root") if rest.is_empty() => Ok(Principal::Root { account }),
        ("iam", "user") => Ok(Principal::User {
            account,
            name: last.parse().map_err(|_| bad())?,
            id: id(UniqueIdKind::User, arn.as_str(), facts),
            arn,
        }),
        ("iam", "role") => session(account, &arn, SESSION).ok_or_else(bad),
        ("iam", "oidc-provider" | "saml-provider") => Ok(Principal::Federated { provider: arn }),
        ("sts", "assumed-role") => {
            let (name, session_name) = rest.split_once('/').ok_or_else(bad)?;
            let plain = format!("arn:aws:iam::{account}:role/{name}").parse().map_err(|_| bad())?;
            let role = role.unwrap_or(&plain);
            // The session names its role, which `principal_role` may only give a path.
            if role.account() != arn.account() || role.resource().rsplit('/').next() != Some(name) {
                return Err(CaseFault::Principal(role.to_string()));
            }
            let principal = session(account, role, session_name).ok_or_else(bad)?;
            Ok(with_id(principal, facts))
        }
        ("sts", "federated-user") if !rest.is_empty() => {
            // The user who made the session is not named in a case, so no policy can name it.
            let maker = format!("arn:aws:iam::{account}:user/?");
            Ok(Principal::FederatedUser {
                account,
                name: rest.to_owned(),
                user_id: id(UniqueIdKind::User, &maker, &Facts::default()),
                user_arn: maker.parse().map_err(|_| bad())?,
            })
        }
        _ => Err(bad()),
    }
}

fn session(account: AccountId, role: &Arn, session: &str) -> Option<Principal> {
    let name = role.resource().strip_prefix("role/")?.rsplit('/').next()?;
    Some(Principal::RoleSession {
        account,
        role: name.parse().ok()?,
        role_arn: role.clone(),
        id: invented(UniqueIdKind::Role, role.as_str()),
        session: session.parse().ok()?,
    })
}

fn with_id(principal: Principal, facts: &Facts) -> Principal {
    match principal {
        Principal::RoleSession { account, role, role_arn, session, .. } => {
            let id = id(UniqueIdKind::Role, role_arn.as_str(), facts);
            Principal::RoleSession { account, role, role_arn, id, session }
        }
        other => other,
    }
}

/// The id that the context gives, or one that belongs to the ARN alone.
fn id(kind: UniqueIdKind, arn: &str, facts: &Facts) -> UniqueId {
    let given = match facts.get("aws:userid") {
        Some(Value::One(text)) => text.split(':').next().and_then(|id| id.parse().ok()),
        _ => None,
    };
    given.unwrap_or_else(|| invented(kind, arn))
}

/// The same id for the same ARN (FNV-1a), of the right kind.
fn invented(kind: UniqueIdKind, arn: &str) -> UniqueId {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut step = |byte: u8| {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        state.to_le_bytes()
    };
    for byte in arn.bytes() {
        step(byte);
    }
    let mut random = [0_u8; 17];
    for place in &mut random {
        let [.., high] = step(0);
        *place = high;
    }
    UniqueId::from_random(kind, random)
}
