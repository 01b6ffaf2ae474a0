//! The AWS SDK for Rust's own signer, `aws-sigv4`, as the SDK uses it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;

use crate::case::Case;
use crate::encoding::encoded;
use crate::signed::Signed;

/// The case as the crate signs it, or why it does not.
pub fn signed(case: &Case) -> Signed {
    match attempt(case) {
        Ok(signed) => signed,
        Err(reason) => Signed::skipped(case.id, &reason),
    }
}

fn attempt(case: &Case) -> Result<Signed, String> {
    let query: Vec<String> = case
        .query
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name, ""), encoded(value, "")))
        .collect();
    let mut target = encoded(&case.path, "/");
    if !query.is_empty() {
        target = format!("{target}?{}", query.join("&"));
    }
    let uri = format!("https://{}{target}", case.host);
    let body = case.bytes();
    let presigned = case.form == "query";
    let mut settings = SigningSettings::default();
    if case.service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    if presigned {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(Duration::from_secs(case.expires));
    }
    let time = moment(&case.time)?;
    let identity =
        Credentials::new(&case.access, &case.secret, case.token.clone(), None, "cases").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&case.region)
        .name(&case.service)
        .time(time)
        .settings(settings)
        .build()
        .map_err(|error| error.to_string())?
        .into();
    let mut headers = case.headers.clone();
    headers.push(("host".to_owned(), case.host.clone()));
    let unsigned = presigned || case.payload == "unsigned";
    let signable =
        if unsigned { SignableBody::UnsignedPayload } else { SignableBody::Bytes(&body) };
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request = SignableRequest::new(&case.method, uri.as_str(), pairs, signable)
        .map_err(|error| said(&error))?;
    let (instructions, _) = sign(request, &params).map_err(|error| said(&error))?.into_parts();
    let (added, params) = instructions.into_parts();
    for (name, value) in params {
        let joint = if target.contains('?') { '&' } else { '?' };
        target = format!("{target}{joint}{}={}", encoded(name, ""), encoded(&value, ""));
    }
    for header in added {
        headers.push((header.name().to_owned(), header.value().to_owned()));
    }
    let method = case.method.clone();
    Ok(Signed { id: case.id, skip: None, method, target, headers })
}

/// An error and its causes.
fn said(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

fn moment(text: &str) -> Result<SystemTime, String> {
    let time: names::Timestamp =
        names::Timestamp::parse_iso_basic(text).map_err(|_| format!("`{text}` is no time"))?;
    let millis = u64::try_from(time.millis()).map_err(|error| error.to_string())?;
    Ok(UNIX_EPOCH + Duration::from_millis(millis))
}
