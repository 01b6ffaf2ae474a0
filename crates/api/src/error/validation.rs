//! What IAM and STS say of a parameter that breaks a constraint of the service model, as recorded
//! answers of AWS have it. Names the parameter, never its value.

use wire::Fault;

/// The text for a parameter and what is wrong with it; `None`: any text will do.
pub(super) fn text(member: &str, fault: &Fault) -> Option<String> {
    let name = lowered(member);
    let size = |value: &str, below: &dyn std::fmt::Display, above: &dyn std::fmt::Display, low| {
        match low {
            true => format!("Member must have {value} greater than or equal to {below}"),
            false => format!("Member must have {value} less than or equal to {above}"),
        }
    };
    let constraint = match fault {
        Fault::Missing => "Member must not be null".to_owned(),
        Fault::Length { characters, min, max } => size("length", min, max, characters < min),
        Fault::Items { items, min, max } => size("length", min, max, items < min),
        Fault::Range { value, min, max } => size("value", min, max, value < min),
        Fault::Choice { .. } => "Member must satisfy enum value set".to_owned(),
        Fault::Characters => return Some(characters(&name)),
        _ => return None,
    };
    Some(failed(&name, &constraint))
}

fn failed(name: &str, constraint: &str) -> String {
    format!(
        "1 validation error detected: Value at '{name}' failed to satisfy constraint: {constraint}"
    )
}

/// Names and paths have texts of their own.
fn characters(name: &str) -> String {
    let must = match name {
        "path" | "newPath" => {
            "begin and end with / and contain only alphanumeric characters and/or / characters."
        }
        "pathPrefix" => {
            "begin with / and contain only alphanumeric characters and/or / characters."
        }
        "roleSessionName" => {
            let pattern = r"Member must satisfy regular expression pattern: [\w+=,.@-]*";
            return failed(name, pattern);
        }
        name if name.ends_with("Name") => {
            "contain only alphanumeric characters and/or the following: +=,.@_-"
        }
        name => return failed(name, "Member must satisfy regular expression pattern"),
    };
    format!("The specified value for {name} is invalid. It must {must}")
}

/// A member as the texts write it: its first letter small, whatever follows.
fn lowered(member: &str) -> String {
    let mut letters = member.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_that_is_broken_gets_the_recorded_text() {
        let begins = "1 validation error detected: Value at ";
        for (member, fault, text_of_it) in [
            (
                "MaxPasswordAge",
                Fault::Range { value: 1096, min: 1, max: 1095 },
                "'maxPasswordAge' failed to satisfy constraint: Member must have value less than \
                 or equal to 1095",
            ),
            (
                "MinimumPasswordLength",
                Fault::Range { value: 5, min: 6, max: 128 },
                "'minimumPasswordLength' failed to satisfy constraint: Member must have value \
                 greater than or equal to 6",
            ),
            (
                "Path",
                Fault::Length { characters: 513, min: 1, max: 512 },
                "'path' failed to satisfy constraint: Member must have length less than or equal \
                 to 512",
            ),
            (
                "UserName",
                Fault::Length { characters: 0, min: 1, max: 64 },
                "'userName' failed to satisfy constraint: Member must have length greater than or \
                 equal to 1",
            ),
            (
                "SAMLMetadataDocument",
                Fault::Missing,
                "'sAMLMetadataDocument' failed to satisfy constraint: Member must not be null",
            ),
            (
                "Status",
                Fault::Choice { allowed: &["Active"] },
                "'status' failed to satisfy constraint: Member must satisfy enum value set",
            ),
        ] {
            let expected = format!("{begins}{text_of_it}");
            assert_eq!(text(member, &fault), Some(expected));
        }
        assert_eq!(text("MaxItems", &Fault::Kind { kind: "an integer" }), None);
    }

    #[test]
    fn a_path_and_a_name_have_texts_of_their_own() {
        assert_eq!(
            text("Path", &Fault::Characters).unwrap(),
            "The specified value for path is invalid. It must begin and end with / and contain \
             only alphanumeric characters and/or / characters."
        );
        assert_eq!(
            text("UserName", &Fault::Characters).unwrap(),
            "The specified value for userName is invalid. It must contain only alphanumeric \
             characters and/or the following: +=,.@_-"
        );
        let session = text("RoleSessionName", &Fault::Characters).unwrap();
        assert!(session.ends_with(r"Member must satisfy regular expression pattern: [\w+=,.@-]*"));
    }
}
