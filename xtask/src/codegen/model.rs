//! The part of a service model that we read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Outcome;
use super::operations::Service;
use super::overlay;

/// One service model.
pub(crate) struct Model {
    document: Value,
}

/// One member of a structure.
#[derive(Clone)]
pub(crate) struct Member {
    /// Its name in the model.
    pub(crate) name: String,
    /// The name of its shape.
    pub(crate) shape: String,
    /// Its name on the wire.
    pub(crate) wire: String,
    /// `uri`, `querystring`, `header`, `headers`, `payload`, `stream`, `attribute` or `body`.
    pub(crate) place: &'static str,
    /// Whether the model requires it.
    pub(crate) required: bool,
    /// Whether it is a list without a wrapper.
    pub(crate) flattened: bool,
}

impl Model {
    /// Reads a model and adds our own members to it.
    ///
    /// # Errors
    /// It is not JSON, or not that version of that service.
    pub(crate) fn parse(text: &str, service: &Service) -> Outcome<Self> {
        let mut document: Value = serde_json::from_str(text)?;
        let version = document.pointer("/metadata/apiVersion").and_then(Value::as_str);
        if version != Some(service.version) {
            return Err(format!("{}: the model is not {}", service.name, service.version).into());
        }
        for (name, shape, member, like) in overlay::MEMBERS {
            if name == service.name {
                let members = document.pointer_mut(&format!("/shapes/{shape}/members"));
                let members = members.and_then(Value::as_object_mut).ok_or("no such shape")?;
                let like = members.get(like).cloned().ok_or("no such member")?;
                members.insert(member.to_owned(), like);
            }
        }
        Ok(Self { document })
    }

    /// One field of an operation, as `http/method`.
    pub(crate) fn operation(&self, operation: &str, field: &str) -> Option<&Value> {
        self.document.pointer(&format!("/operations/{operation}/{field}"))
    }

    /// The same as a text.
    pub(crate) fn operation_text(&self, operation: &str, field: &str) -> Option<&str> {
        self.operation(operation, field).and_then(Value::as_str)
    }

    /// One field of a shape.
    pub(crate) fn shape(&self, shape: &str, field: &str) -> Option<&Value> {
        self.document.pointer(&format!("/shapes/{shape}/{field}"))
    }

    /// The same as a text.
    pub(crate) fn shape_text(&self, shape: &str, field: &str) -> Option<&str> {
        self.shape(shape, field).and_then(Value::as_str)
    }

    /// What a shape is: `structure`, `list`, `string`, …
    pub(crate) fn kind(&self, shape: &str) -> &str {
        self.shape_text(shape, "type").unwrap_or_default()
    }

    /// Whether a field of a shape is there and true.
    pub(crate) fn is(&self, shape: &str, field: &str) -> bool {
        self.shape(shape, field).and_then(Value::as_bool).unwrap_or_default()
    }

    /// All operations of the service, made or not.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &str> {
        let operations = self.document.get("operations").and_then(Value::as_object);
        operations.into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// The members of a structure, by name.
    pub(crate) fn members(&self, structure: &str) -> Vec<Member> {
        let required = self.shape(structure, "required").and_then(Value::as_array);
        let required: Vec<&str> =
            required.into_iter().flatten().filter_map(Value::as_str).collect();
        let payload = self.shape_text(structure, "payload");
        let members = self.shape(structure, "members").and_then(Value::as_object);
        let members = members.into_iter().flatten();
        members
            .map(|(name, member)| {
                let text = |field: &str| member.get(field).and_then(Value::as_str);
                let flag = |field: &str| member.get(field).and_then(Value::as_bool) == Some(true);
                let shape = text("shape").unwrap_or_default().to_owned();
                let place = match text("location") {
                    Some("uri") => "uri",
                    Some("querystring") => "querystring",
                    Some("header") => "header",
                    Some("headers") => "headers",
                    _ if flag("xmlAttribute") => "attribute",
                    _ if payload == Some(name) && self.kind(&shape) == "blob" => "stream",
                    _ if payload == Some(name) => "payload",
                    _ => "body",
                };
                let flattened = flag("flattened") || self.is(&shape, "flattened");
                Member {
                    name: name.clone(),
                    wire: text("locationName").unwrap_or(name).to_owned(),
                    place,
                    required: required.contains(&name.as_str())
                        && !overlay::OPTIONAL.contains(&(structure, name.as_str())),
                    flattened: flattened && self.kind(&shape) == "list",
                    shape,
                }
            })
            .collect()
    }

    /// The item shape of a list, or the value shape of a map.
    pub(crate) fn item(&self, shape: &str) -> &str {
        let field = if self.kind(shape) == "map" { "value/shape" } else { "member/shape" };
        self.shape_text(shape, field).unwrap_or_default()
    }

    /// The element name of a list's items; for a flattened list that is the member's own.
    pub(crate) fn item_wire<'a>(&'a self, member: &'a Member) -> &'a str {
        let named = self.shape_text(&member.shape, "member/locationName");
        if member.flattened { named.unwrap_or(&member.wire) } else { named.unwrap_or("member") }
    }

    /// Every structure below these operations' messages, the messages themselves excepted.
    pub(crate) fn structures(&self, operations: &[&str], direction: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for operation in operations {
            let Some(top) = self.operation_text(operation, &format!("{direction}/shape")) else {
                continue;
            };
            for member in self.members(top) {
                self.collect(&member.shape, &mut found);
            }
        }
        found
    }

    fn collect(&self, shape: &str, found: &mut BTreeSet<String>) {
        match self.kind(shape) {
            "structure" if found.insert(shape.to_owned()) => {
                for member in self.members(shape) {
                    self.collect(&member.shape, found);
                }
            }
            "list" | "map" => self.collect(self.item(shape), found),
            _ => {}
        }
    }
}
