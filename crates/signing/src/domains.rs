//! The domains of a server, below which a host names a bucket.

/// The domains below which a host names a bucket.
///
/// ```
/// use strongroom_signing::Domains;
/// assert!(Domains::new(["s3.example.com", "store.example"]).is_some());
/// assert!(Domains::new(["https://store.example/"]).is_none());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains(Vec<String>);

impl Domains {
    /// These domains: host names without port or trailing dot. `None` if one is something else.
    #[must_use]
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Option<Self> {
        let names: Option<Vec<String>> = names
            .into_iter()
            .map(|name| name.as_ref().to_ascii_lowercase())
            .map(|name| is_domain(&name).then_some(name))
            .collect();
        names.map(Self)
    }

    /// The bucket that a host names: what stands before the longest domain it is below. None for a
    /// domain itself.
    pub(crate) fn bucket<'a>(&self, host: &'a str) -> Option<&'a str> {
        let name = without_port(host);
        let is = |domain: &String| name.eq_ignore_ascii_case(domain);
        if self.0.iter().any(is) {
            return None;
        }
        let label = |domain: &String| {
            let at = name.len().checked_sub(domain.len())?;
            let (before, after) = (name.get(..at)?, name.get(at..)?);
            let below = after.eq_ignore_ascii_case(domain);
            before.strip_suffix('.').filter(|label| below && !label.is_empty())
        };
        // The longest domain leaves the shortest bucket.
        self.0.iter().filter_map(label).min_by_key(|bucket| bucket.len())
    }
}

fn is_domain(name: &str) -> bool {
    let word = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(word)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_domain_is_a_bucket() {
        let domains = Domains::new(["Store.example", "eu.store.example"]).unwrap();
        for (host, bucket) in [
            ("store.example", None),
            ("STORE.example:9000", None),
            ("eu.store.example", None),
            ("a.store.example", Some("a")),
            ("a.b.store.example:443", Some("a.b")),
            ("a.eu.STORE.example", Some("a")),
            ("a-store.example", None),
            (".store.example", None),
            ("other.example", None),
            ("[::1]:9000", None),
            ("", None),
        ] {
            assert_eq!(domains.bucket(host), bucket, "{host}");
        }
    }

    #[test]
    fn without_domains_no_host_names_a_bucket() {
        assert_eq!(Domains::default().bucket("a.store.example"), None);
    }

    #[test]
    fn a_domain_is_a_host_name() {
        for bad in ["", ".", "a..b", "a:9000", "*.store.example", "a/b", "store.example."] {
            assert_eq!(Domains::new([bad]), None, "{bad}");
        }
    }
}
