//! A large installation, made by the room's own operations: what it weighs, what a start, a write
//! and a snapshot of it cost. `cargo xtask campaign scale` makes it with a million users.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use names::{AccessKeyId, Revision};
use sha2::{Digest as _, Sha256};

use crate::delta::Delta;
use crate::ops::*;
use crate::state::State;
use crate::testing::*;
use crate::*;

/// How many of each there are.
#[derive(Clone, Copy)]
struct Size {
    users: usize,
    groups: usize,
    policies: usize,
}

/// Does an operation as the root; its changes are applied in place, as at a start.
fn act<Op: Perform>(world: &mut World, copy: &mut Copying, op: &Op) -> Op::Output {
    let performed = world.with_context(|cx| op.act(cx)).unwrap();
    let delta = Delta::new(world.clock_now(), performed.changes);
    let next = world.state.revision().next();
    if let Some(log) = copy {
        log.put(next, &delta.encode().unwrap());
    }
    world.state.apply_here(next, &delta).unwrap();
    performed.output
}

/// The log that `strongroom restore` is to read, if one is wanted.
type Copying = Option<Records>;

/// A file of records of a backup (`docs/storage-format.md`).
struct Records(std::io::BufWriter<std::fs::File>, u64);

impl Records {
    fn new(directory: &Path, name: &str) -> Self {
        let mut file =
            std::io::BufWriter::new(std::fs::File::create(directory.join(name)).unwrap());
        file.write_all(b"strongRX\x01\0\0\0").unwrap();
        Self(file, 0)
    }

    fn put(&mut self, at: Revision, value: &[u8]) {
        let key = at.0.to_be_bytes();
        for length in [key.len(), value.len()] {
            self.0.write_all(&u32::try_from(length).unwrap().to_le_bytes()).unwrap();
        }
        self.0.write_all(&key).unwrap();
        self.0.write_all(value).unwrap();
        self.1 += 1;
    }

    fn end(mut self) {
        self.0.write_all(&u32::MAX.to_le_bytes()).unwrap();
        self.0.write_all(&self.1.to_le_bytes()).unwrap();
        self.0.flush().unwrap();
    }
}

/// Lists the files of a backup.
fn list(directory: &Path, last: Revision) {
    let mut text = format!("{{\"backup\":1,\"epoch\":\"{:016x}\",\"revision\":{last}}}\n", 1);
    for path in ["metadata.records", "log.records", "snapshots.records"] {
        let mut hash = Sha256::new();
        let mut file = std::fs::File::open(directory.join(path)).unwrap();
        let (mut bytes, mut some) = (0, vec![0; 1 << 20]);
        loop {
            let read = file.read(&mut some).unwrap();
            if read == 0 {
                break;
            }
            hash.update(&some[..read]);
            bytes += read;
        }
        let sha256 = hex::encode(hash.finalize());
        let line = serde_json::json!({"path": path, "bytes": bytes, "sha256": sha256});
        text += &format!("{line}\n");
    }
    let sha256 = hex::encode(Sha256::digest(&text));
    text += &format!("{}\n", serde_json::json!({"files": 3, "sha256": sha256}));
    std::fs::write(directory.join("manifest.jsonl"), text).unwrap();
}

/// Users with a key each, in one group each; groups with one managed policy each.
fn large(size: Size, copy: &mut Copying) -> World {
    let mut world = World::new();
    world.organization();
    world.quotas = Quotas {
        users: size.users + 1,
        groups: size.groups + 1,
        policies: size.policies + 1,
        ..Quotas::default()
    };
    for (record, n) in world.history.iter().zip(1..) {
        copy.iter_mut().for_each(|log| log.put(Revision(n), record));
    }
    let mut arns = Vec::new();
    for n in 0..size.policies {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["s3:GetObject",
            "s3:PutObject","iam:GetUser"],
            "Resource":["arn:aws:s3:::lake-{n}/*","arn:aws:iam::*:user/*"]}}]}}"#
        );
        let document = StoredPolicy::parse(&text, policy::Kind::Identity).unwrap();
        let (policy, tags) = (managed(&format!("policy-{n}")), Tags::default());
        let made =
            act(&mut world, copy, &CreatePolicy { policy, document, description: None, tags });
        arns.push(made.policy.arn());
    }
    for n in 0..size.groups {
        let group = group(&format!("group-{n}"));
        act(&mut world, copy, &CreateGroup { group: group.clone() });
        let policy = arns[n % arns.len()].clone();
        act(&mut world, copy, &AttachGroupPolicy { group, policy });
    }
    for n in 0..size.users {
        let user = user(&format!("user-{n}"));
        let create = CreateUser { user: user.clone(), tags: Tags::default(), boundary: None };
        act(&mut world, copy, &create);
        let group = group(&format!("group-{}", n % size.groups));
        act(&mut world, copy, &AddUserToGroup { group, user: user.name.clone() });
        let key = act(&mut world, copy, &CreateAccessKey { holder: KeyHolder::User(user) });
        if let (Some(to), true) = (given(BACKUP), n == 7) {
            let pair = format!("{} {}\n", key.key.id, key.secret.expose());
            std::fs::write(Path::new(&to).join("key"), pair).unwrap();
        }
    }
    let trust = trusts_user("user-7");
    let tags = Tags::default();
    let (role, description, max_session_seconds, boundary) = (role("R"), None, None, None);
    let create = CreateRole { role, trust, description, max_session_seconds, tags, boundary };
    act(&mut world, copy, &create);
    world
}

/// Memory of this process now, and the most it ever was, in MiB.
fn memory() -> (u64, u64) {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    };
    (line("VmRSS:"), line("VmHWM:"))
}

#[expect(clippy::disallowed_methods, reason = "a measurement, not a rule of this room")]
fn began() -> Instant {
    Instant::now()
}

/// What this thread has had of a processor: on a machine with other work the time that counts.
pub(super) fn processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let (began, worked) = (began(), processor());
    let done = act();
    let (wall, own) = (began.elapsed().as_secs_f64(), (processor() - worked).as_secs_f64());
    let (now, most) = memory();
    println!("{what}: {own:.2} s of a processor, {wall:.2} s; {now} MiB now, {most} MiB at most");
    done
}

/// The nth of a hundred parts of the times, in microseconds.
fn part(times: &mut [Duration], of_a_hundred: usize) -> u128 {
    times.sort();
    times[(times.len() * of_a_hundred / 100).min(times.len() - 1)].as_micros()
}

fn campaign(size: Size) {
    let before = memory().0;
    let copying = given(BACKUP).map(std::path::PathBuf::from);
    let mut copy = copying.as_ref().map(|to| Records::new(to, "log.records"));
    let world = timed("made by the room's own operations", || large(size, &mut copy));
    copy.into_iter().for_each(Records::end);
    let after = memory().0;
    println!(
        "{} bytes a user with its key and group",
        (after - before) * 1_048_576 / size.users as u64
    );
    let World { state, .. } = world;
    let mut own = Vec::new();
    let mut next = state.clone();
    for n in 0..10_000 {
        let mut user =
            (**next.user(home(), &format!("user-{}", n * 7 % size.users)).unwrap()).clone();
        user.tags = Tags::new([("n".to_owned(), n.to_string())]).unwrap();
        let at = user.created;
        let delta = Delta::new(at, vec![Change::User(std::sync::Arc::new(user))]);
        let began = began();
        next = next.apply(next.revision().next(), &delta).unwrap();
        own.push(began.elapsed());
    }
    println!("one write: {} µs median, {} µs p99", part(&mut own, 50), part(&mut own, 99));
    drop(next);
    let bytes = timed("a snapshot is written", || state.encode().unwrap());
    if let Some(to) = &copying {
        Records::new(to, "metadata.records").end();
        let mut snapshots = Records::new(to, "snapshots.records");
        snapshots.put(state.revision(), &bytes);
        snapshots.end();
        list(to, state.revision());
    }
    println!("{} MiB of snapshot", bytes.len() / 1_048_576);
    let keys: Vec<AccessKeyId> = (0..KEYS)
        .map(|n| {
            let name = format!("user-{}", n * 7 % size.users);
            let id = state.user(home(), &name).unwrap().id.clone();
            state.keys_of(&id).next().unwrap().id.clone()
        })
        .collect();
    let counted = (state.users.count(home()), state.groups.count(home()));
    let at = tempfile::tempdir().unwrap();
    std::fs::write(at.path().join("snapshot"), &bytes).unwrap();
    std::fs::write(at.path().join("keys"), serde_json::to_vec(&keys).unwrap()).unwrap();
    drop((bytes, state));
    assert_eq!(counted, (size.users, size.groups));
    // In a process of its own: this one keeps what it had.
    let program = std::env::current_exe().unwrap();
    let test = ["tests::scale::a_start_reads_a_snapshot", "--exact", "--nocapture"];
    let started = std::process::Command::new(program).args(test).env(SNAPSHOT, at.path()).status();
    assert!(started.unwrap().success());
}

/// How many users ask something after a start.
const KEYS: usize = if CAMPAIGN.is_some() { 2_000 } else { 100 };
/// Where a backup of the installation is to be written, for `conformance/scale/restart.py`.
const BACKUP: &str = "STRONGROOM_CAMPAIGN_BACKUP";
/// Where [`a_start_reads_a_snapshot`] finds one.
const SNAPSHOT: &str = "STRONGROOM_CAMPAIGN_SNAPSHOT";

#[expect(clippy::disallowed_methods, reason = "a measurement, not a rule of this room")]
fn given(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// Whether a key's owner may read itself, as the door would ask.
fn asks(world: &World, key: &AccessKeyId) -> bool {
    let caller = world.live(key, None);
    let policy::principal::Principal::User { name, .. } = caller.principal() else { return false };
    world.allows(&caller, &GetUser { holder: KeyHolder::User(user(name.as_str())) })
}

#[test]
fn a_start_reads_a_snapshot() {
    let Some(at) = given(SNAPSHOT) else { return };
    let at = std::path::PathBuf::from(at);
    let mut world = World::new();
    let keys: Vec<AccessKeyId> =
        serde_json::from_slice(&std::fs::read(at.join("keys")).unwrap()).unwrap();
    timed("a start: the first request is allowed", || {
        let bytes = std::fs::read(at.join("snapshot")).unwrap();
        world.state = State::decode(&bytes).unwrap();
        assert!(asks(&world, &keys[1]));
    });
    let mut own = Vec::new();
    for key in &keys {
        let began = began();
        assert!(asks(&world, key), "{key}");
        own.push(began.elapsed());
    }
    println!(
        "a user's first request: {} µs median, {} µs p99",
        part(&mut own, 50),
        part(&mut own, 99)
    );
    let caller = world.live(&keys[1], None);
    let mut own = Vec::new();
    for _ in 0..KEYS {
        let began = began();
        assert!(world.allows(&caller, &world.assume_op(&caller, "R")));
        world.assume(&caller, "R");
        own.push(began.elapsed());
    }
    println!("AssumeRole: {} µs median, {} µs p99", part(&mut own, 50), part(&mut own, 99));
    let (mut own, users) = (Vec::new(), world.state.users.count(home()));
    for n in 0..5 * KEYS {
        let name = format!("user-{}", n * 3 % users);
        let mut user = (**world.state.user(home(), &name).unwrap()).clone();
        user.tags = Tags::new([("n".to_owned(), n.to_string())]).unwrap();
        let delta = Delta::new(user.created, vec![Change::User(std::sync::Arc::new(user))]);
        let began = began();
        world.state = world.state.apply(world.state.revision().next(), &delta).unwrap();
        own.push(began.elapsed());
    }
    println!("one write: {} µs median, {} µs p99", part(&mut own, 50), part(&mut own, 99));
    timed("a listing of all users", || {
        let (prefix, page) = (PathPrefix::default(), PageRequest::default());
        let list = ListUsers { account: home(), prefix, page };
        let page = world.with_context(|cx| list.act(cx)).unwrap().output;
        println!("{} users on the first page", page.items.len());
        println!("{} users in all", world.state.users.of(home(), None).count());
    });
    let (now, _) = memory();
    println!("{now} MiB resident after all of it");
    timed("the next snapshot is written, and kept nowhere", || {
        world.state.write(&mut |_| Ok(())).unwrap();
    });
}

/// `cargo xtask campaign scale` builds these tests with this variable: a small state is enough to
/// show that they work, and not to say what a large one costs.
const CAMPAIGN: Option<&str> = option_env!("STRONGROOM_CAMPAIGN");

#[test]
fn a_large_state_is_the_same_after_a_start() {
    let sizes = match CAMPAIGN {
        Some("scale") if given(BACKUP).is_some() => [1_000_000].as_slice(),
        Some("scale") => &[100_000, 1_000_000],
        _ => &[500],
    };
    for users in sizes {
        println!("{users} users");
        campaign(Size { users: *users, groups: users / 10, policies: users / 100 });
    }
}
