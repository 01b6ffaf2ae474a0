//! The rows of the native admin API.

use identity::ops;

use crate::admin::{
    account, audit, explain, login, provider, record, server, service_account, session,
};
use crate::operation::Effect::{Read, Remove, Write};
use crate::operation::Row;

macro_rules! row {
    ($method:literal, $path:literal, $op:ident, $effect:ident, $serve:path) => {
        Row::admin::<ops::$op>($method, $path, $effect, |x| Box::pin($serve(x)))
    };
}

pub(super) const ROWS: &[Row] = &[
    row!("GET", "whoami", GetCallerIdentity, Read, account::whoami),
    row!("GET", "accounts", ListAccounts, Read, account::list),
    row!("POST", "accounts", CreateAccount, Write, account::create),
    row!("POST", "accounts/{}/suspend", SuspendAccount, Remove, account::suspend),
    row!("POST", "accounts/{}/resume", ResumeAccount, Write, account::resume),
    row!("POST", "accounts/{}/close", CloseAccount, Remove, account::close),
    row!("PUT", "accounts/{}", UpdateAccount, Write, account::update),
    row!("GET", "sessions", ListSessions, Read, session::list),
    row!("POST", "sessions/revoke", RevokeSessions, Remove, session::revoke),
    row!("GET", "service-accounts", ListServiceAccounts, Read, service_account::list),
    row!("POST", "service-accounts", CreateServiceAccount, Write, service_account::create),
    row!("PUT", "service-accounts/{}", UpdateServiceAccount, Write, service_account::update),
    row!("DELETE", "service-accounts/{}", DeleteServiceAccount, Remove, service_account::delete),
    row!("POST", "access-keys", ImportAccessKey, Write, account::import_key),
    row!("GET", "explain/{}", ExplainDecision, Read, explain::explain),
    row!("GET", "audit", SearchAudit, Read, audit::search),
    row!("GET", "audit/tail", SearchAudit, Read, audit::tail),
    row!("GET", "audit/verify", SearchAudit, Read, audit::verify),
    row!("GET", "audit/checkpoint", SearchAudit, Read, audit::checkpoint),
    row!("GET", "audit/timeline", SearchAudit, Read, record::timeline_of),
    row!("GET", "audit/stats", SearchAudit, Read, record::stats),
    row!("GET", "audit/prove", SearchAudit, Read, record::prove),
    row!("GET", "audit/growth", SearchAudit, Read, record::growth),
    row!("GET", "audit/export", SearchAudit, Read, record::export),
    row!("GET", "audit/holds", SearchAudit, Read, record::holds),
    // A hold takes away that something is removed: it can be placed when the record is full.
    row!("PUT", "audit/holds/{}", ManageAuditHolds, Remove, record::place),
    row!("DELETE", "audit/holds/{}", ManageAuditHolds, Remove, record::release),
    row!("GET", "providers", ListProviders, Read, provider::list),
    row!("POST", "providers", AddProvider, Write, provider::add),
    row!("PUT", "providers/{}/rules", MapProvider, Write, provider::map),
    row!("POST", "providers/check", CheckToken, Read, provider::check),
    Row::before_login::<ops::GetLoginSettings>("GET", "login/{}", Read, |x| {
        Box::pin(login::settings(x))
    }),
    Row::before_login::<ops::BackchannelLogout>("POST", "logout", Remove, |x| {
        Box::pin(login::logout(x))
    }),
    row!("POST", "backup", Backup, Write, server::backup),
    row!("POST", "keys/rotate", RotateMasterKey, Write, server::rotate),
];
