//! A load: so many clients at once, each with its own connection, each with one request in flight.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use sha2::{Digest, Sha256};
use signing::sign::Payload;

use crate::Failure;
use crate::client::{Connection, Keep, Prepared, Repeat};
use crate::lean::{self, Pace, Shown};
use crate::process::cpu_micros;
use crate::spread::{Spread, float, quantile};
use crate::world::{BUCKET, World};

/// How many keys each client writes to in turn.
const KEYS: usize = 16;
/// How many objects are read in turn.
pub(crate) const READ_KEYS: usize = 4;
/// How many clients share a rate that is set.
const PACED_CLIENTS: usize = 64;
/// The numbers of clients that are tried.
pub(crate) const CLIENTS: [usize; 3] = [1, 16, 64];

/// What one round showed.
pub(crate) struct Round {
    requests: u64,
    bytes: u64,
    seconds: f64,
    cpu_micros: u64,
    p50_micros: f64,
    p99_micros: f64,
}

impl Round {
    fn of(mut shown: Shown, cpu_micros: u64) -> Result<Self, Failure> {
        let mut micros = |permille| float(quantile(&mut shown.latencies, permille)) / 1e3;
        let (p50_micros, p99_micros) = (micros(500), micros(990));
        let requests = u64::try_from(shown.latencies.len())?;
        let Shown { bytes, seconds, .. } = shown;
        Ok(Self { requests, bytes, seconds, cpu_micros, p50_micros, p99_micros })
    }

    /// Requests answered in a second.
    pub(crate) fn per_second(&self) -> f64 {
        float(self.requests) / self.seconds
    }

    /// Object bytes moved in a second, in MB.
    pub(crate) fn megabytes(&self) -> f64 {
        float(self.bytes) / self.seconds / 1e6
    }

    /// The median of latency, in microseconds.
    pub(crate) fn p50_micros(&self) -> f64 {
        self.p50_micros
    }

    /// The 99th percentile of latency, in microseconds.
    pub(crate) fn p99_micros(&self) -> f64 {
        self.p99_micros
    }

    /// Processor time of the server for one request, in microseconds.
    pub(crate) fn cpu(&self) -> f64 {
        float(self.cpu_micros) / float(self.requests.max(1))
    }
}

/// Runs one round: `work` holds the requests of each client, which it sends in turn until the time
/// is up, at least one of them. Connecting is not part of the round.
pub(crate) async fn round(
    work: Vec<Vec<Prepared>>,
    address: SocketAddr,
    pid: u32,
    seconds: f64,
) -> Result<Round, Failure> {
    let mut ready = Vec::with_capacity(work.len());
    for requests in work {
        ready.push((Connection::to(address).await?, requests));
    }
    let before = cpu_micros(pid)?;
    let began = Instant::now();
    let until = began + Duration::from_secs_f64(seconds);
    let tasks: Vec<_> = ready
        .into_iter()
        .map(|(connection, requests)| tokio::spawn(client(connection, requests, until)))
        .collect();
    let (mut latencies, mut bytes) = (Vec::new(), 0_u64);
    for task in tasks {
        let (own, moved) = task.await??;
        latencies.extend(own);
        bytes = bytes.saturating_add(moved);
    }
    let seconds = began.elapsed().as_secs_f64();
    Round::of(Shown { latencies, bytes, seconds }, cpu_micros(pid)?.saturating_sub(before))
}

async fn client(
    mut connection: Connection,
    requests: Vec<Prepared>,
    until: Instant,
) -> Result<(Vec<u64>, u64), Failure> {
    let (mut latencies, mut bytes) = (Vec::new(), 0_u64);
    for request in requests.iter().cycle() {
        let began = Instant::now();
        if !latencies.is_empty() && began >= until {
            break;
        }
        let answer = connection.send(request, Keep::Count).await?;
        latencies.push(u64::try_from(began.elapsed().as_nanos())?);
        bytes = bytes.saturating_add(answer.bytes).saturating_add(request.body.bytes());
    }
    Ok((latencies, bytes))
}

/// The same request from so many clients, by the [lean](lean::run) load. Connecting is part of the
/// round: it takes the server little.
async fn lean_round(
    request: &Prepared,
    (address, pid): (SocketAddr, u32),
    (clients, pace): (usize, Pace),
    seconds: f64,
) -> Result<Round, Failure> {
    let requests = vec![request.raw(); clients];
    let before = cpu_micros(pid)?;
    let length = Duration::from_secs_f64(seconds);
    let load = move || lean::run(address, &requests, pace, length);
    let shown = tokio::task::spawn_blocking(load).await??;
    Round::of(shown, cpu_micros(pid)?.saturating_sub(before))
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// `GetObject`.
    Get,
    /// `PutObject` with `UNSIGNED-PAYLOAD`.
    Put,
    /// `PutObject` whose SHA-256 is signed.
    PutSigned,
}

impl Verb {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Get, Self::Put, Self::PutSigned];

    /// As the report names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT, unsigned payload",
            Self::PutSigned => "PUT, signed payload",
        }
    }
}

/// One line of a table: a verb, a number of clients, and what the rounds showed.
pub(crate) struct Cell {
    /// What was asked for.
    pub(crate) verb: Verb,
    /// By how many at once.
    pub(crate) clients: usize,
    rounds: Vec<Round>,
}

impl Cell {
    /// The spread of one number over the rounds.
    pub(crate) fn spread(&self, number: impl Fn(&Round) -> f64) -> Spread {
        Spread::of(self.rounds.iter().map(number))
    }

    /// The middle of the rounds' medians and 99th percentiles of latency, in microseconds.
    pub(crate) fn latency_micros(&self) -> (f64, f64) {
        let (p50, p99) = (self.spread(|r| r.p50_micros), self.spread(|r| r.p99_micros));
        (p50.median, p99.median)
    }
}

/// An object's content, and how it is declared.
#[derive(Clone)]
pub(crate) struct Content {
    block: Bytes,
    digest: [u8; 32],
    name: &'static str,
}

impl Content {
    /// So many bytes, under keys that begin with `name`.
    pub(crate) fn new(bytes: usize, name: &'static str) -> Self {
        let block: Vec<u8> = (0..=250).cycle().take(bytes).collect();
        let digest = Sha256::digest(&block).into();
        Self { block: block.into(), digest, name }
    }

    /// Puts the objects that are read, and reads each once: a large one is not in the page cache
    /// when it has been written.
    pub(crate) async fn seed(&self, world: &World) -> Result<(), Failure> {
        for n in 0..READ_KEYS {
            let key = format!("{}/read/{n}", self.name);
            world.put(&key, self.block.clone()).await?;
            let get = world.caller.get(&format!("/{BUCKET}/{key}"))?;
            world.caller.connect().await?.send(&get, Keep::Count).await?;
        }
        Ok(())
    }

    /// The requests of so many clients, signed now.
    pub(crate) fn requests(
        &self,
        world: &World,
        verb: Verb,
        clients: usize,
    ) -> Result<Vec<Vec<Prepared>>, Failure> {
        let name = self.name;
        let one = |client: usize, n: usize| match verb {
            Verb::Get => world.caller.get(&format!("/{BUCKET}/{name}/read/{}", n % READ_KEYS)),
            Verb::Put | Verb::PutSigned => {
                let signed = Payload::Sha256(self.digest);
                let payload = if verb == Verb::Put { Payload::Unsigned } else { signed };
                let body = Repeat::once(self.block.clone());
                let target = format!("/{BUCKET}/{name}/{client}/{n}");
                world.caller.s3(Method::PUT, &target, body, payload)
            }
        };
        let keys = if self.block.len() > 1 << 20 { 1 } else { KEYS };
        (0..clients)
            .map(|client| (0..keys).map(|n| one(client, n.wrapping_add(client))).collect())
            .collect()
    }
}

/// How a table is measured.
pub(crate) struct Plan {
    /// Rounds of every cell.
    pub(crate) rounds: usize,
    /// The length of a round, in seconds.
    pub(crate) seconds: f64,
}

/// Measures every verb with every number of clients. Rounds of different cells take turns, so that
/// a machine that slows down slows all of them.
pub(crate) async fn table(
    world: &World,
    pid: u32,
    content: &Content,
    plan: &Plan,
) -> Result<Vec<Cell>, Failure> {
    content.seed(world).await?;
    let every = Verb::ALL.into_iter().flat_map(|verb| CLIENTS.map(|clients| (verb, clients)));
    cells(world, pid, content, (every, plan)).await
}

/// Measures the uploads of one client, signed and not.
pub(crate) async fn uploads(
    world: &World,
    pid: u32,
    content: &Content,
    plan: &Plan,
) -> Result<Vec<Cell>, Failure> {
    let both = [Verb::Put, Verb::PutSigned].into_iter().map(|verb| (verb, 1));
    cells(world, pid, content, (both, plan)).await
}

async fn cells(
    world: &World,
    pid: u32,
    content: &Content,
    (wanted, plan): (impl Iterator<Item = (Verb, usize)>, &Plan),
) -> Result<Vec<Cell>, Failure> {
    let empty = |(verb, clients)| Cell { verb, clients, rounds: Vec::new() };
    let mut cells: Vec<Cell> = wanted.map(empty).collect();
    let address = world.caller.address();
    for number in 1..=plan.rounds {
        for cell in &mut cells {
            let work = content.requests(world, cell.verb, cell.clients)?;
            cell.rounds.push(round(work, address, pid, plan.seconds).await?);
        }
        eprintln!("   {}: round {number} of {}", content.name, plan.rounds);
    }
    Ok(cells)
}

/// `AssumeRole`: by sixteen clients as fast as they can, in turns with half of the rate that was
/// just seen, and with the same HTTP library with nothing behind it at that rate: what the machine
/// and the load do to a latency, they do to both. A machine that is half as fast as a minute ago is
/// saturated by what was half of its rate then.
pub(crate) struct Roles {
    /// As fast as they can.
    pub(crate) free: Cell,
    /// At half of it.
    pub(crate) half: Cell,
    /// The bare library, as often.
    pub(crate) bare: Cell,
}

impl Roles {
    /// Measures all three.
    pub(crate) async fn measure(
        world: &World,
        (pid, bare_server): (u32, (SocketAddr, u32)),
        plan: &Plan,
    ) -> Result<Self, Failure> {
        let empty = |clients| Cell { verb: Verb::Get, clients, rounds: Vec::new() };
        let [mut free, mut half, mut bare] = [16, PACED_CLIENTS, PACED_CLIENTS].map(empty);
        let server = (world.caller.address(), pid);
        for _ in 0..plan.rounds {
            let (request, load) = (assume_role(world)?, (free.clients, Pace::Free));
            let saturated = lean_round(&request, server, load, plan.seconds).await?;
            let load = (half.clients, Pace::Rate(saturated.per_second() / 2.0));
            free.rounds.push(saturated);
            half.rounds.push(lean_round(&request, server, load, plan.seconds).await?);
            bare.rounds.push(lean_round(&request, bare_server, load, plan.seconds).await?);
        }
        Ok(Self { free, half, bare })
    }

    /// Whether the requests came as fast as they should have.
    pub(crate) fn kept_pace(&self) -> bool {
        let pairs = self.half.rounds.iter().zip(&self.free.rounds);
        Spread::of(pairs.map(|(half, free)| half.per_second() / free.per_second())).median >= 0.475
    }
}

fn assume_role(world: &World) -> Result<Prepared, Failure> {
    let fields = [
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", world.role.as_str()),
        ("RoleSessionName", "bench"),
    ];
    world.caller.query("sts", &fields)
}

/// The door beside the bare library: rounds of both, in turns, with the very same requests.
pub(crate) struct Doors {
    /// The whole door: 1 KiB GETs.
    pub(crate) door: Cell,
    /// The same library with nothing behind it.
    pub(crate) bare: Cell,
}

impl Doors {
    /// Measures both with sixteen clients.
    pub(crate) async fn measure(
        world: &World,
        (door, bare): (u32, (SocketAddr, u32)),
        plan: &Plan,
    ) -> Result<Self, Failure> {
        let content = Content::new(crate::bare::ANSWER_BYTES, "door");
        content.seed(world).await?;
        let empty = |_| Cell { verb: Verb::Get, clients: 16, rounds: Vec::new() };
        let [mut ours, mut theirs] = [0, 1].map(empty);
        for _ in 0..plan.rounds {
            let work = content.requests(world, Verb::Get, 16)?;
            theirs.rounds.push(round(work.clone(), bare.0, bare.1, plan.seconds).await?);
            ours.rounds.push(round(work, world.caller.address(), door, plan.seconds).await?);
        }
        Ok(Self { door: ours, bare: theirs })
    }

    /// Processor time of the bare library as a share of the door's, per round.
    pub(crate) fn ratio(&self) -> Spread {
        Spread::of(self.bare.rounds.iter().zip(&self.door.rounds).map(|(b, d)| b.cpu() / d.cpu()))
    }
}

/// A line on the way, so that long runs show that they are alive.
pub(crate) fn say(what: &str) {
    eprintln!("── {what}");
}
