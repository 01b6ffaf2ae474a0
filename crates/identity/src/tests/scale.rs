//! A large installation, made by the room's own operations: what it weighs, what a start, a write
//! and a snapshot of it cost. `cargo xtask campaign scale` makes it with a million users.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
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
            "s3:PutObject","iam:GetUser","iam:TagUser"],
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
        let delta = Delta::new(at, vec![Change::User(Arc::new(user))]);
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
    // In processes of their own: this one keeps what it had.
    let program = std::env::current_exe().unwrap();
    let tests =
        ["a_start_reads_a_snapshot", "writes_go_on", "a_start_reads_what_is_in_no_snapshot"];
    // Tens of thousands of changes lie between two snapshots of the smallest installation too.
    let tests = tests.into_iter().take(CAMPAIGN.map_or(1, |_| usize::MAX));
    for test in tests {
        let name = format!("tests::scale::{test}");
        let mut started = std::process::Command::new(&program);
        started.args([&name, "--exact", "--nocapture"]).env(SNAPSHOT, at.path());
        assert!(started.status().unwrap().success(), "{test}");
    }
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
        let delta = Delta::new(user.created, vec![Change::User(Arc::new(user))]);
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

/// The log of a state in files, of which nothing is in memory but where its records lie.
struct Filed {
    snapshots: std::path::PathBuf,
    log: std::sync::Mutex<(std::fs::File, Vec<u64>, u64)>,
    /// The revision of the first snapshot.
    from: Revision,
}

impl Filed {
    fn open(at: &Path) -> Arc<Self> {
        let snapshots = at.join("snapshots");
        if !snapshots.exists() {
            std::fs::create_dir(&snapshots).unwrap();
            let state = State::decode(&std::fs::read(at.join("snapshot")).unwrap()).unwrap();
            let first = snapshots.join(format!("{:020}", state.revision().0));
            std::fs::rename(at.join("snapshot"), first).unwrap();
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.read(true).append(true).create(true).open(at.join("log")).unwrap();
        let (mut begins, mut length, mut end) = (Vec::new(), [0; 4], 0);
        let mut read = std::io::BufReader::new(&mut file);
        while read.read_exact(&mut length).is_ok() {
            begins.push(end);
            let record = i64::from(u32::from_le_bytes(length));
            read.seek_relative(record).unwrap();
            end += 4 + u64::try_from(record).unwrap();
        }
        let log = std::sync::Mutex::new((file, begins, end));
        let mut filed = Self { snapshots, log, from: Revision(0) };
        filed.from = filed.found().next().unwrap();
        Arc::new(filed)
    }

    /// The revisions of the snapshots, in order.
    fn found(&self) -> impl Iterator<Item = Revision> + use<> {
        let files = std::fs::read_dir(&self.snapshots).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let names = names.filter_map(|name| name.parse().ok());
        names.collect::<std::collections::BTreeSet<u64>>().into_iter().map(Revision)
    }

    fn file(&self, at: Revision) -> std::path::PathBuf {
        self.snapshots.join(format!("{:020}", at.0))
    }
}

#[async_trait::async_trait]
impl StateLog for Filed {
    async fn append(&self, _: Revision, record: Vec<u8>) -> Result<(), StateLogError> {
        let mut log = self.log.lock().unwrap();
        let (file, begins, end) = &mut *log;
        let length = u32::try_from(record.len()).unwrap().to_le_bytes();
        file.write_all(&[&length[..], &record].concat()).unwrap();
        begins.push(*end);
        *end += 4 + record.len() as u64;
        Ok(())
    }

    async fn read(
        &self,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<(Revision, Vec<u8>)>, StateLogError> {
        use std::os::unix::fs::FileExt as _;
        let log = self.log.lock().unwrap();
        let (file, begins, end) = &*log;
        let first = usize::try_from(after.0 - self.from.0).unwrap();
        let last = begins.len().min(first + limit);
        let place = |number: usize| begins.get(number).copied().unwrap_or(*end);
        let mut some = vec![0; usize::try_from(place(last) - place(first)).unwrap()];
        file.read_exact_at(&mut some, place(first)).unwrap();
        let mut rest = some.as_slice();
        let mut records = Vec::new();
        for n in first..last {
            let (_, behind) = rest.split_at(4);
            let length = usize::try_from(place(n + 1) - place(n) - 4).unwrap();
            records.push((Revision(self.from.0 + n as u64 + 1), behind[..length].to_vec()));
            rest = &behind[length..];
        }
        Ok(records)
    }

    async fn put_snapshot(&self, at: Revision, mut pieces: Pieces) -> Result<(), StateLogError> {
        let whole = self.file(at).with_extension("part");
        let mut file = std::fs::File::create(&whole).unwrap();
        while let Some(piece) = pieces.next().await.unwrap() {
            file.write_all(&piece).unwrap();
        }
        std::fs::rename(whole, self.file(at)).unwrap();
        Ok(())
    }

    async fn forget_snapshot(&self, at: Revision) -> Result<(), StateLogError> {
        std::fs::remove_file(self.file(at)).unwrap();
        Ok(())
    }

    async fn newest_snapshot(
        &self,
        at: Option<Revision>,
    ) -> Result<Option<(Revision, u64)>, StateLogError> {
        let found = self.found().filter(|found| at.is_none_or(|at| *found <= at)).last();
        Ok(found.map(|at| (at, std::fs::metadata(self.file(at)).unwrap().len())))
    }

    async fn snapshot_part(
        &self,
        at: Revision,
        part: std::ops::Range<u64>,
    ) -> Result<Vec<u8>, StateLogError> {
        use std::os::unix::fs::FileExt as _;
        let mut bytes = vec![0; usize::try_from(part.end - part.start).unwrap()];
        std::fs::File::open(self.file(at)).unwrap().read_exact_at(&mut bytes, part.start).unwrap();
        Ok(bytes)
    }
}

async fn opened(log: &Arc<Filed>, at: &Path) -> Identity {
    let (clock, random) = (Arc::new(FakeClock::new()), Arc::new(Seeded::new()));
    let config = audit::JournalConfig::new(at.join("journal"));
    let opened =
        audit::Journal::open(config, Arc::<FakeClock>::clone(&clock), Arc::new(Seeded::new()));
    let (journal, _) = opened.unwrap();
    let sealer = Sealer::new(vec![master(1)]).unwrap();
    let (log, guards) = (Arc::<Filed>::clone(log), journal.guards().clone());
    let quotas = Quotas { users: 10_000_000, ..Quotas::default() };
    Identity::open(Parts { log, sealer, clock, random, guards, quotas }).await.unwrap()
}

/// The nth change of an installation that goes on: a user is made, gets a key, another is tagged.
async fn goes_on(identity: &Identity, n: usize, since: Revision) {
    let new = user(&format!("later-{since}-{}", n / 3));
    match n % 3 {
        0 => {
            let create = CreateUser { user: new, tags: Tags::default(), boundary: None };
            identity.change_offline(|cx| create.act(cx)).await.map(drop)
        }
        1 => {
            let create = CreateAccessKey { holder: KeyHolder::User(new) };
            identity.change_offline(|cx| create.act(cx)).await.map(drop)
        }
        _ => {
            let tags = Tags::new([("n".to_owned(), n.to_string())]).unwrap();
            let tag = TagUser { user: user(&format!("user-{}", n * 7 % 10_000)), tags };
            identity.change_offline(|cx| tag.act(cx)).await.map(drop)
        }
    }
    .unwrap();
}

/// How many changes come as fast as they can: as many as lie between two snapshots.
const CHANGES_UNSLOWED: usize = 10_000;

/// Changes, until a state is as it should be.
async fn writes(identity: &Identity, log: &Filed, until: impl Fn(&State) -> bool) {
    let since = identity.revision();
    let mut own = Vec::new();
    for n in 0.. {
        let began = began();
        goes_on(identity, n, since).await;
        own.push(began.elapsed());
        // While a snapshot is made, no more come than a disk would take.
        if own.len() > CHANGES_UNSLOWED {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if until(&identity.snapshot()) {
            break;
        }
    }
    let number = own.len();
    let (half, most) = (part(&mut own, 50), part(&mut own, 99));
    println!("{number} writes: {half} µs median, {most} µs p99, {} snapshots", log.found().count());
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_go_on() {
    let Some(at) = given(SNAPSHOT).map(std::path::PathBuf::from) else { return };
    let log = Filed::open(&at);
    let identity = opened(&log, &at).await;
    let newest = identity.snapshot().revision().0;
    let (began, worked) = (began(), processor());
    let next = |state: &State| state.revision().0 + 2 > newest + state.snapshot_due();
    writes(&identity, &log, next).await;
    let (wall, own) = (began.elapsed().as_secs_f64(), (processor() - worked).as_secs_f64());
    println!("{own:.2} s of a processor, {wall:.2} s; {:?} MiB now and at most", memory());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_reads_what_is_in_no_snapshot() {
    let Some(at) = given(SNAPSHOT).map(std::path::PathBuf::from) else { return };
    let log = Filed::open(&at);
    let began = began();
    let identity = opened(&log, &at).await;
    println!(
        "a start just before the next snapshot: {:.2} s, {:?} MiB now and at most",
        began.elapsed().as_secs_f64(),
        memory()
    );
    println!("writes until there is a newer snapshot, and another, and another");
    for _ in 0..3 {
        let lain = identity.snapshot().base.clone();
        let other = |state: &State| match (&state.base, &lain) {
            (Some(now), Some(lain)) => !Arc::ptr_eq(now, lain),
            (now, _) => now.is_some(),
        };
        writes(&identity, &log, other).await;
        println!("{:?} MiB now and at most", memory());
    }
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
