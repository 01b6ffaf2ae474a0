//! Prints one module of messages.

mod answer;
mod request;

use std::collections::BTreeSet;

use serde_json::Value;

use super::Outcome;
use super::ident::{self, field};
use super::model::{Member, Model};
use super::operations::{BOTOCORE_VERSION, Protocol, Service};
use super::overlay;
use super::rules::Rules;

/// The whole source of a service's module, not yet formatted.
///
/// # Errors
/// An operation or a kind of shape that the model or we do not have.
pub(crate) fn module(service: &Service, model: &Model) -> Outcome<String> {
    let inputs = model.structures(service.operations, "input");
    let outputs = model.structures(service.operations, "output");
    let mut printer = Printer { service, model, outputs: &outputs, rules: Rules::default() };
    let mut body = String::new();
    for operation in service.operations {
        body.push_str(&printer.operation(operation)?);
    }
    for structure in inputs.union(&outputs) {
        let (read, write) = (inputs.contains(structure), outputs.contains(structure));
        body.push_str(&printer.structure(structure, read, write)?);
    }
    let head = printer.head(&body);
    Ok(format!("{head}\n{}\n{body}", printer.rules.definitions()))
}

/// What a module may lean on.
const IMPORTS: [(&str, &[&str]); 12] = [
    ("std::collections", &["BTreeMap"]),
    ("names", &["Timestamp"]),
    ("crate::element", &["Element", "FromElement"]),
    ("crate::form", &["Form"]),
    ("crate::malformed", &["WireError"]),
    (
        "crate::message",
        &["Payload", "QueryOutput", "QueryRequest", "RestOutput", "RestRequest", "Route"],
    ),
    ("crate::parts", &["Parts"]),
    ("crate::response", &["Response"]),
    ("crate::rule", &["Chars", "Rule"]),
    ("crate::secret", &["Secret"]),
    ("crate::target", &["Level"]),
    ("crate::xml::write", &["ToElement", "Writer"]),
];

struct Printer<'a> {
    service: &'a Service,
    model: &'a Model,
    outputs: &'a BTreeSet<String>,
    rules: Rules,
}

impl Printer<'_> {
    fn head(&self, body: &str) -> String {
        let Service { name, version, namespace, protocol, .. } = self.service;
        let upper = name.to_ascii_uppercase();
        let mut head = format!(
            "//! The messages of {upper}, version {version}.\n//!\n\
             //! Made by `cargo xtask codegen`: do not edit. Derived from the service models of\n\
             //! botocore {BOTOCORE_VERSION}, Copyright Amazon.com, Inc. or its affiliates, \
             Apache License 2.0.\n\n"
        );
        let text = format!("{}{body}", self.rules.definitions());
        for (path, words) in IMPORTS {
            let mut used = text.split(|c: char| !c.is_alphanumeric()).collect::<Vec<_>>();
            used.retain(|word| words.contains(word));
            used.sort_unstable();
            used.dedup();
            if !used.is_empty() {
                head.push_str(&format!("use {path}::{{{}}};\n", used.join(", ")));
            }
            if path == "names" {
                head.push('\n');
            }
        }
        head.push_str(&format!(
            "\n/// The XML namespace of the answers.\npub const NAMESPACE: &str = {namespace:?};\n"
        ));
        if *protocol == Protocol::RestXml {
            head.push_str(&self.subresources());
            head.push_str(&self.routes());
        } else {
            head.push_str(&format!(
                "/// Every `Action` that has messages.\npub const ACTIONS: &[&str] = &{:?};\n",
                self.service.operations
            ));
        }
        head
    }

    /// Every query marker of the service, of the operations that are not made too.
    fn subresources(&self) -> String {
        let all = self.model.operations();
        let mut markers: BTreeSet<String> =
            all.flat_map(|o| self.literals(o)).map(|literal| literal.0).collect();
        markers.extend(self.selecting_parameters());
        format!(
            "/// Every query parameter that selects an operation, of those that are not made too: \
             a request\n/// with one that no route names asks for something that we do not have.\n\
             pub const SUBRESOURCES: &[&str] = &{:?};\n",
            markers.iter().collect::<Vec<_>>()
        )
    }

    /// Parameters that select an operation by being there, as `uploadId`: required by one without
    /// a marker, and optional in none.
    fn selecting_parameters(&self) -> BTreeSet<String> {
        let query = |operation: &str| -> Vec<Member> {
            let members = self.members_of(operation, "input").into_iter();
            members.filter(|member| member.place == "querystring").collect()
        };
        let (bare, all): (Vec<&str>, Vec<&str>) = (
            self.model.operations().filter(|o| self.literals(o).is_empty()).collect(),
            self.model.operations().collect(),
        );
        let required = bare.iter().flat_map(|o| query(o)).filter(|m| m.required).map(|m| m.wire);
        let mut selecting: BTreeSet<String> = required.collect();
        for optional in all.iter().flat_map(|o| query(o)).filter(|m| !m.required) {
            selecting.remove(&optional.wire);
        }
        selecting
    }

    fn routes(&self) -> String {
        let routes = self.service.operations.iter();
        let routes: String = routes.map(|o| format!("{o}Request::ROUTE,\n")).collect();
        format!("/// The routes of all operations.\npub const ROUTES: &[Route] = &[{routes}];\n")
    }

    /// The literal query parameters of an operation's path.
    fn literals(&self, operation: &str) -> Vec<(String, String)> {
        let uri = self.model.operation_text(operation, "http/requestUri").unwrap_or_default();
        let query = uri.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn operation(&mut self, operation: &str) -> Outcome<String> {
        if self.model.operation(operation, "name").is_none() {
            return Err(format!("{}: no operation `{operation}`", self.service.name).into());
        }
        let suffix = match self.service.protocol {
            Protocol::RestXml => "Output",
            Protocol::Query => "Response",
        };
        let input = self.members_of(operation, "input");
        let output = self.members_of(operation, "output");
        let request = format!("{operation}Request");
        let answer = format!("{operation}{suffix}");
        let mut text =
            self.definition(&request, &format!("`{operation}`, asked."), &input, false)?;
        text.push_str(&match self.service.protocol {
            Protocol::RestXml => self.rest_request(operation, &request, &input)?,
            Protocol::Query => self.query_request(operation, &request, &input)?,
        });
        let title = format!("`{operation}`, answered.");
        text.push_str(&self.definition(&answer, &title, &output, true)?);
        text.push_str(&match self.service.protocol {
            Protocol::RestXml => self.rest_output(operation, &answer, &output)?,
            Protocol::Query => self.query_output(operation, &answer, &output)?,
        });
        Ok(text)
    }

    fn members_of(&self, operation: &str, direction: &str) -> Vec<Member> {
        let shape = self.model.operation_text(operation, &format!("{direction}/shape"));
        let members = shape.map(|shape| self.model.members(shape)).unwrap_or_default();
        members.into_iter().filter(|member| member.place != "stream").collect()
    }

    fn structure(&mut self, shape: &str, read: bool, write: bool) -> Outcome<String> {
        let members = self.model.members(shape);
        let name = ident::type_name(shape);
        let title = format!("The structure `{shape}`.");
        let mut text = self.definition(&name, &title, &members, write)?;
        if read {
            let fields = self.fields(&members, "from")?;
            text.push_str(&format!(
                "impl FromElement for {name} {{ fn from_element(from: &Element, _: &Rule)
                    -> Result<Self, WireError> {{
                        Ok(Self {{ {fields} }})
                    }}
                }}\n"
            ));
        }
        if write {
            let attribute = members.iter().find(|member| member.place == "attribute");
            let open = match attribute {
                Some(member) => format!(
                    "to.tag(name, &[(\"xmlns:xsi\", \"http://www.w3.org/2001/XMLSchema-instance\"), \
                     ({:?}, &self.{})], |to|",
                    member.wire,
                    field(&member.name)
                ),
                None => "to.element(name, |to|".to_owned(),
            };
            text.push_str(&format!(
                "impl ToElement for {name} {{ fn to_element(&self, name: &str, to: &mut Writer) {{
                        {open} {{ {} }});
                    }}
                }}\n",
                self.prints(&members)?
            ));
        }
        Ok(text)
    }

    /// The type itself.
    fn definition(
        &self,
        name: &str,
        title: &str,
        members: &[Member],
        written: bool,
    ) -> Outcome<String> {
        let mut fields = String::new();
        for member in members {
            let kind = self.field_type(member, written)?;
            let place = match member.place {
                "uri" => "part of the path",
                "querystring" => "query parameter",
                "header" => "header",
                "headers" => "headers with the prefix",
                "attribute" => "attribute",
                "payload" => "the body",
                _ if self.service.protocol == Protocol::Query && !written => "parameter",
                _ => "element",
            };
            let required = if member.required { ", required" } else { "" };
            let wire = &member.wire;
            let name = field(&member.name);
            fields.push_str(&format!("/// `{wire}`: {place}{required}.\npub {name}: {kind},\n"));
        }
        Ok(format!(
            "/// {title}\n#[derive(Debug, Clone, Default, PartialEq, Eq)]\n\
             pub struct {name} {{ {fields} }}\n"
        ))
    }

    fn field_type(&self, member: &Member, written: bool) -> Outcome<String> {
        let value = self.value_type(&member.shape)?;
        let bare = match self.model.kind(&member.shape) {
            "map" => true,
            "list" => member.required || member.flattened || !written,
            _ => member.required,
        };
        Ok(if bare { value } else { format!("Option<{value}>") })
    }

    fn value_type(&self, shape: &str) -> Outcome<String> {
        let (service, model) = (self.service.name, self.model);
        let secret = (model.is(shape, "sensitive")
            || overlay::has(&overlay::SECRETS, service, shape))
            && !overlay::has(&overlay::NOT_SECRETS, service, shape);
        Ok(match model.kind(shape) {
            _ if overlay::has(&overlay::TEXTS, service, shape) => "String".to_owned(),
            // A blob travels as base 64, and is that text here.
            "string" | "blob" if secret => "Secret".to_owned(),
            "string" | "blob" => "String".to_owned(),
            "integer" => "i32".to_owned(),
            "long" => "i64".to_owned(),
            "boolean" => "bool".to_owned(),
            "timestamp" => "Timestamp".to_owned(),
            "list" => format!("Vec<{}>", self.value_type(model.item(shape))?),
            "map" => format!("BTreeMap<String, {}>", self.value_type(model.item(shape))?),
            "structure" => ident::type_name(shape),
            other => return Err(format!("{service}: `{shape}` is a {other}").into()),
        })
    }

    fn status(&self, operation: &str) -> u64 {
        let status = self.model.operation(operation, "http/responseCode").and_then(Value::as_u64);
        overlay::of(&overlay::STATUSES, operation).or(status).unwrap_or(200)
    }
}
