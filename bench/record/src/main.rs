//! Measures the record once it is written: `make ENTRIES DIR` writes entries shaped like those of a
//! server (real decisions of the engine, six operations, 400 callers, persons behind a quarter of
//! them, objects under dated prefixes, three in a hundred refused), seals them, and says what each
//! costs on disk; `read DIR` verifies all of it, searches it, follows timelines and counts it;
//! `cost DIR [FILE]` measures what whoever waits for the record pays; `rate DIR ROUNDS
//! CLIENTS` only how many entries get on record, with so many clients on each core.

mod cost;
mod floor;
mod world;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::disk::{FileDisk, JournalDisk};
use audit::{
    Between, Expect, Filter, Journal, JournalConfig, Keeping, Reader, Subject, TimelinePage,
    counts, seal_ready, sealed_to, timeline, verify,
};
use names::Timestamp;

use crate::world::{Bent, Dice, World};

type Failure = Box<dyn std::error::Error>;

/// The allocator of the program that is shipped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Entries of one page, as `strongroom audit search` asks for them.
const PAGE_ENTRIES: usize = 100;
/// Leaves that may wait to be sealed before the writer of entries waits for the keeper.
const LOOSE_LEAVES_MAX: u64 = 3_000_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<(), Failure> {
    match *words {
        ["make", entries, dir] => make(entries.parse()?, dir),
        ["read", dir] => read(Path::new(dir)),
        ["rate", dir, rounds, clients] => {
            let (rounds, clients) = (rounds.parse()?, clients.parse()?);
            cost::rate(Path::new(dir), rounds, clients).map_err(|error| -> Failure { error })
        }
        ["cost", dir] => cost::cost(Path::new(dir), None).map_err(|error| -> Failure { error }),
        ["cost", dir, page] => {
            cost::cost(Path::new(dir), Some(Path::new(page))).map_err(|error| -> Failure { error })
        }
        _ => {
            Err("usage: make ENTRIES DIR | read DIR | cost DIR [FILE] | rate DIR ROUNDS CLIENTS"
                .into())
        }
    }
}

fn make(entries: u64, dir: &str) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let began = Instant::now();
    let clock = Arc::new(Bent::new());
    let config = JournalConfig::new(PathBuf::from(dir));
    let shared: Arc<dyn audit::Clock> = Arc::<Bent>::clone(&clock);
    let (journal, _) = Journal::open(config, shared, Arc::new(Dice::new(1)))?;
    let mut world = World::new()?;
    let disk = FileDisk::new(PathBuf::from(dir));
    runtime.block_on(async {
        for number in 0..entries {
            world.request(&journal, number).await?;
            clock.pass(25);
            if number % 100_000 == 99_999 {
                while number.saturating_mul(2).saturating_sub(sealed_to(&disk)?) > LOOSE_LEAVES_MAX
                {
                    std::thread::sleep(Duration::from_millis(200));
                }
            }
        }
        journal.flush().await?;
        Ok::<(), Failure>(())
    })?;
    drop(journal);
    println!("written: {entries} entries in {:.1} s", began.elapsed().as_secs_f64());
    let (began, used) = (Instant::now(), processor_seconds()?);
    let before = sealed_to(&disk)?;
    let keeping = Keeping { segment_age: Duration::ZERO, ..Keeping::default() };
    let late = Timestamp::from_millis(i64::MAX / 2_000_000).unwrap_or_default();
    seal_ready(&disk, &keeping, late)?;
    let (sealed, seconds) = (sealed_to(&disk)?, began.elapsed().as_secs_f64());
    let (here, used) = (sealed.saturating_sub(before), processor_seconds()? - used);
    println!(
        "sealed here: {here} leaves in {seconds:.1} s, of processors {used:.1} s: {:.2} µs an entry",
        used * 2e6 / f64::from(u32::try_from(here.max(1))?)
    );
    let (mut leaves, mut terms) = (0, 0);
    for name in disk.list("sealed")? {
        let bytes = disk.length(&format!("sealed/{name}"))?.unwrap_or(0);
        if name.ends_with(".leaves") { leaves += bytes } else { terms += bytes }
    }
    let upper = disk_bytes(&Path::new(dir).join("tile/1"))?;
    let sealed_entries = sealed / 2;
    println!(
        "on disk: {sealed} sealed leaves; bytes an entry: {} leaves, {} terms, {} tiles",
        leaves / sealed_entries.max(1),
        terms / sealed_entries.max(1),
        upper / sealed_entries.max(1),
    );
    Ok(())
}

fn disk_bytes(dir: &Path) -> Result<u64, Failure> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)?.flatten() {
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() { disk_bytes(&entry.path())? } else { meta.len() };
    }
    Ok(bytes)
}

fn read(dir: &Path) -> Result<(), Failure> {
    let disk = FileDisk::new(dir.to_owned());
    let began = Instant::now();
    let report = verify(&disk, Expect::Stopped)?;
    println!(
        "verify: {} leaves, {} entries, {} problems, {:.1} s, of processors {:.1} s",
        report.leaves,
        report.entries,
        report.problems.len(),
        began.elapsed().as_secs_f64(),
        processor_seconds()?,
    );
    for (what, filter) in questions()? {
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..5 {
            let began = Instant::now();
            let reader = Reader::open(&disk)?;
            found = reader.search(&filter, PAGE_ENTRIES)?.len();
            times.push(began.elapsed().as_secs_f64());
        }
        let (first, best) =
            (times.first().copied(), times.iter().copied().fold(f64::MAX, f64::min));
        println!(
            "search {what}: {found} found, first {:.3} s, best {best:.3} s",
            first.unwrap_or(0.0)
        );
    }
    whole(&disk)?;
    follow(&disk)
}

/// All that one key of 400 did, page after page, as `strongroom audit search` asks for it, and at
/// once, as it reads a directory.
fn whole(disk: &FileDisk) -> Result<(), Failure> {
    let filter = Filter { credential: Some(world::key(7)?), ..Filter::default() };
    for (how, page) in [("in pages", PAGE_ENTRIES), ("at once", usize::MAX)] {
        let (began, used) = (Instant::now(), processor_seconds()?);
        let (mut found, mut between) = (0_usize, Between::default());
        loop {
            let mut some = 0;
            Reader::open(disk)?.each(&filter, between, |entry| {
                (some, between.before) = (some + 1, Some(entry.index));
                if some < page { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            found += some;
            if some < page {
                break;
            }
        }
        let (took, used) = (began.elapsed().as_secs_f64(), processor_seconds()? - used);
        println!(
            "search credential, one of 400, all of it {how}: {found} found, {took:.2} s, of \
             processors {used:.2} s"
        );
    }
    Ok(())
}

/// Timelines and counts, as incident teams ask for them.
fn follow(disk: &FileDisk) -> Result<(), Failure> {
    let subjects = [
        ("credential, rare", Subject::Credential(world::RARE.parse()?)),
        ("credential, one of 400", Subject::Credential(world::key(7)?)),
        ("person, rare", Subject::Person("stolen@example.org".to_owned())),
        ("below a prefix", Subject::Object("arn:aws:s3:::bucket-17/secret/*".to_owned())),
        ("of a bucket", Subject::Object("arn:aws:s3:::bucket-17/*".to_owned())),
    ];
    for (what, subject) in subjects {
        let (began, used) = (Instant::now(), processor_seconds()?);
        let found =
            timeline(&Reader::open(disk)?, &subject, (None, None), TimelinePage::default())?;
        let (took, used) = (began.elapsed().as_secs_f64(), processor_seconds()? - used);
        println!(
            "timeline {what}: {} found, {took:.3} s, of processors {used:.2} s, {} MiB \
             resident at most",
            found.found,
            resident_mib()?
        );
    }
    let (began, used) = (Instant::now(), processor_seconds()?);
    let all = counts(&Reader::open(disk)?, (None, None))?.entries;
    let (took, used) = (began.elapsed().as_secs_f64(), processor_seconds()? - used);
    println!("stats: {all} entries, {took:.1} s, of processors {used:.1} s");
    Ok(())
}

/// What this process took of all processors so far: `utime` and `stime` of proc(5), in hundredths.
fn processor_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks = fields.skip(11).take(2).map(str::parse::<u32>).sum::<Result<u32, _>>()?;
    Ok(f64::from(ticks) / 100.0)
}

/// The most that was resident at once so far: `VmHWM` of proc(5).
fn resident_mib() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = line.unwrap_or_default().trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024)
}

fn questions() -> Result<Vec<(&'static str, Filter)>, Failure> {
    let all = Filter::default;
    let day = |text: &str| text.parse::<Timestamp>();
    Ok(vec![
        (
            "credential, rare (12 of all)",
            Filter { credential: Some(world::RARE.parse()?), ..all() },
        ),
        ("credential, one of 400", Filter { credential: Some(world::key(7)?), ..all() }),
        (
            "credential, never seen",
            Filter { credential: Some("AKIANEVERSEENNEVERSE".parse()?), ..all() },
        ),
        ("person, rare", Filter { human: Some("stolen@example.org".to_owned()), ..all() }),
        ("a common word (half of all)", Filter { action: Some("GetObject".to_owned()), ..all() }),
        ("refused by signature", Filter { reason: Some("signature-mismatch".to_owned()), ..all() }),
        (
            "below a prefix, within an hour",
            Filter {
                resource_prefix: Some("arn:aws:s3:::bucket-17/year=2026/".to_owned()),
                from: Some(day("2026-01-02T04:00:00Z")?),
                to: Some(day("2026-01-02T05:00:00Z")?),
                ..all()
            },
        ),
    ])
}
