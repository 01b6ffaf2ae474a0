//! The regions of a SigV4A signature: `x-amz-region-set`.

use std::fmt;

/// Most regions in a set.
pub(crate) const REGIONS_MAX: usize = 32;

/// Regions, in which `*` stands for any characters (S3 user guide, "Multi-Region Access Points:
/// SigV4A").
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RegionSet(Vec<String>);

impl RegionSet {
    /// Reads regions separated by commas; `None` if one of them could not be one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let regions: Vec<String> =
            text.split(',').map(|region| region.trim_matches(' ').to_owned()).collect();
        let word = |region: &String| {
            !region.is_empty()
                && region.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_*".contains(&b))
        };
        (regions.len() <= REGIONS_MAX && regions.iter().all(word)).then_some(Self(regions))
    }

    /// Whether the region is one of the set.
    pub(crate) fn holds(&self, region: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, region))
    }

    /// The one region of the set, if it is one.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.0.as_slice() {
            [region] if !region.contains('*') => Some(region),
            _ => None,
        }
    }
}

impl fmt::Display for RegionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

/// Whether the text is the pattern's first and last piece with the others between them in order.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = text.strip_prefix(first).and_then(|text| text.strip_suffix(last));
    let Some(mut inner) = inner else { return false };
    middle.split('*').all(|piece| match inner.split_once(piece) {
        Some((_, after)) => {
            inner = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_its_patterns_match() {
        let set = RegionSet::parse("us-east-1, eu-*,ap-*-1").unwrap();
        for region in ["us-east-1", "eu-west-3", "eu-", "ap-south-1", "ap--1"] {
            assert!(set.holds(region), "{region}");
        }
        for region in ["us-east-2", "us-east-11", "xeu-west-1", "ap-south-2", "ap-1", ""] {
            assert!(!set.holds(region), "{region}");
        }
        assert!(RegionSet::parse("*").unwrap().holds("anywhere"));
        assert!(RegionSet::parse("a*b*c").unwrap().holds("a-b-bc"));
        assert!(!RegionSet::parse("a*b*c").unwrap().holds("a-c"));
    }

    #[test]
    fn a_set_is_a_list_of_regions() {
        for bad in ["", ",", "us-east-1,", "us east", "us/east", "us-east-1;eu"] {
            assert_eq!(RegionSet::parse(bad), None, "{bad}");
        }
        assert!(RegionSet::parse(&["r"; REGIONS_MAX].join(",")).is_some());
        assert!(RegionSet::parse(&["r"; REGIONS_MAX + 1].join(",")).is_none());
    }

    #[test]
    fn one_plain_region_is_the_only_one() {
        assert_eq!(RegionSet::parse("us-east-1").unwrap().only(), Some("us-east-1"));
        assert_eq!(RegionSet::parse("us-*").unwrap().only(), None);
        assert_eq!(RegionSet::parse("a,b").unwrap().only(), None);
    }
}
