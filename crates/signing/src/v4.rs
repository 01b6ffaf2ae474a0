//! Signature Version 4 and 4A, as a request presents them and as they are judged.

use names::{AccessKeyId, Timestamp};

use crate::canonical::{PathRule, canonical_text, is_normal, string_to_sign};
use crate::claim::{EXPIRY_SECONDS_MAX, Form, Kind, SignedClaim, V4_QUERY, Version, mechanism};
use crate::ecdsa;
use crate::encode::canonical_number;
use crate::error::{AuthorizationPart as Part, SignatureError};
use crate::key::{Algorithm, Scope};
use crate::regions::RegionSet;
use crate::request::CanonicalRequest;
use crate::v2::read_date;
use crate::verify::{RegionRule, SKEW_SECONDS_MAX, Terms};

/// What a Version 4 signature says of itself.
#[derive(Clone, Debug)]
pub(crate) struct V4Terms {
    pub(crate) algorithm: Algorithm,
    pub(crate) scope: Scope,
    /// The regions of a SigV4A signature.
    pub(crate) regions: Option<RegionSet>,
    pub(crate) signed_at: Timestamp,
    pub(crate) expiry_seconds: Option<u64>,
    pub(crate) signed_headers: Vec<String>,
}

impl CanonicalRequest {
    pub(crate) fn v4_header_claim(
        &self,
        scheme: &str,
        rest: &str,
    ) -> Result<SignedClaim, SignatureError> {
        let bad = |part| SignatureError::MalformedAuthorization { part };
        let algorithm = Algorithm::named(scheme).ok_or_else(|| bad(Part::Algorithm))?;
        let (mut credential, mut headers, mut signature) = (None, None, None);
        for field in rest.split(',') {
            let (name, text) =
                field.trim_matches(' ').split_once('=').ok_or_else(|| bad(Part::Unknown))?;
            let (slot, part) = match name {
                "Credential" => (&mut credential, Part::Credential),
                "SignedHeaders" => (&mut headers, Part::SignedHeaders),
                "Signature" => (&mut signature, Part::Signature),
                _ => return Err(bad(Part::Unknown)),
            };
            if slot.replace(text).is_some() {
                return Err(bad(part));
            }
        }
        let credential = credential.ok_or_else(|| bad(Part::Credential))?;
        let (access_key_id, scope) = read_credential(credential, algorithm, bad(Part::Credential))?;
        let headers = headers.ok_or_else(|| bad(Part::SignedHeaders))?;
        let token = self
            .header("x-amz-security-token")
            .map_err(|_| bad(Part::SessionToken))?
            .map(str::to_owned);
        let regions = self.header("x-amz-region-set").map_err(|_| bad(Part::RegionSet))?;
        let terms = V4Terms {
            algorithm,
            scope,
            regions: read_regions(algorithm, regions, bad(Part::RegionSet))?,
            signed_at: self.header_date()?,
            expiry_seconds: None,
            signed_headers: read_signed_headers(headers).ok_or_else(|| bad(Part::SignedHeaders))?,
        };
        let signature = read_signature(signature.ok_or_else(|| bad(Part::Signature))?, algorithm)?;
        Ok(SignedClaim {
            request: self.clone(),
            form: Form::Header,
            access_key_id,
            session_token: token,
            signature,
            kind: Kind::V4(terms),
            posted: None,
        })
    }

    /// `x-amz-date`, or else `Date` in either form (SigV4, "Elements of a request signature").
    fn header_date(&self) -> Result<Timestamp, SignatureError> {
        let bad = || SignatureError::MalformedAuthorization { part: Part::Date };
        if let Some(text) = self.header("x-amz-date").map_err(|_| bad())? {
            return read_time(text).ok_or_else(bad);
        }
        let text = self.header("date").map_err(|_| bad())?.ok_or(SignatureError::MissingDate)?;
        read_time(text).or_else(|| read_date(text)).ok_or_else(bad)
    }

    pub(crate) fn v4_query_claim(&self) -> Result<SignedClaim, SignatureError> {
        let bad = |part| SignatureError::MalformedQuery { part };
        self.known_case_only()?;
        if !self.sent_values("x-amz-security-token").is_empty() {
            return Err(SignatureError::OnlyOneMechanism);
        }
        let optional = |name, part| self.query(name).map_err(|_| bad(part));
        let required = |name, part| optional(name, part)?.ok_or(SignatureError::MissingParameters);
        let algorithm = required("X-Amz-Algorithm", Part::Algorithm)?;
        let credential = required("X-Amz-Credential", Part::Credential)?;
        let date = required("X-Amz-Date", Part::Date)?;
        let expires = required("X-Amz-Expires", Part::Expires)?;
        let headers = required("X-Amz-SignedHeaders", Part::SignedHeaders)?;
        let signature = required("X-Amz-Signature", Part::Signature)?;
        let token = optional("X-Amz-Security-Token", Part::SessionToken)?.map(str::to_owned);
        let regions = optional("X-Amz-Region-Set", Part::RegionSet)?;
        let algorithm = Algorithm::named(algorithm).ok_or_else(|| {
            SignatureError::UnsupportedMechanism { mechanism: mechanism(algorithm) }
        })?;
        let (access_key_id, scope) = read_credential(credential, algorithm, bad(Part::Credential))?;
        let expiry = canonical_number(expires)
            .filter(|seconds| (1..=EXPIRY_SECONDS_MAX).contains(seconds))
            .ok_or(SignatureError::BadExpiry)?;
        let terms = V4Terms {
            algorithm,
            scope,
            regions: read_regions(algorithm, regions, bad(Part::RegionSet))?,
            signed_at: read_time(date).ok_or(bad(Part::Date))?,
            expiry_seconds: Some(expiry),
            signed_headers: read_signed_headers(headers).ok_or(bad(Part::SignedHeaders))?,
        };
        Ok(SignedClaim {
            request: self.clone(),
            form: Form::Presigned,
            access_key_id,
            session_token: token,
            signature: read_signature(signature, algorithm)?,
            kind: Kind::V4(terms),
            posted: None,
        })
    }

    /// Refuses `x-amz-expires` where `X-Amz-Expires` is meant: a second reader could take it.
    fn known_case_only(&self) -> Result<(), SignatureError> {
        let variant = |name: &str| {
            V4_QUERY.iter().any(|known| known.eq_ignore_ascii_case(name) && *known != name)
        };
        if self.query_pairs().iter().any(|(name, _)| variant(name)) {
            return Err(SignatureError::MalformedQuery { part: Part::Unknown });
        }
        Ok(())
    }
}

impl V4Terms {
    pub(crate) fn version(&self) -> Version {
        match self.algorithm {
            Algorithm::Hmac => Version::V4,
            Algorithm::Ecdsa => Version::V4A,
        }
    }

    /// The region that a request is for, if its signature is for one alone.
    pub(crate) fn region(&self) -> Option<&str> {
        self.scope.region().or_else(|| self.regions.as_ref().and_then(RegionSet::only))
    }

    /// What was signed, given the text that stands for the body.
    pub(crate) fn text(&self, request: &CanonicalRequest, payload: &str) -> String {
        let rule = PathRule::of(self.scope.service());
        let canonical = canonical_text(request, rule, &self.signed_headers, payload);
        string_to_sign(self.algorithm, self.signed_at, &self.scope, &canonical)
    }

    /// Everything that is judged without a key.
    pub(crate) fn check(
        &self,
        request: &CanonicalRequest,
        terms: &Terms<'_>,
    ) -> Result<(), SignatureError> {
        self.check_scope(terms)?;
        self.check_time(terms.now)?;
        self.check_headers(request)?;
        if self.scope.service() != "s3" && !is_normal(request.path()) {
            return Err(SignatureError::PathNotNormal);
        }
        Ok(())
    }

    /// Day, service and region.
    pub(crate) fn check_scope(&self, terms: &Terms<'_>) -> Result<(), SignatureError> {
        let scope = &self.scope;
        if !self.signed_at.is_basic_day(scope.day()) {
            return Err(SignatureError::WrongDay { sent: scope.day().to_owned() });
        }
        if !terms.services.contains(&scope.service()) {
            return Err(SignatureError::WrongService {
                sent: scope.service().to_owned(),
                expected: terms.services.join(", "),
            });
        }
        let RegionRule::Only(region) = terms.region else { return Ok(()) };
        let sent = match (scope.region(), &self.regions) {
            (Some(sent), _) if sent == region => return Ok(()),
            (None, Some(regions)) if regions.holds(region) => return Ok(()),
            (Some(sent), _) => sent.to_owned(),
            (None, regions) => regions.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        Err(SignatureError::WrongRegion { sent, expected: region.to_owned() })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SignatureError> {
        let sent = self.signed_at;
        let early = now < sent.plus_seconds(-SKEW_SECONDS_MAX);
        let late = now > sent.plus_seconds(SKEW_SECONDS_MAX);
        match self.expiry_seconds {
            None if early || late => Err(SignatureError::Skewed { sent }),
            None => Ok(()),
            Some(_) if early => Err(SignatureError::NotYetValid { from: sent }),
            Some(seconds) => {
                let at = sent.plus_seconds(i64::try_from(seconds).unwrap_or(0));
                if now > at { Err(SignatureError::Expired { at }) } else { Ok(()) }
            }
        }
    }

    /// `host` and every `x-amz-*` header that was sent must be signed, and what is signed must have
    /// been sent (S3 API reference, "Authorization header").
    fn check_headers(&self, request: &CanonicalRequest) -> Result<(), SignatureError> {
        let mut runs = request.sent_runs(&self.signed_headers);
        if let Some((name, _)) = runs.find(|(_, lines)| lines.is_empty()) {
            return Err(SignatureError::SignedHeaderAbsent { name: name.to_owned() });
        }
        let must = |name: &str| name == "host" || name.starts_with("x-amz-");
        let mut signed = self.signed_headers.iter().peekable();
        let mut unsigned: Vec<String> = Vec::new();
        for (name, _) in request.sent_pairs().iter().filter(|(name, _)| must(name)) {
            while signed.next_if(|own| *own < name).is_some() {}
            if signed.peek() != Some(&name) {
                unsigned.push(name.clone());
            }
        }
        unsigned.dedup();
        if unsigned.is_empty() {
            Ok(())
        } else {
            Err(SignatureError::HeadersNotSigned { names: unsigned })
        }
    }
}

pub(crate) fn read_credential(
    text: &str,
    algorithm: Algorithm,
    bad: SignatureError,
) -> Result<(AccessKeyId, Scope), SignatureError> {
    let Some((key, scope)) = text.split_once('/') else { return Err(bad) };
    let Some(scope) = Scope::parse(scope, algorithm) else { return Err(bad) };
    let key = key.parse().map_err(|_| SignatureError::MalformedAccessKeyId)?;
    Ok((key, scope))
}

/// A SigV4A signature names its regions; what other signatures say of regions says nothing.
fn read_regions(
    algorithm: Algorithm,
    text: Option<&str>,
    bad: SignatureError,
) -> Result<Option<RegionSet>, SignatureError> {
    match algorithm {
        Algorithm::Hmac => Ok(None),
        Algorithm::Ecdsa => text.and_then(RegionSet::parse).map(Some).ok_or(bad),
    }
}

/// Lower-case header names in strictly ascending order, at least one.
fn read_signed_headers(text: &str) -> Option<Vec<String>> {
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    let token = |b: u8| {
        b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b"!#$%&'*+.^_`|~".contains(&b)
    };
    let good = names.iter().all(|name| !name.is_empty() && name.bytes().all(token))
        && names.is_sorted_by(|one, next| one < next);
    good.then_some(names)
}

/// A signature in its one spelling. Anything else is no signature of anything.
pub(crate) fn read_signature(text: &str, algorithm: Algorithm) -> Result<String, SignatureError> {
    let good = match algorithm {
        Algorithm::Hmac => {
            // All are looked at, so many at a time.
            let digit = |b: u8| b.is_ascii_digit() | (b'a'..=b'f').contains(&b);
            text.len() == 64 && text.bytes().fold(true, |good, b| good & digit(b))
        }
        Algorithm::Ecdsa => ecdsa::is_signature(text),
    };
    if good { Ok(text.to_owned()) } else { Err(SignatureError::Mismatch) }
}

/// The one spelling of a signing time.
pub(crate) fn read_time(text: &str) -> Option<Timestamp> {
    Timestamp::parse_iso_basic(text).ok()
}
