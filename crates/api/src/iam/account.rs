//! What an account holds as a whole.

use identity::{AccountSummary, ops};
use wire::iam;

use super::{int, named, page, serve};
use crate::Response;
use crate::exchange::Exchange;

/// `GetAccountSummary`
pub(crate) async fn summary(x: Exchange) -> Response {
    let op = x.form_message().and_then(|_: iam::GetAccountSummaryRequest| {
        Ok(ops::GetAccountSummary { account: x.own_account()? })
    });
    serve(x, op, |_, found, _| counts(&found)).await
}

fn counts(found: &AccountSummary) -> iam::GetAccountSummaryResponse {
    let entry = |(name, count): &(&'static str, usize)| ((*name).to_owned(), int(*count));
    iam::GetAccountSummaryResponse { summary_map: found.0.iter().map(entry).collect() }
}

/// `CreateAccountAlias`: one that another account has, or this one, is taken.
pub(crate) async fn create_alias(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::CreateAccountAliasRequest| {
        Ok(ops::CreateAccountAlias { account: x.own_account()?, alias: named(&m.account_alias)? })
    });
    serve(x, op, |_, (), _| iam::CreateAccountAliasResponse {}).await
}

/// `DeleteAccountAlias`
pub(crate) async fn delete_alias(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::DeleteAccountAliasRequest| {
        Ok(ops::DeleteAccountAlias { account: x.own_account()?, alias: named(&m.account_alias)? })
    });
    serve(x, op, |_, (), _| iam::DeleteAccountAliasResponse {}).await
}

/// `ListAccountAliases`
pub(crate) async fn aliases(x: Exchange) -> Response {
    let op = x.form_message().and_then(|m: iam::ListAccountAliasesRequest| {
        page(m.marker, m.max_items)?;
        Ok(ops::ListAccountAliases { account: x.own_account()? })
    });
    serve(x, op, |_, account_aliases, _| iam::ListAccountAliasesResponse {
        account_aliases,
        is_truncated: Some(false),
        marker: None,
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_a_map_of_counts_and_a_huge_one_is_told_as_the_largest() {
        let told = counts(&AccountSummary(vec![("Users", 3), ("UsersQuota", usize::MAX)]));
        assert_eq!(told.summary_map.get("Users"), Some(&3));
        assert_eq!(told.summary_map.get("UsersQuota"), Some(&i32::MAX));
    }
}
