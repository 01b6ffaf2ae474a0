//! The names of the models as Rust names.

/// A field: `SSECustomerKeyMD5` is `sse_customer_key_md5`, `ETag` is `etag`.
pub(crate) fn field(member: &str) -> String {
    let snake = snake(&member.replace("ETag", "Etag").replace("IDs", "Ids"));
    match snake.as_str() {
        "type" => "type_".to_owned(),
        _ => snake,
    }
}

/// A constant: `userNameType` is `USER_NAME_TYPE`.
pub(crate) fn constant(shape: &str) -> String {
    snake(&shape.replace("ETag", "Etag")).to_ascii_uppercase()
}

/// A type: `accessKeyMetadata` is `AccessKeyMetadata`.
pub(crate) fn type_name(shape: &str) -> String {
    let mut characters = shape.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + characters.as_str()
    })
}

fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, &c) in characters.iter().enumerate() {
        let previous = at.checked_sub(1).and_then(|at| characters.get(at));
        let next = characters.get(at.saturating_add(1));
        let after_lower = previous.is_some_and(|p| p.is_ascii_lowercase());
        let before_lower = previous.is_some() && next.is_some_and(|n| n.is_ascii_lowercase());
        if c.is_ascii_uppercase() && (after_lower || before_lower) {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_capitals_are_one_word() {
        for (member, name) in [
            ("SSECustomerKeyMD5", "sse_customer_key_md5"),
            ("ETag", "etag"),
            ("OpenIDConnectProviderArn", "open_id_connect_provider_arn"),
            ("ChecksumCRC64NVME", "checksum_crc64nvme"),
            ("IsTruncated", "is_truncated"),
            ("Type", "type_"),
        ] {
            assert_eq!(field(member), name);
        }
        assert_eq!(constant("userNameType"), "USER_NAME_TYPE");
        assert_eq!(type_name("accessKeyMetadata"), "AccessKeyMetadata");
    }
}
