//! `strongroom presign`: a link that carries its own proof.

use std::time::Duration;

use clap::{Args, ValueEnum};
use http::header::{HeaderName, HeaderValue};
use names::{BucketName, ObjectKey, Timestamp};
use serde_json::{Value, json};
use signing::Algorithm;
use signing::sign::{Credentials, Signer};

use crate::client::{REGION, Target, now};
use crate::credentials::Profile;
use crate::exit::{Failure, Outcome};
use crate::print::{Printer, cell};

/// Make a link with which whoever has it does one thing to one object, as you.
///
/// The link is made here and asks no server: what it may do is decided when it is used, as if you
/// asked. It ends with its time, with the key or session that signed it, and at once when that is
/// revoked.
///
/// Example: strongroom presign s3://lake/reports/q3.csv --expires 2h
///
/// Example: strongroom presign s3://lake/a.pdf --method put --header content-type:application/pdf
#[derive(Args)]
pub(crate) struct Presign {
    /// The object, as `s3://BUCKET/KEY`.
    #[arg(value_name = "s3://BUCKET/KEY", value_parser = object)]
    object: (BucketName, ObjectKey),
    /// What the link is for.
    #[arg(long, value_enum, default_value_t = Verb::Get)]
    method: Verb,
    /// How long it is good for: seconds, or a number with s, m, h or d; at most 7d.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = expiry)]
    expires: Duration,
    /// A header that must come with the request as it is here; may be given more than once.
    #[arg(long = "header", value_name = "NAME:VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// A parameter of the query, such as response-content-type=text/plain; may be given more than
    /// once.
    #[arg(long = "query", value_name = "NAME=VALUE", value_parser = parameter)]
    query: Vec<(String, String)>,
    #[command(flatten)]
    target: Target,
}

/// What a link can be for.
#[derive(Clone, Copy, ValueEnum)]
enum Verb {
    Get,
    Head,
    Put,
    Delete,
}

impl Verb {
    fn method(self) -> http::Method {
        match self {
            Self::Get => http::Method::GET,
            Self::Head => http::Method::HEAD,
            Self::Put => http::Method::PUT,
            Self::Delete => http::Method::DELETE,
        }
    }
}

/// Longest that a link is good for (S3 user guide, "Sharing objects with presigned URLs").
const EXPIRY_SECONDS_MAX: u64 = 604_800;

impl Presign {
    pub(crate) fn run(self, printer: &Printer) -> Outcome {
        let credentials = Profile::load(self.target.profile.as_deref()).credentials()?;
        let link = self.link(&self.target.url(), &credentials, now()?)?;
        printer.one(&link, |link| cell(link, "url"));
        Ok(())
    }

    fn link(&self, endpoint: &str, with: &Credentials, now: Timestamp) -> Result<Value, Failure> {
        let (bucket, key) = &self.object;
        let segments: Vec<String> = key.as_str().split('/').map(wire::percent_encode).collect();
        let query = self.query.iter().map(|(name, value)| {
            format!("{}={}", wire::percent_encode(name), wire::percent_encode(value))
        });
        let query = query.collect::<Vec<_>>().join("&");
        let joint = if query.is_empty() { "" } else { "?" };
        let url = format!("{endpoint}/{bucket}/{}{joint}{query}", segments.join("/"));
        let mut request = http::Request::builder().method(self.method.method()).uri(&url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(()).map_err(|e| Failure::Input(format!("`{url}`: {e}")))?;
        let (mut parts, ()) = request.into_parts();
        let signer = Signer {
            credentials: with,
            region: REGION,
            service: "s3",
            now,
            algorithm: Algorithm::Hmac,
        };
        let seconds = self.expires.as_secs();
        signer.presign(&mut parts, seconds).map_err(|e| Failure::Input(e.to_string()))?;
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = self.headers.iter().map(|(name, value)| (name.to_string(), text(value)));
        Ok(json!({
            "url": parts.uri.to_string(),
            "method": self.method.method().as_str(),
            "expires": now.plus_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)),
            "headers": headers.collect::<std::collections::BTreeMap<_, _>>(),
        }))
    }
}

fn object(text: &str) -> Result<(BucketName, ObjectKey), String> {
    let rest = text.strip_prefix("s3://").unwrap_or(text);
    let (bucket, key) =
        rest.split_once('/').ok_or_else(|| format!("`{text}` names no key: s3://BUCKET/KEY"))?;
    let bucket = bucket.parse().map_err(|error| format!("{error}"))?;
    Ok((bucket, key.parse().map_err(|error| format!("{error}"))?))
}

fn expiry(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, unit)) if unit.is_ascii_alphabetic() => (text.get(..at).unwrap_or(""), unit),
        _ => (text, 's'),
    };
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(format!("`{text}` is no time: write 900, 15m, 2h or 7d")),
    };
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is no time: 900, 15m, 7d"))?;
    match number.checked_mul(seconds) {
        Some(seconds @ 1..=EXPIRY_SECONDS_MAX) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("`{text}` is not from 1s to 7d")),
    }
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) =
        text.split_once(':').ok_or_else(|| format!("`{text}` is no header: NAME:VALUE"))?;
    let name = name.trim().parse().map_err(|_| format!("`{name}` is no name of a header"))?;
    let value = value.trim().parse().map_err(|_| format!("`{value}` is no value of a header"))?;
    Ok((name, value))
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').ok_or_else(|| format!("`{text}` is no NAME=VALUE"))?;
    Ok((pair.0.to_owned(), pair.1.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        presign: Presign,
    }

    fn link(words: &[&str]) -> Result<Value, String> {
        let line = Line::try_parse_from([&["presign"], words].concat());
        let presign = line.map_err(|error| error.to_string())?.presign;
        let credentials = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".parse().unwrap(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".parse().unwrap(),
            session_token: None,
        };
        let now = "2013-05-24".parse().unwrap();
        presign
            .link("http://127.0.0.1:9000", &credentials, now)
            .map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn a_link_names_the_object_its_time_and_what_it_signs() {
        let made = link(&["s3://lake/a b/q+3.csv", "--expires", "2h", "--header", "X-A: b"]);
        let made = made.unwrap();
        let url = made["url"].as_str().unwrap();
        assert!(url.starts_with("http://127.0.0.1:9000/lake/a%20b/q%2B3.csv?"), "{url}");
        assert!(url.contains("&X-Amz-Expires=7200&X-Amz-SignedHeaders=host%3Bx-a&"), "{url}");
        assert_eq!(made["method"], "GET");
        assert_eq!(made["expires"], "2013-05-24T02:00:00.000Z");
        assert_eq!(made["headers"], json!({"x-a": "b"}));
    }

    #[test]
    fn a_link_lives_for_seven_days_at_most_and_for_a_second_at_least() {
        for good in ["1", "1s", "15m", "7d", "604800"] {
            assert!(link(&["s3://lake/k", "--expires", good]).is_ok(), "{good}");
        }
        for bad in ["0", "604801", "8d", "1w", "", "m", "-1", "99999999999999999999d"] {
            let expires = format!("--expires={bad}");
            assert!(link(&["s3://lake/k", &expires]).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_object_header_or_parameter_is_refused() {
        assert!(link(&["lake/k", "--method", "put", "--query", "versionId=null"]).is_ok());
        for bad in [
            vec!["s3://lake"],
            vec!["s3://LAKE/k"],
            vec!["s3://lake/"],
            vec!["s3://lake/k", "--header", "none"],
            vec!["s3://lake/k", "--header", "a b: c"],
            vec!["s3://lake/k", "--query", "none"],
            vec!["s3://lake/k", "--method", "post"],
        ] {
            assert!(link(&bad).is_err(), "{bad:?}");
        }
    }
}
