//! How operations name the entities they speak about, and the pages of a list.

use names::{AccountId, Arn, EntityPath, GroupName, PolicyName, RoleName, UserName};

/// A name that belongs to one type of IAM entity.
pub trait EntityName: Clone + std::fmt::Debug + AsRef<str> + Send + Sync + 'static {
    /// The word in the entity's ARN: `user`, `group`, `role`, `policy`.
    const KIND: &'static str;
}

impl EntityName for UserName {
    const KIND: &'static str = "user";
}

impl EntityName for GroupName {
    const KIND: &'static str = "group";
}

impl EntityName for RoleName {
    const KIND: &'static str = "role";
}

impl EntityName for PolicyName {
    const KIND: &'static str = "policy";
}

/// An entity as a request names it, together with the path at which it stands: policies speak of
/// `arn:aws:iam::A:user/path/name`, requests only of `name`.
///
/// The state fills in the path ([`State::user_ref`](crate::State::user_ref) and its siblings); an
/// entity that has moved in between is refused when the operation is performed.
///
/// ```
/// use strongroom_identity::ops::EntityRef;
/// let user = EntityRef {
///     account: "111122223333".parse().unwrap(),
///     path: "/team/".parse().unwrap(),
///     name: "alice".parse::<names::UserName>().unwrap(),
/// };
/// assert_eq!(user.arn().as_str(), "arn:aws:iam::111122223333:user/team/alice");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntityRef<N> {
    /// The account it belongs to.
    pub account: AccountId,
    /// Where it stands.
    pub path: EntityPath,
    /// Its name.
    pub name: N,
}

impl<N: EntityName> EntityRef<N> {
    /// The entity's ARN.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::iam(self.account, N::KIND, &self.path, self.name.as_ref())
    }
}

/// A user.
pub type UserRef = EntityRef<UserName>;
/// A group.
pub type GroupRef = EntityRef<GroupName>;
/// A role.
pub type RoleRef = EntityRef<RoleName>;
/// A managed policy that is being made.
pub type PolicyRef = EntityRef<PolicyName>;

/// The beginning of a path: `/`, `/team`, `/team/`.
///
/// ```
/// use strongroom_identity::ops::PathPrefix;
/// assert!("/team".parse::<PathPrefix>().is_ok());
/// assert!("team".parse::<PathPrefix>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathPrefix(String);

/// The text cannot begin a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path prefix: begin with `/`, printable ASCII only, 512 at most")]
pub struct BadPathPrefix(String);

/// Most characters in a path prefix (IAM API reference, `pathPrefixType`).
const PREFIX_CHARACTERS_MAX: usize = 512;

impl PathPrefix {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What listing entities of a kind under this prefix is decided on.
    pub(crate) fn arn(&self, account: AccountId, kind: &str) -> Option<Arn> {
        format!("arn:aws:iam::{account}:{kind}{}", self.0).parse().ok()
    }
}

impl Default for PathPrefix {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl std::str::FromStr for PathPrefix {
    type Err = BadPathPrefix;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let printable = text.bytes().all(|b| (0x21..=0x7f).contains(&b));
        if text.starts_with('/') && printable && text.len() <= PREFIX_CHARACTERS_MAX {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadPathPrefix(text.to_owned()))
        }
    }
}

/// Which page of a list is wanted (`Marker`, `MaxItems`).
///
/// ```
/// use strongroom_identity::ops::PageRequest;
/// assert_eq!(PageRequest::default().max(), 100);
/// assert!(PageRequest::new(None, Some(1001)).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PageRequest {
    marker: Option<String>,
    max: usize,
}

/// Most items on one page.
pub const PAGE_ITEMS_MAX: usize = 1000;
/// Items on a page when the request names no number.
pub const PAGE_ITEMS_DEFAULT: usize = 100;

/// The number of items wanted is outside 1 to 1000.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` items were asked for: 1 to 1000 are allowed")]
pub struct BadPage(usize);

impl PageRequest {
    /// A page of at most `max` items, after the item that `marker` names.
    ///
    /// # Errors
    /// `max` is outside 1 to [`PAGE_ITEMS_MAX`].
    pub fn new(marker: Option<String>, max: Option<usize>) -> Result<Self, BadPage> {
        let max = max.unwrap_or(PAGE_ITEMS_DEFAULT);
        if (1..=PAGE_ITEMS_MAX).contains(&max) {
            Ok(Self { marker, max })
        } else {
            Err(BadPage(max))
        }
    }

    /// Most items on the page.
    #[must_use]
    pub fn max(&self) -> usize {
        self.max
    }

    /// The last item of the page before.
    #[must_use]
    pub fn marker(&self) -> Option<&str> {
        self.marker.as_deref()
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { marker: None, max: PAGE_ITEMS_DEFAULT }
    }
}

/// One page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// The marker of the next page; `None` on the last one (`IsTruncated` false).
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts one page out of items that come in the order of their keys.
    pub fn cut<'a>(
        request: &PageRequest,
        items: impl Iterator<Item = T> + 'a,
        key: impl Fn(&T) -> String + 'a,
    ) -> Self {
        let mut after =
            items.filter(|item| request.marker().is_none_or(|marker| key(item).as_str() > marker));
        let page: Vec<T> = after.by_ref().take(request.max()).collect();
        let more = after.next().is_some();
        let next = if more { page.last().map(&key) } else { None };
        Self { items: page, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_join_to_the_whole_list_without_gap_or_overlap() {
        let all: Vec<String> = (0..25).map(|n| format!("{n:02}")).collect();
        let (mut seen, mut marker) = (Vec::new(), None);
        loop {
            let request = PageRequest::new(marker, Some(10)).unwrap();
            let page = Page::cut(&request, all.iter().cloned(), Clone::clone);
            seen.extend(page.items);
            marker = page.next;
            if marker.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
    }

    #[test]
    fn a_page_at_its_limit_is_taken_and_one_past_it_is_not() {
        assert!(PageRequest::new(None, Some(1000)).is_ok());
        assert!(PageRequest::new(None, Some(1001)).is_err());
        assert!(PageRequest::new(None, Some(0)).is_err());
    }
}
