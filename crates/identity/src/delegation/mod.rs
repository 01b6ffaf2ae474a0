//! `delegation = "subset"`: nobody makes anything that exceeds its maker.
//!
//! AWS lets whoever may attach a policy attach any policy. An installation may refuse that: each
//! change is then held against what its maker may do, as it was before the change, and what exceeds
//! that is not made. A change counts by what comes of it ([`grants`]), not by which operation asked
//! for it, so a new operation is covered by what it changes. The comparison is exact
//! (`policy::compare`); where it cannot be, the change is refused.
//!
//! What depends on who asks (`${aws:username}`, `aws:PrincipalTag/…`) is one thing for the maker
//! and another for whom it is made for: such a statement counts as much as it could allow there,
//! and as nothing here ([`plain`]).

mod bucket;
mod compared;
mod grants;
mod plain;

use policy::Attached;

use crate::delta::Change;
use crate::error::IdentityError;
use crate::resolve::Caller;
use crate::state::State;
use compared::Maker;

/// Whether what is made may exceed its maker.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Delegation {
    /// As on AWS: it may, where a policy lets its maker make it.
    #[default]
    Any,
    /// It may not.
    Subset,
}

/// Refuses changes that give somebody what their maker does not have. `maker` is `None` where it is
/// not known who makes them: they then must not give anything.
pub(crate) fn within(
    state: &State,
    changes: &[Change],
    maker: Option<&Caller>,
) -> Result<(), IdentityError> {
    let mut next = state.clone();
    for change in changes {
        next.change(change)?;
    }
    let maker = Maker::new(state, maker);
    for change in changes {
        for grant in grants::of(state, &next, change, &maker) {
            maker.holds(&grant)?;
        }
    }
    Ok(())
}

/// One policy, alone, as an identity would hold it.
fn alone(name: &str, document: &std::sync::Arc<policy::Document>) -> Attached {
    Attached { name: name.to_owned(), document: std::sync::Arc::clone(document) }
}
