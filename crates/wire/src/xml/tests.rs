//! What the XML reader takes, what it refuses, and that the writer's output comes back.

use proptest::prelude::*;

use super::read::{XML_BYTES_MAX, XML_DEPTH_MAX, XML_ELEMENTS_MAX, XmlError, read};
use super::write::Writer;
use crate::element::Element;
use crate::scalar::Times;

fn print(element: &Element, to: &mut Writer) {
    to.element(&element.name, |to| {
        to.content(Some(&element.text));
        for child in &element.children {
            print(child, to);
        }
    });
}

fn text_of(text: &str) -> Result<String, XmlError> {
    read(text).map(|element| element.text)
}

#[test]
fn entities_references_and_sections_become_text() {
    assert_eq!(text_of("<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</a>").unwrap(), "<&>\"'AB");
    assert_eq!(text_of("<a><![CDATA[<b>&amp;]]></a>").unwrap(), "<b>&amp;");
    assert_eq!(text_of("<a> x\r\ny<!-- z --></a>").unwrap(), " x\ny");
    assert_eq!(text_of("<a>&#x1;&#13;</a>").unwrap(), "\u{1}\r");
    assert_eq!(text_of("<a/>").unwrap(), "");
}

#[test]
fn a_declaration_a_mark_and_namespaces_are_taken() {
    let text = "\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n\
                <s:a xmlns:s=\"urn:x\" b=\">\"><s:c> d </s:c>\n</s:a>\n";
    let element = read(text).unwrap();
    assert_eq!((element.name.as_str(), element.text.as_str()), ("a", ""));
    assert_eq!(element.children.first().unwrap().text, " d ");
}

#[test]
fn an_entity_declaration_is_refused_before_any_entity_is_read() {
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><l>&b;</l>";
    assert_eq!(read(laughs), Err(XmlError::DocumentType));
    let outside = "<!DOCTYPE l SYSTEM \"file:///etc/passwd\"><l/>";
    assert_eq!(read(outside), Err(XmlError::DocumentType));
    assert_eq!(read("<l>&b;</l>"), Err(XmlError::Entity));
    assert!(read("<l>&amp;</l>").is_ok());
}

#[test]
fn a_reference_to_no_character_is_refused() {
    for bad in ["&#0;", "&#x0;", "&#xD800;", "&#x110000;", "&#;", "&#x;", "&#+1;", "&#99999999999;"]
    {
        assert_eq!(read(&format!("<a>{bad}</a>")), Err(XmlError::Entity), "{bad}");
    }
}

#[test]
fn what_is_not_one_whole_element_is_refused() {
    for bad in
        ["", " ", "text", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a/>x", "x<a/>", "<a", "<a>&"]
    {
        assert!(read(bad).is_err(), "{bad}");
    }
    assert!(read("<a></a>").is_ok());
}

#[test]
fn text_beside_elements_is_refused_and_white_space_is_not() {
    assert_eq!(read("<a>x<b/></a>"), Err(XmlError::Mixed));
    assert_eq!(read("<a><b/>x</a>"), Err(XmlError::Mixed));
    assert!(read("<a> <b/>\n</a>").is_ok());
}

#[test]
fn raw_control_characters_and_instructions_are_refused() {
    assert_eq!(read("<a>\0</a>"), Err(XmlError::Character));
    assert_eq!(read("<a>\u{1}</a>"), Err(XmlError::Character));
    assert_eq!(read("<a><?php x?></a>"), Err(XmlError::Instruction));
    assert_eq!(read("<a/><?xml version='1.0'?>"), Err(XmlError::Instruction));
    assert!(read("<?xml version='1.0'?><a/>").is_ok());
}

#[test]
fn another_encoding_is_refused() {
    let with = |encoding| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><a/>");
    for (encoding, good) in [("UTF-8", true), ("utf-8", true), ("UTF-16", false), ("UTF-7", false)]
    {
        assert_eq!(read(&with(encoding)).is_ok(), good, "{encoding}");
    }
}

#[test]
fn the_limits_hold_at_them_and_one_past_them() {
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(read(&deep(XML_DEPTH_MAX)).is_ok());
    assert_eq!(read(&deep(XML_DEPTH_MAX + 1)), Err(XmlError::Depth));
    assert_eq!(read(&deep(200_000)), Err(XmlError::Depth));

    let wide = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
    assert!(read(&wide(XML_ELEMENTS_MAX)).is_ok());
    assert_eq!(read(&wide(XML_ELEMENTS_MAX + 1)), Err(XmlError::Elements));

    let long = |bytes: usize| format!("<a>{}</a>", "x".repeat(bytes - 7));
    assert!(read(&long(XML_BYTES_MAX)).is_ok());
    assert_eq!(read(&long(XML_BYTES_MAX + 1)), Err(XmlError::Bytes(XML_BYTES_MAX + 1)));
}

fn texts() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>().prop_filter("S3 has no NUL", |c| *c != '\0'), 0..20)
        .prop_map(|characters| characters.into_iter().collect())
}

fn elements() -> impl Strategy<Value = Element> {
    let named = |name: String| Element::new(crate::Place::Body, &name);
    let leaf = ("[A-Za-z_][A-Za-z0-9]{0,8}", texts())
        .prop_map(move |(name, text)| Element { text, ..named(name) });
    leaf.prop_recursive(4, 40, 6, move |inner| {
        ("[A-Za-z_][A-Za-z0-9]{0,8}", proptest::collection::vec(inner, 1..6))
            .prop_map(move |(name, children)| Element { children, ..named(name) })
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_itself(element in elements()) {
        let mut to = Writer::new(Times::Millis);
        print(&element, &mut to);
        prop_assert_eq!(read(&to.finish()), Ok(element));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = read(&text);
    }

    #[test]
    fn no_markup_makes_the_reader_panic(parts in proptest::collection::vec(
        prop::sample::select(vec![
            "<", ">", "/", "</", "<a>", "</a>", "<a/>", "&", "&#", ";", "&amp;", "<!--", "-->",
            "<![CDATA[", "]]>", "<?xml ", "?>", "<!DOCTYPE ", "[", "]", "\"", "=", "x", " ", "é",
        ]),
        0..40,
    )) {
        let _ = read(&parts.concat());
    }
}
