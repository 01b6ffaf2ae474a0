//! One bit changed inside what is signed, which the independent reading proves.

use crate::case::Case;
use crate::chance::Chance;
use crate::reference::over;
use crate::signed::Signed;

/// Tries before a request is given up as one in which nothing can be changed.
const TRIES: usize = 200;

/// A request with one bit changed, and where.
pub struct Flipped {
    pub request: Signed,
    pub body: Vec<u8>,
    pub place: &'static str,
}

/// Changes one bit of what is signed: of the method, the target, a signed header or the body.
pub fn flipped(case: &Case, honest: &Signed, dice: &mut Chance) -> Option<Flipped> {
    let body = case.bytes();
    let before = over(honest, &body)?;
    for _ in 0..TRIES {
        let Some(changed) = attempt(honest, &body, dice) else { continue };
        if !is_http(&changed.request) {
            continue;
        }
        let inside = match over(&changed.request, &changed.body) {
            Some(after) if after.signature != before.signature => continue,
            Some(after) => {
                after.text != before.text || (after.declared.is_some() && changed.body != body)
            }
            // What is signed can no longer be read: it was changed.
            None => true,
        };
        if inside {
            return Some(changed);
        }
    }
    None
}

fn attempt(honest: &Signed, body: &[u8], dice: &mut Chance) -> Option<Flipped> {
    let mut request = honest.clone();
    let mut body = body.to_vec();
    let place = match dice.below(20) {
        0 => {
            request.method = text(&request.method, dice)?;
            "method"
        }
        1..=6 => {
            let (path, query) = honest.split();
            let path = text(path, dice)?;
            request.target = if query.is_empty() { path } else { format!("{path}?{query}") };
            "path"
        }
        7..=11 => {
            let (path, query) = honest.split();
            request.target = format!("{path}?{}", text(query, dice)?);
            "query"
        }
        12..=16 => {
            let at = dice.below(request.headers.len());
            let (name, value) = request.headers.get_mut(at)?;
            if name.eq_ignore_ascii_case("content-length") {
                return None; // it frames the body: whoever sends it sends the right one
            }
            *value = text(value, dice)?;
            "header"
        }
        _ => {
            let at = dice.below(body.len());
            let byte = body.get_mut(at)?;
            *byte ^= 1 << dice.below(8);
            "body"
        }
    };
    Some(Flipped { request, body, place })
}

/// The text with one bit of one byte changed, if it is a text still.
fn text(text: &str, dice: &mut Chance) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let at = dice.below(bytes.len());
    let byte = bytes.get_mut(at)?;
    *byte ^= 1 << dice.below(8);
    String::from_utf8(bytes).ok()
}

/// Whether it would travel: a server that refuses what is no HTTP has shown nothing.
fn is_http(request: &Signed) -> bool {
    let visible = |text: &str| text.bytes().all(|b| b > 0x20 && b != 0x7f && b != b'#');
    let line = |text: &str| !text.bytes().any(|b| b < 0x20 || b == 0x7f);
    request.target.starts_with('/')
        && visible(&request.target)
        && request.method.bytes().all(|b| b.is_ascii_alphabetic())
        && request.headers.iter().all(|(_, value)| line(value))
        && request.target.parse::<http::Uri>().is_ok()
}
