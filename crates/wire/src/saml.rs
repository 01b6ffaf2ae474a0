//! What is to be known of a SAML metadata document before it is kept (OASIS, "Metadata for the
//! OASIS SAML V2.0", section 2): whose it is, that an identity provider stands in it, and until
//! when it holds. Nothing in it is believed here.

use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};

/// The namespace of SAML metadata.
const NAMESPACE: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// The deepest nesting of elements; metadata needs about ten.
const DEPTH_MAX: usize = 32;

/// What a metadata document says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlMetadata {
    /// The entity that it describes.
    pub entity: String,
    /// Until when it holds, as it is written there.
    pub valid_until: Option<String>,
}

/// The text is not the metadata of a SAML identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not the metadata of a SAML 2.0 identity provider")]
pub struct BadSamlMetadata;

/// Reads a metadata document: one `EntityDescriptor` with an `IDPSSODescriptor` in which a
/// `SingleSignOnService` stands, without a document type.
///
/// # Errors
/// It is anything else.
pub fn saml_metadata(text: &str) -> Result<SamlMetadata, BadSamlMetadata> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Option<&'static str>> = Vec::new();
    let mut root = None;
    let mut services = 0_usize;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| BadSamlMetadata)?;
        let ours = namespace == ResolveResult::Bound(Namespace(NAMESPACE));
        let (start, empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                open.pop().ok_or(BadSamlMetadata)?;
                continue;
            }
            Event::DocType(_) => return Err(BadSamlMetadata),
            Event::Eof => break,
            _ => continue,
        };
        let name = known(start.local_name().as_ref()).filter(|_| ours);
        match (open.as_slice(), name) {
            ([], Some(ENTITY)) if root.is_none() => root = Some(described(start)?),
            ([], _) => return Err(BadSamlMetadata),
            ([Some(ENTITY), Some(PROVIDER)], Some(SERVICE)) => {
                services = services.saturating_add(1);
            }
            _ => {}
        }
        if !empty {
            open.push(name);
        }
        if open.len() > DEPTH_MAX {
            return Err(BadSamlMetadata);
        }
    }
    root.filter(|_| open.is_empty() && services > 0).ok_or(BadSamlMetadata)
}

const ENTITY: &str = "EntityDescriptor";
const PROVIDER: &str = "IDPSSODescriptor";
const SERVICE: &str = "SingleSignOnService";

fn known(local: &str) -> Option<&'static str> {
    [ENTITY, PROVIDER, SERVICE].into_iter().find(|name| *name == local)
}

fn described(start: &BytesStart<'_>) -> Result<SamlMetadata, BadSamlMetadata> {
    let (mut entity, mut valid_until) = (None, None);
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| BadSamlMetadata)?;
        let value = || {
            let plain =
                quick_xml::escape::unescape(&attribute.value).map_err(|_| BadSamlMetadata)?;
            Ok(plain.into_owned())
        };
        match attribute.key.as_ref() {
            "entityID" => entity = Some(value()?),
            "validUntil" => valid_until = Some(value()?),
            _ => {}
        }
    }
    let entity = entity.filter(|entity| !entity.is_empty()).ok_or(BadSamlMetadata)?;
    Ok(SamlMetadata { entity, valid_until })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE_ELEMENT: &str = r#"<SingleSignOnService
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://i.example"/>"#;

    fn document(root: &str, inside: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><EntityDescriptor
            xmlns="urn:oasis:names:tc:SAML:2.0:metadata" {root}><IDPSSODescriptor
            protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{inside}
            </IDPSSODescriptor></EntityDescriptor>"#
        )
    }

    #[test]
    fn the_metadata_of_an_identity_provider_is_read() {
        let root = r#"entityID="https://i.example/&amp;" validUntil="2030-01-02T03:04:05Z""#;
        let read = saml_metadata(&document(root, SERVICE_ELEMENT)).unwrap();
        assert_eq!(read.entity, "https://i.example/&");
        assert_eq!(read.valid_until.as_deref(), Some("2030-01-02T03:04:05Z"));
        let prefixed = document(r#"entityID="e""#, SERVICE_ELEMENT)
            .replace("xmlns=", "xmlns:md=")
            .replace("<Entity", "<md:Entity")
            .replace("</Entity", "</md:Entity")
            .replace("<IDP", "<md:IDP")
            .replace("</IDP", "</md:IDP")
            .replace("<Single", "<md:Single");
        assert_eq!(saml_metadata(&prefixed).unwrap().valid_until, None);
    }

    #[test]
    fn anything_else_is_not_metadata() {
        let good = document(r#"entityID="e""#, SERVICE_ELEMENT);
        assert!(saml_metadata(&good).is_ok());
        for bad in [
            String::new(),
            "{}".to_owned(),
            "<a/>".to_owned(),
            document("", SERVICE_ELEMENT),
            document(r#"entityID="""#, SERVICE_ELEMENT),
            document(r#"entityID="e""#, ""),
            good.replace("2.0:metadata", "1.0:metadata"),
            good.replace("</EntityDescriptor>", ""),
            format!("{good}<b/>"),
            format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{good}"),
            document(r#"entityID="e""#, &"<a>".repeat(100)),
        ] {
            assert!(saml_metadata(&bad).is_err(), "{bad}");
        }
    }
}
