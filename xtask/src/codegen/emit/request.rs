//! Prints how requests are read.

use serde_json::Value;

use super::Printer;
use crate::codegen::Outcome;
use crate::codegen::ident::field;
use crate::codegen::model::Member;
use crate::codegen::overlay;

/// The head of the function that is printed.
const PARSE: &str = "\nfn parse";

impl Printer<'_> {
    pub(super) fn rest_request(
        &mut self,
        operation: &str,
        request: &str,
        members: &[Member],
    ) -> Outcome<String> {
        let uri = self.model.operation_text(operation, "http/requestUri").unwrap_or_default();
        let level = match () {
            () if self.service.name == "s3control" => "Account",
            () if uri.starts_with("/{Bucket}/{Key+}") => "Object",
            () if uri.starts_with("/{Bucket}") => "Bucket",
            () => "Service",
        };
        let required = |place: &str| -> Vec<String> {
            let members = members.iter().filter(|m| m.required && m.place == place);
            members.map(|m| m.wire.to_ascii_lowercase()).collect()
        };
        let literals = self.literals(operation);
        // Where a marker selects the operation, a missing header is an error and not another one.
        let headers = if literals.is_empty() { required("header") } else { Vec::new() };
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
                    literals: &{literals:?},
                    parameters: &{parameters:?},
                    headers: &{headers:?},
                    payload: Payload::{payload},
                    status: {},
                }};
                {PARSE}({from}: &Parts<'_>) -> Result<Self, WireError> {{
                    Ok(Self {{ {fields} }})
                }}
            }}\n",
            self.status(operation)
        ))
    }

    pub(super) fn query_request(
        &mut self,
        operation: &str,
        request: &str,
        members: &[Member],
    ) -> Outcome<String> {
        let fields = self.fields(members, "from")?;
        let root = if members.is_empty() { "" } else { "let from = form.root();" };
        let mut known = Vec::new();
        self.parameters(members, "", &mut known)?;
        Ok(format!(
            "impl QueryRequest for {request} {{
                const ACTION: &'static str = {operation:?};
                const PARAMETERS: &'static [&'static str] = &{known:?};
                {PARSE}(form: &Form) -> Result<Self, WireError> {{
                    form.only(Self::PARAMETERS)?;
                    {root}
                    Ok(Self {{ {fields} }})
                }}
            }}\n"
        ))
    }

    /// The names of all values below these members, as a form has them but for list numbers.
    fn parameters(&self, members: &[Member], above: &str, known: &mut Vec<String>) -> Outcome<()> {
        for member in members {
            let mut name = format!("{above}{}", member.wire);
            let mut shape = member.shape.as_str();
            if self.model.kind(shape) == "list" {
                if !member.flattened {
                    name = format!("{name}.{}", self.model.item_wire(member));
                }
                shape = self.model.item(shape);
            }
            match self.model.kind(shape) {
                "structure" => {
                    self.parameters(&self.model.members(shape), &format!("{name}."), known)?;
                }
                "list" | "map" => return Err(format!("`{name}` is a {shape} of a form").into()),
                _ => known.push(name),
            }
        }
        Ok(())
    }

    /// The fields of a struct literal, each read from its place.
    pub(super) fn fields(&mut self, members: &[Member], from: &str) -> Outcome<String> {
        let mut text = String::new();
        for member in members {
            let read = self.read(member, from)?;
            text.push_str(&format!("{}: {read},\n", field(&member.name)));
        }
        Ok(text)
    }

    pub(super) fn read(&mut self, member: &Member, from: &str) -> Outcome<String> {
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
            "attribute" => format!("{from}.attribute({wire:?})"),
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
    pub(super) fn items(&self, member: &Member) -> String {
        let number = |field: &str| self.model.shape(&member.shape, field).and_then(Value::as_u64);
        let ours = overlay::ITEMS_MAX.iter();
        let ours = ours.clone().find(|o| o.0 == self.service.name && o.1 == member.shape);
        let min = number("min").unwrap_or(u64::from(member.required && member.flattened));
        let max = ours.map(|o| o.2).or_else(|| number("max"));
        format!("{min}..={}", max.map_or_else(|| "usize::MAX".to_owned(), |max| max.to_string()))
    }
}
