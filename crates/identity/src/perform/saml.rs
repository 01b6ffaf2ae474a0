//! What the operations on SAML providers do.

use std::sync::Arc;

use names::Arn;

use super::user::tags_page;
use super::{performs, within};
use crate::delta::Change;
use crate::error::{EntityKind, IdentityError};
use crate::identity::{Context, Performed};
use crate::ops::{CreateSAMLProvider, DeleteSAMLProvider, ListSAMLProviders, Page, saml_arn};
use crate::signin::SamlProvider;

type Outcome<T> = Result<Performed<T>, IdentityError>;

performs! {
    CreateSAMLProvider => Arc<SamlProvider>, Write, create;
    GetSAMLProvider => Arc<SamlProvider>, Read,
        |op, cx| Ok(Performed::read(Arc::clone(find(cx, &op.provider)?)));
    ListSAMLProviders => Vec<Arc<SamlProvider>>, Read, list;
    UpdateSAMLProvider => (), Write, |op, cx| change(cx, &op.provider, |provider| {
        if let Some(metadata) = &op.metadata {
            provider.metadata.clone_from(metadata);
            provider.valid_until = op.valid_until;
        }
        Ok(())
    });
    DeleteSAMLProvider => (), Write, delete;
    TagSAMLProvider => (), Write, |op, cx| change(cx, &op.provider, |provider| {
        provider.tags = provider.tags.with(&op.tags)?;
        Ok(())
    });
    UntagSAMLProvider => (), Write, |op, cx| change(cx, &op.provider, |provider| {
        provider.tags = provider.tags.without(&op.keys);
        Ok(())
    });
    ListSAMLProviderTags => Page<(String, String)>, Read, |op, cx| {
        Ok(Performed::read(tags_page(&op.page, &find(cx, &op.provider)?.tags)))
    };
}

fn find<'a>(cx: &'a Context<'_>, arn: &Arn) -> Result<&'a Arc<SamlProvider>, IdentityError> {
    let found = cx.state.saml_provider(arn);
    found.ok_or_else(|| IdentityError::missing(EntityKind::SamlProvider, arn))
}

fn change(
    cx: &Context<'_>,
    arn: &Arn,
    edit: impl FnOnce(&mut SamlProvider) -> Result<(), IdentityError>,
) -> Outcome<()> {
    let mut provider = (**find(cx, arn)?).clone();
    edit(&mut provider)?;
    Ok(Performed::write(vec![Change::SamlProvider(Arc::new(provider))], ()))
}

fn create(op: &CreateSAMLProvider, cx: &Context<'_>) -> Outcome<Arc<SamlProvider>> {
    let arn = saml_arn(op.account, &op.name);
    if cx.state.saml_provider(&arn).is_some() {
        return Err(IdentityError::taken(EntityKind::SamlProvider, &op.name));
    }
    let count = cx.state.saml_providers(op.account).count();
    within("SAMLProvidersPerAccount", count, cx.quotas.providers)?;
    let provider = Arc::new(SamlProvider {
        account: op.account,
        name: op.name.clone(),
        created: cx.now,
        metadata: op.metadata.clone(),
        valid_until: op.valid_until,
        tags: op.tags.clone(),
    });
    Ok(Performed::write(vec![Change::SamlProvider(Arc::clone(&provider))], provider))
}

fn list(op: &ListSAMLProviders, cx: &Context<'_>) -> Outcome<Vec<Arc<SamlProvider>>> {
    cx.own(op.account)?;
    Ok(Performed::read(cx.state.saml_providers(op.account).cloned().collect()))
}

fn delete(op: &DeleteSAMLProvider, cx: &Context<'_>) -> Outcome<()> {
    find(cx, &op.provider)?;
    Ok(Performed::write(vec![Change::SamlProviderGone(op.provider.clone())], ()))
}
