//! How often a provider is asked, and how long its keys are believed: by a fake clock and network.

use serde_json::json;

use super::super::testing::*;
use super::*;

struct Bench {
    script: Arc<Script>,
    clock: Arc<StillClock>,
    cache: Arc<KeyCache>,
    issuer: IssuerUrl,
    limits: CacheLimits,
}

fn bench() -> Bench {
    bench_with(CacheLimits::default())
}

fn bench_with(limits: CacheLimits) -> Bench {
    let script = Script::serving(&[ed_jwk("first")]);
    let clock = Arc::new(StillClock::default());
    let cache = KeyCache::new(script.clone(), clock.clone(), limits);
    let issuer = ISSUER.parse().unwrap();
    Bench { script, clock, cache: Arc::new(cache), issuer, limits }
}

impl Bench {
    fn keys(&self) -> Result<Held, OidcError> {
        block_on(self.cache.keys(&self.issuer))
    }

    fn newer(&self, held: &Held) -> Result<Held, OidcError> {
        block_on(self.cache.newer(&self.issuer, held))
    }
}

#[test]
fn fresh_keys_are_used_without_asking() {
    let bench = bench();
    let held = bench.keys().unwrap();
    assert_eq!(held.keys.ids(), ["first"]);
    assert_eq!(bench.script.counts(), (1, 1));
    bench.clock.advance(bench.limits.keys_fresh_seconds - 1);
    assert!(bench.keys().unwrap().same_as(&held));
    assert_eq!(bench.script.counts(), (1, 1));
    bench.clock.advance(1);
    assert!(!bench.keys().unwrap().same_as(&held));
    assert_eq!(bench.script.counts(), (2, 1), "discovery is still fresh");
}

#[test]
fn discovery_is_asked_for_again_when_it_is_old() {
    let bench = bench();
    bench.keys().unwrap();
    bench.clock.advance(bench.limits.discovery_fresh_seconds - 1);
    bench.keys().unwrap();
    assert_eq!(bench.script.counts(), (2, 1));
    bench.clock.advance(bench.limits.keys_fresh_seconds);
    bench.keys().unwrap();
    assert_eq!(bench.script.counts(), (3, 2));
    bench.clock.advance(bench.limits.keys_fresh_seconds);
    bench.keys().unwrap();
    assert_eq!(bench.script.counts(), (4, 2), "and its age counts from then");
}

#[test]
fn many_callers_at_once_cause_one_fetch() {
    let bench = bench();
    block_on(async {
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let (cache, issuer) = (Arc::clone(&bench.cache), bench.issuer.clone());
                tokio::spawn(async move { cache.keys(&issuer).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().keys.ids(), ["first"]);
        }
    });
    assert_eq!(bench.script.counts(), (1, 1));
}

#[test]
fn many_callers_of_a_provider_that_is_down_share_one_failure() {
    let bench = bench();
    bench.script.fail(true);
    block_on(async {
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let (cache, issuer) = (Arc::clone(&bench.cache), bench.issuer.clone());
                tokio::spawn(async move { cache.keys(&issuer).await })
            })
            .collect();
        for call in calls {
            assert!(matches!(call.await.unwrap(), Err(OidcError::Fetch { .. })));
        }
    });
    assert_eq!(bench.script.counts(), (0, 1));
    bench.clock.advance(bench.limits.refetch_seconds_min - 1);
    assert!(bench.keys().is_err());
    assert_eq!(bench.script.counts(), (0, 1), "not asked again too soon");
    bench.script.fail(false);
    bench.clock.advance(1);
    assert!(bench.keys().is_ok());
}

#[test]
fn a_flight_that_is_dropped_does_not_ground_the_next() {
    let bench = bench();
    block_on(async {
        let mut flight = Box::pin(bench.cache.keys(&bench.issuer));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(flight.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        drop(flight);
        assert!(bench.cache.keys(&bench.issuer).await.is_ok());
    });
}

#[test]
fn everyone_who_needs_a_rotated_key_waits_for_the_one_fetch() {
    let bench = bench();
    let held = bench.keys().unwrap();
    bench.clock.advance(bench.limits.refetch_seconds_min);
    bench.script.publish(&[ed_jwk("second")]);
    block_on(async {
        let calls: Vec<_> = (0..50)
            .map(|_| {
                let (cache, issuer) = (Arc::clone(&bench.cache), bench.issuer.clone());
                let held = held.clone();
                tokio::spawn(async move { cache.newer(&issuer, &held).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().keys.ids(), ["second"]);
        }
    });
    assert_eq!(bench.script.counts(), (2, 1));
}

#[test]
fn nobody_waits_for_a_fetch_while_stale_keys_will_do() {
    let bench = bench();
    let held = bench.keys().unwrap();
    bench.clock.advance(bench.limits.keys_fresh_seconds);
    block_on(async {
        let mut flight = Box::pin(bench.cache.keys(&bench.issuer));
        let pending = std::future::poll_fn(|context| {
            std::task::Poll::Ready(flight.as_mut().poll(context).is_pending())
        });
        assert!(pending.await);
        let other = bench.cache.keys(&bench.issuer).await.unwrap();
        assert!(other.same_as(&held));
        assert!(!flight.await.unwrap().same_as(&held));
    });
    assert_eq!(bench.script.counts(), (2, 1));
}

#[test]
fn a_rotated_key_is_found_by_asking_once_more() {
    let bench = bench();
    let held = bench.keys().unwrap();
    bench.clock.advance(bench.limits.refetch_seconds_min);
    bench.script.publish(&[ed_jwk("first"), ed_jwk("second")]);
    let newer = bench.newer(&held).unwrap();
    assert_eq!(newer.keys.ids(), ["first", "second"]);
    assert_eq!(bench.script.counts(), (2, 1));
    // Whoever still holds the old ones is given the new ones without another fetch.
    assert!(bench.newer(&held).unwrap().same_as(&newer));
    assert_eq!(bench.script.counts(), (2, 1));
}

#[test]
fn a_storm_of_unknown_key_ids_is_one_fetch_per_interval() {
    let bench = bench();
    let held = bench.keys().unwrap();
    for _ in 0..100_000 / 100 {
        assert!(bench.newer(&held).unwrap().same_as(&held));
    }
    assert_eq!(bench.script.counts(), (1, 1), "just asked");
    for second in 0..100 {
        bench.clock.advance(1);
        for _ in 0..100 {
            let held = bench.keys().unwrap();
            bench.newer(&held).unwrap();
        }
        let most = 2 + second / usize::try_from(bench.limits.refetch_seconds_min).unwrap();
        assert!(bench.script.counts().0 <= most, "after {second} s");
    }
}

#[test]
fn a_withdrawn_key_is_gone_with_the_next_fetch() {
    let bench = bench();
    bench.keys().unwrap();
    bench.script.publish(&[]);
    bench.clock.advance(bench.limits.keys_fresh_seconds);
    assert!(bench.keys().unwrap().keys.is_empty());
}

/// corpus: OID-14
/// oracle: answer, twin
#[test]
fn stale_keys_are_used_while_the_provider_is_down_and_not_a_second_too_long() {
    let bench = bench();
    bench.keys().unwrap();
    bench.script.fail(true);
    bench.clock.advance(bench.limits.keys_stale_seconds_max - 1);
    let stale = bench.keys().unwrap();
    assert_eq!(stale.age_seconds, bench.limits.keys_stale_seconds_max - 1);
    bench.clock.advance(1);
    assert!(matches!(bench.keys(), Err(OidcError::Fetch { .. })));
    bench.script.fail(false);
    bench.clock.advance(bench.limits.refetch_seconds_min);
    assert!(bench.keys().is_ok());
}

#[test]
fn after_a_failure_the_place_of_the_keys_is_looked_up_again() {
    let bench = bench();
    bench.keys().unwrap();
    bench.script.fail(true);
    bench.clock.advance(bench.limits.keys_fresh_seconds);
    bench.keys().unwrap();
    assert_eq!(bench.script.counts(), (2, 1));
    bench.script.fail(false);
    let moved = json!({"issuer": ISSUER, "jwks_uri": "https://new.idp.example/keys"});
    *bench.script.discovery.lock().unwrap() = Some(moved.to_string().into_bytes());
    bench.clock.advance(bench.limits.refetch_seconds_min);
    bench.keys().unwrap();
    let last = bench.script.asked.lock().unwrap().back().cloned();
    assert_eq!(last.as_deref(), Some("https://new.idp.example/keys"));
}

#[test]
fn the_number_of_providers_is_bounded_and_the_one_used_longest_ago_goes() {
    let limits = CacheLimits { providers_max: 2, ..CacheLimits::default() };
    let bench = bench_with(limits);
    let ask = |issuer: &str| {
        bench.clock.advance(1);
        let document = json!({"issuer": issuer, "jwks_uri": "https://keys.example/"});
        *bench.script.discovery.lock().unwrap() = Some(document.to_string().into_bytes());
        block_on(bench.cache.keys(&issuer.parse().unwrap())).unwrap();
    };
    ask("https://a.example");
    ask("https://b.example");
    ask("https://a.example");
    assert_eq!((bench.cache.len(), bench.script.counts().0), (2, 2));
    ask("https://c.example");
    assert_eq!((bench.cache.len(), bench.script.counts().0), (2, 3));
    ask("https://a.example");
    assert_eq!(bench.script.counts().0, 3, "a was used after b, so b was forgotten");
    ask("https://b.example");
    assert_eq!((bench.cache.len(), bench.script.counts().0), (2, 4));
}

#[test]
fn a_discovery_document_must_be_the_issuers_own() {
    let issuer: IssuerUrl = ISSUER.parse().unwrap();
    let parse = |document: Value| parse_discovery(document.to_string().as_bytes(), &issuer);
    let good = json!({"issuer": ISSUER, "jwks_uri": "https://keys.example/", "extra": [1]});
    assert_eq!(parse(good).unwrap().as_str(), "https://keys.example/");
    for other in ["https://idp.example/realm/", "https://idp.example", "", "https://evil.example"] {
        let refused = parse(json!({"issuer": other, "jwks_uri": "https://keys.example/"}));
        assert_eq!(refused, Err(DocumentFault::Issuer(other.to_owned())));
    }
    for (document, member) in [
        (json!({"issuer": ISSUER}), "jwks_uri"),
        (json!({"issuer": ISSUER, "jwks_uri": ["https://keys.example/"]}), "jwks_uri"),
        (json!({"jwks_uri": "https://keys.example/"}), "issuer"),
        (json!({"issuer": [ISSUER], "jwks_uri": "https://keys.example/"}), "issuer"),
    ] {
        assert_eq!(parse(document), Err(DocumentFault::Member(member)));
    }
    let relative = parse(json!({"issuer": ISSUER, "jwks_uri": "/jwks"}));
    assert_eq!(relative, Err(DocumentFault::Url("/jwks".to_owned())));
    let twice =
        format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"https://a/","jwks_uri":"https://b/"}}"#);
    assert!(matches!(parse_discovery(twice.as_bytes(), &issuer), Err(DocumentFault::Json(_))));
}

#[test]
fn the_documents_are_bounded() {
    let bench = bench();
    let padded = |size: usize| {
        let mut document = discovery_document().to_string();
        document.push_str(&" ".repeat(size - document.len()));
        Some(document.into_bytes())
    };
    *bench.script.discovery.lock().unwrap() = padded(DISCOVERY_BYTES_MAX);
    assert!(bench.keys().is_ok());
    let past = self::bench();
    *past.script.discovery.lock().unwrap() = padded(DISCOVERY_BYTES_MAX + 1);
    assert!(matches!(past.keys(), Err(OidcError::Fetch { .. })));
    let wide = |size: usize| {
        let bench = self::bench();
        let mut keys = key_set(&[ed_jwk("first")]);
        keys.resize(size, b' ');
        *bench.script.keys.lock().unwrap() = keys;
        bench.keys()
    };
    assert!(wide(JWKS_BYTES_MAX).is_ok());
    assert!(matches!(wide(JWKS_BYTES_MAX + 1), Err(OidcError::Fetch { .. })));
}

#[test]
fn discovery_follows_the_issuer_with_or_without_a_final_slash() {
    for issuer in ["https://idp.example/a", "https://idp.example/a/"] {
        let url = discovery_url(&issuer.parse().unwrap()).unwrap();
        assert_eq!(url.as_str(), "https://idp.example/a/.well-known/openid-configuration");
    }
}
