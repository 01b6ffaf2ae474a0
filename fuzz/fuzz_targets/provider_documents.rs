//! `cargo xtask campaign fuzz --target provider_documents`: what a provider publishes, as it comes.
//! However it is written, there are no more keys than may be, and their place is a URL (which
//! addresses are gone to, is asked elsewhere).
#![no_main]

use strongroom_federation::oidc::{KEYS_MAX, KID_BYTES_MAX, KeySet, parse_discovery};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(keys) = KeySet::parse(bytes) {
        assert!(keys.len() <= KEYS_MAX);
        assert!(keys.ids().iter().all(|id| id.len() <= KID_BYTES_MAX));
    }
    let issuer = "https://idp.example".parse().expect("an issuer");
    if let Ok(place) = parse_discovery(bytes, &issuer) {
        assert!(place.as_str().contains(':'));
    }
});
