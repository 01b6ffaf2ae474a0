//! Objects from browser forms: `POST /{bucket}` with `multipart/form-data`.

use http::HeaderValue;
use http::header::{CONTENT_TYPE, ETAG, LOCATION};
use objects::{TagSet, ops};
use signing::{PostForm, Verified};
use wire::{Level, Parts, RestRequest as _, Route, s3};

use super::convert::{self, Parsed};
use super::{object, quoted, tagging, target};
use crate::Response;
use crate::error::ApiError;
use crate::exchange::{Act, Answer, Exchange, Payload, Prepared};
use crate::facts::object_tags;
use crate::form::Arrived;

/// The route: a form is whatever is posted to a bucket without a sub-resource.
pub(crate) const ROUTE: Route = Route {
    operation: "PostObject",
    method: "POST",
    level: Level::Bucket,
    literals: &[],
    parameters: &[],
    headers: &[],
    payload: wire::Payload::Stream,
    status: 204,
};

/// `POST /{bucket}`, a form: an object is put as [`object::put`] does.
pub(crate) async fn object(mut x: Exchange) -> Response {
    let Payload::Form(arrived) = std::mem::replace(&mut x.payload, Payload::Taken) else {
        return x.refuse(ApiError::internal()).await;
    };
    let Arrived { form, file } = *arrived;
    let message = x.message::<s3::PutObjectRequest>().await;
    let prepared = message.and_then(|message| {
        let mut prepared = object::prepare_put(&x, message)?;
        tags(&mut prepared, x.request().path(), &form)?;
        Ok(prepared)
    });
    x.through(prepared, async move |act: Act, permit: audit::Permit<ops::PutObject>| {
        let lengths = match &act.verified {
            Verified::Signed(signed) => signed.lengths(),
            Verified::Anonymous(_) | Verified::Bearer(_) => None,
        };
        let (bucket, key) = (permit.op().bucket.to_string(), permit.op().key.to_string());
        let body = file.body(lengths.unwrap_or((0, u64::MAX)));
        let stored = act.services.objects.put_object(permit, body).await?;
        Ok(done(&form, &bucket, &key, &quoted(&stored.etag).unwrap_or_default()))
    })
    .await
}

/// The field `tagging` is XML, as the body of PutObjectTagging is.
fn tags(prepared: &mut Prepared<ops::PutObject>, path: &str, form: &PostForm) -> Parsed<()> {
    let Some(text) = form.field("tagging") else { return Ok(()) };
    let nothing = std::iter::empty::<(&str, &str)>();
    let parts = Parts::new(target(path)?, nothing.clone(), nothing)?;
    let message = s3::PutObjectTaggingRequest::parse(&parts.with_body(text.as_bytes()))?;
    let tags = TagSet::object(tagging::pairs(message.tagging));
    let tags = tags.map_err(|error| convert::bad_tags(&error))?;
    object_tags(&mut prepared.request_facts, tags.iter());
    prepared.op.tags = Some(tags);
    Ok(())
}

/// What the form asked to be answered: a redirection, else one of three statuses.
fn done(form: &PostForm, bucket: &str, key: &str, etag: &str) -> Answer {
    let place = format!("/{bucket}/{}", wire::percent_encode_key(key));
    let redirect = form.field("success_action_redirect").or(form.field("redirect"));
    let redirect = redirect.and_then(|url| redirection(url, bucket, key, etag));
    let (status, location, body) = match (redirect, form.field("success_action_status")) {
        (Some(url), _) => (303, url, None),
        (None, Some("200")) => (200, place, None),
        (None, Some("201")) => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location>\
                 <Bucket>{bucket}</Bucket><Key>{}</Key><ETag>{}</ETag></PostResponse>",
                escaped(&place),
                escaped(key),
                escaped(etag)
            );
            (201, place, Some(body))
        }
        (None, _) => (204, place, None),
    };
    let mut response = wire::Response::empty(status);
    if body.is_some() {
        response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    response.body = body;
    for (name, value) in [(ETAG, etag), (LOCATION, location.as_str())] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers.insert(name, value);
        }
    }
    response.into()
}

/// Where to send the browser. What is no address of the web is as if it had not been said.
fn redirection(url: &str, bucket: &str, key: &str, etag: &str) -> Option<String> {
    let parsed: http::Uri = url.parse().ok()?;
    parsed.scheme_str().filter(|scheme| ["http", "https"].contains(scheme))?;
    let joint = if parsed.query().is_some() { '&' } else { '?' };
    let key = wire::percent_encode_key(key).replace('/', "%2F");
    let etag = etag.replace('"', "%22");
    Some(format!("{url}{joint}bucket={bucket}&key={key}&etag={etag}"))
}

/// Text as XML holds it; what XML cannot hold at all is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(c),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> PostForm {
        let key = [("key", "k")];
        let fields = key.iter().chain(pairs).map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        PostForm::new(fields.collect(), None).unwrap()
    }

    fn answered(pairs: &[(&str, &str)]) -> wire::Response {
        done(&form(pairs), "b", "a/<b>&\u{1}", "\"e\"").response
    }

    #[test]
    fn a_form_is_answered_as_it_asks() {
        assert_eq!(answered(&[]).status, 204);
        assert_eq!(answered(&[("success_action_status", "200")]).status, 200);
        assert_eq!(answered(&[("success_action_status", "404")]).status, 204);
        let created = answered(&[("success_action_status", "201")]);
        assert_eq!(created.status, 201);
        assert!(created.body.unwrap().contains("<Key>a/&lt;b&gt;&amp;</Key>"));
    }

    #[test]
    fn a_browser_is_sent_on_to_an_address_of_the_web_alone() {
        let to = |url: &str| answered(&[("success_action_redirect", url)]);
        let sent = to("https://site.example/done?a=b");
        assert_eq!(sent.status, 303);
        assert_eq!(
            sent.headers[LOCATION],
            "https://site.example/done?a=b&bucket=b&key=a%2F%3Cb%3E%26%01&etag=%22e%22"
        );
        for bad in ["javascript:alert(1)", "/done", "", "https://a b", "https://a\r\nx: y"] {
            assert_eq!(to(bad).status, 204, "{bad}");
        }
    }
}
