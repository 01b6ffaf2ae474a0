//! Where the next page is, where a header says it (RFC 8288).

use crate::oidc::refusal::DocumentFault;

/// The target of the one link of the relation `next`. A header that cannot be read, or two next
/// pages, are refused: half a list must not be taken for the whole one.
pub(super) fn next(headers: &[String]) -> Result<Option<&str>, DocumentFault> {
    let bad = || DocumentFault::Member("Link");
    let mut found = None;
    for header in headers {
        let mut rest = header.trim();
        while !rest.is_empty() {
            let link = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
            let (target, after) = link.ok_or_else(bad)?;
            let (parameters, others) = one(after).ok_or_else(bad)?;
            if is_next(parameters) && found.replace(target).is_some() {
                return Err(bad());
            }
            rest = others.trim();
        }
    }
    Ok(found)
}

/// The parameters of one link, and the links behind its comma; `None` if a quotation does not end.
fn one(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let end = text.find(|letter| {
        quoted ^= letter == '"';
        letter == ',' && !quoted
    });
    match end {
        Some(at) => {
            text.split_at_checked(at).map(|(own, rest)| (own, rest.trim_start_matches(',')))
        }
        None => (!quoted).then_some((text, "")),
    }
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').filter_map(|one| one.split_once('=')).any(|(name, value)| {
        let mut words = value.trim().trim_matches('"').split_ascii_whitespace();
        name.trim().eq_ignore_ascii_case("rel")
            && words.any(|word| word.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_the_one_link_of_that_relation() {
        for (headers, target) in [
            (vec![], None),
            (vec![r#"<https://a/x>; rel="self""#], None),
            (
                vec![r#"<https://a/x>; rel="self""#, r#"<https://a/y>; rel="next""#],
                Some("https://a/y"),
            ),
            (
                vec![r#"<https://a/x,1>; rel="self", <https://a/y,2>; rel=next"#],
                Some("https://a/y,2"),
            ),
            (vec![r#"<https://a/x>; title="a, b"; REL="prev Next""#], Some("https://a/x")),
            (vec![r#"<https://a/x>; rel="nextish""#], None),
        ] {
            let headers: Vec<String> = headers.into_iter().map(str::to_owned).collect();
            assert_eq!(next(&headers).unwrap(), target, "{headers:?}");
        }
        for bad in [
            r#"https://a/x; rel="next""#,
            "<https://a/x",
            r#"<https://a/x>; rel="next"#,
            r#"<https://a/x>; rel="next", <https://a/y>; rel="next""#,
        ] {
            assert!(next(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
