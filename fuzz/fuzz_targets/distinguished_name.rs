//! `cargo +nightly fuzz run distinguished_name`: what is read is canonical, and reads as itself.
#![no_main]

use names::DistinguishedName;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(name) = text.parse::<DistinguishedName>() {
        let again: DistinguishedName = name.as_str().parse().expect("a canonical name is a name");
        assert_eq!(again, name);
        assert!(name.is_within(&again));
    }
});
