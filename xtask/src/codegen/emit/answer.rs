//! Prints how answers are written.

use super::Printer;
use crate::codegen::Outcome;
use crate::codegen::ident::field;
use crate::codegen::model::Member;
use crate::codegen::overlay;

/// The head of the function that is printed.
const RESULT: &str = "\nfn result";

impl Printer<'_> {
    pub(super) fn rest_output(
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

    pub(super) fn streams(&self, operation: &str) -> bool {
        let shape = self.model.operation_text(operation, "output/shape").unwrap_or_default();
        self.model.members(shape).iter().any(|member| member.place == "stream")
    }

    pub(super) fn print_payload(&self, operation: &str, payload: &Member) -> Outcome<String> {
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

    pub(super) fn print_header(&self, member: &Member) -> String {
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

    pub(super) fn query_output(
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
    pub(super) fn prints(&self, members: &[Member]) -> Outcome<String> {
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
