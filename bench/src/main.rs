//! Measures a release build of the server against its budgets and writes `docs/performance.md`.
//!
//! `cargo xtask bench` runs it. Server, bare yardstick and load are three processes on the same
//! machine, so absolute rates are what one machine does while it also makes the load; processor
//! time per request and the ratios depend on that less.

mod bare;
mod beside;
mod budgets;
mod client;
mod crowd;
mod house;
mod large;
mod lean;
mod load;
mod machine;
mod options;
mod process;
mod report;
mod signature;
mod spread;
mod startup;
mod timing;
mod world;

use std::fs;
use std::process::ExitCode;

use crate::bare::Yardsticks;
use crate::house::{Mode, Scratch, start, start_bare, start_with};
use crate::load::{Content, Doors, Plan, Roles, say, table, uploads};
use crate::options::{Crowd, Large, Options, Timing};
use crate::report::{Loaded, Run};
use crate::spread::float;
use crate::world::World;

/// Whatever ends a measurement; it is shown and nothing else.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The size of a small object, in bytes.
const SMALL_BYTES: usize = 4 * 1024;
/// The size of a big object, in bytes.
const BIG_BYTES: usize = 64 * 1024 * 1024;
/// How many sessions are revoked for the budget.
const REVOCATIONS: usize = 300;
/// How often MD5 and the loopback copy are measured, before the 64 MiB loads and again after.
const YARDSTICK_ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    let outcome = match words.peek().map(String::as_str) {
        Some("refusals") => timing::process(),
        Some("bare") => bare::serve().await,
        Some("crowd") => crowd::stay(&words.nth(1).unwrap_or_default()).await,
        Some("flood") => crowd::flood(&words.nth(1).unwrap_or_default()).await,
        _ => match Options::parse(words) {
            Ok(options) => measure(&options).await,
            Err(failure) => Err(failure),
        },
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(options: &Options) -> Result<(), Failure> {
    if options.crowd == Crowd::Comes {
        return crowd::measure(&options.binary, &Scratch::new(&options.work, "crowd")?).await;
    }
    if let Some(plan) = options.beside {
        let scratch = Scratch::new(&options.work, "beside")?;
        return beside::measure(&options.binary, &scratch, plan).await;
    }
    let machine = machine::describe(&options.work, client::now()?);
    if options.timing == Timing::Told {
        fs::write(&options.out, timing::compare(&machine)?)?;
        println!("{} is written", options.out.display());
        return Ok(());
    }
    let busy_before = machine::busy();
    let scratch = Scratch::new(&options.work, "data")?;
    say("signatures");
    let verifications = signature::measure()?;
    let mut modes = Vec::new();
    for mode in Mode::ALL {
        modes.push(loaded(options, &scratch, mode).await?);
    }
    say("start-up");
    let first = modes.first().ok_or("no mode was measured")?;
    let data = scratch.join(first.mode.name());
    let startup = startup::measure(&options.binary, &scratch, (&data, &first.world)).await?;
    let large = match options.large {
        Large::Sent => Some(large::measure(&options.binary, &scratch).await?),
        Large::LeftOut => None,
    };
    let run = Run {
        machine,
        busy: [busy_before, machine::busy()],
        effort: options.effort,
        verifications,
        modes,
        startup,
        binary_mib: float(fs::metadata(&options.binary)?.len()) / f64::from(1 << 20),
        cold_seconds: options.cold_seconds,
        large,
    };
    fs::write(&options.out, report::write(&run)?)?;
    println!("{} is written", options.out.display());
    Ok(())
}

/// Everything that is measured under load in one mode.
async fn loaded(options: &Options, scratch: &Scratch, mode: Mode) -> Result<Loaded, Failure> {
    let effort = options.effort;
    let server = start(&options.binary, &scratch.join(mode.name()), mode)?;
    let (world, bare) = (World::make(&server).await?, start_bare()?);
    let plan = |rounds| Plan { rounds, seconds: effort.round_seconds };
    say(&format!("{}: the door beside the bare library", mode.name()));
    let pair = (server.pid(), (bare.address, bare.pid()));
    let doors = Doors::measure(&world, pair, &plan(effort.door_rounds)).await?;
    say(&format!("{}: AssumeRole", mode.name()));
    let assume = Roles::measure(&world, pair, &plan(effort.role_rounds)).await?;
    drop(bare);
    world.put("read", bytes::Bytes::from_static(b"content")).await?;
    let revoked = beside::revoke(&server, &world, REVOCATIONS).await?;
    say(&format!("{}: 4 KiB", mode.name()));
    let content = Content::new(SMALL_BYTES, "small");
    let small = table(&world, server.pid(), &content, &plan(effort.small_rounds)).await?;
    let small_peak_mib = process::peak_mib(server.pid())?;
    say(&format!("{}: 64 MiB", mode.name()));
    let content = Content::new(BIG_BYTES, "big");
    let mut yardsticks = Yardsticks::default();
    yardsticks.measure(&plan(YARDSTICK_ROUNDS)).await?;
    let big = table(&world, server.pid(), &content, &plan(effort.big_rounds)).await?;
    yardsticks.measure(&plan(YARDSTICK_ROUNDS)).await?;
    let peak_mib = process::peak_mib(server.pid())?;
    server.stop()?;
    say(&format!("{}: 64 MiB without an MD5", mode.name()));
    let data = scratch.join(&format!("{}-opaque", mode.name()));
    let settings = [("STRONGROOM_S3_ENTITY_TAGS", "opaque")];
    let server = start_with(&options.binary, &data, mode, &settings)?;
    let elsewhere = World::make(&server).await?;
    let opaque = uploads(&elsewhere, server.pid(), &content, &plan(effort.big_rounds)).await?;
    server.stop()?;
    let peaks_mib = [small_peak_mib, peak_mib];
    Ok(Loaded { mode, doors, assume, revoked, small, big, opaque, yardsticks, peaks_mib, world })
}
