//! Messages as directories send them, and what is none.

use ldap3::asn1::{PL, StructureTag, Tag, parse_tag};
use ldap3::controls::{ControlParser as _, PagedResults};
use ldap3::{LdapResult, ResultEntry, SearchEntry};
use proptest::prelude::*;

use super::*;

/// A value.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut value = vec![tag, 0x84];
    value.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
    value.extend(content);
    value
}

/// A message with that id.
fn message(id: u8, rest: &[Vec<u8>]) -> Vec<u8> {
    tlv(SEQUENCE, &[tlv(INTEGER, &[id]), rest.concat()].concat())
}

fn said(code: u8) -> Vec<u8> {
    [tlv(ENUMERATED, &[code]), tlv(OCTET_STRING, b""), tlv(OCTET_STRING, b"words\0")].concat()
}

fn found(values: &[&[u8]]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|value| tlv(OCTET_STRING, value)).collect();
    let attribute = [tlv(OCTET_STRING, b"objectGUID"), tlv(SET, &values)].concat();
    let attributes = tlv(SEQUENCE, &tlv(SEQUENCE, &attribute));
    tlv(SEARCH_ENTRY, &[tlv(OCTET_STRING, b"cn=a"), attributes].concat())
}

/// The control of a page, with that value.
fn paged(value: &[u8]) -> Vec<u8> {
    let parts = [tlv(OCTET_STRING, PAGED_RESULTS), tlv(OCTET_STRING, value)].concat();
    tlv(CONTROLS, &tlv(SEQUENCE, &parts))
}

fn page(cookie: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[tlv(INTEGER, &[0]), tlv(OCTET_STRING, cookie)].concat())
}

fn asked(operation: u8) -> Exchange {
    let mut exchange = Exchange::default();
    exchange.asks(&message(7, &[tlv(operation, b"")])).unwrap();
    exchange
}

/// So many values within each other, and nothing in them.
fn nested(levels: usize) -> Vec<u8> {
    let lengths = (0..levels).rev().map(|inner| u32::try_from(6 * inner).unwrap());
    lengths.flat_map(|length| [&[SEQUENCE, 0x84], &length.to_be_bytes()[..]].concat()).collect()
}

#[test]
fn what_directories_send_is_handed_on_but_for_what_nobody_reads() {
    let mut bind = asked(BIND_REQUEST);
    assert_eq!(bind.answers(&message(7, &[tlv(BIND_RESPONSE, &said(0))])), Ok(true));
    // As short as slapd writes it.
    let mut bind = asked(BIND_REQUEST);
    assert_eq!(bind.answers(b"\x30\x0c\x02\x01\x07\x61\x07\x0a\x01\x31\x04\x00\x04\x00"), Ok(true));
    let mut search = asked(SEARCH_REQUEST);
    for (rest, handed_on) in [
        (vec![found(&[b"1", b"\xff\x00"])], true),
        (vec![tlv(SEARCH_REFERENCE, &tlv(OCTET_STRING, b"ldap://elsewhere"))], false),
        (vec![tlv(INTERMEDIATE_RESPONSE, b"")], false),
        (vec![tlv(SEARCH_DONE, &said(0)), paged(&page(b"cookie"))], true),
    ] {
        assert_eq!(search.answers(&message(7, &rest)), Ok(handed_on), "{rest:02x?}");
    }
    let referral = tlv(0xa3, &tlv(OCTET_STRING, b"ldap://elsewhere"));
    let later = tlv(0x85, b"what later versions add");
    let result = [said(10), referral, later].concat();
    assert_eq!(search.answers(&message(7, &[tlv(SEARCH_DONE, &result)])), Ok(true));
    // As Active Directory says that it ends a connection.
    let mut any = asked(SEARCH_REQUEST);
    let notice = [tlv(EXTENDED_RESPONSE, &said(52)), tlv(NAME_OUTSIDE, b"1.3.6.1")];
    assert_eq!(any.answers(&message(0, &notice)), Ok(false));
}

#[test]
fn an_answer_to_something_else_is_none() {
    let answer = message(7, &[tlv(BIND_RESPONSE, &said(0))]);
    assert_eq!(Exchange::default().answers(&answer), Err(MessageFault::Unasked));
    assert_eq!(asked(SEARCH_REQUEST).answers(&answer), Err(MessageFault::Unasked));
    let other = message(8, &[tlv(BIND_RESPONSE, &said(0))]);
    assert_eq!(asked(BIND_REQUEST).answers(&other), Err(MessageFault::Unasked));
    let modified = message(7, &[tlv(0x67, &said(0))]);
    assert_eq!(asked(SEARCH_REQUEST).answers(&modified), Err(MessageFault::Unasked));
}

#[test]
fn a_length_is_one_that_a_message_has() {
    for (bytes, expected) in [
        (&b""[..], Ok(None)),
        (b"\x30", Ok(None)),
        (b"\x30\x84\x00\x00", Ok(None)),
        (b"\x30\x0c", Ok(Some(14))),
        (b"\x30\x81\x80", Ok(Some(131))),
        (b"\x30\x84\x00\x80\x00\x00", Ok(Some(MESSAGE_BYTES_MAX + 6))),
        (b"\x30\x84\x00\x80\x00\x01", Err(MessageFault::Long)),
        (b"\x30\x84\xff\xff\xff\xff", Err(MessageFault::Long)),
        (b"\x30\x80", Err(MessageFault::Form)),
        (b"\x30\x85\x00\x00\x00\x00\x01", Err(MessageFault::Form)),
        (b"\x30\xff", Err(MessageFault::Form)),
        (b"HTTP/1.1 400", Err(MessageFault::Form)),
    ] {
        assert_eq!(message_bytes(bytes), expected, "{bytes:02x?}");
    }
}

#[test]
fn values_lie_as_deep_as_any_do_and_no_deeper() {
    let within = |levels| {
        let attribute = tlv(0x85, b"");
        let deep = [said(0), nested(levels), attribute].concat();
        asked(BIND_REQUEST).answers(&message(7, &[tlv(BIND_RESPONSE, &deep)]))
    };
    // The message and its operation are two.
    assert_eq!(within(DEPTH_MAX - 2), Ok(true));
    assert_eq!(within(DEPTH_MAX - 1), Err(MessageFault::Deep));
    assert_eq!(within(1_000_000), Err(MessageFault::Deep));
}

#[test]
fn an_answer_is_as_long_as_any_and_a_new_question_begins_another() {
    let mut exchange = asked(SEARCH_REQUEST);
    let values = vec![b"".as_slice(); ANSWER_VALUES_MAX / 4];
    let many = message(7, &[found(&values)]);
    for _ in 0..3 {
        assert_eq!(exchange.answers(&many), Ok(true));
    }
    assert_eq!(exchange.answers(&many), Err(MessageFault::Endless));
    let mut exchange = asked(SEARCH_REQUEST);
    let large = message(7, &[found(&[&vec![b'a'; 4 * 1024 * 1024]])]);
    let fits = ANSWER_BYTES_MAX / large.len();
    for _ in 0..fits {
        assert_eq!(exchange.answers(&large), Ok(true));
    }
    assert_eq!(exchange.answers(&large), Err(MessageFault::Endless));
    exchange.asks(&message(7, &[tlv(SEARCH_REQUEST, b"")])).unwrap();
    assert_eq!(exchange.answers(&large), Ok(true));
}

#[test]
fn what_the_library_would_give_up_on_is_not_shown_to_it() {
    let two = |tag, content: &[u8]| [tlv(tag, b"a"), tlv(SET, content)].concat();
    let attributes = |list: &[u8]| {
        tlv(SEARCH_ENTRY, &[tlv(OCTET_STRING, b"cn=a"), tlv(SEQUENCE, list)].concat())
    };
    let done = |more: &[u8]| tlv(SEARCH_DONE, &[said(0), more.to_vec()].concat());
    let control = |parts: &[Vec<u8>]| {
        [tlv(SEARCH_DONE, &said(0)), tlv(CONTROLS, &tlv(SEQUENCE, &parts.concat()))].concat()
    };
    for rest in [
        Vec::new(),
        tlv(SEARCH_DONE, b""),
        tlv(SEARCH_DONE, &tlv(ENUMERATED, &[0])),
        tlv(SEARCH_DONE, &said(0).replace_first(ENUMERATED, INTEGER)),
        tlv(SEARCH_DONE, &[tlv(ENUMERATED, b""), said(0)].concat()),
        done(&tlv(0x83, b"not made of values")),
        done(&tlv(0xa3, &tlv(OCTET_STRING, b"\xff"))),
        done(&tlv(0x8a, b"\xff")),
        done(&tlv(0xab, b"")),
        tlv(SEARCH_DONE, &[said(0).replace_last(b'\0', 0xff)].concat()),
        tlv(SEARCH_ENTRY, b""),
        tlv(SEARCH_ENTRY, &tlv(OCTET_STRING, b"\xff")),
        attributes(&tlv(OCTET_STRING, b"")),
        attributes(&tlv(SEQUENCE, b"")),
        attributes(&tlv(SEQUENCE, &two(SET, b""))),
        attributes(&tlv(SEQUENCE, &two(OCTET_STRING, &tlv(SEQUENCE, b"")))),
        [tlv(SEARCH_DONE, &said(0)), tlv(CONTROLS, &tlv(OCTET_STRING, b""))].concat(),
        [tlv(SEARCH_DONE, &said(0)), tlv(0x80, b"")].concat(),
        [tlv(SEARCH_DONE, &said(0)), paged(&page(b"")), paged(&page(b""))].concat(),
        control(&[]),
        control(&[tlv(OCTET_STRING, b"1.2"), tlv(BOOLEAN, b"")]),
        control(&[tlv(OCTET_STRING, b"1.2"), tlv(INTEGER, b"1")]),
        control(&[tlv(OCTET_STRING, PAGED_RESULTS)]),
        [tlv(SEARCH_DONE, &said(0)), paged(&nested(100_000))].concat(),
        [tlv(SEARCH_DONE, &said(0)), paged(&tlv(SEQUENCE, b""))].concat(),
        [tlv(SEARCH_DONE, &said(0)), paged(b"")].concat(),
    ] {
        let shown = format!("{:02x?}", rest.get(..24.min(rest.len())));
        let outcome = asked(SEARCH_REQUEST).answers(&message(7, &[rest]));
        assert_eq!(outcome, Err(MessageFault::Form), "{shown}");
    }
}

/// Messages with another byte somewhere.
trait Replaced {
    fn replace_first(self, from: u8, to: u8) -> Vec<u8>;
    fn replace_last(self, from: u8, to: u8) -> Vec<u8>;
}

impl Replaced for Vec<u8> {
    fn replace_first(mut self, from: u8, to: u8) -> Vec<u8> {
        let at = self.iter().position(|byte| *byte == from).unwrap();
        self[at] = to;
        self
    }

    fn replace_last(mut self, from: u8, to: u8) -> Vec<u8> {
        let at = self.iter().rposition(|byte| *byte == from).unwrap();
        self[at] = to;
        self
    }
}

/// Does with a message what the library does, which gives up by a panic.
fn unpacked(bytes: &[u8]) {
    let (rest, whole) = parse_tag(bytes).unwrap();
    assert!(rest.is_empty());
    let PL::C(mut parts) = whole.payload else { panic!("no message") };
    let last = parts.pop().unwrap();
    let controls = match last.id {
        0 => Some(last),
        // The name that Active Directory puts there, which the library throws away.
        10 => None,
        _ => {
            parts.push(last);
            None
        }
    };
    let operation: StructureTag = parts.pop().unwrap();
    match operation.id {
        4 => drop(SearchEntry::construct(ResultEntry::new(operation))),
        _ => drop(LdapResult::from(Tag::StructureTag(operation))),
    }
    for control in controls.into_iter().flat_map(|all| all.expect_constructed().unwrap()) {
        let mut parts = control.expect_constructed().unwrap();
        let value = parts.pop().unwrap().expect_primitive().unwrap();
        if parts[0].clone().expect_primitive().unwrap() == PAGED_RESULTS {
            drop(PagedResults::parse(&value));
        }
    }
}

#[test]
fn a_name_outside_of_its_place_is_handed_on_and_unpacked() {
    let bytes = message(7, &[tlv(SEARCH_DONE, &said(0)), tlv(NAME_OUTSIDE, b"1.2")]);
    assert_eq!(asked(SEARCH_REQUEST).answers(&bytes), Ok(true));
    unpacked(&bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn whatever_is_handed_on_the_library_can_unpack(
        which in 0_usize..3,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        again in any::<prop::sample::Index>(),
        another in any::<u8>(),
    ) {
        let mut bytes = [
            message(7, &[found(&[b"1", b"\xff"])]),
            message(7, &[tlv(SEARCH_DONE, &said(0)), paged(&page(b"cookie"))]),
            message(7, &[tlv(SEARCH_DONE, &[said(10), tlv(0x8a, b"1.2")].concat())]),
        ][which].clone();
        let (one, two) = (at.index(bytes.len()), again.index(bytes.len()));
        bytes[one] = byte;
        bytes[two] = another;
        if message_bytes(&bytes) == Ok(Some(bytes.len()))
            && asked(SEARCH_REQUEST).answers(&bytes) == Ok(true)
        {
            unpacked(&bytes);
        }
    }

    #[test]
    fn bytes_without_a_meaning_are_refused_and_nothing_else_happens(
        bytes in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        let _ = message_bytes(&bytes);
        prop_assert!(asked(SEARCH_REQUEST).answers(&bytes).is_err());
    }
}
