//! Prints one module of messages.

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

/// The heads of functions that are printed.
const PARSE: &str = "\nfn parse";
const RESULT: &str = "\nfn result";

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
        let markers: BTreeSet<String> = all.flat_map(|o| self.literals(o)).map(|l| l.0).collect();
        format!(
            "/// Every query parameter that selects an operation, of those that are not made too: \
             a request\n/// with one that no route names asks for something that we do not have.\n\
             pub const SUBRESOURCES: &[&str] = &{:?};\n",
            markers.iter().collect::<Vec<_>>()
        )
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
            "string" if secret => "Secret".to_owned(),
            "string" => "String".to_owned(),
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

    fn rest_request(
        &mut self,
        operation: &str,
        request: &str,
        members: &[Member],
    ) -> Outcome<String> {
        let uri = self.model.operation_text(operation, "http/requestUri").unwrap_or_default();
        let level = match () {
            () if uri.starts_with("/{Bucket}/{Key+}") => "Object",
            () if uri.starts_with("/{Bucket}") => "Bucket",
            () => "Service",
        };
        let required = |place: &str| -> Vec<String> {
            let members = members.iter().filter(|m| m.required && m.place == place);
            members.map(|m| m.wire.to_ascii_lowercase()).collect()
        };
        let parameters = members.iter().filter(|m| m.required && m.place == "querystring");
        let parameters: Vec<&str> = parameters.map(|m| m.wire.as_str()).collect();
        let shape = self.model.operation_text(operation, "input/shape").unwrap_or_default();
        let payload = match self.model.shape_text(shape, "payload") {
            _ if members.iter().any(|m| m.place == "payload") => "Message",
            Some(_) => "Stream",
            None => "None",
        };
        let method = self.model.operation_text(operation, "http/method").unwrap_or_default();
        let fields = self.fields(members, "from")?;
        let from = if members.is_empty() { "_" } else { "from" };
        Ok(format!(
            "impl RestRequest for {request} {{
                const ROUTE: Route = Route {{
                    operation: {operation:?},
                    method: {method:?},
                    level: Level::{level},
                    literals: &{:?},
                    parameters: &{parameters:?},
                    headers: &{:?},
                    payload: Payload::{payload},
                    status: {},
                }};
                {PARSE}({from}: &Parts<'_>) -> Result<Self, WireError> {{
                    Ok(Self {{ {fields} }})
                }}
            }}\n",
            self.literals(operation),
            required("header"),
            self.status(operation)
        )
        .replace(".to_owned()", ""))
    }

    fn status(&self, operation: &str) -> u64 {
        let status = self.model.operation(operation, "http/responseCode").and_then(Value::as_u64);
        overlay::of(&overlay::STATUSES, operation).or(status).unwrap_or(200)
    }

    fn query_request(
        &mut self,
        operation: &str,
        request: &str,
        members: &[Member],
    ) -> Outcome<String> {
        let fields = self.fields(members, "from")?;
        let (form, root) = match members {
            [] => ("_", ""),
            _ => ("form", "let from = form.root();"),
        };
        Ok(format!(
            "impl QueryRequest for {request} {{
                const ACTION: &'static str = {operation:?};
                {PARSE}({form}: &Form) -> Result<Self, WireError> {{
                    {root}
                    Ok(Self {{ {fields} }})
                }}
            }}\n"
        ))
    }

    /// The fields of a struct literal, each read from its place.
    fn fields(&mut self, members: &[Member], from: &str) -> Outcome<String> {
        let mut text = String::new();
        for member in members {
            let read = self.read(member, from)?;
            text.push_str(&format!("{}: {read},\n", field(&member.name)));
        }
        Ok(text)
    }

    fn read(&mut self, member: &Member, from: &str) -> Outcome<String> {
        let Member { shape, wire, required, .. } = member;
        let kind = self.model.kind(shape);
        let found = match member.place {
            "uri" => format!("{from}.label({wire:?})"),
            "querystring" => format!("{from}.query({wire:?})"),
            "header" => format!("{from}.header({wire:?})"),
            "headers" => {
                return Ok(format!("{from}.prefixed({:?})?", wire.to_ascii_lowercase()));
            }
            "payload" if kind == "string" => return Ok(format!("{from}.text({wire:?})?")),
            "payload" => {
                let read = format!(
                    "{from}.xml({wire:?})?.map(|body| FromElement::from_element(&body, &Rule::Any))\
                     .transpose()?"
                );
                let missing = format!(".ok_or(WireError::NoBody {{ root: {wire:?} }})?");
                return Ok(if *required { read + &missing } else { read });
            }
            "body" => format!("{from}.leaf({wire:?})"),
            other => return Err(format!("`{}` is a {other} of a request", member.name).into()),
        };
        let missing = format!(".ok_or_else(|| {from}.missing({wire:?}))?");
        Ok(match kind {
            "structure" => {
                let read = format!("{from}.structure({wire:?})?");
                if *required { read + &missing } else { read }
            }
            "list" => {
                let rule = self.rules.of(self.service, self.model, self.model.item(shape));
                let items = self.items(member);
                let item = self.model.item_wire(member);
                match member.place {
                    "header" => format!("{found}.words({rule})?"),
                    _ if member.flattened => format!("{from}.flat({item:?}, {items}, {rule})?"),
                    _ => {
                        let read = format!("{from}.list(({wire:?}, {item:?}), {items}, {rule})?");
                        let absent =
                            if self.outputs.contains(shape) { "" } else { ".unwrap_or_default()" };
                        if *required { read + &missing } else { read + absent }
                    }
                }
            }
            _ => {
                let rule = self.rules.of(self.service, self.model, shape);
                let how = if *required { "required" } else { "optional" };
                format!("{found}.{how}({rule})?")
            }
        })
    }

    /// How many entries a list may have. A list without a wrapper cannot be present and empty.
    fn items(&self, member: &Member) -> String {
        let number = |field: &str| self.model.shape(&member.shape, field).and_then(Value::as_u64);
        let ours = overlay::ITEMS_MAX.iter();
        let ours = ours.clone().find(|o| o.0 == self.service.name && o.1 == member.shape);
        let min = number("min").unwrap_or(u64::from(member.required && member.flattened));
        let max = ours.map(|o| o.2).or_else(|| number("max"));
        format!("{min}..={}", max.map_or_else(|| "usize::MAX".to_owned(), |max| max.to_string()))
    }

    fn rest_output(
        &mut self,
        operation: &str,
        answer: &str,
        members: &[Member],
    ) -> Outcome<String> {
        let status = self.status(operation);
        let headers: Vec<Member> =
            members.iter().filter(|m| m.place == "header").cloned().collect();
        let inside: Vec<Member> = members.iter().filter(|m| m.place == "body").cloned().collect();
        let mut text = String::new();
        for member in &headers {
            text.push_str(&self.print_header(member));
        }
        for member in members.iter().filter(|m| m.place == "headers") {
            let prefix = member.wire.to_ascii_lowercase();
            text.push_str(&format!("to.prefixed({prefix:?}, &self.{});\n", field(&member.name)));
        }
        if let Some(payload) = members.iter().find(|m| m.place == "payload") {
            text.push_str(&self.print_payload(operation, payload)?);
        } else if !inside.is_empty() && !self.streams(operation) {
            let root = overlay::of(&overlay::ROOTS, operation)
                .ok_or_else(|| format!("s3: the root of `{operation}`'s answer is not known"))?;
            let prints = match inside.as_slice() {
                [one] if overlay::TEXT_ROOTS.contains(&operation) => {
                    format!("to.content(self.{}.as_deref());", field(&one.name))
                }
                _ => self.prints(&inside)?,
            };
            text.push_str(&format!("to.xml({root:?}, NAMESPACE, |to| {{ {prints} }});\n"));
        }
        let to = if text.is_empty() {
            format!("Response::empty({status})")
        } else {
            format!("let mut to = Response::empty({status}); {text} to")
        };
        Ok(format!(
            "impl RestOutput for {answer} {{ fn to_response(&self) -> Response {{ {to} }} }}\n"
        ))
    }

    fn streams(&self, operation: &str) -> bool {
        let shape = self.model.operation_text(operation, "output/shape").unwrap_or_default();
        self.model.members(shape).iter().any(|member| member.place == "stream")
    }

    fn print_payload(&self, operation: &str, payload: &Member) -> Outcome<String> {
        let name = field(&payload.name);
        if self.model.kind(&payload.shape) == "string" {
            return Ok(format!("to.document(\"application/json\", self.{name}.clone());\n"));
        }
        let root = overlay::of(&overlay::PAYLOAD_ROOTS, operation).unwrap_or(&payload.wire);
        let members = self.model.members(&payload.shape);
        let prints = self.prints(&members)?.replace("self.", "value.");
        Ok(format!(
            "if let Some(value) = &self.{name} {{
                to.xml({root:?}, NAMESPACE, |to| {{ {prints} }});
            }}\n"
        ))
    }

    fn print_header(&self, member: &Member) -> String {
        let iso = self.model.shape_text(&member.shape, "timestampFormat") == Some("iso8601");
        let how = if iso { "header_iso" } else { "header" };
        let wire = member.wire.to_ascii_lowercase();
        let name = field(&member.name);
        let value = match member.required {
            true => format!("Some(&self.{name})"),
            false => format!("self.{name}.as_ref()"),
        };
        format!("to.{how}({wire:?}, {value});\n")
    }

    fn query_output(
        &mut self,
        operation: &str,
        answer: &str,
        members: &[Member],
    ) -> Outcome<String> {
        let wrapper = self.model.operation_text(operation, "output/resultWrapper");
        let result = wrapper.map_or_else(|| "None".to_owned(), |name| format!("Some({name:?})"));
        let prints = self.prints(members)?;
        let to = if members.is_empty() { "_" } else { "to" };
        Ok(format!(
            "impl QueryOutput for {answer} {{
                const ACTION: &'static str = {operation:?};
                const NAMESPACE: &'static str = NAMESPACE;
                const RESULT: Option<&'static str> = {result};
                {RESULT}(&self, {to}: &mut Writer) {{ {prints} }}
            }}\n"
        ))
    }

    /// The statements that print elements.
    fn prints(&self, members: &[Member]) -> Outcome<String> {
        let mut text = String::new();
        for member in members.iter().filter(|member| member.place == "body") {
            let Member { shape, wire, required, .. } = member;
            let name = field(&member.name);
            let encoded = overlay::has(&overlay::ENCODED, self.service.name, shape);
            let item = self.model.item_wire(member);
            text.push_str(&match self.model.kind(shape) {
                "list" if member.flattened => format!("to.flat({item:?}, &self.{name});\n"),
                "list" if *required => format!("to.list({wire:?}, {item:?}, &self.{name});\n"),
                "list" => {
                    format!("to.optional_list({wire:?}, {item:?}, self.{name}.as_ref());\n")
                }
                "map" => format!("to.map({wire:?}, &self.{name});\n"),
                _ if encoded && *required => {
                    format!("to.encoded({wire:?}, Some(&self.{name}));\n")
                }
                _ if encoded => format!("to.encoded({wire:?}, self.{name}.as_deref());\n"),
                _ => format!("to.member({wire:?}, &self.{name});\n"),
            });
        }
        Ok(text)
    }
}
