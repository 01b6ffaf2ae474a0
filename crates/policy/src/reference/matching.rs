//! Whether a statement is about the action and the resource (1.2).

use crate::reference::asked::Asked;
use crate::reference::document::{Effect, Listed, Policy, Statement};
use crate::reference::pattern::{Case, matches, matches_arn, pattern, wildcards};

/// 1.1: an element matches if one of its entries does, its Not-form if none does; so an empty
/// list matches nothing, and its opposite everything (decision).
pub(super) fn listed<T>(list: &Listed<T>, entry_matches: impl Fn(&T) -> bool) -> bool {
    match list {
        Listed::Only(entries) => entries.iter().any(entry_matches),
        Listed::AllBut(entries) => !entries.iter().any(entry_matches),
    }
}

pub(super) fn is_about_the_action(statement: &Statement, asked: &Asked<'_>) -> bool {
    listed(&statement.actions, |text| action_matches(text, asked))
}

/// 1.2: `*` is every action; else service and name are matched without regard to case. White
/// space, a comma or an empty name are in no action, so such a pattern matches none.
fn action_matches(text: &str, asked: &Asked<'_>) -> bool {
    let matches = |pattern, text| matches(&wildcards(pattern), text, Case::Ignored);
    match text.split_once(':') {
        Some((service, name)) => {
            let action = &asked.check.action;
            matches(service, action.service()) && matches(name, action.name())
        }
        None => text == "*",
    }
}

/// A statement without the element (a role's trust policy) is about its one resource.
pub(super) fn is_about_the_resource(
    policy: &Policy,
    statement: &Statement,
    asked: &Asked<'_>,
) -> bool {
    let case = case_of_names(statement, asked);
    let resource = resource_asked(asked);
    statement.resources.as_ref().is_none_or(|resources| {
        listed(resources, |text| {
            // 2: a pattern in which a variable has no value matches no resource.
            pattern(text, policy.version, asked)
                .is_some_and(|pattern| matches_arn(&pattern, &resource, case))
        })
    })
}

/// Decision: an action without a resource is asked of every resource of its service.
fn resource_asked(asked: &Asked<'_>) -> String {
    match asked.check.resource.as_str() {
        "*" => format!("arn:aws:{}:::*", asked.check.action.service()),
        arn => arn.to_owned(),
    }
}

/// Decision: the case of IAM names is ignored where matching more denies more.
fn case_of_names(statement: &Statement, asked: &Asked<'_>) -> Case {
    let more_matches_deny_more = matches!(
        (statement.effect, &statement.resources),
        (Effect::Deny, Some(Listed::Only(_))) | (Effect::Allow, Some(Listed::AllBut(_)))
    );
    if more_matches_deny_more && asked.check.resource.service() == "iam" {
        Case::Ignored
    } else {
        Case::Exact
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Document, Kind};
    use crate::reference::document::Policy;
    use crate::reference::testing::World;

    /// Whether a statement with these elements is about alice's request.
    fn about(world: &World, effect: &str, elements: &str) -> bool {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "{effect}", {elements}}}}}"#
        );
        let policy = Policy::read(&Document::parse(&text, Kind::Identity).unwrap());
        let statement = &policy.statements[0];
        world.with_asked(|asked| {
            super::is_about_the_action(statement, asked)
                && super::is_about_the_resource(&policy, statement, asked)
        })
    }

    fn action(text: &str) -> bool {
        about(&World::alice(), "Allow", &format!(r#"{text}, "Resource": "*""#))
    }

    fn resource(text: &str) -> bool {
        about(&World::alice(), "Allow", &format!(r#""Action": "*", {text}"#))
    }

    #[test]
    fn actions_ignore_case_and_know_wildcards_in_every_part() {
        for pattern in ["*", "*:*", "S3:getobject", "s?:Get*", "s3:*Object"] {
            assert!(action(&format!(r#""Action": "{pattern}""#)), "{pattern}");
            assert!(!action(&format!(r#""NotAction": "{pattern}""#)), "{pattern}");
        }
        for pattern in ["s3:Get", "s3:", "s3: GetObject", "s3:Get*,*", "iam:*"] {
            assert!(!action(&format!(r#""Action": "{pattern}""#)), "{pattern}");
            assert!(action(&format!(r#""NotAction": "{pattern}""#)), "{pattern}");
        }
    }

    #[test]
    fn an_empty_list_matches_nothing_and_its_opposite_everything() {
        assert!(!action(r#""Action": []"#) && action(r#""NotAction": []"#));
        assert!(!resource(r#""Resource": []"#) && resource(r#""NotResource": []"#));
    }

    #[test]
    fn a_variable_without_a_value_empties_a_resource_and_widens_its_opposite() {
        assert!(!resource(r#""Resource": "arn:aws:s3:::finance/${aws:absent}*""#));
        assert!(resource(r#""NotResource": "arn:aws:s3:::finance/${aws:absent}*""#));
        assert!(resource(r#""Resource": "arn:aws:s3:::finance/${aws:username}/*""#));
    }

    #[test]
    fn resources_keep_their_case() {
        assert!(resource(r#""Resource": "arn:aws:s3:::finance/alice/*""#));
        assert!(!resource(r#""Resource": "arn:aws:s3:::finance/ALICE/*""#));
    }

    #[test]
    fn an_action_without_a_resource_is_asked_of_every_resource_of_its_service() {
        let world = World::alice().asking("s3:ListAllMyBuckets", "*");
        let on = |arn: &str| format!(r#""Action": "*", "Resource": "{arn}""#);
        assert!(about(&world, "Allow", &on("arn:aws:s3:::*")));
        assert!(!about(&world, "Allow", &on("arn:aws:s3:::finance/*")));
        assert!(!about(&world, "Allow", &on("arn:aws:iam:::*")));
    }

    #[test]
    fn iam_names_ignore_case_only_where_that_denies_more() {
        let world = World::alice().asking("iam:DeleteUser", "arn:aws:iam::111122223333:user/BOSS");
        let element = |name: &str| {
            format!(r#""Action": "*", "{name}": "arn:aws:iam::111122223333:user/boss""#)
        };
        assert!(about(&world, "Deny", &element("Resource")));
        assert!(!about(&world, "Allow", &element("NotResource")));
        assert!(!about(&world, "Allow", &element("Resource")));
        assert!(about(&world, "Deny", &element("NotResource")));
    }
}
