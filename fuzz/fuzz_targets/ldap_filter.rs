//! `cargo +nightly fuzz run ldap_filter`: a filter, a line feed, a login name. What is read is
//! written and read back; what a person types changes no more than values.
#![no_main]

#[expect(dead_code, reason = "what the room has and this target does not ask")]
#[path = "../../crates/federation/src/ldap/filter.rs"]
mod filter;

use filter::Filter;

/// The signs of a filter without its values.
fn shape(filter: &Filter) -> String {
    match filter {
        Filter::And(some) => format!("&{:?}", some.iter().map(shape).collect::<Vec<_>>()),
        Filter::Or(some) => format!("|{:?}", some.iter().map(shape).collect::<Vec<_>>()),
        Filter::Not(one) => format!("!{}", shape(one)),
        Filter::Compare { attribute, operator, .. } => format!("{attribute}{operator:?}"),
        Filter::Present { attribute } => format!("{attribute}=*"),
        Filter::Substrings { attribute, parts } => format!("{attribute}*{}", parts.len()),
        Filter::Extensible { rule, .. } => format!("{rule}:"),
    }
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (template, name) = text.split_once('\n').unwrap_or((text, "*)(uid=*"));
    let Ok(read) = template.parse::<Filter>() else { return };
    let again: Filter = read.to_string().parse().expect("what was written is a filter");
    assert_eq!(again, read);
    let filled = read.filled(name, name);
    assert_eq!(shape(&filled), shape(&read));
});
