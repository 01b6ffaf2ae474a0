//! What the record costs whoever waits for it: `cost DIR [FILE]` measures, and writes a page.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use audit::{CheckpointKeys, Durability, JOURNAL_ORIGIN, Journal, JournalConfig};

use crate::floor::{Floor, floor, sealing};
use crate::processor_seconds;
use crate::world::{Bent, Dice, Prepared, World};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How often everything is measured.
const ROUNDS: u64 = 7;
/// Entries of one round of one thread.
const ENTRIES: u64 = 100_000;
/// Requests that are prepared together where one comes after the other.
const FEW: usize = 16;
/// Requests that all others of a thread are like, where all cores are at it.
const DIFFERENT: u64 = 256;
/// Clients of each thread where all cores are at it.
const RATE_CLIENTS: u64 = 32;
/// Clients that wait for the disk at once.
const CLIENTS: u64 = 16;
/// Entries of each of them in a round.
const STRICT_ENTRIES: u64 = 500;
/// Bare writes and syncs of a round.
const SYNCS: usize = 500;
/// Bytes of a bare write: about those of an entry's first leaf.
const WRITE_BYTES: usize = 1024;

/// Middle, least and most of rounds.
struct Spread(Vec<f64>);

impl Spread {
    fn middle(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn say(&self) -> String {
        let least = self.0.iter().copied().fold(f64::MAX, f64::min);
        let most = self.0.iter().copied().fold(f64::MIN, f64::max);
        format!("{} ({}–{})", digits(self.middle()), digits(least), digits(most))
    }
}

/// Three digits that count.
fn digits(value: f64) -> String {
    match value {
        1000.0.. => format!("{value:.0}"),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The time that so many in a hundred stay below, in microseconds.
fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let place = times.len().saturating_mul(percent) / 100;
    let time = times.get(place.min(times.len().saturating_sub(1)));
    time.map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
}

/// Everything that was measured.
#[derive(Default)]
struct Measured {
    alone_p50: Vec<f64>,
    alone_p99: Vec<f64>,
    /// Many clients on each core, and one.
    many: Rates,
    one: Rates,
    sealing: Vec<f64>,
    floors: Vec<Floor>,
    strict: [Vec<f64>; 4],
    bare: [Vec<f64>; 2],
    ratio: Vec<f64>,
}

/// What all cores got on record at once, round by round.
#[derive(Default)]
struct Rates {
    /// Entries a second.
    rate: Vec<f64>,
    /// Microseconds of a processor that an entry took.
    processor: Vec<f64>,
    /// The longest that anybody waited meanwhile, in milliseconds.
    stall: Vec<f64>,
    /// The longest time between signed checkpoints, in milliseconds.
    lag: Vec<f64>,
}

impl Rates {
    fn spreads(&self) -> [Spread; 4] {
        [&self.rate, &self.processor, &self.stall, &self.lag].map(|rounds| Spread(rounds.clone()))
    }
}

/// Measures on a directory of its own below `dir`, and writes the page.
pub(crate) fn cost(dir: &Path, page: Option<&Path>) -> Result<(), Failure> {
    let before = load()?;
    let mut all = Measured::default();
    // All of it goes at the end: a file system may pass by what was deleted lately one by one when
    // it makes a file (ext4 without its own journal does), which the next round would pay for.
    let home = dir.join(format!("cost-{}", std::process::id()));
    let measured: Result<(), Failure> = (0..ROUNDS).try_for_each(|round| {
        measure(&home.join(round.to_string()), round, &mut all)?;
        eprintln!("round {} of {ROUNDS}", round + 1);
        Ok(())
    });
    std::fs::remove_dir_all(&home)?;
    measured?;
    let text = told(&all, &before, &load()?)?;
    match page {
        Some(page) => std::fs::write(page, text)?,
        None => print!("{text}"),
    }
    Ok(())
}

fn measure(home: &Path, round: u64, all: &mut Measured) -> Result<(), Failure> {
    let available = home.join("available");
    let journal = journal(&available, round)?;
    alone(&journal, all)?;
    drop(journal);
    // Of what is alike, which is compressed in less time, a journal of its own.
    let journal = self::journal(&home.join("together"), round)?;
    together(&journal, RATE_CLIENTS, &mut all.many)?;
    together(&journal, 1, &mut all.one)?;
    drop(journal);
    all.floors.push(floor(&available, &home.join("scratch"))?);
    all.sealing.push(sealing(&available)?);
    let journal = self::journal(&home.join("strict"), round)?;
    let (one, bare) = (waits(&journal, 1)?, syncs(&home.join("bare"))?);
    let many = waits(&journal, CLIENTS)?;
    for (kept, new) in all.strict.iter_mut().zip([one, many].as_flattened()) {
        kept.push(*new);
    }
    for (kept, new) in all.bare.iter_mut().zip(bare) {
        kept.push(new);
    }
    let ([_, many], [_, bare]) = (many, bare);
    all.ratio.push(many / bare);
    Ok(())
}

fn journal(dir: &Path, seed: u64) -> Result<Arc<Journal>, Failure> {
    let random = Arc::new(Dice::new(seed));
    let mut config = JournalConfig::new(PathBuf::from(dir));
    let drawn = CheckpointKeys::draw(JOURNAL_ORIGIN, &*random)?;
    config.keys = Some(CheckpointKeys::parse(std::str::from_utf8(drawn.expose())?)?);
    let clock: Arc<dyn audit::Clock> = Arc::new(Bent::new());
    Ok(Journal::open(config, clock, random)?.0)
}

fn prepared(journal: &Arc<Journal>, entries: u64) -> Result<Vec<Prepared>, Failure> {
    let mut world = World::new().map_err(|error| error.to_string())?;
    let made = (0..entries).map(|number| world.prepared(journal, number));
    made.collect::<Result<_, _>>().map_err(|error| error.to_string().into())
}

/// Records what is prepared, one after the other: what each waited, and what each took.
fn record(
    journal: &Arc<Journal>,
    requests: Vec<Prepared>,
    durability: Durability,
) -> Result<(Vec<Duration>, Vec<Duration>), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut times = (Vec::with_capacity(requests.len()), Vec::with_capacity(requests.len()));
    runtime.block_on(async {
        for request in requests {
            let (waited, took) =
                request.record(journal, durability).await.map_err(|error| error.to_string())?;
            times.0.push(waited);
            times.1.push(took);
        }
        Ok::<(), Failure>(())
    })?;
    Ok(times)
}

/// Records with so many clients on the threads of a server: each asks when its last request is
/// done. The longest that anybody waited.
///
/// They ask for the same few things again and again, of which each makes a copy of its own first:
/// so what a request holds is as near to the processor as if it was just decided.
fn crowd(journal: &Arc<Journal>, few: Vec<Prepared>, clients: u64) -> Result<Duration, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
    let (few, left) = (Arc::new(few), Arc::new(AtomicU64::new(0)));
    let entries = entries_together()?;
    let asking: Vec<_> = (0..clients)
        .map(|_| {
            let (few, left, journal) = (Arc::clone(&few), Arc::clone(&left), Arc::clone(journal));
            runtime.spawn(async move {
                let mut longest = Duration::ZERO;
                loop {
                    let number = left.fetch_add(1, Ordering::Relaxed);
                    if number >= entries {
                        return Ok::<_, Failure>(longest);
                    }
                    let place = usize::try_from(number)? % few.len();
                    let Some(request) = few.get(place) else { return Ok(longest) };
                    let request = request.again(journal.request_id());
                    let recorded = request.record(&journal, Durability::Available).await;
                    let (waited, _) = recorded.map_err(|error| error.to_string())?;
                    longest = longest.max(waited);
                }
            })
        })
        .collect();
    let mut longest = Duration::ZERO;
    for client in asking {
        longest = longest.max(runtime.block_on(client)??);
    }
    Ok(longest)
}

/// Entries of one round of all threads.
fn entries_together() -> Result<u64, Failure> {
    Ok(ENTRIES.saturating_mul(u64::try_from(thread::available_parallelism()?.get())?))
}

/// What the record adds to a request that comes alone. Requests are prepared a few at a time, so
/// that what they hold is as near to the processor as that of a request which was just decided.
fn alone(journal: &Arc<Journal>, all: &mut Measured) -> Result<(), Failure> {
    let mut world = World::new().map_err(|error| error.to_string())?;
    let mut took = Vec::new();
    for first in (0..ENTRIES).step_by(FEW) {
        let few = (first..ENTRIES).take(FEW).map(|number| world.prepared(journal, number));
        let few = few.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        took.extend(record(journal, few, Durability::Available)?.1);
    }
    all.alone_p50.push(percentile(&mut took, 50));
    all.alone_p99.push(percentile(&mut took, 99));
    Ok(())
}

/// Measures only what a thread on every core gets on record, round by round.
pub(crate) fn rate(dir: &Path, rounds: u64, clients: u64) -> Result<(), Failure> {
    let mut all = Rates::default();
    let home = dir.join(format!("rate-{}", std::process::id()));
    let measured: Result<(), Failure> = (0..rounds).try_for_each(|round| {
        together(&journal(&home.join(round.to_string()), round)?, clients, &mut all)
    });
    std::fs::remove_dir_all(&home)?;
    measured?;
    let [rate, used, stall] =
        [all.rate, all.processor, all.stall].map(|rounds| Spread(rounds).say());
    println!("{rate} entries/s, of processors {used} µs an entry, longest wait {stall} ms");
    Ok(())
}

/// How many entries a thread on every core gets on record, and how far behind the signed checkpoint
/// is meanwhile.
fn together(journal: &Arc<Journal>, clients: u64, all: &mut Rates) -> Result<(), Failure> {
    let few = prepared(journal, DIFFERENT)?;
    let clients = clients.saturating_mul(u64::try_from(thread::available_parallelism()?.get())?);
    let (stop, appended) = (AtomicBool::new(false), AtomicU64::new(0));
    let before = journal.checkpoint()?.map_or(0, |checkpoint| checkpoint.size);
    let (lag, rate) = thread::scope(|scope| {
        let watching = scope.spawn(|| watch(journal, (&stop, &appended), before));
        let (began, used) = (Instant::now(), processor_seconds());
        let waited = crowd(journal, few, clients);
        // Each has at least one leaf more than what is counted here.
        appended.store(entries_together().unwrap_or(0), Ordering::Relaxed);
        let took = began.elapsed().as_secs_f64();
        let used = processor_seconds().and_then(|now| used.map(|used| now - used));
        stop.store(true, Ordering::Relaxed);
        let lag = joined(watching);
        let used = used.map_err(|error| Failure::from(error.to_string()));
        (lag, waited.and_then(|waited| Ok((took, used?, waited))))
    });
    let ((took, used, stall), entries) = (rate?, f64::from(u32::try_from(entries_together()?)?));
    all.stall.push(stall.as_secs_f64() * 1e3);
    all.lag.push(lag?);
    all.rate.push(entries / took);
    all.processor.push(used * 1e6 / entries);
    Ok(())
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().unwrap_or_else(|_| Err("a thread panicked".into()))
}

/// The longest time between two signed checkpoints while entries came, in milliseconds; after they
/// stopped, until one covers them all.
fn watch(
    journal: &Arc<Journal>,
    (stop, appended): (&AtomicBool, &AtomicU64),
    before: u64,
) -> Result<f64, Failure> {
    let (mut size, mut since, mut longest) = (before, Instant::now(), Duration::ZERO);
    loop {
        let stopped = stop.load(Ordering::Relaxed);
        let now = journal.checkpoint()?.map_or(0, |checkpoint| checkpoint.size);
        if now > size {
            longest = longest.max(since.elapsed());
            (size, since) = (now, Instant::now());
        }
        let all = before.saturating_add(appended.load(Ordering::Relaxed).saturating_mul(2));
        if stopped && (size >= all || since.elapsed() > Duration::from_secs(10)) {
            return Ok(longest.as_secs_f64() * 1e3);
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// How long so many clients wait until their entries are on the disk: median and 99th, in
/// microseconds.
fn waits(journal: &Arc<Journal>, clients: u64) -> Result<[f64; 2], Failure> {
    let mut piles = Vec::new();
    for _ in 0..clients {
        piles.push(prepared(journal, STRICT_ENTRIES)?);
    }
    let times: Result<Vec<_>, Failure> = thread::scope(|scope| {
        let record = |pile| scope.spawn(move || record(journal, pile, Durability::Strict));
        let running: Vec<_> = piles.into_iter().map(record).collect();
        running.into_iter().map(joined).collect()
    });
    let mut waited: Vec<Duration> = times?.into_iter().flat_map(|(waited, _)| waited).collect();
    Ok([percentile(&mut waited, 50), percentile(&mut waited, 99)])
}

/// How long the disk takes for a short write that must be there: median and 99th, in microseconds.
fn syncs(path: &Path) -> Result<[f64; 2], Failure> {
    let mut file = File::create(path)?;
    let bytes = vec![b'x'; WRITE_BYTES];
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&bytes)?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    Ok([percentile(&mut times, 50), percentile(&mut times, 99)])
}

/// The mean number of processes that want a processor, as the machine tells it.
fn load() -> Result<String, Failure> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

fn said(met: bool) -> &'static str {
    if met { "met" } else { "**not met**" }
}

fn told(all: &Measured, before: &str, after: &str) -> Result<String, Failure> {
    let spread = |rounds: &[f64]| Spread(rounds.to_vec());
    let cores = thread::available_parallelism()?;
    let [one_p50, one_p99, many_p50, many_p99] = all.strict.each_ref().map(|s| spread(s));
    let [bare_p50, bare_p99] = all.bare.each_ref().map(|s| spread(s));
    let (p50, p99) = (spread(&all.alone_p50), spread(&all.alone_p99));
    let [rate, used, stall, lag] = all.many.spreads();
    let [rate_one, used_one, ..] = all.one.spreads();
    let could = 1e6 * f64::from(u32::try_from(cores.get())?) / used.middle();
    let rows = [
        row("available: what the record adds to a request alone, µs", "≤ 5 median", &p50, |m| {
            m <= 5.0
        }),
        format!("| the same, 99th, µs | | {} | |", p99.say()),
        row("available: entries/s, 32 clients on each core", "≥ 500,000", &rate, |m| m >= 5e5),
        format!(
            "| processor time an entry took, µs | | {}: {could:.0} entries/s, if nobody else had these \
             cores | |",
            used.say()
        ),
        format!("| the longest that anybody waited under that, ms | | {} | |", stall.say()),
        format!("| the same with 1 client on each core, entries/s | | {} | |", rate_one.say()),
        format!("| the same, processor time an entry took, µs | | {} | |", used_one.say()),
        row("longest time between signed checkpoints with 32, ms", "≤ 1,000", &lag, |m| m <= 1e3),
        row("strict: 16 clients wait, 99th, µs", "≤ 2,000", &many_p99, |m| m <= 2e3),
        format!("| the same, median, µs | | {} | |", many_p50.say()),
        format!("| strict: 1 client waits, 99th, µs | | {} | |", one_p99.say()),
        format!("| the same, median, µs | | {} | |", one_p50.say()),
        format!("| the bare disk: write 1 KiB and fdatasync, 99th, µs | | {} | |", bare_p99.say()),
        format!("| the same, median, µs | | {} | |", bare_p50.say()),
        format!(
            "| 99th of 16 strict clients beside that of the bare disk, round by round | | {} times | |",
            spread(&all.ratio).say()
        ),
    ];
    let intro = format!(
        "# What the record costs\n\n\
         Written by `cargo xtask bench --record`; not edited by hand. \
         An optimised build, {cores} cores, load {before} before and {after} after: \
         other work on the machine is in these figures.\n\n\
         `median (least–most)` of {ROUNDS} rounds. An entry is both leaves of a request as a \
         server writes them (`bench/record`), with its decisions made before the clock starts; \
         checkpoints are signed. Where all cores are at it, a client asks when its last request is \
         done, for one of 256 things of which it makes a copy of its own first; the copy is in the \
         figures.\n\n"
    );
    let head = "| what | budget | measured | |\n|---|---|---|---|\n";
    let least = least(all, f64::from(u32::try_from(cores.get())?));
    Ok(format!("{intro}{head}{}\n\n{least}\n", rows.join("\n")))
}

/// What any program must do for an entry, beside what this one does.
fn least(all: &Measured, cores: f64) -> String {
    let of = |part: fn(&Floor) -> f64| Spread(all.floors.iter().map(part).collect());
    let most = |spent: &Spread| cores * 1e6 / spent.middle();
    let line =
        |what: &str, spent: &Spread| format!("| {what} | {} | {:.0} |", spent.say(), most(spent));
    let written = of(|floor| floor.json + floor.hash + floor.copy);
    let alone = of(|floor| floor.json + floor.hash + floor.copy_alone);
    let sealed = of(|floor| floor.json + floor.hash + floor.copy + floor.compress);
    let used = all.many.processor.iter().zip(&all.sealing);
    let ours = Spread(used.map(|(record, sealing)| record + sealing).collect());
    let lines = [
        line("the JSON of both leaves, from what is in memory", &of(|floor| floor.json)),
        line("SHA-256 of each leaf, once", &of(|floor| floor.hash)),
        line("its bytes to the operating system once, 256 leaves at a time", &of(|f| f.copy)),
        line("the same, entry by entry", &of(|floor| floor.copy_alone)),
        line("zstd of its block, as segments are sealed", &of(|floor| floor.compress)),
        line("**least to be on record**: JSON, hash, bytes", &written),
        line("the same, entry by entry", &alone),
        line("this program, on record", &Spread(all.many.processor.clone())),
        line("**least, and sealed**: JSON, hash, bytes, zstd", &sealed),
        line("this program, sealing it when no more came", &Spread(all.sealing.clone())),
        line("this program, on record and sealed", &ours),
    ];
    format!(
        "## The least there is to do\n\n\
         What any program must do for an entry of this format, measured in the same run: one \
         thread, nothing else done, the least of several passes. No tree, no second copy, no \
         frame, no checksum, no sync, no index for searches, no lock and nobody who waits is in \
         it.\n\n\
         | what | µs of a processor, an entry | entries/s that permits on {cores} cores |\n\
         |---|---|---|\n{}\n\n\
         Whoever waits for an entry waits until the operating system has it. A program that hands \
         each to it by a write of its own, and makes JSON as fast as this one, can put no more \
         than {:.0} a second on record here: 500,000 {} that way. One that writes 256 at a time \
         can put no more than {:.0}, and no more than {:.0} if they are sealed as fast as they \
         come.",
        lines.join("\n"),
        most(&alone),
        if most(&alone) < 5e5 { "are out of reach" } else { "are within reach" },
        most(&written),
        most(&sealed),
    )
}

fn row(what: &str, budget: &str, spread: &Spread, met: impl Fn(f64) -> bool) -> String {
    format!("| {what} | {budget} | {} | {} |", spread.say(), said(met(spread.middle())))
}
