//! Tables of distinguished names: which mean the same, and which are none.

use proptest::prelude::*;

use super::*;

fn canonical(text: &str) -> String {
    text.parse::<DistinguishedName>().unwrap_or_else(|error| panic!("{text}: {error}")).0
}

/// corpus: LDP-05
/// oracle: answer, twin
#[test]
fn texts_that_mean_one_entry_become_one_value() {
    let alice = "uid=alice,ou=people,dc=example,dc=test";
    for text in [
        alice,
        "UID=alice,OU=people,DC=example,DC=test",
        "uid=ALICE,ou=People,dc=Example,dc=TEST",
        "uid = alice , ou = people , dc = example , dc = test",
        "  uid=alice, ou=people, dc=example, dc=test  ",
        r"uid=\61lice,ou=p\65ople,dc=example,dc=test",
        "uid=#0405616c696365,ou=people,dc=example,dc=test",
        "uid=#0C05414C494345,ou=people,dc=example,dc=test",
        "0.9.2342.19200300.100.1.1=alice,2.5.4.11=people,dc=example,dc=test",
        "OID.0.9.2342.19200300.100.1.1=alice,organizationalUnitName=people,dc=example,dc=test",
        "userid=alice,ou=people,domainComponent=example,dc=test",
        "uid=\u{ff21}lice,ou=people,dc=example,dc=test",
        "uid=al\u{ad}ice,ou=people,dc=example,dc=test",
        "uid=alice\u{a0},ou=people,dc=example,dc=test",
    ] {
        assert_eq!(canonical(text), alice, "{text}");
    }
    for text in [
        "uid=alice2,ou=people,dc=example,dc=test",
        "uid=alice,ou=people,dc=example",
        "cn=alice,ou=people,dc=example,dc=test",
        r"uid=alice\,ou\=people,dc=example,dc=test",
        "uid=ali ce,ou=people,dc=example,dc=test",
        "uid=alic\u{e9},ou=people,dc=example,dc=test",
        "ou=people,uid=alice,dc=example,dc=test",
    ] {
        assert_ne!(canonical(text), alice, "{text}");
    }
}

/// RFC 4514 §4, and the canonical form of each of its examples.
#[test]
fn the_examples_of_rfc_4514_are_read() {
    for (text, expected) in [
        ("UID=jsmith,DC=example,DC=net", "uid=jsmith,dc=example,dc=net"),
        ("OU=Sales+CN=J.  Smith,DC=example,DC=net", "cn=j. smith+ou=sales,dc=example,dc=net"),
        (
            r#"CN=James \"Jim\" Smith\, III,DC=example"#,
            r#"cn=james \"jim\" smith\, iii,dc=example"#,
        ),
        (r"CN=Before\0dAfter,DC=example,DC=net", "cn=before after,dc=example,dc=net"),
        ("1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=Hi"),
        (r"CN=Lu\C4\8Di\C4\87", "cn=lu\u{10d}i\u{107}"),
        ("", ""),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
    }
}

#[test]
fn composed_and_decomposed_accents_are_one_and_an_accent_counts() {
    assert_eq!(canonical("cn=Jose\u{301}"), canonical("cn=JOS\u{c9}"));
    assert_ne!(canonical("cn=Jose"), canonical("cn=Jos\u{e9}"));
}

#[test]
fn spaces_at_the_ends_do_not_count_and_those_between_words_count_once() {
    assert_eq!(canonical(r"cn=\20 a  b \20,dc=x"), "cn=a b,dc=x");
    assert_eq!(canonical("cn=a b"), canonical("cn=  a    b  "));
    assert_ne!(canonical("cn=ab"), canonical("cn=a b"));
}

#[test]
fn a_value_of_an_unknown_attribute_keeps_its_case() {
    assert_ne!(canonical("x-id=A"), canonical("x-id=a"));
    assert_eq!(canonical("X-ID=A"), canonical("x-id=A"));
}

#[test]
fn the_order_of_attributes_within_a_level_does_not_count() {
    assert_eq!(canonical("cn=a+ou=b,dc=x"), canonical("OU=b + CN=a,dc=x"));
    assert_ne!(canonical("cn=a,ou=b"), canonical("ou=b,cn=a"));
}

#[test]
fn what_is_no_distinguished_name_is_refused() {
    for bad in [
        "alice",
        "=alice",
        "uid=alice,",
        ",uid=alice",
        "uid=a,,dc=x",
        "uid=a;dc=x",
        "uid=\"a\"",
        "uid=a<b",
        "uid=a\\",
        "uid=a\\0",
        "uid=a\\zz",
        "uid=\\ff",
        "uid=\\c4",
        "uid=#",
        "uid=#040",
        "uid=#04zz",
        "uid=#0405 x",
        "uid=a+",
        "1.=a",
        "1=a",
        "01.2=a",
        "u_id=a",
        "uid\u{0}=a",
        "uid=a\0b",
        "cn=a,\u{e9}=b",
    ] {
        assert!(bad.parse::<DistinguishedName>().is_err(), "{bad}");
    }
}

#[test]
fn its_length_its_levels_and_their_attributes_are_bounded() {
    let long = |bytes: usize| format!("cn={}", "a".repeat(bytes - 3));
    assert!(long(DN_BYTES_MAX).parse::<DistinguishedName>().is_ok());
    assert!(long(DN_BYTES_MAX + 1).parse::<DistinguishedName>().is_err());
    let levels = |count: usize| vec!["dc=a"; count].join(",");
    assert!(levels(DN_LEVELS_MAX).parse::<DistinguishedName>().is_ok());
    assert!(levels(DN_LEVELS_MAX + 1).parse::<DistinguishedName>().is_err());
    let wide = |count: usize| vec!["dc=a"; count].join("+");
    assert!(wide(LEVEL_ATTRIBUTES_MAX).parse::<DistinguishedName>().is_ok());
    assert!(wide(LEVEL_ATTRIBUTES_MAX + 1).parse::<DistinguishedName>().is_err());
}

#[test]
fn an_entry_is_within_its_base_by_whole_levels_only() {
    let dn = |text: &str| text.parse::<DistinguishedName>().unwrap();
    let base = dn("ou=people,dc=example");
    for inside in
        ["ou=people,dc=example", "uid=a,OU=People,dc=example", r"cn=a\\,ou=people,dc=example"]
    {
        assert!(dn(inside).is_within(&base), "{inside}");
    }
    for outside in [
        "dc=example",
        "ou=xpeople,dc=example",
        r"cn=a\,ou\=people,dc=example",
        "ou=people,dc=example,dc=x",
    ] {
        assert!(!dn(outside).is_within(&base), "{outside}");
    }
    assert!(dn("uid=a").is_within(&dn("")));
}

#[test]
fn the_fuzz_corpus_is_read_or_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/distinguished_name");
    for file in std::fs::read_dir(corpus).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        if let Ok(name) = text.parse::<DistinguishedName>() {
            assert_eq!(name.as_str().parse::<DistinguishedName>().unwrap(), name, "{text}");
        }
    }
}

proptest! {
    /// corpus: LDP-03
    /// oracle: answer
    #[test]
    fn a_canonical_name_reads_as_itself(
        values in proptest::collection::vec("[ a-zA-Z,+\"\\\\<>;=#*()éÉ\u{0}\u{a0}]{1,8}", 1..4),
    ) {
        // A space before all else is escaped too, or it is none of the value's (RFC 4514 §2.4).
        let first = |value: &str| if value.starts_with(' ') { "\\" } else { "" };
        let written = values.iter().map(|v| format!("cn={}{}", first(v), escape(v)));
        let text = written.collect::<Vec<_>>().join(",");
        let once: DistinguishedName = text.parse().unwrap();
        let twice: DistinguishedName = once.as_str().parse().unwrap();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,64}") {
        if let Ok(dn) = text.parse::<DistinguishedName>() {
            prop_assert_eq!(dn.as_str().parse::<DistinguishedName>().unwrap(), dn);
        }
    }
}
