//! Whether the time of refusing a password tells who exists, and who has one. What the thread that
//! hashes has had of a processor is compared: that does not hang on what else the machine does.
//!
//! A comparison that finds nothing proves something only if it would find a leak: so two are
//! planted. `cargo xtask campaign passwords` compares distributions; the ordinary test looks
//! whether there is a hashing at all.

use std::sync::Arc;
use std::time::Duration;

use super::scale::processor;
use crate::ops::*;
use crate::testing::*;
use crate::*;

/// How often each class is asked for.
const ROUNDS: usize = match option_env!("STRONGROOM_CAMPAIGN") {
    Some(_) => 400,
    None => 3,
};
/// Beyond this a difference is more than chance, as in `docs/timing.md`.
const T_MAX: f64 = 4.5;

/// Whose password is wrong. The first is what the others are compared with.
const CLASSES: [(&str, &str); 5] = [
    ("bob", "a wrong password"),
    ("nobody", "no such user"),
    ("alice", "a user without a password"),
    ("cheap", "planted: a hash of a tenth less memory"),
    ("tried", "planted: refused without a hashing"),
];
/// How many of them are honest.
const HONEST: usize = 3;

fn hashed(costs: Option<u32>) -> PasswordHash {
    let hash = PasswordHash::of(&"a-Password-of-theirs".parse().unwrap(), [9; 16]).unwrap();
    let mut fields = serde_json::to_value(&hash).unwrap();
    let memory = fields["memory_kib"].as_u64().unwrap();
    fields["memory_kib"] = costs.map_or(memory, |part| memory * u64::from(part) / 10).into();
    serde_json::from_value(fields).unwrap()
}

/// Users of whom some have passwords.
async fn people() -> Identity {
    let clock = Arc::new(FakeClock::new());
    let dir = tempfile::tempdir().unwrap();
    let config = audit::JournalConfig::new(dir.path().join("journal"));
    let random = || Arc::new(Seeded::new());
    let journal = audit::Journal::open(config, Arc::<FakeClock>::clone(&clock), random());
    let parts = Parts {
        log: Arc::new(MemoryLog::default()),
        sealer: Sealer::new(vec![master(1)]).unwrap(),
        clock,
        random: random(),
        guards: journal.unwrap().0.guards().clone(),
        quotas: Quotas::default(),
    };
    let identity = Identity::open(parts).await.unwrap();
    let name = "home".parse().unwrap();
    let first = Bootstrap { account: Some(home()), name, key: RootKey::Generate };
    identity.bootstrap(first).await.unwrap();
    for (name, costs) in [("alice", None), ("bob", Some(10)), ("cheap", Some(9)), ("tried", None)] {
        let create = CreateUser { user: user(name), tags: Tags::default(), boundary: None };
        identity.change_offline(|cx| create.act(cx)).await.unwrap();
        let Some(costs) = costs else { continue };
        let give = |cx: &Context<'_>| {
            let login = LoginProfile {
                user: cx.state.user(home(), name).unwrap().id.clone(),
                created: cx.now,
                changed: cx.now,
                password: hashed(Some(costs)),
                reset: PasswordReset::NotRequired,
                former: Vec::new(),
            };
            Ok(Performed::write(vec![Change::LoginProfile(Arc::new(login))], ()))
        };
        identity.change_offline(give).await.unwrap();
    }
    identity
}

/// What one refusal takes of the one thread that hashes.
async fn refusal(identity: &Identity, name: &str) -> Duration {
    let worked = || async { tokio::task::spawn_blocking(processor).await.unwrap() };
    identity.failures().lock().unwrap().clear();
    if name == "tried" {
        let tried = (u32::MAX, identity.now());
        let what = format!("password/{}/{name}", home());
        identity.failures().lock().unwrap().insert(what, tried);
    }
    let before = worked().await;
    let told = identity.check_password(home(), name, &"a-Wrong-password".parse().unwrap()).await;
    let took = worked().await - before;
    match told {
        Err(IdentityError::WrongPassword) if name != "tried" => took,
        Err(IdentityError::TooManyTries) if name == "tried" => took,
        other => panic!("{name}: {other:?}"),
    }
}

/// Student's t of differences whose mean should be nothing, without the widest tenth.
fn student(mut differences: Vec<f64>) -> f64 {
    differences.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    differences.truncate(differences.len() * 9 / 10);
    let count = f64::from(u32::try_from(differences.len()).unwrap());
    let mean = differences.iter().sum::<f64>() / count;
    let squares = differences.iter().map(|one| (one - mean).powi(2)).sum::<f64>();
    mean / (squares / (count - 1.0) / count).sqrt().max(f64::MIN_POSITIVE)
}

/// corpus: SEC-07
/// oracle: teeth
#[test]
fn a_name_that_nobody_has_costs_a_hashing_like_any_other() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // One thread hashes, and stays: what it has had is told of it alone.
    let kept = Duration::from_secs(3600);
    let runtime = runtime.max_blocking_threads(1).thread_keep_alive(kept).build().unwrap();
    let mut times: [Vec<Duration>; CLASSES.len()] = Default::default();
    runtime.block_on(async {
        let identity = people().await;
        refusal(&identity, "bob").await;
        for round in 0..ROUNDS {
            // In another order each time, lest one always comes after the same.
            for turn in 0..CLASSES.len() {
                let class = (turn * (1 + round % 4) + round / 4) % CLASSES.len();
                times[class].push(refusal(&identity, CLASSES[class].0).await);
            }
        }
    });
    let least = times.each_ref().map(|times| times.iter().min().copied().unwrap());
    for (class, (_, what)) in CLASSES.iter().enumerate() {
        let differences = times[class].iter().zip(&times[0]);
        let differences = differences.map(|(own, wrong)| own.as_secs_f64() - wrong.as_secs_f64());
        let t = student(differences.collect());
        let mut sorted = times[class].clone();
        sorted.sort();
        let at = [5, 25, 50, 75, 95].map(|share| sorted[sorted.len() * share / 100].as_micros());
        println!("{what}: {at:?} µs at 5, 25, 50, 75 and 95 %, |t| = {:.1}", t.abs());
        let found = ROUNDS >= 100 && class > 0 && t.abs() > T_MAX;
        assert!(ROUNDS < 100 || found == (class >= HONEST), "{what}: {t}");
    }
    for class in 0..HONEST {
        assert!(least[class] > least[0] / 4, "{}: {least:?}", CLASSES[class].1);
    }
    assert!(least[4] < least[0] / 4, "what does not hash is told from what does: {least:?}");
}
