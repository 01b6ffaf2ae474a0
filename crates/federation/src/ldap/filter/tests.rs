//! Tables of filters, and what a person's text cannot do in one.

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Filter {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// RFC 4515 §4.
#[test]
fn the_examples_of_rfc_4515_are_read_and_written() {
    for text in [
        "(cn=Babs Jensen)",
        "(!(cn=Tim Howes))",
        "(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))",
        "(o=univ*of*mich*)",
        "(seeAlso=)",
        "(cn:caseExactMatch:=Fred Flintstone)",
        "(cn:=Betty Rubble)",
        "(sn:dn:2.4.6.8.10:=Barney Rubble)",
        "(o:dn:=Ace Industry)",
        "(:1.2.3:=Wilma Flintstone)",
        "(:DN:2.4.6.8.10:=Dino)",
        "(o=Parens R Us \\28for all your parenthetical needs\\29)",
        "(cn=\\2a)",
        "(filename=C:\\5cMyFile)",
        "(bin=\\00\\00\\00\\04)",
        "(sn=Lu\\c4\\8di\\c4\\87)",
        "(1.3.6.1.4.1.1466.0=\\04\\02\\48\\69)",
        "(member:1.2.840.113556.1.4.1941:=cn=a,dc=x)",
        "(userCertificate;binary=*)",
        "(n>=1)",
        "(n<=1)",
        "(n~=1)",
    ] {
        let filter = read(text);
        assert_eq!(read(&filter.to_string()), filter, "{text}");
    }
    assert_eq!(read("(cn=Lu\u{10d})").to_string(), "(cn=Lu\\c4\\8d)");
}

#[test]
fn what_is_no_filter_is_refused() {
    for bad in [
        "",
        "a=b",
        "(a=b",
        "(a=b))",
        "()",
        "(&)",
        "(|)",
        "(!)",
        "(=b)",
        "(a b=c)",
        "(a=b(c)",
        "(a=\\)",
        "(a=\\4)",
        "(a=\\zz)",
        "(a=b**c)",
        "(a>=b*)",
        "(a:b:c:=d)",
        "(:=d)",
        "(a=\0)",
        "(a=b)(c=d)",
        "(&(a=b)c=d)",
        "(a:=b*)",
        "(1..2=a)",
        "(a;=b)",
    ] {
        assert!(bad.parse::<Filter>().is_err(), "{bad}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |depth: usize| format!("{}(a=b){}", "(!".repeat(depth - 1), ")".repeat(depth - 1));
    assert!(nested(FILTER_DEPTH_MAX).parse::<Filter>().is_ok());
    assert!(nested(FILTER_DEPTH_MAX + 1).parse::<Filter>().is_err());
    let long = |bytes: usize| format!("(a={})", "b".repeat(bytes - 4));
    assert!(long(FILTER_BYTES_MAX).parse::<Filter>().is_ok());
    assert!(long(FILTER_BYTES_MAX + 1).parse::<Filter>().is_err());
}

/// corpus: LDP-02
/// oracle: answer
#[test]
fn what_a_person_types_is_a_value_and_never_syntax() {
    let template = read("(&(objectClass=person)(|(uid=%s)(mail=%s@example.com)))");
    for name in ["*", "*)(uid=*", "a\0", ")(|(", "a\\2a", "%s", "%d", "(", "\u{e9}", "a,b+c\"<>;=#"]
    {
        let made = template.filled(name, "dn");
        let expected = Filter::And(vec![
            Filter::equal("objectClass", "person"),
            Filter::Or(vec![
                Filter::equal("uid", name),
                Filter::equal("mail", format!("{name}@example.com")),
            ]),
        ]);
        assert_eq!(made, expected, "{name}");
        assert_eq!(read(&made.to_string()), expected, "{name}");
    }
}

#[test]
fn a_template_says_which_placeholders_it_has() {
    assert!(read("(uid=%s)").mentions("%s"));
    assert!(!read("(uid=%s)").mentions("%d"));
    assert!(read("(&(a=b)(!(member=%d)))").mentions("%d"));
    assert!(read("(member:1.2.3:=%d)").mentions("%d"));
    assert!(!read("(uid=*)").mentions("%s"));
    assert!(read("(uid=*%s)").mentions("%s"));
}

#[test]
fn the_fuzz_corpus_is_read_or_refused() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/ldap_filter");
    for file in std::fs::read_dir(corpus).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let (template, name) = text.split_once('\n').unwrap();
        let filter = read(template);
        assert_eq!(read(&filter.to_string()), filter, "{template}");
        let filled = filter.filled(name, name);
        assert_eq!(read(&filled.to_string()), filled, "{name}");
    }
}

proptest! {
    /// corpus: LDP-03
    /// oracle: answer
    #[test]
    fn any_text_in_a_value_comes_back_as_it_was(name in ".{0,32}", dn in ".{0,32}") {
        let made = read("(&(uid=%s)(member=%d))").filled(&name, &dn);
        let again = read(&made.to_string());
        prop_assert_eq!(
            again,
            Filter::And(vec![Filter::equal("uid", name), Filter::equal("member", dn)])
        );
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[(&|!)a*=:\\\\0-9]{0,24}") {
        if let Ok(filter) = text.parse::<Filter>() {
            prop_assert_eq!(read(&filter.to_string()), filter);
        }
    }
}
